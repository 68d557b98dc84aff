"""Rows that are corrected later, seasons without data, upstreams that were never run, and runs that crash."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nba_precompute.tables import PRECOMPUTE_FAILURES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.duckdb import session as duckdb_session
from nba_precompute_tests.bad_input.conftest import LEAGUE, PUBLISHED, Compute, Records
from nba_precompute_tests.bad_input.helpers import (
    BENCH,
    CONTEXT,
    DATES,
    DEFENSE,
    FACTS,
    GAMES,
    LAST,
    MLFS,
    OFFENSE,
    PCF,
    PDC,
    PSZA,
    SCHEDULE,
    TABLES,
    TDZA,
    TEAMS,
    agree_with_oracle,
    change,
    content,
    copied,
    dates_of,
    load,
    moved,
    player,
    remove,
)
from nba_precompute_tests.bad_input.one_run import NewWarehouse
from nba_precompute_tests.support.league import Rows, hashes, records, refused, run

LISTED = {player(team, number) for team in TEAMS for number in range(1, BENCH + 1)}
Hashes = dict[tuple[str, dt.date, str], str]
"""(table, date, entity) -> hash of the row, or reason of the failure."""
CORRECTED = PUBLISHED[1]
"""What happens on this date is corrected days later; the dates up to it are as they were."""


def corrected_league() -> Rows:
    """The league with another box score, another person, a late game row, and a context that names no team."""
    rows = copied(LEAGUE)
    box = {"game_date": CORRECTED}
    change(rows, GAMES, box | {"player_lookup": "bosplayer1"}, points=55, paint_attempts=20, paint_makes=20)
    someone_else = {"player_lookup": "chiplayer22", "universal_player_id": "chiplayer22_001"}
    change(rows, GAMES, {"player_lookup": "chiplayer2"}, **someone_else)
    change(rows, DEFENSE, box | {"defending_team_abbr": "DEN"}, opp_paint_makes=3)
    remove(rows, OFFENSE, lambda row: row["game_date"] == CORRECTED and row["team_abbr"] == "LAL")
    change(rows, CONTEXT, {"game_date": LAST, "player_lookup": "miaplayer1"}, team_abbr=None)
    return rows


@pytest.fixture(scope="module")
def fresh(new: NewWarehouse) -> Hashes:
    """The hashes of a fresh build from the corrected rows."""
    rows = corrected_league()
    warehouse = new(rows)
    run(warehouse, PUBLISHED)
    agree_with_oracle(warehouse, rows, PUBLISHED)
    return hashes(warehouse)


def of_table(found: Hashes, table: str) -> Hashes:
    """Select the hashes of one table."""
    return {key: value for key, value in found.items() if key[0] == table}


def test_rows_that_are_corrected_days_later(
    published_warehouse: DuckDBWarehouse, published_records: Records, fresh: Hashes
) -> None:
    """A re-run computes exactly the dates that read a corrected row, and equals a fresh build."""
    recorded = published_records
    again = run(published_warehouse, PUBLISHED, recorded=recorded)
    assert not any(outcome.computed for outcome in again.values())

    rows = copied(LEAGUE)
    change(rows, GAMES, {"game_date": CORRECTED, "player_lookup": "bosplayer1"}, points=55)
    load(published_warehouse, rows)
    outcomes = run(published_warehouse, PUBLISHED, recorded=recorded)
    for outcome in outcomes.values():
        assert outcome.computed == [LAST]  # a date reads only earlier games, not its own
        assert outcome.partitions[LAST].decision.startswith("computed: the inputs changed: ")
        assert "player_game_summary" in outcome.partitions[LAST].decision
    agree_with_oracle(published_warehouse, rows, PUBLISHED)
    assert outcomes[PDC].partitions[LAST].updated > 0
    assert outcomes[PDC].partitions[LAST].unchanged > 0
    recorded |= {name: recorded[name] | records({name: outcome})[name] for name, outcome in outcomes.items()}

    load(published_warehouse, corrected_league())
    outcomes = run(published_warehouse, PUBLISHED, recorded=recorded)
    assert all(outcome.computed == list(PUBLISHED) for outcome in outcomes.values())
    assert hashes(published_warehouse) == fresh


def test_a_season_whose_data_have_not_arrived(compute: Compute, league: Rows) -> None:
    """With a schedule and contexts but no box score there are failures, and rows without a prior game."""
    for source in (*FACTS, SCHEDULE):
        # The previous season is complete, and is not read.
        last_season = [moved(row, -1) for row in league[source]]
        league[source] = last_season if source in FACTS else last_season + league[source]
    night, later = DATES[0], DATES[6]
    (result,) = compute(league, dates=[night, later])
    for date in (night, later):
        assert result.reasons(TDZA, date) == dict.fromkeys(TEAMS, "NO_PRIOR_GAMES")
        for table in (PSZA, PDC):
            assert result.of(table, date) == {}
            assert result.reasons(table, date) == dict.fromkeys(LISTED, "NO_PRIOR_GAMES")
        for table in (PCF, MLFS):
            assert result.of(table, date).keys() == LISTED
            assert result.reasons(table, date) == {}
            for row in result.of(table, date).values():
                assert row["games_in_sample"] == 0
                assert row["window_first_game_date"] is row["window_last_game_date"] is None
                assert row["is_production_ready"] is False
                assert row["actual_games_count"] == 0
                expected = len(dates_of(row["team_abbr"], date))
                assert row["expected_games_count"] == row["missing_games_count"] == expected
                assert row["completeness_percentage"] == (100 if date == night else 0)
        for row in result.of(MLFS, date).values():
            assert len(row["features"]) == 25
            assert None not in row["features"]
            assert row["data_source"] == "early_season"
            assert row["default_count"] >= 18


def test_a_season_without_a_schedule_is_refused(new: NewWarehouse, league: Rows) -> None:
    """A date of next season may or may not have a game, so it is refused."""
    warehouse = new(league)
    next_season = dt.date(2022, 10, 19)
    for table in TABLES.values():
        assert refused(warehouse, [LAST, next_season], table) == {
            next_season: {"the schedule has no game of the season"}
        }
        assert {date for _, date, _ in of_table(hashes(warehouse), table.name)} == {LAST}


def test_an_upstream_that_was_never_materialized(new: NewWarehouse, league: Rows) -> None:
    """The date is refused with the table's name, which is not a reason to fall back; nothing is written."""
    warehouse = new(league)
    early, late = DATES[10], DATES[12]
    for name, upstreams in ((PCF, [TDZA, PSZA]), (PDC, [PSZA]), (MLFS, [TDZA, PSZA, PCF, PDC])):
        reasons = {f"{upstream} was never materialized" for upstream in upstreams}
        assert refused(warehouse, [early, late], TABLES[name]) == {early: reasons, late: reasons}
    assert content(warehouse) == []

    run(warehouse, [early], [TABLES[TDZA]])
    run(warehouse, [early, late], [TABLES[PSZA]])
    assert refused(warehouse, [early, late], TABLES[PCF]) == {late: {f"{TDZA} was never materialized"}}
    assert {date for _, date, _ in of_table(hashes(warehouse), PCF)} == {early}
    # On a date that has no game there is nothing to read.
    run(warehouse, [early + dt.timedelta(days=1)], [TABLES[PCF]])


