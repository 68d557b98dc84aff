"""DuckDB's dialect: GoogleSQL transpiled by sqlglot, and quoting for statements written in DuckDB's own SQL.

Here: everything that depends on how DuckDB reads SQL. Not here: types (`warehouse/types.py`), GoogleSQL's own
quoting (`sql.literal`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from nba_precompute.tables import Source, Table
from nba_precompute.warehouse.protocol import WarehouseError

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


def quoted_name(table: Table | Source) -> str:
    """Return the name of a table in DuckDB's SQL."""
    return f'"{table.dataset}"."{table.name}"'


def quoted_text(text: str) -> str:
    """Return text as a string literal of DuckDB, where a backslash or a line break needs no escape."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=64)
def transpile(sql: str) -> str:
    """Translate GoogleSQL to DuckDB's SQL.

    Raises:
        WarehouseError: if there is not exactly one statement, or sqlglot cannot translate it.
    """
    import sqlglot
    from sqlglot.errors import ErrorLevel, SqlglotError

    with _no_garbage_collection():
        try:
            statements = sqlglot.parse(sql, read="bigquery")
            if len(statements) != 1 or statements[0] is None:
                raise WarehouseError(f"expected one statement, found {len(statements)}")
            _settle(statements[0])
            # The tree is not needed again; copying it would be half of the work.
            return statements[0].sql(dialect="duckdb", copy=False, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            raise WarehouseError(f"this GoogleSQL cannot run in DuckDB: {error}") from error


def _settle(statement: Expr) -> None:
    """Rewrite constructs that sqlglot leaves alone and DuckDB interprets differently from BigQuery."""
    from sqlglot import exp

    for node in statement.find_all(exp.DataType, exp.DateSub):
        if isinstance(node, exp.DateSub):
            # DATE - INTERVAL would be a TIMESTAMP; DATE - INTEGER is a DATE.
            days = exp.Literal.number(node.expression.name)
            node.replace(exp.Paren(this=exp.Sub(this=node.this, expression=days)))
        elif node.this == exp.DataType.Type.DECIMAL and not node.expressions:
            # A bare NUMERIC would be DECIMAL(18, 3); BigQuery's is DECIMAL(38, 9).
            node.set("expressions", [exp.Literal.number(38), exp.Literal.number(9)])


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Suspend collection: ten thousand nodes trigger full collections of all that Dagster has loaded, 0.1 s each."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
