"""Rows that somebody changes in the warehouse by SQL are seen like rows that were loaded."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from nba_precompute.sources import load
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.sources import FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import as_declared, days, execute, new_warehouse
from nba_precompute_tests.support.platform import Phase3

PLAYERS = FACT_SOURCES[0]
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

Seen = dict[tuple[str, dt.date], SourceDate]


@pytest.fixture(scope="module")
def original(small_season: Phase3, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return new_warehouse(tmp_path_factory.mktemp("original") / "nba.duckdb", small_season)


@pytest.fixture(scope="module")
def before(original: DuckDBWarehouse) -> Seen:
    return seen(original)


@pytest.fixture
def warehouse(original: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    path = tmp_path / "nba.duckdb"
    path.write_bytes(original.path.read_bytes())
    return DuckDBWarehouse(path)


def seen(warehouse: DuckDBWarehouse) -> Seen:
    return {(entry.source, entry.date): entry for entry in observe(warehouse, SPAN).dates}


def changed(one: Seen, other: Seen) -> set[tuple[str, dt.date]]:
    """Return where the version differs: what is recorded as a change."""
    assert one.keys() == other.keys()
    return {key for key in one if one[key].data_version != other[key].data_version}


def of_other_rows(one: Seen, other: Seen) -> set[tuple[str, dt.date]]:
    """Return where the fingerprint differs; findings may differ on other dates as well."""
    return {key for key in one if one[key].fingerprint != other[key].fingerprint}


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
def test_rows_deleted_or_inserted_are_seen(warehouse: DuckDBWarehouse, before: Seen, change: str) -> None:
    places = {(name, SPAN[5 + number]) for number, name in enumerate(SOURCES)}
    execute(warehouse, *(changes_of(*place)[change] for place in places))
    after = seen(warehouse)
    assert places <= changed(before, after)
    assert places == of_other_rows(before, after)


def updates(source: Source) -> Iterator[tuple[str, str]]:
    """Yield every column with another value; of the status only whether the game takes place is of interest."""
    for column in source.columns:
        value = "4" if column.name == "game_status" else OTHER_VALUE[column.type].format(column.name)
        yield column.name, value


@pytest.mark.slow
def test_an_update_of_any_column_is_seen(warehouse: DuckDBWarehouse, before: Seen) -> None:
    """One column of each source at a time, each source on a date of its own."""
    for number, columns in enumerate(itertools.zip_longest(*map(updates, SOURCES.values()))):
        places = set()
        for name, update in zip(SOURCES, columns, strict=True):
            if update is None:
                continue
            date = SPAN[2 * list(SOURCES).index(name) + number % 2]
            column, value = update
            execute(warehouse, f"UPDATE {table(name)} SET {column} = {value} WHERE {one_row(name, date)}")
            places |= {(name, date), (name, date + DAY)} if column == "game_date" else {(name, date)}
        after = seen(warehouse)
        assert places <= changed(before, after), columns
        assert places == of_other_rows(before, after), columns
        before = after


@pytest.mark.parametrize("game_type", ["preseason", "all_star"])
def test_a_game_that_does_not_count_is_seen(warehouse: DuckDBWarehouse, before: Seen, game_type: str) -> None:
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
    for step in steps:
        execute(warehouse, step)
        after = seen(warehouse)
        assert changed(before, after) == {(SCHEDULE, date)}, step
        before = after


def test_a_game_that_becomes_live_or_final_is_no_change(warehouse: DuckDBWarehouse, before: Seen) -> None:
    for status in (1, 2, 3):
        execute(warehouse, f"UPDATE {table(SCHEDULE)} SET game_status = {status} WHERE game_status != 4")
        assert not changed(before, seen(warehouse))


def test_of_two_rows_of_a_game_the_status_decides_which_counts(warehouse: DuckDBWarehouse) -> None:
    date, other = SPAN[5], SPAN[8]
    execute(
        warehouse,
        f"UPDATE {table(SCHEDULE)} SET game_id = 'moved', game_status = 1 WHERE {one_row(SCHEDULE, date)}",
        f"INSERT INTO {table(SCHEDULE)} SELECT * REPLACE ('{other}'::DATE AS game_date) "
        f"FROM {table(SCHEDULE)} WHERE game_id = 'moved'",
    )
    one = seen(warehouse)
    execute(warehouse, f"UPDATE {table(SCHEDULE)} SET game_status = 3 WHERE game_id = 'moved' AND game_date = '{date}'")
    assert {(SCHEDULE, date), (SCHEDULE, other)} == of_other_rows(one, seen(warehouse))


def rows_of(warehouse: DuckDBWarehouse) -> dict[str, pa.Table]:
    with warehouse.reading("test") as session:
        return {
            name: as_declared(name, session._connection.execute(f"SELECT * FROM {table(name)}").to_arrow_table())
            for name in SOURCES
        }


def test_a_change_by_sql_is_seen_as_a_load_of_the_same_rows_is(
    original: DuckDBWarehouse, warehouse: DuckDBWarehouse, before: Seen, tmp_path: Path
) -> None:
    changes = zip(SOURCES, [*changes_of(SCHEDULE, FIRST), "every row deleted"], strict=True)
    places = {(name, SPAN[number]): change for number, (name, change) in enumerate(changes, start=1)}
    execute(
        warehouse,
        *(changes_of(*place)[change] for place, change in places.items()),
        f"UPDATE {table(PLAYERS)} SET points = points + 1 WHERE game_date = '{SPAN[6]}'",
    )
    loaded = DuckDBWarehouse(tmp_path / "loaded.duckdb")
    loaded.path.write_bytes(original.path.read_bytes())
    load(loaded, rows_of(warehouse), between=(FIRST, LAST), allow_shrink=True)
    after = seen(warehouse)
    assert seen(loaded) == after
    assert {*places, (PLAYERS, SPAN[6])} == of_other_rows(before, after)
