"""Statements on a DuckDB connection.

Here: GoogleSQL transpiled, staging, publishing, replacing, behind `protocol.Session`. Not here: tables as deployed
(`schema.py`), opening the file (`warehouse.py`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nba_precompute.sql import fill, logical_name
from nba_precompute.sql.source_forms import NO_FORMS, Forms
from nba_precompute.tables import Source, Table
from nba_precompute.warehouse.duckdb.connection import run, transaction
from nba_precompute.warehouse.duckdb.dialect import transpile
from nba_precompute.warehouse.duckdb.schema import DuckDBSchema
from nba_precompute.warehouse.forms import AnalyzedForms
from nba_precompute.warehouse.protocol import Job, MergeCounts, Replacement, Row, StatementRefused, WarehouseError
from nba_precompute.warehouse.types import of_duckdb_result, timestamp_literal

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa


class DuckDBSession:
    """One connection; see `protocol.Session`."""

    jobs: Sequence[Job] = ()

    def __init__(self, connection: duckdb.DuckDBPyConnection, forms: Forms = NO_FORMS) -> None:
        self._connection = connection
        self.schema = DuckDBSchema(connection)
        self.forms = AnalyzedForms(forms, logical_name, self.schema, self.columns_of_result, self._value)

    def _execute(self, sql: str, suffix: str = "") -> duckdb.DuckDBPyConnection:
        """Run GoogleSQL; the suffix is in DuckDB's SQL."""
        return run(self._connection, transpile(sql) + suffix)

    def relation(self, table: Table | Source) -> str:
        return self.forms.relation(table) if isinstance(table, Source) and table in self.forms else logical_name(table)

    def columns_of_result(self, sql: str) -> Mapping[str, str]:
        try:
            found = run(self._connection, f"DESCRIBE {transpile(sql)}").fetchall()
        except WarehouseError as error:
            raise StatementRefused(str(error)) from error
        return {name: of_duckdb_result(type_) for name, type_, *_ in found}

    def _value(self, sql: str) -> Any:
        row = self._execute(sql).fetchone()
        return row[0] if row else None

    def query(self, sql: str, step: str = "query") -> list[Row]:
        cursor = self._execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        return self._execute(sql).df()

    def fingerprint(self, columns: Sequence[str]) -> str:
        return f"CAST(hash({', '.join(columns)}) AS NUMERIC(38, 0))"

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
        with transaction(self._connection):
            return self._merge(merge_failures), self._merge(merge)

    def _merge(self, sql: str) -> MergeCounts:
        actions = Counter(action for (action,) in self._execute(sql, " RETURNING merge_action").fetchall())
        return MergeCounts(inserted=actions["INSERT"], updated=actions["UPDATE"], deleted=actions["DELETE"])

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        for replacement in replacements:
            self.forms.refuse_writing(replacement.table)
        with transaction(self._connection):
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
        """Run a statement and return the number of rows that it wrote."""
        row = self._execute(sql).fetchone()
        return int(row[0]) if row else 0

    def bytes_of(self, sql: str) -> int | None:
        return None

    def timestamp(self, moment: dt.datetime) -> str:
        return timestamp_literal(moment)
