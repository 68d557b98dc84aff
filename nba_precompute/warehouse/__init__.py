"""Where the tables live: the protocol that every warehouse implements, and its choice from the environment."""

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
