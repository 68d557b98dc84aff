"""`nba-precompute diff`: every planted difference is found, counted and shown, and a copy is equal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from nba_precompute.operations.diff import Side, SideError, TableDifference, diff, other_side
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute

CACHE = "nba_precompute.player_daily_cache"
DATE = dt.date(2021, 10, 30)


def compare(weeks: FirstWeeks, before: DuckDBWarehouse, samples: int = 3) -> dict[str, TableDifference]:
    found = diff(Side(weeks.warehouse), Side(before), weeks.dates, samples)
    return {difference.table: difference for difference in found}


def nth_player(weeks: FirstWeeks, number: int = 0) -> str:
    with weeks.warehouse.reading("test") as session:
        rows = session.query(f"SELECT player_lookup FROM `{CACHE}` WHERE cache_date = DATE '{DATE}' ORDER BY 1")
    return str(rows[number]["player_lookup"])


@pytest.fixture
def before(first_weeks: FirstWeeks, tmp_path: Path) -> DuckDBWarehouse:
    return first_weeks.copy(tmp_path)


def test_a_copy_is_equal(
    first_weeks: FirstWeeks,
    before: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    # Neither the time and order of writing nor a modified stored hash is a difference.
    execute(
        before,
        f"CREATE TEMP TABLE moved AS FROM {CACHE} WHERE cache_date = '{DATE}' ORDER BY player_lookup DESC",
        f"DELETE FROM {CACHE} WHERE cache_date = '{DATE}'",
        f"INSERT INTO {CACHE} FROM moved",
        f"UPDATE {CACHE} SET updated_at = now(), data_hash = 'x'",
    )
    assert call(monkeypatch, "diff", *first_weeks.span, "--against", str(before.path)) == 0
    assert "equal from" in capsys.readouterr().out


def test_changed_values_are_counted_by_column_with_the_largest_change(
    first_weeks: FirstWeeks, before: DuckDBWarehouse
) -> None:
    player, other = nth_player(first_weeks), nth_player(first_weeks, 1)
    execute(
        before,
        f"UPDATE {CACHE} SET points_avg_last_5 = points_avg_last_5 - 2.5 WHERE cache_date = '{DATE}'",
        f"UPDATE {CACHE} SET points_avg_last_5 = NULL WHERE cache_date = '{DATE}' AND player_lookup = '{other}'",
        f"UPDATE {CACHE} SET primary_scoring_zone = 'nowhere', data_quality_issues = ['x'] "
        f"WHERE cache_date = '{DATE}' AND player_lookup = '{player}'",
    )
    found = compare(first_weeks, before, samples=2)
    assert [name for name, table in found.items() if not table.is_equal] == ["player_daily_cache"]
    cache = found["player_daily_cache"]
    on_the_date = cache.changed
    assert on_the_date > 10
    assert {name: column.rows for name, column in cache.columns.items()} == {
        "points_avg_last_5": on_the_date,
        "primary_scoring_zone": 1,
        "data_quality_issues": 1,
    }
    points = cache.columns["points_avg_last_5"]
    assert points.largest == 2.5
    first, second = points.samples
    assert (first.date, first.entity, first.after - first.before) == (DATE, player, 2.5)
    assert (second.entity, second.before) == (other, None)
    assert cache.columns["primary_scoring_zone"].largest is None
    assert (cache.added, cache.removed, cache.rows_before, cache.rows_after) == (
        0,
        0,
        cache.rows_after,
        cache.rows_before,
    )


def test_values_that_differ_by_the_last_decimal_agree(first_weeks: FirstWeeks, before: DuckDBWarehouse) -> None:
    """(contract, section 1): two results agree when they differ by at most 1.01e-4."""
    execute(before, f"UPDATE {CACHE} SET points_avg_season = points_avg_season + 0.0001 WHERE cache_date = '{DATE}'")
    cache = compare(first_weeks, before)["player_daily_cache"]
    assert (cache.is_equal, cache.changed, cache.columns) == (True, 0, {})


def test_a_row_counts_as_changed_for_a_value_beyond_the_tolerance_alone(
    first_weeks: FirstWeeks, before: DuckDBWarehouse
) -> None:
    execute(
        before,
        f"UPDATE {CACHE} SET points_avg_season = points_avg_season + 0.0001 WHERE cache_date = '{DATE}'",
        f"UPDATE {CACHE} SET minutes_avg_season = minutes_avg_season + 0.0002 "
        f"WHERE cache_date = '{DATE}' AND player_lookup = '{nth_player(first_weeks)}'",
    )
    cache = compare(first_weeks, before)["player_daily_cache"]
    assert (cache.changed, list(cache.columns)) == (1, ["minutes_avg_season"])
    assert cache.columns["minutes_avg_season"].largest == 0.0002


def test_rows_and_failures_that_came_went_or_repeat(first_weeks: FirstWeeks, before: DuckDBWarehouse) -> None:
    player, other = nth_player(first_weeks), nth_player(first_weeks, 1)
    execute(
        before,
        f"DELETE FROM {CACHE} WHERE cache_date = '{DATE}' AND player_lookup = '{player}'",
        f"INSERT INTO {CACHE} SELECT * REPLACE ('zzz' AS player_lookup) FROM {CACHE} "
        f"WHERE cache_date = '{DATE}' AND player_lookup = '{other}'",
        f"INSERT INTO {CACHE} SELECT * FROM {CACHE} WHERE cache_date = '{DATE}' AND player_lookup = '{other}'",
        "UPDATE nba_precompute.precompute_failures SET detail = 'x' "
        "WHERE as_of_date = '2021-10-19' AND table_name = 'player_daily_cache'",
    )
    found = compare(first_weeks, before)
    cache, failures = found["player_daily_cache"], found["precompute_failures"]
    assert (cache.added, cache.added_samples) == (1, [(DATE, player)])
    assert (cache.removed, cache.removed_samples) == (1, [(DATE, "zzz")])
    assert (cache.duplicates, cache.changed) == (1, 0)
    assert set(failures.columns) == {"detail"}
    assert failures.columns["detail"].samples[0].entity.endswith(", player_daily_cache")


def test_a_column_of_one_side_does_not_make_every_row_another_one(
    first_weeks: FirstWeeks, before: DuckDBWarehouse
) -> None:
    execute(before, f"ALTER TABLE {CACHE} DROP COLUMN ts_pct_last_10")
    cache = compare(first_weeks, before)["player_daily_cache"]
    assert (cache.columns_added, cache.columns_removed, cache.changed) == (["ts_pct_last_10"], [], 0)
    assert not cache.is_equal
    execute(before, f"ALTER TABLE {CACHE} ADD COLUMN ts_pct_last_10 VARCHAR")
    cache = compare(first_weeks, before)["player_daily_cache"]
    assert (cache.columns_added, cache.columns_removed) == (["ts_pct_last_10"], ["ts_pct_last_10"]), "another type"


def test_the_command_shows_differences_and_ends_with_3(
    first_weeks: FirstWeeks,
    before: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    player = nth_player(first_weeks)
    where = f"WHERE cache_date = '{DATE}' AND player_lookup = '{player}'"
    execute(before, f"UPDATE {CACHE} SET cache_version = 'v0', ts_pct_last_10 = NULL {where}")
    arguments = ("diff", "--from", str(DATE), "--to", str(DATE), "--against", str(before.path))
    assert call(monkeypatch, *arguments) == 3
    assert f"{DATE} {player}: v0 → v1" in capsys.readouterr().out
    assert call(monkeypatch, *arguments, "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert not document["is_equal"]
    (changed,) = (table for table in document["tables"] if table["changed"])
    assert changed["columns"]["cache_version"] == {
        "rows": 1,
        "largest": None,
        "samples": [{"date": str(DATE), "entity": player, "before": "v0", "after": "v1"}],
        "rules": {},
    }


def test_what_cannot_be_compared_with_is_a_usage_error(
    first_weeks: FirstWeeks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NBA_BIGQUERY_PROJECT", raising=False)
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    for against, message in (
        ("no-such.duckdb", "no file"),
        ("2022-01-31T06:00", "keeps no history"),
        (str(first_weeks.warehouse.path), "is this warehouse itself"),
    ):
        assert call(monkeypatch, "diff", *first_weeks.span, "--against", against) == 2
        assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())
    empty = tmp_path / "empty.duckdb"
    execute(DuckDBWarehouse(empty), "SELECT 1")
    assert call(monkeypatch, "diff", *first_weeks.span, "--against", str(empty)) == 1
    assert "has no table nba_precompute.team_defense_zone_analysis" in capsys.readouterr().err


def test_bigquery_has_a_past_and_other_datasets() -> None:
    """The side is resolved from its name; `sql/test_googlesql.py` analyzes the statements with a moment."""
    environment = {"NBA_BIGQUERY_PROJECT": "some-project"}
    staging = other_side("staging_", DuckDBWarehouse(Path("any.duckdb")), environment)
    assert isinstance(staging.warehouse, BigQueryWarehouse)
    assert staging.warehouse.settings.dataset("nba_precompute") == "staging_nba_precompute"
    past = other_side("2022-01-31T06:00+02:00", staging.warehouse)
    assert past == dataclasses.replace(staging, moment=dt.datetime(2022, 1, 31, 4, tzinfo=dt.UTC))
    assert past.describe().endswith("as of 2022-01-31 04:00:00 UTC")
    with pytest.raises(SideError, match="in the future"):
        other_side("2999-01-01T00:00", staging.warehouse)


@pytest.mark.parametrize(
    "difference",
    [{name: 1} for name in ("added", "removed", "changed", "duplicates")]
    + [{name: ["x"]} for name in ("columns_added", "columns_removed")],
    ids=str,
)
def test_one_difference_of_any_kind_is_enough(difference: dict) -> None:
    assert TableDifference("a table").is_equal
    assert not TableDifference("a table", **difference).is_equal
