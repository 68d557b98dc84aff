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

from nba_precompute.sql import logical_name
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse.lock import writing_turn
from nba_precompute.warehouse.protocol import MergeCounts, Replacement, Row, WarehouseBusy, WarehouseError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

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
            # The tree is not needed again, so it need not be copied, which would be half of the work.
            return statements[0].sql(dialect="duckdb", copy=False, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            raise WarehouseError(f"this GoogleSQL cannot run in DuckDB: {error}") from error


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

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def _execute(self, sql: str, suffix: str = "") -> duckdb.DuckDBPyConnection:
        """Runs GoogleSQL; the suffix is DuckDB's own."""
        import duckdb

        try:
            return self._connection.execute(transpile(sql) + suffix)
        except duckdb.Error as error:
            raise WarehouseError(f"DuckDB: {error}") from error

    def query(self, sql: str) -> list[Row]:
        cursor = self._execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def frame(self, sql: str) -> pd.DataFrame:
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

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        if self.columns_of([table])[table.name]:
            return
        name = f'"{table.dataset}"."{table.name}"'
        body = ", ".join(
            f'"{column.name}" {_DUCKDB_TYPES[column.type]}{"" if column.nullable else " NOT NULL"}'
            for column in columns
        )
        comments = {f"TABLE {name}": table.description} | {
            f'COLUMN {name}."{column.name}"': column.description for column in columns
        }
        with self._transaction():
            self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.dataset}"')
            self._connection.execute(f"CREATE TABLE {name} ({body})")
            for target, text in comments.items():
                quoted = text.replace("'", "''")
                self._connection.execute(f"COMMENT ON {target} IS '{quoted}'")

    def prepare(self, sql: str) -> None:
        transpile(sql)

    def new_stage(self, name: str) -> str:
        return f"`{name}_{uuid.uuid4().hex[:12]}`"

    def execute(self, sql: str) -> None:
        self._execute(sql)

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        stage = self.new_stage(name)
        given = f"{stage.strip('`')}_rows"
        self._connection.register(given, rows)
        try:
            self.execute(f"CREATE TEMP TABLE {stage} AS SELECT * FROM {given}")
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
        target = logical_name(replacement.table)
        deleted = self._count(f"DELETE FROM {target} WHERE {replacement.where}")
        if replacement.staged is None:
            return MergeCounts(deleted=deleted)
        columns = ", ".join(f"`{column.name}`" for column in replacement.table.columns)
        inserted = self._count(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {replacement.staged}")
        return MergeCounts(inserted=inserted, deleted=deleted)

    def _count(self, sql: str) -> int:
        """How many rows a statement wrote."""
        row = self._execute(sql).fetchone()
        return int(row[0]) if row else 0

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
    def writing(self, purpose: str) -> Iterator[DuckDBSession]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            writing_turn(self.path, purpose, WRITER_PATIENCE_SECONDS),
            self._connected(purpose, read_only=False, patience=WRITER_PATIENCE_SECONDS) as session,
        ):
            yield session

    @contextmanager
    def reading(self, purpose: str) -> Iterator[DuckDBSession]:
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