class Crash(Exception):
    """The error that ends a run in the middle."""


def crashing_before(statement: str) -> Callable[[str], str]:
    """Return a transpiler that fails at the statement."""
    transpile = duckdb_session.transpile

    def crash(sql: str) -> str:
        if sql.startswith(statement):
            raise Crash
        return transpile(sql)

    return crash


@pytest.mark.parametrize("table", [PSZA, PDC])
def test_a_crash_publishes_nothing(
    published_warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, fresh: Hashes, table: str
) -> None:
    """A crash after staging or between the MERGE statements changes nothing; the next run equals a fresh one."""
    load(published_warehouse, corrected_league())
    if table == PDC:
        run(published_warehouse, PUBLISHED, [TABLES[PSZA]])
    before = content(published_warehouse)
    declared = TABLES[table]
    failures = PRECOMPUTE_FAILURES
    for statement in (
        f"CREATE TEMP TABLE `stage_{table}",
        f"MERGE INTO `{failures.dataset}.{failures.name}`",
        f"MERGE INTO `{declared.dataset}.{table}`",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(duckdb_session, "transpile", crashing_before(statement))
            with pytest.raises(Crash):
                run(published_warehouse, PUBLISHED, [declared])
        assert content(published_warehouse) == before
    (outcome,) = run(published_warehouse, PUBLISHED, [declared]).values()
    assert outcome.merged.written > 0
    assert outcome.merged_failures.written > 0
    assert of_table(hashes(published_warehouse), table) == of_table(fresh, table)


def die_before(path: Path, statement: str) -> None:
    """End the child process of the next test abruptly, in the merge."""
    transpile = duckdb_session.transpile

    def die(sql: str) -> str:
        if sql.startswith(statement):
            os._exit(9)
        return transpile(sql)

    duckdb_session.transpile = die  # type: ignore[assignment]
    run(DuckDBWarehouse(path, threads=1), PUBLISHED, [TABLES[PSZA]])


def test_a_process_that_is_killed_in_the_merge(published_warehouse: DuckDBWarehouse, fresh: Hashes) -> None:
    """It leaves neither half a merge nor a lock."""
    load(published_warehouse, corrected_league())
    before = content(published_warehouse)
    process = multiprocessing.get_context("spawn").Process(
        target=die_before, args=(published_warehouse.path, f"MERGE INTO `nba_precompute.{PSZA}`")
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert content(published_warehouse) == before
    run(published_warehouse, PUBLISHED, [TABLES[PSZA]])
    assert of_table(hashes(published_warehouse), PSZA) == of_table(fresh, PSZA)
