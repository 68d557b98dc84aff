"""Observation of Phase 3 and the schedule: rows, coverage of the slate and a version of every date, in one query."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute.sources.observation import Observation, SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBSession, DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import moved
from nba_precompute_tests.oracle import Oracle
from nba_precompute_tests.proof.dirt import dirty
from nba_precompute_tests.support.league import Rows, days, execute, new_warehouse, to_rows, to_tables
from nba_precompute_tests.support.platform import Phase3

D = dt.date.fromisoformat
PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES

SPAN = days(D("2021-10-19"), D("2021-11-10"))
"""The season of the fixture ends on 2 November."""
SUMMER = D("2022-06-20")
PARTIAL, VANISHED, POSTPONED, SPARE, MOVED, TARGET, EMPTY, CHANGED = (D(f"2021-10-{day}") for day in range(20, 28))


@pytest.fixture(scope="module")
def league(small_season: Phase3) -> Phase3:
    """Without the games that were moved out of the two weeks."""
    schedule, played = small_season[SCHEDULE], small_season[OFFENSE]["game_id"]
    return {**small_season, SCHEDULE: schedule.filter(pc.is_in(schedule["game_id"], played.combine_chunks()))}


@pytest.fixture(scope="module")
def undamaged(league: Phase3, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return new_warehouse(tmp_path_factory.mktemp("undamaged") / "nba.duckdb", league)


@pytest.fixture(scope="module")
def before(undamaged: DuckDBWarehouse) -> dict[tuple[str, dt.date], SourceDate]:
    return by_key(observe(undamaged, SPAN))


def by_key(observation: Observation) -> dict[tuple[str, dt.date], SourceDate]:
    return {(entry.source, entry.date): entry for entry in observation.dates}


def test_every_source_and_date_is_seen_in_one_query(
    undamaged: DuckDBWarehouse, league: Phase3, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    query = DuckDBSession.query

    def counted(self: DuckDBSession, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return query(self, sql, *more)

    monkeypatch.setattr(DuckDBSession, "query", counted)
    seen = observe(undamaged, SPAN)
    assert len(asked) == 1
    assert {(entry.source, entry.date) for entry in seen.dates} == {(name, date) for name in SOURCES for date in SPAN}
    assert len(seen.dates) == len(SOURCES) * len(SPAN)
    assert seen.without_schedule == {}
    for name, rows in league.items():
        counts = Counter(rows["game_date"].to_pylist())
        assert {entry.date: entry.rows for entry in seen.dates if entry.source == name and entry.rows} == {
            date: count for date, count in counts.items() if date in SPAN
        }


def test_a_complete_date_has_no_problem_and_expects_exactly_its_slate(
    before: Mapping[tuple[str, dt.date], SourceDate], games: Mapping[dt.date, list[dict[str, Any]]]
) -> None:
    for (name, date), entry in before.items():
        slate = {game[f"{side}_team_tricode"] for game in games.get(date, ()) for side in ("home", "away")}
        assert entry.problems == [], entry
        assert entry.has_arrived
        assert entry.findings == {}
        assert entry.covered_teams == entry.expected_teams == (0 if name == SCHEDULE else len(slate))


def test_a_date_without_games_is_complete_without_rows(before: Mapping[tuple[str, dt.date], SourceDate]) -> None:
    for name in SOURCES:
        empty = before[name, SPAN[-1]]
        assert (empty.rows, empty.expected_teams, empty.problems, empty.has_arrived) == (0, 0, [], True)


def test_two_observations_see_the_same_versions(
    undamaged: DuckDBWarehouse, before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    assert by_key(observe(undamaged, SPAN)) == before


@pytest.fixture(scope="module")
def games(league: Phase3) -> dict[dt.date, list[dict[str, Any]]]:
    """The slates."""
    found: dict[dt.date, list[dict[str, Any]]] = {}
    for game in sorted(league[SCHEDULE].to_pylist(), key=lambda game: game["game_id"]):
        if game["game_status"] != 4 and game["game_type"] == "regular_season":
            found.setdefault(game["game_date"], []).append(game)
    return found


@pytest.fixture(scope="module")
def damaged(
    undamaged: DuckDBWarehouse, games: Mapping[dt.date, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, dt.date], SourceDate]:
    """Observe a league with each kind of damage on a date of its own."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("damaged") / "nba.duckdb")
    warehouse.path.write_bytes(undamaged.path.read_bytes())
    home = games[PARTIAL][0]["home_team_tricode"]
    both = [games[POSTPONED][0][f"{side}_team_tricode"] for side in ("home", "away")]
    execute(
        warehouse,
        f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_date = '{PARTIAL}' AND defending_team_abbr = '{home}'",
        f"DELETE FROM nba_analytics.{CONTEXT} WHERE game_date = '{PARTIAL}' AND team_abbr = '{home}'",
        *(f"DELETE FROM nba_analytics.{name} WHERE game_date = '{VANISHED}'" for name in FACT_SOURCES),
        f"UPDATE nba_raw.{SCHEDULE} SET game_status = 4 WHERE game_id = '{games[POSTPONED][0]['game_id']}'",
        *(
            f"DELETE FROM nba_analytics.{name} WHERE game_date = '{POSTPONED}' AND {column} IN {tuple(both)}"
            for name, column in ((PLAYERS, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr"))
        ),
        f"INSERT INTO nba_raw.{SCHEDULE} SELECT * REPLACE ('{TARGET}'::DATE AS game_date) FROM nba_raw.{SCHEDULE} "
        f"WHERE game_id = '{games[MOVED][0]['game_id']}'",
        f"UPDATE nba_raw.{SCHEDULE} SET game_status = 4 WHERE game_date = '{EMPTY}'",
        f"UPDATE nba_analytics.{OFFENSE} SET pace = pace + 0.5 WHERE game_date = '{CHANGED}' "
        f"AND team_abbr = '{games[CHANGED][0]['home_team_tricode']}'",
        f"UPDATE nba_analytics.{PLAYERS} SET processed_at = processed_at + INTERVAL 1 HOUR "
        f"WHERE game_date = '{CHANGED}'",
        f"UPDATE nba_raw.{SCHEDULE} SET game_status = 1 WHERE game_date = '{CHANGED}'",
        f"INSERT INTO nba_analytics.{CONTEXT} BY NAME SELECT * FROM nba_analytics.{CONTEXT} "
        f"WHERE game_date = '{CHANGED}' LIMIT 1",
        f"INSERT INTO nba_analytics.{PLAYERS} SELECT * REPLACE ('2020-12-25'::DATE AS game_date) "
        f"FROM nba_analytics.{PLAYERS} WHERE game_date = '{CHANGED}'",
    )
    return by_key(observe(warehouse, SPAN))


def own(entry: SourceDate) -> SourceDate:
    """What a source has on the date itself, without what the date waits for."""
    return replace(entry, incomplete={})


def problems(seen: Mapping[tuple[str, dt.date], SourceDate], date: dt.date) -> dict[str, list[str]]:
    return {name: seen[name, date].problems for name in SOURCES if seen[name, date].problems}


def test_a_partial_date_names_the_team_and_the_source(
    damaged: Mapping[tuple[str, dt.date], SourceDate], games: Mapping[dt.date, list[dict[str, Any]]]
) -> None:
    teams, home = 2 * len(games[PARTIAL]), games[PARTIAL][0]["home_team_tricode"]
    text = f"{teams - 1} of {teams} teams are covered, without {home}"
    assert problems(damaged, PARTIAL) == {
        DEFENSE: [f"{text} (no team defense row)"],
        CONTEXT: [f"{text} (no player listed)"],
    }
    assert damaged[DEFENSE, PARTIAL].has_arrived


def test_rows_that_vanish_are_a_change_and_have_not_arrived(
    damaged: Mapping[tuple[str, dt.date], SourceDate], before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    for name in FACT_SOURCES:
        entry = damaged[name, VANISHED]
        assert (entry.rows, entry.covered_teams, entry.has_arrived) == (0, 0, False)
        assert {gap.reason for gap in entry.gaps} == {
            {PLAYERS: "no box score", OFFENSE: "no team offense row", DEFENSE: "no team defense row"}[name]
        }
        assert entry.data_version != before[name, VANISHED].data_version


def test_a_postponed_game_is_not_expected(
    damaged: Mapping[tuple[str, dt.date], SourceDate], before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    assert problems(damaged, POSTPONED) == {}
    for name in SOURCES:
        assert damaged[name, POSTPONED].expected_teams == max(before[name, POSTPONED].expected_teams - 2, 0)
        # The context's rows are the same, but the expected teams are not.
        assert damaged[name, POSTPONED].data_version != before[name, POSTPONED].data_version


def test_a_moved_game_is_expected_on_its_new_date_alone(
    damaged: Mapping[tuple[str, dt.date], SourceDate], before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    for name in (*FACT_SOURCES, CONTEXT):
        assert damaged[name, MOVED].expected_teams == before[name, MOVED].expected_teams - 2
    # A team that has another game there is expected once.
    assert damaged[PLAYERS, TARGET].expected_teams >= before[PLAYERS, TARGET].expected_teams
    assert damaged[SCHEDULE, MOVED].data_version != before[SCHEDULE, MOVED].data_version
    assert damaged[SCHEDULE, TARGET].data_version != before[SCHEDULE, TARGET].data_version
    assert own(damaged[SCHEDULE, SPARE]) == own(before[SCHEDULE, SPARE])


def test_the_box_scores_that_a_moved_game_left_behind_are_set_aside(
    damaged: Mapping[tuple[str, dt.date], SourceDate], games: Mapping[dt.date, list[dict[str, Any]]], league: Phase3
) -> None:
    """The teams of the game are covered by their other games, so nothing is a problem."""
    game_id = games[MOVED][0]["game_id"]
    for name in FACT_SOURCES:
        left = sum(row["game_id"] == game_id for row in league[name].to_pylist())
        assert {kind: finding.count for kind, finding in damaged[name, MOVED].findings.items()} == {
            "not_counting": left
        }
        (note,) = damaged[name, MOVED].notes
        assert note.startswith(f"rows of {name} from games that do not count: {left} (e.g. ")
    # A context is placed by its date alone where the date has other games: the team off the slate is a failure.
    assert damaged[CONTEXT, MOVED].findings == {}
    assert problems(damaged, MOVED) == {}


def test_rows_of_a_date_whose_games_are_all_called_off_are_set_aside(
    damaged: Mapping[tuple[str, dt.date], SourceDate],
) -> None:
    assert problems(damaged, EMPTY) == {}
    for name in (*FACT_SOURCES, CONTEXT):
        seen = damaged[name, EMPTY]
        assert (seen.expected_teams, seen.has_arrived) == (0, True)
        assert {kind: finding.count for kind, finding in seen.findings.items()} == {"not_counting": seen.rows}
        assert seen.rows


def test_any_changed_row_is_another_version_and_a_status_is_not(
    damaged: Mapping[tuple[str, dt.date], SourceDate], before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    """This includes a row that was only rewritten, because the newest `processed_at` wins."""
    changed = {name for name in SOURCES if damaged[name, CHANGED].data_version != before[name, CHANGED].data_version}
    assert changed == {OFFENSE, PLAYERS, CONTEXT}
    (repeated,) = damaged[CONTEXT, CHANGED].findings.items()
    assert (repeated[0], repeated[1].count) == ("duplicates", 1)
    assert problems(damaged, CHANGED) == {}


def test_untouched_dates_are_seen_as_before(
    damaged: Mapping[tuple[str, dt.date], SourceDate], before: Mapping[tuple[str, dt.date], SourceDate]
) -> None:
    for date in SPAN:
        if date not in (PARTIAL, VANISHED, POSTPONED, MOVED, TARGET, EMPTY, CHANGED):
            assert all(own(damaged[name, date]) == own(before[name, date]) for name in SOURCES), date


def test_dates_around_a_season_are_complete_and_those_of_a_season_without_schedule_are_not_judged(
    small_season: Phase3, tmp_path: Path
) -> None:
    """In the June before a season only the box scores are, because the first dates of the season map to them."""
    rows = to_rows(small_season)
    a_year_later: Rows = {name: [moved(row, 1) for row in lines] for name, lines in rows.items()}
    stray = [row | {"game_date": D("2024-01-05")} for row in a_year_later[OFFENSE][:3]]
    a_year_later[OFFENSE] += stray
    warehouse = new_warehouse(tmp_path / "nba.duckdb", to_tables(a_year_later))
    june, may, after, strays = D("2022-06-15"), D("2022-05-31"), D("2023-06-30"), D("2024-01-05")
    seen = observe(warehouse, [may, june, after, strays])
    assert seen.without_schedule == {OFFENSE: [strays]}
    assert {(entry.source, entry.date) for entry in seen.dates} == {
        *((name, june) for name in FACT_SOURCES),
        *((name, after) for name in SOURCES),
    }
    assert all(entry.has_arrived and not entry.problems for entry in seen.dates)


def test_the_coverage_of_the_sources_together_is_the_contracts(tmp_path: Path) -> None:
    """In damaged leagues, each in a season of its own, a side is covered if all three sources have it."""
    last = D("2021-11-07")
    leagues = [
        {
            name: [moved(row, years) for row in lines]
            for name, lines in dirty(
                to_rows({n: rows.filter(pc.less_equal(rows["game_date"], last)) for n, rows in season.items()}), seed
            ).items()
        }
        for years, (seed, season) in enumerate((seed, simulate_season(2021, seed)) for seed in (0, 1, 2, 3))
    ]
    together: Rows = {name: [row for league in leagues for row in league[name]] for name in SOURCES}
    warehouse = new_warehouse(tmp_path / "nba.duckdb", to_tables(together))
    span = days(D("2021-10-19"), D("2024-11-10"))
    seen = observe(warehouse, span)
    uncovered = {
        (entry.date, gap.team, entry.source): gap.reason
        for entry in seen.dates
        if entry.source in FACT_SOURCES
        for gap in entry.gaps
    }
    sides = {side: gaps for season in Oracle(together)._seasons.values() for side, gaps in season.gaps.items()}
    expected = {(*side, source): reason for side, gaps in sides.items() for source, reason in gaps.items()}
    assert len(sides) > 2 * sum(map(bool, sides.values())) > 100
    assert len({reason.split()[0] for reason in expected.values()} & {"no", "points", "minutes"}) == 3
    assert uncovered == {key: reason for key, reason in expected.items() if key[0] in set(span)}
    assert Counter(
        entry.date for entry in seen.dates if entry.source == PLAYERS for _ in range(entry.expected_teams)
    ) == Counter(date for date, _ in sides if date in set(span))
