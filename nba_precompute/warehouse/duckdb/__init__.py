"""The embedded warehouse: one DuckDB file."""

from __future__ import annotations

from nba_precompute.warehouse.duckdb.session import DuckDBSession, DuckDBWarehouse

__all__ = ["DuckDBSession", "DuckDBWarehouse"]
