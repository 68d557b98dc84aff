"""Which warehouse the environment asks for: `NBA_WAREHOUSE`, then `NBA_DUCKDB_*` or `NBA_BIGQUERY_*`."""

from __future__ import annotations

import os
from pathlib import Path

from nba_precompute.warehouse.protocol import Warehouse, WarehouseError

DEFAULT_DUCKDB_PATH = Path(".nba") / "nba.duckdb"


def warehouse_from_environment() -> Warehouse:
    """The warehouse that `NBA_WAREHOUSE` names (default `duckdb`).

    Raises:
        WarehouseError: if it names none that there is, or a setting is no number.
    """
    kind = os.environ.get("NBA_WAREHOUSE", "duckdb")
    if kind == "duckdb":
        from nba_precompute.warehouse.duckdb.session import DuckDBWarehouse

        return DuckDBWarehouse(
            Path(os.environ.get("NBA_DUCKDB_PATH") or DEFAULT_DUCKDB_PATH),
            threads=_positive_integer("NBA_DUCKDB_THREADS"),
        )
    if kind == "bigquery":
        from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

        return BigQueryWarehouse(BigQuerySettings.from_environment())
    raise WarehouseError(f"NBA_WAREHOUSE is {kind!r}; it must be duckdb or bigquery")


def _positive_integer(variable: str) -> int | None:
    text = os.environ.get(variable)
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise WarehouseError(f"{variable} is {text!r}; it must be a positive whole number")
    return int(text)
