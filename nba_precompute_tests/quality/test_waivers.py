"""Waivers: what can be waived and what is refused, and what no longer waits for a waived side."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import State
from nba_precompute.quality.names import COMPLETE
from nba_precompute.quality.rules import judge
from nba_precompute.quality.waivers import Waiver, WaiverError, add, read, remove
from nba_precompute.sources.observation import observe
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import SchemaMismatch, WarehouseError
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle.tiny_league import game, tiny_league
from nba_precompute_tests.support.league import execute, hashes, new_warehouse, published, run, to_tables

TONIGHT = dt.date(2021, 12, 1)
GAMES = [TONIGHT - dt.timedelta(days=n) for n in range(12, 0, -2)]
LOST = GAMES[-1]
"""The newest game before tonight; AAA's offense row never arrives."""

DAY = dt.timedelta(days=1)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    rows = tiny_league(GAMES, TONIGHT)
    rows["nbac_schedule"].append(game(LOST + DAY, game_id="exhibition", game_type="preseason"))
    offense = rows["team_offense_game_summary"]
    rows["team_offense_game_summary"] = [
        row for row in offense if (row["team_abbr"], row["game_date"]) != ("AAA", LOST)
    ]
    return new_warehouse(tmp_path / "nba.duckdb", to_tables(rows))


def waivers(warehouse: DuckDBWarehouse, first: dt.date = GAMES[0], last: dt.date = TONIGHT) -> list[Waiver]:
    with warehouse.reading("test") as session:
        return read(session, first, last)


def test_a_gap_is_waived_with_reason_person_and_time(warehouse: DuckDBWarehouse) -> None:
    before = dt.datetime.now(dt.UTC)
    waiver = add(warehouse, LOST, "AAA", "  the feed's file\n is 'lost' \\ gone ", "Pat O'Neal")
    assert (waiver.date, waiver.team, waiver.waived_by) == (LOST, "AAA", "Pat O'Neal")
    assert waiver.reason == "the feed's file is 'lost' \\ gone"
    assert before - DAY / 86400 <= waiver.created_at <= dt.datetime.now(dt.UTC)
    assert waivers(warehouse) == [waiver]


def test_waivers_are_read_for_the_dates_of_their_games(warehouse: DuckDBWarehouse) -> None:
    add(warehouse, LOST, "AAA", "lost", "pat")
    assert len(waivers(warehouse, LOST, LOST)) == 1
    assert waivers(warehouse, GAMES[0], LOST - DAY) == waivers(warehouse, LOST + DAY, TONIGHT) == []


@pytest.mark.parametrize(
    ("date", "team", "reason", "by", "message"),
    [
        (LOST, "AAA", " \n", "pat", "a waiver needs a reason"),
        (LOST, "AAA", "lost", " ", "the name of the operator"),
        (dt.date(2999, 1, 1), "AAA", "lost", "pat", "2999-01-01 is after today"),
        (LOST, "BBB", "lost", "pat", f"BBB on {LOST} is covered: there is no gap"),
        (LOST, "aaa", "lost", "pat", f"aaa has no game that counts on {LOST}; did you mean AAA?"),
        (LOST, "XYZ", "lost", "pat", f"XYZ has no game that counts on {LOST}; the teams of that date are AAA, BBB"),
        (LOST + DAY, "AAA", "lost", "pat", f"AAA has no game that counts on {LOST + DAY}; its nearest one is on "),
        (LOST + DAY, "XYZ", "lost", "pat", "and neither has any other team"),
        (dt.date(2024, 12, 1), "AAA", "lost", "pat", "and neither has any other team"),
    ],
    ids=["reason", "operator", "future", "covered", "misspelled", "foreign", "exhibition", "no game", "no season"],
)
def test_what_is_no_gap_is_refused(
    warehouse: DuckDBWarehouse, date: dt.date, team: str, reason: str, by: str, message: str
) -> None:
    with pytest.raises(WaiverError) as caught:
        add(warehouse, date, team, reason, by)
    assert message in str(caught.value)
    assert waivers(warehouse, dt.date(2021, 10, 1), dt.date(2999, 1, 1)) == []


