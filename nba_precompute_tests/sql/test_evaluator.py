"""Google's reference implementation computes the same rows as DuckDB for a date of a real season.

It executes every construct of the five SELECTs and of `stage`. It cannot execute MERGE and scripts: those run in the
emulator (`bigquery/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_precompute.sql import RunDates, logical_name, render, render_select
from nba_precompute.tables import SOURCES, TABLES, Column, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.sql.judge import Judge
from nba_precompute_tests.support.league import new_warehouse, real_tables, run

pytestmark = pytest.mark.slow

DATE = dt.date(2021, 10, 27)
"""The ninth day of a season: some teams have played five games, and some players none."""


@pytest.fixture(scope="module")
def phase3() -> dict[str, pa.Table]:
    """A real season up to the date."""
    return {name: rows.filter(pc.less_equal(rows["game_date"], DATE)) for name, rows in real_tables(2021).items()}


@pytest.fixture(scope="module")
def duckdb_warehouse(phase3: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    warehouse = new_warehouse(tmp_path_factory.mktemp("slice") / "nba.duckdb", phase3)
    run(warehouse, [DATE])
    return warehouse


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_reference_implementation_agrees(
    duckdb_warehouse: DuckDBWarehouse, phase3: dict[str, pa.Table], table: Table
) -> None:
    """They agree on every member with a row or a failure, and on the hash over every business column of a row."""
    read: dict[str, Sequence[Column]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for name in ("nbac_schedule", *table.sources):
        source = SOURCES[name]
        read[f"{source.dataset}.{name}"] = source.columns
        rows[f"{source.dataset}.{name}"] = phase3[name].to_pylist()
    with duckdb_warehouse.reading("test") as session:
        for name in table.upstreams:
            upstream = TABLES[name]
            read[f"{upstream.dataset}.{name}"] = upstream.published_columns
            rows[f"{upstream.dataset}.{name}"] = session.query(f"SELECT * FROM {logical_name(upstream)}")
        staged = render("publish/stage", table, RunDates.of([DATE]), select=render_select(table, RunDates.of([DATE])))
        answers = (
            f"SELECT {table.entity_column}, COALESCE(failure_reason, data_hash) FROM (\n{staged}\n) AS staged "
            "WHERE copy_number = 1"
        )
        expected = {tuple(row.values()) for row in session.query(answers)}
    assert len(expected) >= 30
    assert set(Judge(read).evaluate(answers, rows)) == expected
