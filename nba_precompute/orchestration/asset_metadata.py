"""Declarations as definition metadata: column schema, column lineage and table name in the UI.

Here: the conversion. Not here: the declarations (`tables/`), metadata of materializations (`io_manager.py`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import dagster as dg

from nba_precompute.tables import Column, Source, Table

COLUMN_LINEAGE = "dagster/column_lineage"


def _column(column: Column) -> dg.TableColumn:
    constraints = []
    if column.range:
        constraints.append(f"plausible {column.range[0]:g} to {column.range[1]:g}")
    if column.values:
        constraints.append("one of " + ", ".join(column.values))
    return dg.TableColumn(
        column.name,
        column.type,
        description=column.description + (f" [{column.unit}]" if column.unit else ""),
        constraints=dg.TableColumnConstraints(nullable=column.nullable, other=constraints),
    )


def column_lineage(table: Table) -> dg.TableColumnLineage:
    """Return the columns that each column is computed from.

    The UI shows it only if the newest materialization carries it.
    """
    dependencies: dict[str, list[dg.TableColumnDep]] = defaultdict(list)
    for column in table.columns:
        for origin in column.lineage:
            name, origin_column = origin.split(".")
            dependencies[column.name].append(dg.TableColumnDep(dg.AssetKey(name), origin_column))
    return dg.TableColumnLineage(dict(dependencies))


def definition_metadata(relation: Table | Source) -> dict[str, Any]:
    """Return the definition metadata of the asset of a table or source."""
    metadata: dict[str, Any] = {
        "dagster/table_name": f"{relation.dataset}.{relation.name}",
        "dagster/column_schema": dg.TableSchema([_column(column) for column in relation.published_columns]),
    }
    if relation.is_partitioned:
        metadata["partition_expr"] = relation.date_column
    if isinstance(relation, Table):
        metadata[COLUMN_LINEAGE] = column_lineage(relation)
        metadata["primary_key"] = ", ".join(relation.key)
    return metadata
