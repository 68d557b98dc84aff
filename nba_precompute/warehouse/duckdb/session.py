"""The embedded warehouse: one DuckDB file, GoogleSQL transpiled by sqlglot.

One process writes at a time (see `lock.py`), for the length of one step's work; readers open the file read-only and
give up after some seconds, so that nothing that only looks can stop a run.
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.sql import fill, logical_name
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse.duckdb.lock import writing_turn
from nba_precompute.warehouse.protocol import (
    NO_LABELS,
    Deployed,
    DeployedColumn,
    Difference,
    Job,
    MergeCounts,
    Replacement,
    Row,
    WarehouseBusy,
    WarehouseError,
)

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa
    from sqlglot.expressions import Expr

_logger = logging.getLogger(__name__)

WRITER_PATIENCE_SECONDS = 900.0
READER_PATIENCE_SECONDS = 10.0
MEMORY_LIMIT = "512MB"

_GOOGLE_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "INT64",
    "DOUBLE": "FLOAT64",
    "BOOLEAN": "BOOL",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "VARCHAR[]": "ARRAY<STRING>",
    "DOUBLE[]": "ARRAY<FLOAT64>",
}
_DUCKDB_TYPES = {google: duck for duck, google in _GOOGLE_TYPES.items()}


def _quoted(table: Table | Source) -> str:
    return f'"{table.dataset}"."{table.name}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=64)
def transpile(sql: str) -> str:
    """GoogleSQL to DuckDB.

    Raises:
        WarehouseError: if there is not exactly one statement, or sqlglot does not know how.
    """
    import sqlglot
    from sqlglot.errors import ErrorLevel, SqlglotError

    with _no_garbage_collection():
        try:
            statements = sqlglot.parse(sql, read="bigquery")
            if len(statements) != 1 or statements[0] is None:
                raise WarehouseError(f"expected one statement, found {len(statements)}")
            _settle(statements[0])
            # The tree is not needed again, so it need not be copied, which would be half of the work.
            return statements[0].sql(dialect="duckdb", copy=False, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            raise WarehouseError(f"this GoogleSQL cannot run in DuckDB: {error}") from error


def _settle(statement: Expr) -> None:
    """Says what sqlglot leaves to DuckDB, and DuckDB takes otherwise than BigQuery."""
    from sqlglot import exp

    for node in statement.find_all(exp.DataType, exp.DateSub):
        if isinstance(node, exp.DateSub):
            # A date less an INTERVAL would be a TIMESTAMP.
            days = exp.Literal.number(node.expression.name)
            node.replace(exp.Paren(this=exp.Sub(this=node.this, expression=days)))
        elif node.this == exp.DataType.Type.DECIMAL and not node.expressions:
            # A bare NUMERIC would be DECIMAL(18, 3).
            node.set("expressions", [exp.Literal.number(38), exp.Literal.number(9)])


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A tree of ten thousand nodes sets off full collections of everything that Dagster has loaded: 0.1 s each."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class DuckDBSession:
    """One connection; see `protocol.Session`."""

    jobs: Sequence[Job] = ()

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def _execute(self, sql: str, suffix: str = "") -> duckdb.DuckDBPyConnection:
        """Runs GoogleSQL; the suffix is DuckDB's own."""
        import duckdb

        try:
            return self._connection.execute(transpile(sql) + suffix)
        except duckdb.Error as error:
            raise WarehouseError(f"DuckDB: {error}") from error
        except RuntimeError as error:
            # What DuckDB makes of Ctrl-C: as an error it would look as if the statement had failed.
            if "interrupted" in str(error):
                raise KeyboardInterrupt from error
            raise

    def relation(self, table: Table | Source) -> str:
        return logical_name(table)

    def query(self, sql: str, step: str = "query") -> list[Row]:
        cursor = self._execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        return self._execute(sql).df()

    def fingerprint(self, columns: Sequence[str]) -> str:
        return f"CAST(hash({', '.join(columns)}) AS NUMERIC(38, 0))"

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {table.name: {} for table in tables}
        datasets = {(table.dataset, table.name) for table in tables}
        for schema, table, column, type_ in self._connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND NOT internal ORDER BY column_index"
        ).fetchall():
            if (schema, table) in datasets:
                found[table][column] = _GOOGLE_TYPES.get(type_, type_)
        return found

    def deployed(self, table: Table | Source) -> Deployed | None:
        where = "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?"
        columns = self._connection.execute(
            f"SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() {where} ORDER BY column_index",
            [table.dataset, table.name],
        ).fetchall()
        comment = self._connection.execute(
            f"SELECT comment FROM duckdb_tables() {where}", [table.dataset, table.name]
        ).fetchone()
        if comment is None:
            return None
        return Deployed(
            {
                name: DeployedColumn(_GOOGLE_TYPES.get(type_, type_), nullable, text or "")
                for name, type_, nullable, text in columns
            },
            comment[0] or "",
            {},
        )

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        return {}  # a DuckDB table is stored in one way

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        if self.columns_of([table])[table.name]:
            return
        body = ", ".join(
            f'"{column.name}" {_DUCKDB_TYPES[column.type]}{"" if column.nullable else " NOT NULL"}'
            for column in columns
        )
        with self._transaction():
            self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.dataset}"')
            self._connection.execute(f"CREATE TABLE {_quoted(table)} ({body})")
            self._describe(table, columns)

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        with self._transaction():
            for column in missing:
                self._connection.execute(
                    f'ALTER TABLE {_quoted(table)} ADD COLUMN "{column.name}" {_DUCKDB_TYPES[column.type]}'
                )
            self._describe(table, table.published_columns)

    def _describe(self, table: Table | Source, columns: Sequence[Column]) -> None:
        name = _quoted(table)
        texts = {f"TABLE {name}": table.description} | {
            f'COLUMN {name}."{column.name}"': column.description for column in columns
        }
        for target, text in texts.items():
            self._connection.execute(f"COMMENT ON {target} IS {_literal(text)}")

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        name = _quoted(table)
        if any(difference.kind == "required column" for difference in differences):
            return (
                f"DROP TABLE {name};  -- then run `nba-precompute init` and a backfill: its rows must be computed again"
            )
        statements = []
        for difference in differences:
            column = f'"{difference.name}"'
            if difference.kind == "extra column":
                statements.append(f"ALTER TABLE {name} DROP COLUMN {column};")
                continue
            declared = difference.declared
            assert declared is not None, "DuckDB's tables differ in columns alone"
            if difference.kind == "column":
                statements.append(f"ALTER TABLE {name} ADD COLUMN {column} {_DUCKDB_TYPES[declared.type]};")
            elif difference.kind == "type":
                statements.append(f"ALTER TABLE {name} ALTER COLUMN {column} TYPE {_DUCKDB_TYPES[declared.type]};")
            else:
                action = "DROP" if declared.nullable else "SET"
                statements.append(f"ALTER TABLE {name} ALTER COLUMN {column} {action} NOT NULL;")
        return "\n".join(statements)

    def prepare(self, sql: str) -> None:
        transpile(sql)

    def new_stage(self, name: str) -> str:
        return f"`{name}_{uuid.uuid4().hex[:12]}`"

    def staging(self, stage: str, select: str) -> str:
        return f"CREATE TEMP TABLE {stage} AS\n{select}"

    def execute(self, sql: str, step: str = "execute") -> None:
        self._execute(sql)

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        stage = self.new_stage(name)
        given = f"{stage.strip('`')}_rows"
        self._connection.register(given, rows)
        try:
            self.execute(self.staging(stage, f"SELECT * FROM {given}"))
        finally:
            self._connection.unregister(given)
        return stage

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        with self._transaction():
            return self._merge(merge_failures), self._merge(merge)

    def _merge(self, sql: str) -> MergeCounts:
        actions = Counter(action for (action,) in self._execute(sql, " RETURNING merge_action").fetchall())
        return MergeCounts(actions["INSERT"], actions["UPDATE"], actions["DELETE"])

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        with self._transaction():
            return [self._replace(replacement) for replacement in replacements]

    def _replace(self, replacement: Replacement) -> MergeCounts:
        given = {"table": replacement.table, "relation": logical_name}
        deleted = self._count(fill("load/delete_where", where=replacement.where, **given))
        if replacement.staged is None:
            return MergeCounts(deleted=deleted)
        return MergeCounts(
            inserted=self._count(fill("load/insert_staged", stage=replacement.staged, **given)), deleted=deleted
        )

    def _count(self, sql: str) -> int:
        """How many rows a statement wrote."""
        row = self._execute(sql).fetchone()
        return int(row[0]) if row else 0

    def bytes_of(self, sql: str) -> int | None:
        return None

    def timestamp(self, moment: dt.datetime) -> str:
        return f"TIMESTAMP '{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}+00'"

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


