"""Which warehouse the environment asks for: `NBA_WAREHOUSE`, then `NBA_DUCKDB_*` or `NBA_BIGQUERY_*`."""

from __future__ import annotations

import os

from nba_precompute.warehouse.protocol import Warehouse, WarehouseError


def warehouse_from_environment() -> Warehouse:
    """The warehouse that `NBA_WAREHOUSE` names (default `duckdb`).

    Raises:
        WarehouseError: if it names none that there is, or a setting is no number.
    """
    kind = os.environ.get("NBA_WAREHOUSE", "duckdb")
    if kind == "duckdb":
        from nba_precompute.warehouse.duckdb import DuckDBSettings, DuckDBWarehouse

        settings = DuckDBSettings.from_environment()
        return DuckDBWarehouse(settings.path, threads=settings.threads)
    if kind == "bigquery":
        from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

        return BigQueryWarehouse(BigQuerySettings.from_environment())
    raise WarehouseError(f"NBA_WAREHOUSE is {kind!r}; it must be duckdb or bigquery")
