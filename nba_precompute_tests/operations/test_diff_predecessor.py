"""`nba-precompute diff` against tables of the predecessor's types: what both have, in its decimals, by known rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nba_precompute.operations.diff import Side, SideError, TableDifference, diff, other_side
from nba_precompute.operations.diff_rules import RULES, UNEXPLAINED
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute
from nba_precompute_tests.support.predecessor import DATES, output_ddl, schema_of

CACHE, ZONES = "nba_precompute.player_daily_cache", "nba_precompute.player_shot_zone_analysis"
DATE = dt.date(2021, 10, 30)


@pytest.fixture(params=DATES)
def theirs(request: pytest.FixtureRequest, first_weeks: FirstWeeks, tmp_path: Path) -> DuckDBWarehouse:
    """Return a warehouse with our rows in their tables."""
    copy = first_weeks.copy(tmp_path)
    statements = []
    for name, table in TABLES.items():
        common = [
            column.name
            for column in table.columns
            if schema_of(name, request.param)["columns"].get(column.name)
            and (column.type != "ARRAY<STRING>" or column.name == "data_quality_issues")
        ]
        statements += [
            f"CREATE TABLE kept_{name} AS FROM {table.dataset}.{name}",
            output_ddl(table, request.param),
            f"INSERT INTO {table.dataset}.{name} ({', '.join(common)}) SELECT {', '.join(common)} FROM kept_{name}",
        ]
    execute(copy, *statements)
    return copy


def compare(weeks: FirstWeeks, theirs: DuckDBWarehouse) -> dict[str, TableDifference]:
    return {found.table: found for found in diff(Side(weeks.warehouse), Side(theirs), weeks.dates)}


def test_differences_are_grouped_by_known_rule(
    first_weeks: FirstWeeks,
    theirs: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = compare(first_weeks, theirs)
    assert list(found) == list(TABLES), "the failures have no counterpart"
    labels = {column for difference in found.values() for column in difference.columns}
    assert labels <= {"feature_names"}, "rounded to their decimals, every number agrees"
    assert all(difference.is_equal and difference.is_theirs for difference in found.values())

    execute(
        theirs,
        "UPDATE nba_precompute.player_composite_factors SET game_id = '20211030_BOS_MIL' "
        f"WHERE game_date = '{DATE}' AND pace_score IS NOT NULL",
        f"UPDATE {CACHE} SET assisted_rate_last_10 = assisted_rate_last_10 / 100, cache_version = 'v9', "
        f"expected_games_count = 99, points_avg_last_5 = NULL, player_age = 0 WHERE cache_date = '{DATE}'",
        f"UPDATE {CACHE} SET points_avg_season = points_avg_season + 0.2 WHERE cache_date = '2021-10-31'",
    )
    found = compare(first_weeks, theirs)
    assert set(found["player_composite_factors"].columns["game_id"].rules) == {"game id"}
    cache = found["player_daily_cache"]
    rules = {name: set(column.rules) for name, column in cache.columns.items()}
    assert rules == {
        "assisted_rate_last_10": {"percent and fraction"},
        "cache_version": {"version or label"},
        "expected_games_count": {"completeness"},
        "points_avg_last_5": {"unknown there"},
        "player_age": {UNEXPLAINED, "unknown here"},
        "points_avg_season": {UNEXPLAINED},
    }
    assert cache.columns["points_avg_season"].rows == cache.columns["points_avg_season"].rules[UNEXPLAINED] > 100
    assert cache.columns["points_avg_season"].largest == pytest.approx(0.2, abs=0.051)
    assert not cache.is_equal

    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    arguments = ("diff", "--from", str(DATE), "--to", "2021-10-31", "--against", str(theirs.path))
    assert call(monkeypatch, *arguments) == 3
    shown = capsys.readouterr().out
    for rule in ("game id", "percent and fraction", UNEXPLAINED):
        assert f"{rule}: {RULES[rule]}" in shown
    # Differences by known rules alone are none.
    assert call(monkeypatch, "diff", "--from", "2021-10-19", "--to", "2021-10-29", *arguments[5:]) == 0


def test_four_fold_rows_and_rows_of_one_side_are_differences(first_weeks: FirstWeeks, theirs: DuckDBWarehouse) -> None:
    execute(
        theirs,
        f"INSERT INTO {ZONES} FROM {ZONES} WHERE analysis_date = '{DATE}'",
        f"DELETE FROM {CACHE} WHERE cache_date = '{DATE}'",
    )
    found = compare(first_weeks, theirs)
    zones, cache = found["player_shot_zone_analysis"], found["player_daily_cache"]
    assert (zones.duplicates > 100, zones.is_equal, zones.changed) == (True, False, 0)
    assert (cache.added > 100, cache.is_equal) == (True, False)


def test_their_datasets_have_no_prefix_and_may_be_in_another_project() -> None:
    environment = {
        "NBA_BIGQUERY_PROJECT": "ours",
        "NBA_BIGQUERY_PHASE3_PROJECT": "theirs",
        "NBA_BIGQUERY_DATASET_PREFIX": "next_",
    }
    here = DuckDBWarehouse(Path("any.duckdb"))
    table = TABLES["player_daily_cache"]
    found = other_side("predecessor", here, environment).warehouse
    assert isinstance(found, BigQueryWarehouse)
    assert found.settings.path(table) == "theirs.nba_precompute.player_daily_cache"
    with pytest.raises(SideError, match="set NBA_BIGQUERY_DATASET_PREFIX to build beside"):
        other_side("predecessor", here, {"NBA_BIGQUERY_PROJECT": "ours"})
