"""Statements on BigQuery.

Here: untranslated GoogleSQL, staging tables, publishing, replacing, behind `protocol.Session`. Not here: running jobs
to their end (`jobs.py`), tables as deployed (`schema.py`).
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from nba_precompute.sql import fill
from nba_precompute.sql.source_forms import NO_FORMS, Forms
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse import types
from nba_precompute.warehouse.bigquery.jobs import NO_RETRY, REQUEST_SECONDS, Jobs
from nba_precompute.warehouse.bigquery.schema import BigQuerySchema, deployed_type, schema_field
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.forms import AnalyzedForms
from nba_precompute.warehouse.protocol import Job, MergeCounts, Replacement, Row, StatementRefused, WarehouseError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from google.cloud import bigquery

_logger = logging.getLogger(__name__)

STAGE_LIFE = dt.timedelta(days=1)
"""The lifetime of a staging table that a killed run leaves behind."""

SLICE_FACTOR = 3
"""A merge that processes more than this multiple of the staged bytes is logged as a warning."""


class BigQuerySession:
    """One client and the jobs that it runs; see `protocol.Session`."""

    def __init__(
        self,
        client: bigquery.Client,
        settings: BigQuerySettings,
        labels: Mapping[str, str],
        *,
        is_read_only: bool = False,
        forms: Forms = NO_FORMS,
    ) -> None:
        self._client = client
        self._settings = settings
        self._jobs = Jobs(client, settings, labels, is_read_only=is_read_only)
        self.schema = BigQuerySchema(client, settings, self._jobs)
        self.forms = AnalyzedForms(forms, settings.relation, self.schema, self.columns_of_result, self._value)
        self._stages: list[str] = []

    @property
    def jobs(self) -> Sequence[Job]:
        return self._jobs.finished

    def relation(self, table: Table | Source) -> str:
        if isinstance(table, Source) and table in self.forms:
            return self.forms.relation(table)
        return self._settings.relation(table)

    def columns_of_result(self, sql: str) -> Mapping[str, str]:
        from google.api_core.exceptions import BadRequest, Forbidden, NotFound

        try:
            columns = self._jobs.dry_run(sql).schema or ()
        except NotFound as error:
            raise StatementRefused(f"BigQuery: {error.message}") from error
        except WarehouseError as error:
            if isinstance(error.__cause__, BadRequest | Forbidden):
                raise StatementRefused(str(error)) from error
            raise
        return {column.name: types.without_parameters(deployed_type(column)) for column in columns}

    def _value(self, sql: str) -> Any:
        return self._jobs.query(sql, "example", lambda _, rows: next((row[0] for row in rows), None))

    def query(self, sql: str, step: str = "query") -> list[Row]:
        return self._jobs.query(sql, step, lambda _, rows: [dict(row.items()) for row in rows])

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        import duckdb

        def read(_: Any, rows: Any) -> pa.Table:
            return rows.to_arrow(create_bqstorage_client=False)

        found = self._jobs.query(sql, step, read)
        # DuckDB builds the frame, so that both engines return the same dtypes.
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.from_arrow(found).df()

    def fingerprint(self, columns: Sequence[str]) -> str:
        # The first 60 bits of the MD5; as NUMERIC, a season of them can be summed.
        digest = f"TO_HEX(MD5(TO_JSON_STRING(STRUCT({', '.join(columns)}))))"
        return f"CAST(CAST(CONCAT('0x', SUBSTR({digest}, 1, 15)) AS INT64) AS NUMERIC)"

    def prepare(self, sql: str) -> None:
        pass  # BigQuery runs GoogleSQL as is

    def new_stage(self, name: str) -> str:
        self._jobs.require_writing()
        dataset = f"{self._settings.project}.{self._settings.dataset(self._settings.staging_dataset)}"
        path = f"{dataset}.{name}_{uuid.uuid4().hex[:12]}"
        self.schema.create_dataset(dataset)
        self._stages.append(path)
        return f"`{path}`"

    def staging(self, stage: str, select: str) -> str:
        expires = self.timestamp(dt.datetime.now(dt.UTC) + STAGE_LIFE)
        return fill("publish/create_stage", stage=stage, select=select, expires=expires, labels=self._jobs.labels)

    def execute(self, sql: str, step: str = "execute") -> None:
        self._jobs.require_writing()
        self._jobs.query(sql, step, lambda *_: None)

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        import pyarrow.parquet as pq
        from google.cloud import bigquery

        _refuse_null_arrays(name, rows)
        stage = self.new_stage(name)
        table = bigquery.Table(stage.strip("`"), _fields(rows.schema))
        table.expires = dt.datetime.now(dt.UTC) + STAGE_LIFE
        table.labels = self._jobs.labels
        self._jobs.call(
            f"creating {stage}",
            lambda: self._client.create_table(table, exists_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )
        file = io.BytesIO()
        pq.write_table(rows, file)
        self._jobs.load(file, table, "load")
        return stage

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        self._jobs.require_writing()
        failures = self._jobs.query(merge_failures, "merge_failures", _merge_counts)
        rows = self._jobs.query(merge, "merge", _merge_counts)
        self._warn_of_scans(self.jobs[-1])
        return failures, rows

    def _warn_of_scans(self, merge: Job) -> None:
        """Log a merge that read much more than it staged.

        It has to read the staged rows and the partitions that they replace, which are about as large. Partition pruning
        with a NOT MATCHED BY SOURCE branch has not been observed on the real service, so every merge is examined.
        """
        path = self._stages[-1]
        staged = self._jobs.call(
            f"looking up {path}", lambda: self._client.get_table(path, retry=NO_RETRY, timeout=REQUEST_SECONDS)
        ).num_bytes
        if staged and merge.bytes_processed and merge.bytes_processed > SLICE_FACTOR * staged:
            _logger.warning(
                "job %s processed %d bytes to merge %d: was the target scanned outside the run's dates?",
                *(merge.id, merge.bytes_processed, staged),
            )

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        self._jobs.require_writing()
        for replacement in replacements:
            self.forms.refuse_writing(replacement.table)
        if not replacements:
            return []
        statements: list[str] = []
        for replacement in replacements:
            given = {"table": replacement.table, "relation": self._settings.relation}
            statements.append(fill("load/delete_where", where=replacement.where, **given))
            if replacement.staged is not None:
                statements.append(fill("load/insert_staged", stage=replacement.staged, **given))
        (row,) = self.query(fill("load/replace_all", statements=statements), "replace")
        counts = iter(row["counts"])
        return [
            MergeCounts(deleted=next(counts), inserted=next(counts) if replacement.staged is not None else 0)
            for replacement in replacements
        ]

    def bytes_of(self, sql: str) -> int | None:
        return self._jobs.dry_run(sql).total_bytes_processed

    def timestamp(self, moment: dt.datetime) -> str:
        return types.timestamp_literal(moment)

    def close(self) -> None:
        """Drop the staging tables; those that cannot be dropped now expire."""
        for path in self._stages:
            drop = partial(self._client.delete_table, path, not_found_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS)
            try:
                self._jobs.call(f"dropping {path}", drop)
            except WarehouseError as error:
                _logger.warning("%s; it expires within a day", error)
        self._stages.clear()


def _fields(schema: pa.Schema) -> list[bigquery.SchemaField]:
    """Return the columns of staged rows.

    Raises:
        WarehouseError: if one has a type that no declaration can have.
    """
    fields = []
    for column in schema:
        type_ = types.from_arrow(column.type)
        if type_ is None:
            raise WarehouseError(f"column {column.name}: {column.type} is not among the declared types; convert it")
        fields.append(schema_field(Column(column.name, type_)))
    return fields


def _refuse_null_arrays(name: str, rows: pa.Table) -> None:
    """Refuse NULL arrays, which would silently become empty ones.

    Raises:
        WarehouseError: if a row has a NULL array, or a NULL inside an array.
    """
    import pyarrow as pa

    for column, values in zip(rows.schema, rows.columns, strict=True):
        if not pa.types.is_list(column.type):
            continue
        nulls = values.null_count + sum(chunk.flatten().null_count for chunk in values.chunks)
        if nulls:
            raise WarehouseError(
                f"{name}: column {column.name} has {nulls} NULL arrays or elements, which BigQuery cannot store"
            )


def _merge_counts(job: bigquery.QueryJob, _: Any) -> MergeCounts:
    found = job.dml_stats
    if found is None:
        raise WarehouseError(f"BigQuery: job {job.job_id} does not report how many rows it wrote")
    return MergeCounts(
        inserted=found.inserted_row_count, updated=found.updated_row_count, deleted=found.deleted_row_count
    )
