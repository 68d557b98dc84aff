"""A warehouse in a temporary file with Phase 3 rows, and the five tables published without Dagster.

`Rows` are plain Python: source table name -> list of dicts with the declared columns. They can be copied and
changed, which is how bad input and the as-of rule are tested.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nba_precompute.publishing.publish import Select, publish
from nba_precompute.publishing.records import Outcome, Published
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Table
from nba_precompute.warehouse import Replacement, Warehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.schema_sync import create_tables
from nba_precompute.warehouse.types import arrow_type

Rows = dict[str, list[dict[str, Any]]]

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("NBA_PHASE3_SAMPLES", REPOSITORY.parent / "shared" / "phase3"))
SEASONS = {2021: "2021-22", 2022: "2022-23"}


def real_season_directory(season: int) -> Path:
    """Return the folder of a real season; without it, skip the test, or fail it in CI."""
    return existing(SAMPLES / SEASONS[season])


def existing(directory: Path) -> Path:
    """Return a folder at or beside the samples; without it, skip the test, or fail it in CI."""
    if not directory.is_dir():
        message = f"no Phase 3 sample {directory.name} at {directory.parent}; set NBA_PHASE3_SAMPLES"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return directory


def real_tables(season: int) -> dict[str, pa.Table]:
    """Read the declared columns of a real season, as Arrow tables with the declared types."""
    directory = real_season_directory(season)
    return {
        name: as_declared(name, pq.read_table(directory / f"{name}.parquet", columns=list(source.column_names)))
        for name, source in SOURCES.items()
    }


def as_declared(name: str, table: pa.Table) -> pa.Table:
    source = SOURCES[name]
    return table.select(list(source.column_names)).cast(
        pa.schema([(column.name, arrow_type(column.type)) for column in source.columns])
    )


def to_rows(tables: Mapping[str, pa.Table]) -> Rows:
    return {name: table.to_pylist() for name, table in tables.items()}


def to_tables(rows: Rows) -> dict[str, pa.Table]:
    return {
        name: pa.Table.from_pylist(
            rows[name], pa.schema([(column.name, arrow_type(column.type)) for column in source.columns])
        )
        for name, source in SOURCES.items()
    }


def new_warehouse(path: Path, phase3: Mapping[str, pa.Table]) -> DuckDBWarehouse:
    """Create a warehouse with the five empty tables and exactly these Phase 3 rows."""
    warehouse = DuckDBWarehouse(path)
    set_up(warehouse, phase3)
    return warehouse


def set_up(warehouse: Warehouse, phase3: Mapping[str, pa.Table]) -> None:
    """Create the tables, with exactly these Phase 3 rows."""
    with warehouse.writing("test set-up") as session:
        create_tables(session)
        session.replace_all(
            [Replacement(SOURCES[name], "TRUE", session.stage_rows(name, rows)) for name, rows in phase3.items()]
        )


def run(
    warehouse: Warehouse,
    dates: Iterable[dt.date],
    tables: Iterable[Table] = tuple(TABLES.values()),
    recorded: Mapping[str, Mapping[dt.date, Published]] | None = None,
) -> dict[str, Outcome]:
    """Publish the tables for the dates, upstream first, as one range run does."""
    wanted = list(dates)
    return {
        table.name: publish(
            warehouse,
            table,
            Select(table),
            wanted,
            (recorded or {}).get(table.name, {}),
            f"test: {table.name}",
        )
        for table in tables
    }


def refused(warehouse: Warehouse, dates: Iterable[dt.date], table: Table) -> dict[dt.date, set[str]]:
    """Publish a table for the dates; return the reasons why it refuses some of them."""
    (outcome,) = run(warehouse, dates, [table]).values()
    return {date: set(reasons) for date, reasons in outcome.refused.items()}


def published(warehouse: Warehouse, table: Table, date: dt.date | None = None) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows by (date, entity): the declared columns and data_hash, without timestamps."""
    names = ", ".join([*(column.name for column in table.columns), "data_hash"])
    where = f"WHERE {table.date_column} = DATE '{date}'" if date else ""
    with warehouse.reading("test") as session:
        rows = session.query(f"SELECT {names} FROM {session.relation(table)} {where}")
    return {(row[table.date_column], row[table.entity_column]): row for row in rows}


def hashes(warehouse: Warehouse, dates: Iterable[dt.date] | None = None) -> dict[tuple[str, dt.date, str], str]:
    """Return data_hash (of rows) or reason (of failures) by (table, date, entity)."""
    wanted = None if dates is None else sorted(set(dates))
    result = {}
    with warehouse.reading("test") as session:
        for table in TABLES.values():
            for row in session.query(
                f"SELECT {table.date_column} AS d, {table.entity_column} AS e, data_hash AS h "
                f"FROM {session.relation(table)} WHERE {_one_of(table.date_column, wanted)}"
            ):
                result[table.name, row["d"], row["e"]] = row["h"]
        for row in session.query(
            f"SELECT * FROM {session.relation(PRECOMPUTE_FAILURES)} WHERE {_one_of('as_of_date', wanted)}"
        ):
            key = (row["table_name"], row["as_of_date"], row["entity_id"])
            assert key not in result, f"{key} has a row and a failure"
            result[key] = row["reason"]
    return result


def _one_of(column: str, dates: Sequence[dt.date] | None) -> str:
    if dates is None:
        return "TRUE"
    literals = ", ".join(f"DATE '{date}'" for date in dates)
    return f"{column} IN ({literals})" if dates else "FALSE"


def written_at(warehouse: DuckDBWarehouse) -> dict[tuple[str, dt.date, str], tuple[dt.datetime, dt.datetime]]:
    """Return created_at and updated_at of every row by (table, date, entity)."""
    with warehouse.reading("test") as session:
        return {
            (table.name, row["d"], row["e"]): (row["created_at"], row["updated_at"])
            for table in TABLES.values()
            for row in session.query(
                f"SELECT {table.date_column} AS d, {table.entity_column} AS e, created_at, updated_at "
                f"FROM {session.relation(table)}"
            )
        }


def records(outcomes: Mapping[str, Outcome]) -> dict[str, dict[dt.date, Published]]:
    """Return what a run leaves on record for the next one."""
    return {
        name: {date: partition.published for date, partition in outcome.partitions.items()}
        for name, outcome in outcomes.items()
    }


def execute(warehouse: DuckDBWarehouse, *statements: str) -> None:
    """Run DuckDB SQL that the product does not see: changed sources, rows edited by hand."""
    with duckdb.connect(warehouse.path) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in statements:
            connection.execute(statement)


def off_schedule_row(date: dt.date) -> str:
    """Return DuckDB SQL that adds somebody's box score of a game that is not on the schedule."""
    games = "nba_analytics.player_game_summary"
    return (
        f"INSERT INTO {games} SELECT * REPLACE (DATE '{date}' AS game_date, 'unknown' AS game_id, "
        f"'somebody' AS player_lookup, NULL AS universal_player_id) FROM {games} LIMIT 1"
    )


def failures(warehouse: Warehouse, table: str, date: dt.date) -> dict[str, str]:
    """Return the reasons by entity."""
    with warehouse.reading("test") as session:
        return {
            row["entity_id"]: row["reason"]
            for row in session.query(
                f"SELECT entity_id, reason FROM {session.relation(PRECOMPUTE_FAILURES)} "
                f"WHERE table_name = '{table}' AND as_of_date = DATE '{date}'"
            )
        }


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return every date of the calendar from first to last; July to September are not in it."""
    span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [date for date in span if date.month not in (7, 8, 9)]
