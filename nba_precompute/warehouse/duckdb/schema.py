"""Deployed tables of a DuckDB file.

Here: the catalog, DDL and the statements that repair a table, behind `protocol.Schema`. Not here: comparing tables
with their declarations (`warehouse/schema_sync.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse import types
from nba_precompute.warehouse.duckdb.connection import run, transaction
from nba_precompute.warehouse.duckdb.dialect import quoted_name, quoted_text
from nba_precompute.warehouse.protocol import Deployed, DeployedColumn, Difference

if TYPE_CHECKING:
    import duckdb


class DuckDBSchema:
    """The tables of one connection; see `protocol.Schema`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {table.name: {} for table in tables}
        wanted = {(table.dataset, table.name) for table in tables}
        for schema, table, column, type_ in run(
            self._connection,
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND NOT internal ORDER BY column_index",
        ).fetchall():
            if (schema, table) in wanted:
                found[table][column] = types.from_duckdb(type_)
        return found

    def deployed(self, table: Table | Source) -> Deployed | None:
        where = "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?"
        names = (table.dataset, table.name)
        columns = run(
            self._connection,
            f"SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() {where} ORDER BY column_index",
            names,
        ).fetchall()
        comment = run(self._connection, f"SELECT comment FROM duckdb_tables() {where}", names).fetchone()
        if comment is None:
            return None
        return Deployed(
            columns={
                name: DeployedColumn(type=types.from_duckdb(type_), nullable=nullable, description=text or "")
                for name, type_, nullable, text in columns
            },
            description=comment[0] or "",
            layout={},
        )

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        return {}  # DuckDB has one way to store a table

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        if self.columns_of([table])[table.name]:
            return
        body = ", ".join(
            f'"{column.name}" {types.duckdb_type(column.type)}{"" if column.nullable else " NOT NULL"}'
            for column in columns
        )
        with transaction(self._connection):
            run(self._connection, f'CREATE SCHEMA IF NOT EXISTS "{table.dataset}"')
            run(self._connection, f"CREATE TABLE {quoted_name(table)} ({body})")
            self._describe(table, columns)

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        with transaction(self._connection):
            for column in missing:
                run(self._connection, _adding(table, column))
            self._describe(table, table.published_columns)

    def _describe(self, table: Table | Source, columns: Sequence[Column]) -> None:
        name = quoted_name(table)
        texts = {f"TABLE {name}": table.description} | {
            f'COLUMN {name}."{column.name}"': column.description for column in columns
        }
        for target, text in texts.items():
            run(self._connection, f"COMMENT ON {target} IS {quoted_text(text)}")

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        name = quoted_name(table)
        if any(difference.kind == "required column" for difference in differences):
            return (
                f"DROP TABLE {name};  -- then run `nba-precompute init` and a backfill: its rows must be computed again"
            )
        return "\n".join(f"{_repair(table, difference)};" for difference in differences)


def _repair(table: Table | Source, difference: Difference) -> str:
    alter = f"ALTER TABLE {quoted_name(table)}"
    column = f'"{difference.name}"'
    if difference.kind == "extra column":
        return f"{alter} DROP COLUMN {column}"
    declared = difference.declared
    assert declared is not None, "DuckDB's tables differ in columns alone"
    if difference.kind == "column":
        return _adding(table, declared)
    if difference.kind == "type":
        return f"{alter} ALTER COLUMN {column} TYPE {types.duckdb_type(declared.type)}"
    return f"{alter} ALTER COLUMN {column} {'DROP' if declared.nullable else 'SET'} NOT NULL"


def _adding(table: Table | Source, column: Column) -> str:
    return f'ALTER TABLE {quoted_name(table)} ADD COLUMN "{column.name}" {types.duckdb_type(column.type)}'
