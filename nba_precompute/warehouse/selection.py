"""Choosing the warehouse.

Here: `NBA_WAREHOUSE`. Not here: the forms of the sources (`forms.py`), and the settings of each engine
(`duckdb/settings.py`, `bigquery/settings.py`).
"""

from __future__ import annotations

import os

from nba_precompute.warehouse.forms import forms_from_environment
from nba_precompute.warehouse.protocol import Warehouse, WarehouseError


def warehouse_from_environment(*, readers_wait: bool = False) -> Warehouse:
    """Return the warehouse that `NBA_WAREHOUSE` names (default `duckdb`).

    Args:
        readers_wait: for DuckDB, whether readers wait for a writer as long as writers do, instead of some seconds.

    Raises:
        WarehouseError: if it is neither `duckdb` nor `bigquery`, or a setting or a source form is invalid.
    """
    forms = forms_from_environment()
    kind = os.environ.get("NBA_WAREHOUSE", "duckdb")
    if kind == "duckdb":
        from nba_precompute.warehouse.duckdb import DuckDBSettings, DuckDBWarehouse

        settings = DuckDBSettings.from_environment()
        return DuckDBWarehouse(settings.path, threads=settings.threads, readers_wait=readers_wait, forms=forms)
    if kind == "bigquery":
        from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

        return BigQueryWarehouse(BigQuerySettings.from_environment(), forms=forms)
    raise WarehouseError(f"NBA_WAREHOUSE is {kind!r}; it must be duckdb or bigquery")
