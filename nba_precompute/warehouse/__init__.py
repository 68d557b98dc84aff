"""Warehouses: where the tables live.

Here: the protocol, the engines (`duckdb/`, `bigquery/`), the choice between them, types, and comparing deployed tables
with their declarations. Not here: SQL (`sql/`), the order of statements (`publishing/`), Dagster (`orchestration/`).
"""

from __future__ import annotations

from nba_precompute.warehouse.protocol import (
    Capabilities,
    Job,
    MergeCounts,
    Replacement,
    Schema,
    SchemaMismatch,
    Session,
    Warehouse,
    WarehouseBusy,
    WarehouseError,
)
from nba_precompute.warehouse.selection import warehouse_from_environment

__all__ = [
    "Capabilities",
    "Job",
    "MergeCounts",
    "Replacement",
    "Schema",
    "SchemaMismatch",
    "Session",
    "Warehouse",
    "WarehouseBusy",
    "WarehouseError",
    "warehouse_from_environment",
]
