"""Windows of any size: a table renders valid SQL, and counts right, whatever its main window and its spans of days."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from nba_precompute import sql
from nba_precompute.sql import RunDates, logical_name, render_select
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle.tiny_league import tiny_league
from nba_precompute_tests.support.league import new_warehouse, to_tables

TONIGHT = dt.date(2021, 12, 1)
GAMES = [TONIGHT - dt.timedelta(days=n) for n in range(2, 32, 2)]
"""Fifteen games, newest first, every other day."""

UNCOVERED = (GAMES[3], GAMES[11], GAMES[12])
"""The 4th, 12th and 13th newest; AAA's offense row is missing."""

EXPECTED = {1: (1, 1), 4: (4, 3), 12: (12, 10), 13: (13, 10), 20: (15, 12)}
"""Main window -> expected and actual games of AAA."""


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    rows = tiny_league(GAMES[::-1], TONIGHT)
    rows["team_offense_game_summary"] = [
        row
        for row in rows["team_offense_game_summary"]
        if row["team_abbr"] != "AAA" or row["game_date"] not in UNCOVERED
    ]
    return new_warehouse(tmp_path_factory.mktemp("windows") / "league.duckdb", to_tables(rows))


@pytest.mark.parametrize("window", EXPECTED)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_main_window_of_any_size_counts_its_own_games(league: DuckDBWarehouse, table: Table, window: int) -> None:
    statement = render_select(dataclasses.replace(table, window=window), RunDates.of([TONIGHT]))
    entity = "AAA" if table.entity_column == "team_abbr" else "aaa1"
    with league.reading("test") as session:
        (row,) = (row for row in session.query(statement) if row[table.entity_column] == entity)
    expected, actual = EXPECTED[window]
    assert (row["expected_games_count"], row["actual_games_count"]) == (expected, actual)
    assert row["games_in_sample"] == min(window, len(GAMES))
    assert row["window_first_game_date"] == GAMES[min(window, len(GAMES)) - 1]
    assert row["window_last_game_date"] == GAMES[0]
    assert row["early_season_flag"] == (window > len(GAMES))


@pytest.mark.parametrize(("days", "games"), [(3, 1), (7, 3), (14, 7), (21, 10), (365, 15)])
def test_a_span_of_days_of_any_length_counts_its_own_games(league: DuckDBWarehouse, days: int, games: int) -> None:
    """Neither the spans of the tables nor the 14 days of the back-to-backs limit it."""
    template = sql._environment().from_string(
        "{%- import 'macros/sources.sql' as src with context %}{%- import 'macros/windows.sql' as win with context %}"
        "{%- import 'macros/people.sql' as people with context %}"
        "WITH {{ src.calendar_and_facts() }}, {{ src.context() }}, {{ people.identities() }},"
        " {{ win.coverage((3,), (days,)) }}, {{ win.player_load(day_windows=(days,)) }}"
        " SELECT games_in_last_{{ days }}_days, minutes_in_last_{{ days }}_days, l{{ days }}d_completeness_pct,"
        " l3_completeness_pct, back_to_backs_last_14_days FROM player_recent AS recent"
        " JOIN coverage_l{{ days }}d ON coverage_l{{ days }}d.as_of = recent.as_of"
        " JOIN coverage ON coverage.as_of = recent.as_of AND coverage.team_abbr = coverage_l{{ days }}d.team_abbr"
        " JOIN context_people AS person ON person.history = recent.history"
        " WHERE person.player_lookup = 'aaa1' AND coverage.team_abbr = 'AAA'"
    )
    run = RunDates.of([TONIGHT])
    statement = template.render(table=TABLES["player_daily_cache"], run=run, relation=logical_name, days=days)
    uncovered = sum((TONIGHT - date).days <= days for date in UNCOVERED)
    with league.reading("test") as session:
        (row,) = session.query(statement)
    assert tuple(row.values()) == (games, 48.0 * games, pytest.approx(100 * (games - uncovered) / games), 100.0, 0)
