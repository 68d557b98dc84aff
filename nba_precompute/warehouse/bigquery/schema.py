"""Deployed tables of BigQuery.

Here: the catalog by API calls, DDL and the statements that repair a table, behind `protocol.Schema`. Not here:
comparing tables with their declarations (`warehouse/schema_sync.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nba_precompute.sql import fill
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse import types
from nba_precompute.warehouse.bigquery.jobs import NO_RETRY, REQUEST_SECONDS, Jobs
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.protocol import Deployed, DeployedColumn, Difference, WarehouseError

if TYPE_CHECKING:
    from google.cloud import bigquery

MANAGED = {"managed_by": "nba_precompute"}
"""The label of every table and dataset that `init` creates."""

_PARTITIONED, _CLUSTERED, _EXPIRES, _PARTITIONS_EXPIRE = (
    "partitioned by",
    "clustered by",
    "expires",
    "partitions expire",
)


class BigQuerySchema:
    """The tables of one project; see `protocol.Schema`."""

    def __init__(self, client: bigquery.Client, settings: BigQuerySettings, jobs: Jobs) -> None:
        self._client = client
        self._settings = settings
        self._jobs = jobs
        self._datasets: set[str] = set()

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        result: dict[str, dict[str, str]] = {}
        for table in tables:
            found = self._get(table)
            result[table.name] = {column.name: deployed_type(column) for column in (found.schema if found else ())}
        return result

    def deployed(self, table: Table | Source) -> Deployed | None:
        found = self._get(table)
        return _deployed(found) if found else None

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        # (contract, section 4)
        return {
            _PARTITIONED: f"{table.date_column}, by DAY",
            _CLUSTERED: _entity(table),
            _EXPIRES: "never",
            _PARTITIONS_EXPIRE: "never",
        }

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        self._jobs.require_writing()
        if self._get(table):
            return
        self.create_dataset(self._settings.dataset_path(table))
        statement = create_statement(self._settings.path(table), table, columns)
        self._jobs.query(statement, "create_table", lambda *_: None)

    def create_dataset(self, path: str) -> None:
        """Create a dataset in the settings' location, unless this session has done so or it exists.

        Args:
            path: `project.dataset`, with prefix.
        """
        from google.cloud import bigquery

        if path in self._datasets:
            return
        dataset = bigquery.Dataset(path)
        dataset.location = self._settings.location
        dataset.labels = MANAGED
        self._jobs.call(
            f"creating the dataset {path}",
            lambda: self._client.create_dataset(dataset, exists_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )
        self._datasets.add(path)

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        self._jobs.require_writing()
        found = self._get(table)
        if found is None:
            raise WarehouseError(
                f"BigQuery: {self._settings.path(table)} no longer exists; run `nba-precompute init` again"
            )
        declared = {column.name: schema_field(column) for column in table.published_columns}
        found.schema = [
            *(_described(column, declared) for column in found.schema),
            *(schema_field(column) for column in missing),
        ]
        found.description = table.description
        found.labels = {**found.labels, **MANAGED}
        changed = ["schema", "description", "labels"]
        self._jobs.call(
            f"amending {self._settings.path(table)}",
            lambda: self._client.update_table(found, changed, retry=NO_RETRY, timeout=REQUEST_SECONDS),
        )

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        path, relation = self._settings.path(table), self._settings.relation(table)
        if any(difference.kind == "required column" for difference in differences):
            return (
                f"DROP TABLE {relation};  -- then run `nba-precompute init` and a backfill: "
                "its rows must be computed again"
            )
        if all(_can_be_altered(difference) for difference in differences):
            return "\n".join(_alteration(relation, difference) for difference in differences)
        # Types, REQUIRED, partitioning and clustering cannot be altered: the rows move to a new table.
        declared = table.published_columns
        select = ", ".join(_converted(column, deployed.columns.get(column.name)) for column in declared)
        return (
            f"{create_statement(f'{path}_rebuilt', table, declared)};\n"
            f"INSERT INTO `{path}_rebuilt` ({', '.join(f'`{column.name}`' for column in declared)})\n"
            f"SELECT {select} FROM {relation};\n"
            f"DROP TABLE {relation};\n"
            f"ALTER TABLE `{path}_rebuilt` RENAME TO `{table.name}`;"
        )

    def _get(self, table: Table | Source) -> bigquery.Table | None:
        from google.api_core.exceptions import NotFound

        path = self._settings.path(table)
        try:
            return self._jobs.call(
                f"looking up {path}", lambda: self._client.get_table(path, retry=NO_RETRY, timeout=REQUEST_SECONDS)
            )
        except NotFound:
            return None


def create_statement(path: str, table: Table | Source, columns: Sequence[Column]) -> str:
    """Render the DDL of a declared table.

    Args:
        path: `project.dataset.table`.
    """
    return fill(
        "publish/create_table",
        path=f"`{path}`",
        columns=columns,
        description=table.description,
        partitioned_by=table.date_column if table.is_partitioned else None,
        clustered_by=[f"`{_entity(table)}`"],
    )


def deployed_type(column: bigquery.SchemaField) -> str:
    """Return the GoogleSQL type of a deployed column."""
    return types.from_bigquery(
        column.field_type, is_array=column.mode == "REPEATED", precision=column.precision, scale=column.scale
    )


def _deployed(table: bigquery.Table) -> Deployed:
    partitioning = table.time_partitioning
    days = partitioning.expiration_ms / 86_400_000 if partitioning and partitioning.expiration_ms else None
    return Deployed(
        columns={
            column.name: DeployedColumn(
                type=deployed_type(column),
                nullable=None if column.mode == "REPEATED" else column.mode != "REQUIRED",
                description=column.description or "",
            )
            for column in table.schema
        },
        description=table.description or "",
        layout={
            _PARTITIONED: f"{partitioning.field or 'arrival'}, by {partitioning.type_}" if partitioning else "nothing",
            _CLUSTERED: ", ".join(table.clustering_fields or ()) or "nothing",
            _EXPIRES: str(table.expires) if table.expires else "never",
            _PARTITIONS_EXPIRE: f"after {days:g} days" if days else "never",
        },
    )


def _entity(table: Table | Source) -> str:
    if not table.is_partitioned:
        return table.key[0]
    return next(column for column in reversed(table.key) if column != table.date_column)


def schema_field(column: Column) -> bigquery.SchemaField:
    """Return a column for the API; BigQuery has no NULL arrays, so an array is just REPEATED."""
    from google.cloud import bigquery

    element = types.element_type(column.type)
    return bigquery.SchemaField(
        column.name,
        element or column.type,
        mode="REPEATED" if element else "NULLABLE" if column.nullable else "REQUIRED",
        description=column.description,
    )


def _described(deployed: bigquery.SchemaField, declared: Mapping[str, bigquery.SchemaField]) -> bigquery.SchemaField:
    """Return a deployed column with the declared description."""
    from google.cloud import bigquery

    if deployed.name not in declared:
        return deployed
    given = deployed.to_api_repr() | {"description": declared[deployed.name].description or ""}
    return bigquery.SchemaField.from_api_repr(given)


def _converted(column: Column, deployed: DeployedColumn | None) -> str:
    if deployed is not None and deployed.type == column.type:
        return f"`{column.name}`"
    return f"CAST({f'`{column.name}`' if deployed else 'NULL'} AS {column.type}) AS `{column.name}`"


def _can_be_altered(difference: Difference) -> bool:
    return (
        difference.kind in ("extra column", "column")
        or difference.name in (_EXPIRES, _PARTITIONS_EXPIRE)
        or (difference.kind == "mode" and difference.declared is not None and difference.declared.nullable)
    )


def _alteration(relation: str, difference: Difference) -> str:
    if difference.kind == "extra column":
        return f"ALTER TABLE {relation} DROP COLUMN `{difference.name}`;"
    if difference.kind == "column" and difference.declared:
        return f"ALTER TABLE {relation} ADD COLUMN `{difference.name}` {difference.declared.type};"
    if difference.kind == "mode":
        return f"ALTER TABLE {relation} ALTER COLUMN `{difference.name}` DROP NOT NULL;"
    option = "expiration_timestamp" if difference.name == _EXPIRES else "partition_expiration_days"
    return f"ALTER TABLE {relation} SET OPTIONS ({option} = NULL);"
