"""`data_hash` changes with every single cell that it covers, and with nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_precompute.publishing.publish import publish
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES, Column, Table
from nba_precompute.warehouse.duckdb.dialect import transpile
from nba_precompute.warehouse.protocol import MergeCounts
from nba_precompute_tests.oracle.hashing import data_hash
from nba_precompute_tests.oracle.tiny_league import tiny_league
from nba_precompute_tests.support.league import new_warehouse, published, to_tables

DATE = dt.date(2021, 12, 1)
NOT_HASHED = {"features", "data_hash", "created_at", "updated_at"}

Row = dict[str, Any]


def base_row(table: Table) -> Row:
    """A row with a value in every column; neighboring columns of one type carry the same value."""
    values = {
        "STRING": "text",
        "INT64": 7,
        "FLOAT64": 12.3456,
        "BOOL": True,
        "DATE": DATE,
        "ARRAY<STRING>": ["first", "second"],
        "ARRAY<FLOAT64>": [1.5, 2.5],
    }
    return {column.name: values[column.type] for column in table.columns}


def other_values(column: Column) -> list[Any]:
    """Other values of a cell: the smallest change, the empty value, the opposite, and NULL."""
    by_type: dict[str, list[Any]] = {
        "STRING": ["Text", "text ", ""],
        "INT64": [8, -7, 0],
        "FLOAT64": [12.3457, -12.3456, 0.0],
        "BOOL": [False],
        "DATE": [DATE + dt.timedelta(days=1)],
        "ARRAY<STRING>": [["second", "first"], ["first"], []],
    }
    return [*by_type[column.type], *([None] if column.nullable else [])]


def literal(value: Any, type_: str) -> str:
    """Return the value as a GoogleSQL literal."""
    match value:
        case None:
            return f"CAST(NULL AS {type_})"
        case bool():
            return str(value).upper()
        case str():
            return f"'{value}'"
        case dt.date():
            return f"DATE '{value}'"
        case list():
            inner = ", ".join(literal(element, "") for element in value)
            return f"[{inner}]" if value else f"CAST([] AS {type_})"
        case float():
            return f"CAST({value!r} AS FLOAT64)"
        case _:
            return str(value)


def staged_hashes(table: Table, rows: list[Row]) -> list[str]:
    """Return the hash that `stage.sql` computes for each row."""
    selects = [
        "SELECT "
        + ", ".join(f"{literal(row[column.name], column.type)} AS {column.name}" for column in table.columns)
        + f", CAST(NULL AS STRING) AS failure_reason, 'row {i}' AS failure_detail"
        for i, row in enumerate(rows)
    ]
    statement = render("publish/stage", table, RunDates.of([DATE]), select="\nUNION ALL\n".join(selects))
    found = duckdb.sql(f"SELECT failure_detail, data_hash FROM ({transpile(statement)})").fetchall()
    assert len(found) == len(rows)
    by_row = dict(found)
    return [by_row[f"row {i}"] for i in range(len(rows))]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_cell_changes_the_hash(table: Table) -> None:
    """Every change of every hashed cell gives a new hash, different from those of all other changes."""
    base = base_row(table)
    changes = [
        (column.name, value)
        for column in table.columns
        if column.name not in NOT_HASHED
        for value in other_values(column)
    ]
    rows = [base, *(base | {name: value} for name, value in changes)]
    hashes = staged_hashes(table, rows)
    by_hash: dict[str, list[Any]] = {}
    for change, hash_ in zip([("nothing", None), *changes], hashes, strict=True):
        by_hash.setdefault(hash_, []).append(change)
    assert [same for same in by_hash.values() if len(same) > 1] == []

    declared = [(column.name, column.type) for column in table.columns]
    assert hashes == [data_hash(row, declared) for row in rows]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_the_hash_covers(table: Table) -> None:
    covered = {column.name for column in table.hashed_columns}
    assert covered == {column.name for column in table.published_columns} - NOT_HASHED


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_noise_below_the_fourth_decimal_does_not_change_the_hash(table: Table) -> None:
    base = base_row(table)
    noisy = base | {column.name: base[column.name] + 0.00001 for column in table.columns if column.type == "FLOAT64"}
    before, after = staged_hashes(table, [base, noisy])
    assert before == after


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_through_a_data_frame(tmp_path: Path, table: Table) -> None:
    """A changed cell in a published frame changes the hash and updates the row; a changed timestamp does neither."""
    import pandas as pd

    # Anybody may be in a frame that a populated table would not know: only the hash is looked at.
    free = dataclasses.replace(table, population=None)
    warehouse = new_warehouse(tmp_path / "one.duckdb", to_tables(tiny_league([], DATE)))

    def publish_row(row: Row) -> tuple[str, MergeCounts]:
        frame = pd.DataFrame([row]).astype({c.name: "Int64" for c in table.columns if c.type == "INT64"})
        outcome = publish(warehouse, free, frame, [DATE], {}, "test")
        (stored,) = published(warehouse, table).values()
        return stored["data_hash"], outcome.merged

    base = base_row(table) | {table.date_column: DATE}
    first, merged = publish_row(base)
    assert merged == MergeCounts(inserted=1)
    assert publish_row(base) == (first, MergeCounts()), "another timestamp is no change"
    second, merged = publish_row(base | {"is_production_ready": False})
    assert (second != first, merged) == (True, MergeCounts(updated=1))
    assert publish_row(base) == (first, MergeCounts(updated=1))
    if "features" in base:
        assert publish_row(base | {"features": [9.5]}) == (first, MergeCounts())