class DuckDBWarehouse:
    """A DuckDB file; see `protocol.Warehouse`.

    Args:
        path: the file; made, with its folder, by the first writer.
        threads: DuckDB's threads (default: all processors).
    """

    name = "duckdb"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self.path = path.absolute()
        self.threads = threads

    def describe(self) -> str:
        return f"DuckDB file {self.path}"

    def relation(self, table: Table | Source) -> str:
        return logical_name(table)

    @contextmanager
    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> Iterator[DuckDBSession]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            writing_turn(self.path, purpose, WRITER_PATIENCE_SECONDS),
            self._connected(purpose, read_only=False, patience=WRITER_PATIENCE_SECONDS) as session,
        ):
            yield session

    @contextmanager
    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> Iterator[DuckDBSession]:
        if not self.path.exists():
            raise WarehouseError(f"there is no DuckDB file at {self.path}; run `nba-precompute init`")
        with self._connected(purpose, read_only=True, patience=READER_PATIENCE_SECONDS) as session:
            yield session

    @contextmanager
    def _connected(self, purpose: str, *, read_only: bool, patience: float) -> Iterator[DuckDBSession]:
        import duckdb

        started = time.monotonic()
        told = False
        while True:
            try:
                connection = duckdb.connect(self.path, read_only=read_only)
                break
            except duckdb.IOException as error:
                # DuckDB's own lock is held by somebody outside our queue: a shell, a reader, or (for readers) a writer.
                if "lock" not in str(error):
                    raise WarehouseError(f"cannot open {self.path}: {error}") from error
                reason = str(error).splitlines()[0]
                if time.monotonic() - started > patience:
                    raise WarehouseBusy(f"{purpose}: gave up waiting for {self.path}: {reason}") from error
                if not told and not read_only:
                    _logger.warning("%s: waiting for %s: %s", purpose, self.path, reason)
                    told = True
                time.sleep(0.1)
        try:
            # Set after connecting: as a start-up option it needs the icu extension to be loaded first.
            connection.execute("SET TimeZone = 'UTC'")
            # Long ranges spill to disk instead of growing; a season is as fast as without the limit.
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            if self.threads is not None:
                connection.execute(f"SET threads = {self.threads}")
            yield DuckDBSession(connection)
        finally:
            connection.close()
