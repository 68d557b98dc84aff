"""BigQuery behind the warehouse's protocol: GoogleSQL as it is, staging tables, catalog by API calls.

Runs do not take turns: BigQuery lets one MERGE of a table after another have its way; the loser is tried again.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from nba_precompute.sql import fill
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse.bigquery import catalog
from nba_precompute.warehouse.bigquery.jobs import NO_RETRY, REQUEST_SECONDS, Jobs
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.protocol import (
    NO_LABELS,
    Deployed,
    Difference,
    Job,
    MergeCounts,
    Replacement,
    Row,
    WarehouseError,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from google.cloud import bigquery

_logger = logging.getLogger(__name__)

STAGE_LIFE = dt.timedelta(days=1)
"""What a killed run leaves behind is gone after this."""

SLICE_FACTOR = 3
"""A merge that processes more than this many times what is staged is warned of."""


class BigQuerySession:
    """One client and the jobs that it runs; see `protocol.Session`."""

    def __init__(self, client: bigquery.Client, settings: BigQuerySettings, labels: Mapping[str, str]) -> None:
        self._client = client
        self._settings = settings
        self._jobs = Jobs(client, settings, labels)
        self._datasets: set[str] = set()
        self._stages: list[str] = []

    @property
    def jobs(self) -> Sequence[Job]:
        return self._jobs.finished

    def relation(self, table: Table | Source) -> str:
        return self._settings.relation(table)

    def query(self, sql: str, step: str = "query") -> list[Row]:
        return self._jobs.query(sql, step, lambda _, rows: [dict(row.items()) for row in rows])

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        import duckdb

        def read(_: Any, rows: Any) -> pa.Table:
            return rows.to_arrow(create_bqstorage_client=False)

        found = self._jobs.query(sql, step, read)
        # DuckDB makes the frame, so that a consumer gets the same types from both warehouses.
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.from_arrow(found).df()

    def fingerprint(self, columns: Sequence[str]) -> str:
        # The first 60 bits of the MD5; as a NUMERIC a season of them can be added up.
        digest = f"TO_HEX(MD5(TO_JSON_STRING(STRUCT({', '.join(columns)}))))"
        return f"CAST(CAST(CONCAT('0x', SUBSTR({digest}, 1, 15)) AS INT64) AS NUMERIC)"

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        result: dict[str, dict[str, str]] = {}
        for table in tables:
            found = self._get(table)
            result[table.name] = {
                column.name: catalog.deployed_type(column) for column in (found.schema if found else ())
            }
        return result

    def deployed(self, table: Table | Source) -> Deployed | None:
        found = self._get(table)
        return catalog.deployed(found) if found else None

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        return catalog.layout(table)

    def _get(self, table: Table | Source) -> bigquery.Table | None:
        from google.api_core.exceptions import NotFound

        path = self._settings.path(table)
        try:
            return self._jobs.call(
                f"looking up {path}", lambda: self._client.get_table(path, retry=NO_RETRY, timeout=REQUEST_SECONDS)
            )
        except NotFound:
            return None

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        if self._get(table):
            return
        self._create_dataset(self._settings.dataset(table.dataset))
        self.execute(catalog.create_statement(self._settings.path(table), table, columns), "create_table")

    def _create_dataset(self, name: str) -> None:
        from google.cloud import bigquery

        if name in self._datasets:
            return
        dataset = bigquery.Dataset(f"{self._settings.project}.{name}")
        dataset.location = self._settings.location
        dataset.labels = catalog.MANAGED
        self._jobs.call(
            f"making the dataset {name}",
            lambda: self._client.create_dataset(dataset, exists_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )
        self._datasets.add(name)

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        found = self._get(table)
        if found is None:
            raise WarehouseError(f"BigQuery: {self._settings.path(table)} is gone")
        declared = {column.name: catalog.field(column) for column in table.published_columns}
        found.schema = [
            *(_described(column, declared) for column in found.schema),
            *(catalog.field(column) for column in missing),
        ]
        found.description = table.description
        found.labels = {**found.labels, **catalog.MANAGED}
        changed = ["schema", "description", "labels"]
        self._jobs.call(
            f"amending {self._settings.path(table)}",
            lambda: self._client.update_table(found, changed, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        return catalog.remedy(self._settings, table, deployed, differences)

    def prepare(self, sql: str) -> None:
        pass  # BigQuery takes GoogleSQL as it is

    def new_stage(self, name: str) -> str:
        dataset = self._settings.dataset(self._settings.staging_dataset)
        path = f"{self._settings.project}.{dataset}.{name}_{uuid.uuid4().hex[:12]}"
        self._create_dataset(dataset)
        self._stages.append(path)
        return f"`{path}`"

    def staging(self, stage: str, select: str) -> str:
        expires = self.timestamp(dt.datetime.now(dt.UTC) + STAGE_LIFE)
        return fill("publish/create_stage", stage=stage, select=select, expires=expires, labels=self._jobs.labels)

    def execute(self, sql: str, step: str) -> None:
        self._jobs.query(sql, step, lambda *_: None)

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        import pyarrow.parquet as pq
        from google.cloud import bigquery

        _refuse_null_arrays(name, rows)
        stage = self.new_stage(name)
        table = bigquery.Table(stage.strip("`"), [_field_of(column) for column in rows.schema])
        table.expires = dt.datetime.now(dt.UTC) + STAGE_LIFE
        table.labels = self._jobs.labels
        self._jobs.call(
            f"making {stage}",
            lambda: self._client.create_table(table, exists_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )
        file = io.BytesIO()
        pq.write_table(rows, file)
        self._jobs.load(file, table, "load")
        return stage

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        # Not atomic together: docs/bigquery.md says what a crash between them leaves, and why it heals.
        failures = self._jobs.query(merge_failures, "merge_failures", _merge_counts)
        rows = self._jobs.query(merge, "merge", _merge_counts)
        self._warn_of_scans(self.jobs[-1])
        return failures, rows

    def _warn_of_scans(self, merge: Job) -> None:
        """Pruning with a NOT MATCHED BY SOURCE branch has not been seen on the real service: every merge is looked at.

        It has to go through the staged rows and the partitions that they replace, which are about as large.
        """
        path = self._stages[-1]
        staged = self._jobs.call(
            f"looking up {path}", lambda: self._client.get_table(path, retry=NO_RETRY, timeout=REQUEST_SECONDS)
        ).num_bytes
        if staged and merge.bytes_processed and merge.bytes_processed > SLICE_FACTOR * staged:
            _logger.warning(
                "job %s processed %d bytes to merge %d: is the target scanned outside the run's dates?",
                *(merge.id, merge.bytes_processed, staged),
            )

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        if not replacements:
            return []
        statements: list[str] = []
        for one in replacements:
            given = {"table": one.table, "relation": self._settings.relation}
            statements.append(fill("load/delete_where", where=one.where, **given))
            if one.staged is not None:
                statements.append(fill("load/insert_staged", stage=one.staged, **given))
        (row,) = self.query(fill("load/replace_all", statements=statements), "replace")
        counts = iter(row["counts"])
        return [
            MergeCounts(deleted=next(counts), inserted=next(counts) if one.staged is not None else 0)
            for one in replacements
        ]

    def bytes_of(self, sql: str) -> int | None:
        return self._jobs.bytes_of(sql)

    def timestamp(self, moment: dt.datetime) -> str:
        return f"TIMESTAMP '{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}+00'"

    def close(self) -> None:
        """Drops what was staged; what cannot be dropped now expires."""
        for path in self._stages:
            drop = partial(self._client.delete_table, path, not_found_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS)
            try:
                self._jobs.call(f"dropping {path}", drop)
            except WarehouseError as error:
                _logger.warning("%s; it expires within a day", error)
        self._stages.clear()


class BigQueryWarehouse:
    """The datasets of one project; see `protocol.Warehouse`.

    Args:
        clients: gives a client for as long as a session lasts (default: `settings.connected`).
    """

    name = "bigquery"

    def __init__(
        self,
        settings: BigQuerySettings,
        clients: Callable[[], AbstractContextManager[bigquery.Client]] | None = None,
    ) -> None:
        self.settings = settings
        self._clients = clients or settings.connected

    def describe(self) -> str:
        where = f"BigQuery project {self.settings.project} in {self.settings.location}"
        prefix = f", datasets {self.settings.dataset_prefix}*" if self.settings.dataset_prefix else ""
        endpoint = f", at {self.settings.endpoint}" if self.settings.endpoint else ""
        return where + prefix + endpoint

    def relation(self, table: Table | Source) -> str:
        return self.settings.relation(table)

    @contextmanager
    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> Iterator[BigQuerySession]:
        with self._clients() as client:
            session = BigQuerySession(client, self.settings, labels or {"purpose": purpose})
            try:
                yield session
            finally:
                session.close()

    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[BigQuerySession]:
        return self.writing(purpose, labels)


def _described(deployed: bigquery.SchemaField, declared: Mapping[str, bigquery.SchemaField]) -> bigquery.SchemaField:
    """A deployed column with the declared description."""
    from google.cloud import bigquery

    if deployed.name not in declared:
        return deployed
    given = deployed.to_api_repr() | {"description": declared[deployed.name].description or ""}
    return bigquery.SchemaField.from_api_repr(given)


def _field_of(column: pa.Field) -> bigquery.SchemaField:
    """A column of staged rows, whose types are those of `frames.arrow_type`."""
    from google.cloud import bigquery

    from nba_precompute.warehouse.frames import google_type

    type_ = google_type(column.type)
    if type_.startswith("ARRAY"):
        return bigquery.SchemaField(column.name, type_[6:-1], "REPEATED")
    return bigquery.SchemaField(column.name, type_)


def _refuse_null_arrays(name: str, rows: pa.Table) -> None:
    """A NULL array would silently become an empty one.

    Raises:
        WarehouseError: if a row has one, or a NULL inside an array.
    """
    import pyarrow as pa

    for column, values in zip(rows.schema, rows.columns, strict=True):
        if not pa.types.is_list(column.type):
            continue
        nulls = values.null_count + sum(chunk.flatten().null_count for chunk in values.chunks)
        if nulls:
            raise WarehouseError(f"{name}: column {column.name} has {nulls} NULL arrays or elements; BigQuery has none")


def _merge_counts(job: bigquery.QueryJob, _: Any) -> MergeCounts:
    found = job.dml_stats
    if found is None:
        raise WarehouseError(f"BigQuery: job {job.job_id} does not say how many rows it wrote")
    return MergeCounts(found.inserted_row_count, found.updated_row_count, found.deleted_row_count)
