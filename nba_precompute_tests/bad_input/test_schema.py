"""A missing column or another type is refused with one error, before anything is written."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.warehouse import SchemaMismatch
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    DEFENSE,
    GAMES,
    LAST,
    MLFS,
    OFFENSE,
    PCF,
    PDC,
    PSZA,
    SCHEDULE,
    TDZA,
    content,
)
from nba_precompute_tests.support.league import Rows, run

READERS = {
    TDZA: [PCF, MLFS],
    PSZA: [PCF, PDC, MLFS],
    PCF: [MLFS],
    PDC: [MLFS],
    MLFS: [],
}
"""Which tables read which of the five."""


def alter(warehouse: DuckDBWarehouse, table: Table | Source, *changes: str) -> None:
    """Change a deployed table without the product."""
    with duckdb.connect(warehouse.path) as connection:
        for change in changes:
            connection.execute(f'ALTER TABLE "{table.dataset}"."{table.name}" {change}')


def refused(warehouse: DuckDBWarehouse, table: str) -> str:
    """Return the only error, with which the table is refused; nothing may have been written."""
    before = content(warehouse)
    with pytest.raises(SchemaMismatch) as caught:
        run(warehouse, [LAST], [TABLES[table]])
    assert content(warehouse) == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "missing", "retyped", "type_", "expected", "found"),
    [
        (SCHEDULE, "game_type", "game_status", "VARCHAR", "INT64", "STRING"),
        (GAMES, "minutes_played", "points", "DOUBLE", "INT64", "FLOAT64"),
        (DEFENSE, "blocks_paint", "opponent_pace", "VARCHAR", "FLOAT64", "STRING"),
        (OFFENSE, "win_flag", "points_scored", "DOUBLE", "INT64", "FLOAT64"),
        (CONTEXT, "player_age", "home_game", "BIGINT", "BOOL", "INT64"),
    ],
)
def test_a_source_with_a_bad_column(
    published_warehouse: DuckDBWarehouse,
    source: str,
    missing: str,
    retyped: str,
    type_: str,
    expected: str,
    found: str,
) -> None:
    """Each table that reads the source is refused; the error names both findings, and only them."""
    declared = SOURCES[source]
    alter(published_warehouse, declared, f"DROP {missing}", f"ALTER {retyped} TYPE {type_}")
    name = f"{declared.dataset}.{source}"
    types = {column.name: column.type for column in declared.columns}
    for table in TABLES:
        # Team defense does not read the listed players, but inspection counts them.
        assert set(refused(published_warehouse, table).split("; ")) == {
            f"{name}.{missing}: expected {types[missing]}, found no such column",
            f"{name}.{retyped}: expected {expected}, found {found}",
        }


def test_a_date_that_is_a_timestamp(published_warehouse: DuckDBWarehouse) -> None:
    """`game_date` as TIMESTAMP would shift windows by a day; it is refused."""
    alter(published_warehouse, SOURCES[GAMES], "ALTER game_date TYPE TIMESTAMP")
    assert refused(published_warehouse, PDC) == f"nba_analytics.{GAMES}.game_date: expected DATE, found TIMESTAMP"


def test_a_source_may_have_more_columns(published_warehouse: DuckDBWarehouse) -> None:
    """Undeclared columns are not read."""
    before = content(published_warehouse)
    alter(published_warehouse, SOURCES[GAMES], "ADD COLUMN plus_minus BIGINT")
    run(published_warehouse, [LAST], [TABLES[TDZA], TABLES[PDC]])
    assert content(published_warehouse) == before


def test_a_missing_source_table(published_warehouse: DuckDBWarehouse) -> None:
    """The error says what to do."""
    with duckdb.connect(published_warehouse.path) as connection:
        connection.execute(f"DROP TABLE nba_analytics.{OFFENSE}")
    assert (
        refused(published_warehouse, TDZA)
        == f"nba_analytics.{OFFENSE}: the table is missing; run `nba-precompute init`"
    )


@pytest.mark.parametrize("damaged", TABLES)
def test_a_phase4_table_with_a_bad_column(published_warehouse: DuckDBWarehouse, damaged: str) -> None:
    """The table itself and every table that reads it are refused; the others run."""
    table = TABLES[damaged]
    alter(published_warehouse, table, "DROP games_in_sample", "ALTER completeness_percentage TYPE VARCHAR")
    name = f"{table.dataset}.{damaged}"
    for refusing in [damaged, *READERS[damaged]]:
        assert set(refused(published_warehouse, refusing).split("; ")) == {
            f"{name}.games_in_sample: expected INT64, found no such column",
            f"{name}.completeness_percentage: expected FLOAT64, found STRING",
        }
    others = [other for other in TABLES if other not in (damaged, *READERS[damaged])]
    run(published_warehouse, [LAST], [TABLES[other] for other in others[:1]])


def test_the_failures_table_with_a_bad_column(published_warehouse: DuckDBWarehouse) -> None:
    """It is written in every run, so it is verified in every run."""
    alter(published_warehouse, PRECOMPUTE_FAILURES, "DROP detail")
    for table in TABLES:
        assert (
            refused(published_warehouse, table)
            == "nba_precompute.precompute_failures.detail: expected STRING, found no such column"
        )


def test_a_missing_phase4_table_is_named(new: Callable[[Rows], DuckDBWarehouse], league: Rows) -> None:
    """This holds for tables that are only read, too."""
    warehouse = new(league)
    with duckdb.connect(warehouse.path) as connection:
        connection.execute(f"DROP TABLE nba_precompute.{PSZA}")
    for table in (PSZA, *READERS[PSZA]):
        with pytest.raises(SchemaMismatch) as caught:
            run(warehouse, [LAST], [TABLES[table]])
        message = f"nba_precompute.{PSZA}: the table is missing; run `nba-precompute init`"
        assert str(caught.value) == message
