"""Tables as BigQuery has them: what a deployed one is in declared terms, and the DDL of a declared one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nba_precompute.sql import fill
from nba_precompute.tables import Column, Source, Table
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.protocol import Deployed, DeployedColumn, Difference

if TYPE_CHECKING:
    from google.cloud import bigquery

MANAGED = {"managed_by": "nba_precompute"}
"""The label of everything that `init` makes."""

_GOOGLE_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
"""The API's names of types, where GoogleSQL has others."""

_PARTITIONED, _CLUSTERED, _EXPIRES, _PARTITIONS_EXPIRE = (
    "partitioned by",
    "clustered by",
    "expires",
    "partitions expire",
)


def deployed_type(field: bigquery.SchemaField) -> str:
    """The GoogleSQL type of a deployed column."""
    type_ = _GOOGLE_TYPES.get(field.field_type, field.field_type)
    return f"ARRAY<{type_}>" if field.mode == "REPEATED" else type_


def deployed(table: bigquery.Table) -> Deployed:
    """A table of the API in declared terms."""
    partitioning = table.time_partitioning
    days = partitioning.expiration_ms / 86_400_000 if partitioning and partitioning.expiration_ms else None
    return Deployed(
        columns={
            field.name: DeployedColumn(
                deployed_type(field),
                None if field.mode == "REPEATED" else field.mode != "REQUIRED",
                field.description or "",
            )
            for field in table.schema
        },
        description=table.description or "",
        layout={
            _PARTITIONED: f"{partitioning.field or 'arrival'}, by {partitioning.type_}" if partitioning else "nothing",
            _CLUSTERED: ", ".join(table.clustering_fields or ()) or "nothing",
            _EXPIRES: str(table.expires) if table.expires else "never",
            _PARTITIONS_EXPIRE: f"after {days:g} days" if days else "never",
        },
    )


def layout(table: Table | Source) -> Mapping[str, str]:
    """How a declared table is stored (contract, section 4)."""
    return {
        _PARTITIONED: f"{table.date_column}, by DAY",
        _CLUSTERED: _entity(table),
        _EXPIRES: "never",
        _PARTITIONS_EXPIRE: "never",
    }


def _entity(table: Table | Source) -> str:
    return next(column for column in reversed(table.key) if column != table.date_column)


def field(column: Column) -> bigquery.SchemaField:
    """A declared column as the API takes it; BigQuery has no NULL arrays, so that an array is just REPEATED."""
    from google.cloud import bigquery

    if column.type.startswith("ARRAY"):
        return bigquery.SchemaField(column.name, column.type[6:-1], "REPEATED", description=column.description)
    mode = "NULLABLE" if column.nullable else "REQUIRED"
    return bigquery.SchemaField(column.name, column.type, mode, description=column.description)


def create_statement(path: str, table: Table | Source, columns: Sequence[Column]) -> str:
    """The DDL of a declared table.

    Args:
        path: `project.dataset.table`.
    """
    return fill(
        "publish/create_table",
        path=f"`{path}`",
        columns=columns,
        description=table.description,
        partitioned_by=table.date_column,
        clustered_by=[f"`{_entity(table)}`"],
        text=literal,
    )


def remedy(
    settings: BigQuerySettings, table: Table | Source, found: Deployed, differences: Sequence[Difference]
) -> str:
    """The statements with which a person would make these differences right."""
    path, relation = settings.path(table), settings.relation(table)
    kinds = {difference.kind for difference in differences}
    if "required column" in kinds:
        return (
            f"DROP TABLE {relation};  -- then run `nba-precompute init` and a backfill: its rows must be computed again"
        )
    altered = [difference for difference in differences if _can_be_altered(difference)]
    if len(altered) == len(differences):
        return "\n".join(_alteration(relation, difference) for difference in altered)
    # Types, REQUIRED, partitioning and clustering are for ever: the rows move to a new table.
    declared = table.published_columns
    select = ", ".join(_converted(column, found.columns.get(column.name)) for column in declared)
    return (
        f"{create_statement(f'{path}_rebuilt', table, declared)};\n"
        f"INSERT INTO `{path}_rebuilt` ({', '.join(f'`{column.name}`' for column in declared)})\n"
        f"SELECT {select} FROM {relation};\n"
        f"DROP TABLE {relation};\n"
        f"ALTER TABLE `{path}_rebuilt` RENAME TO `{table.name}`;"
    )


def _converted(column: Column, there: DeployedColumn | None) -> str:
    if there is not None and there.type == column.type:
        return f"`{column.name}`"
    return f"CAST({f'`{column.name}`' if there else 'NULL'} AS {column.type}) AS `{column.name}`"


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


def literal(text: str) -> str:
    """A GoogleSQL string."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"