def test_a_waiver_can_be_repeated_but_not_overwritten(warehouse: DuckDBWarehouse) -> None:
    first = add(warehouse, LOST, "AAA", "lost", "pat")
    assert add(warehouse, LOST, "AAA", "lost", "somebody else") == first
    with pytest.raises(WaiverError, match=rf"already waived, by pat: lost\. .*waive --remove {LOST} AAA` first"):
        add(warehouse, LOST, "AAA", "another reason", "pat")
    assert waivers(warehouse) == [first]


def test_a_removed_waiver_is_gone(warehouse: DuckDBWarehouse) -> None:
    waiver = add(warehouse, LOST, "AAA", "lost", "pat")
    with pytest.raises(WaiverError, match=f"BBB on {LOST} is not waived; .*waive --list"):
        remove(warehouse, LOST, "BBB")
    assert remove(warehouse, LOST, "AAA") == waiver
    assert waivers(warehouse) == []
    with pytest.raises(WaiverError, match="is not waived"):
        remove(warehouse, LOST, "AAA")


def test_a_warehouse_from_before_the_table_says_what_to_run(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    execute(warehouse, "DROP TABLE nba_precompute.waivers")
    missing = r"nba_precompute\.waivers: the table is missing; run `nba-precompute init`"
    with pytest.raises(SchemaMismatch, match=missing):
        waivers(warehouse)
    with pytest.raises(SchemaMismatch, match=missing):
        add(warehouse, LOST, "AAA", "lost", "pat")
    with pytest.raises(SchemaMismatch, match=missing):
        remove(warehouse, LOST, "AAA")
    nowhere = DuckDBWarehouse(tmp_path / "nowhere.duckdb")
    with pytest.raises(WarehouseError, match="run `nba-precompute init`"):
        add(nowhere, LOST, "AAA", "lost", "pat")
    assert not nowhere.path.exists()


def complete(warehouse: DuckDBWarehouse) -> set[str]:
    """Return the broken rules of `complete` tonight, over all tables."""
    with warehouse.reading("test") as session:
        judgments = [judge(session, table, [TONIGHT])[TONIGHT] for table in TABLES.values()]
    return {broken.rule for judgment in judgments for broken in judgment.broken[COMPLETE]}


def test_nothing_waits_for_a_waived_side_and_the_columns_still_miss_it(warehouse: DuckDBWarehouse) -> None:
    run(warehouse, [TONIGHT])
    before = hashes(warehouse)
    assert {"short_windows", "newest_sides_uncovered"} <= complete(warehouse)
    add(warehouse, LOST, "AAA", "lost", "pat")
    run(warehouse, [TONIGHT])
    assert complete(warehouse) == set()
    assert hashes(warehouse) == before
    cache = published(warehouse, TABLES["player_daily_cache"], TONIGHT)
    assert cache[TONIGHT, "aaa1"]["missing_games_count"] == 1
    (gap,) = next(seen for seen in observe(warehouse, [LOST]).dates if seen.source == "team_offense_game_summary").gaps
    assert (gap.team, gap.reason, gap.is_waived) == ("AAA", "no team offense row", True)
    remove(warehouse, LOST, "AAA")
    assert "newest_sides_uncovered" in complete(warehouse)


def test_the_plan_is_not_blocked_by_a_waived_side(warehouse: DuckDBWarehouse) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for state in (State.BLOCKED, State.MISSING):
            plan = make_plan(instance, warehouse, TONIGHT, TONIGHT)
            assert {by_date[TONIGHT].state for by_date in plan.entries.values()} == {state}
            add(warehouse, LOST, "AAA", "lost", "pat")
