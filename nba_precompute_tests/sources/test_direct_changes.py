"""Rows that somebody changes in the warehouse by SQL are seen like rows that were loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from nba_precompute.sources import load
from nba_precompute.sources.observation import observe
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import as_declared, days, execute, new_warehouse
from nba_precompute_tests.support.platform import Phase3

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
FIRST, LAST = dt.date(2021, 10, 20), dt.date(2021, 10, 31)
SPAN = days(FIRST, LAST)
DAY = dt.timedelta(days=1)

OTHER_VALUE = {
    "STRING": "CONCAT(COALESCE({0}, ''), 'x')",
    "INT64": "COALESCE({0}, 0) + 1",
    "FLOAT64": "COALESCE({0}, 0) + 1",
    "BOOL": "{0} IS NOT TRUE",
    "DATE": "{0} + 1",
    "TIMESTAMP": "COALESCE({0}, TIMESTAMPTZ '2021-10-20 12:00:00Z') + INTERVAL 1 SECOND",
}

Versions = dict[tuple[str, dt.date], str]


@pytest.fixture(scope="module")
def original(small_season: Phase3, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return new_warehouse(tmp_path_factory.mktemp("original") / "nba.duckdb", small_season)


@pytest.fixture
def warehouse(original: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    path = tmp_path / "nba.duckdb"
    path.write_bytes(original.path.read_bytes())
    return DuckDBWarehouse(path)


def versions(warehouse: DuckDBWarehouse) -> Versions:
    return {(seen.source, seen.date): seen.data_version for seen in observe(warehouse, SPAN).dates}


def difference(before: Versions, after: Versions) -> set[tuple[str, dt.date]]:
    assert before.keys() == after.keys()
    return {key for key in before if before[key] != after[key]}


def table(name: str) -> str:
    return f"{SOURCES[name].dataset}.{name}"


def one_row(name: str, date: dt.date) -> str:
    """Return the condition that selects one row of the source on the date."""
    return f"rowid = (SELECT MIN(rowid) FROM {table(name)} WHERE game_date = '{date}')"


def changes_of(name: str, date: dt.date) -> dict[str, str]:
    """Return statements that change rows of a source on a date."""
    return {
        "a row deleted": f"DELETE FROM {table(name)} WHERE {one_row(name, date)}",
        "every row deleted": f"DELETE FROM {table(name)} WHERE game_date = '{date}'",
        "a row inserted again": f"INSERT INTO {table(name)} SELECT * FROM {table(name)} WHERE {one_row(name, date)}",
        "another row inserted": f"INSERT INTO {table(name)} SELECT * REPLACE (game_id || 'x' AS game_id) "
        f"FROM {table(name)} WHERE {one_row(name, date)}",
    }


@pytest.mark.parametrize("change", changes_of(SCHEDULE, FIRST))
@pytest.mark.parametrize("name", SOURCES)
def test_rows_deleted_or_inserted_are_seen(warehouse: DuckDBWarehouse, name: str, change: str) -> None:
    date = SPAN[5]
    before = versions(warehouse)
    execute(warehouse, changes_of(name, date)[change])
    found = difference(before, versions(warehouse))
    assert (name, date) in found
    assert {changed for _, changed in found} == {date}
    assert name == SCHEDULE or {source for source, _ in found} == {name}


def updates(source: Source) -> Iterator[tuple[str, str]]:
    """Yield every column with another value; of the status only whether the game takes place is of interest."""
    for column in source.columns:
        if column.name == "game_status":
            yield column.name, "4"
        else:
            yield column.name, OTHER_VALUE[column.type].format(column.name)


@pytest.mark.parametrize("name", SOURCES)
def test_an_update_of_any_column_is_seen(warehouse: DuckDBWarehouse, name: str) -> None:
    """Each column in turn, on another date, so that a change cannot hide behind the one before."""
    seen = versions(warehouse)
    dates = [date for date in SPAN[:-1] if (name, date) in seen]
    for number, (column, value) in enumerate(updates(SOURCES[name])):
        date = dates[number % len(dates)]
        execute(warehouse, f"UPDATE {table(name)} SET {column} = {value} WHERE {one_row(name, date)}")
        now = versions(warehouse)
        found = difference(seen, now)
        expected = {date, date + DAY} if column == "game_date" else {date}
        assert {(name, changed) for changed in expected} <= found, column
        assert {changed for _, changed in found} == expected, column
        seen = now


@pytest.mark.parametrize("game_type", ["preseason", "all_star"])
def test_a_game_that_does_not_count_is_seen(warehouse: DuckDBWarehouse, game_type: str) -> None:
    """It sets rows aside, so it is of interest."""
    date = SPAN[5]
    steps = [
        f"INSERT INTO {table(SCHEDULE)} SELECT * REPLACE ('{game_type}' AS game_type, 'other' AS game_id, "
        f"'EST' AS home_team_tricode, 'WST' AS away_team_tricode) "
        f"FROM {table(SCHEDULE)} WHERE {one_row(SCHEDULE, date)}",
        f"UPDATE {table(SCHEDULE)} SET home_team_tricode = 'DUR' WHERE game_id = 'other'",
        f"UPDATE {table(SCHEDULE)} SET game_status = 4 WHERE game_id = 'other'",
        f"DELETE FROM {table(SCHEDULE)} WHERE game_id = 'other'",
    ]
    seen = versions(warehouse)
    for step in steps:
        execute(warehouse, step)
        now = versions(warehouse)
        assert difference(seen, now) == {(SCHEDULE, date)}, step
        seen = now


def test_a_game_that_becomes_live_or_final_is_no_change(warehouse: DuckDBWarehouse) -> None:
    seen = versions(warehouse)
    for status in (1, 2, 3):
        execute(warehouse, f"UPDATE {table(SCHEDULE)} SET game_status = {status} WHERE game_status != 4")
        assert versions(warehouse) == seen


def test_of_two_rows_of_a_game_the_status_decides_which_counts(warehouse: DuckDBWarehouse) -> None:
    date, other = SPAN[5], SPAN[8]
    execute(
        warehouse,
        f"UPDATE {table(SCHEDULE)} SET game_id = 'moved', game_status = 1 WHERE {one_row(SCHEDULE, date)}",
        f"INSERT INTO {table(SCHEDULE)} SELECT * REPLACE ('{other}'::DATE AS game_date) "
        f"FROM {table(SCHEDULE)} WHERE game_id = 'moved'",
    )
    seen = versions(warehouse)
    execute(warehouse, f"UPDATE {table(SCHEDULE)} SET game_status = 3 WHERE game_id = 'moved' AND game_date = '{date}'")
    found = {changed for name, changed in difference(seen, versions(warehouse)) if name == SCHEDULE}
    assert found == {date, other}


def rows_of(warehouse: DuckDBWarehouse) -> dict[str, pa.Table]:
    with warehouse.reading("test") as session:
        return {
            name: as_declared(name, session._connection.execute(f"SELECT * FROM {table(name)}").to_arrow_table())
            for name in SOURCES
        }


def test_a_change_by_sql_is_seen_as_a_load_of_the_same_rows_is(
    original: DuckDBWarehouse, warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    execute(
        warehouse,
        changes_of(SCHEDULE, SPAN[1])["every row deleted"],
        changes_of(PLAYERS, SPAN[2])["a row deleted"],
        changes_of(OFFENSE, SPAN[3])["every row deleted"],
        changes_of(DEFENSE, SPAN[4])["a row inserted again"],
        changes_of(CONTEXT, SPAN[5])["another row inserted"],
        f"UPDATE {table(PLAYERS)} SET points = points + 1 WHERE game_date = '{SPAN[6]}'",
    )
    loaded = DuckDBWarehouse(tmp_path / "loaded.duckdb")
    loaded.path.write_bytes(original.path.read_bytes())
    before = versions(loaded)
    load(loaded, rows_of(warehouse), between=(FIRST, LAST), allow_shrink=True)
    assert observe(loaded, SPAN) == observe(warehouse, SPAN)
    changed = difference(before, versions(loaded))
    assert {
        (SCHEDULE, SPAN[1]),
        (PLAYERS, SPAN[2]),
        (OFFENSE, SPAN[3]),
        (DEFENSE, SPAN[4]),
        (CONTEXT, SPAN[5]),
    } <= changed
    assert (PLAYERS, SPAN[6]) in changed
    assert {date for _, date in changed} == set(SPAN[1:7])
