"""The embedded warehouse: one DuckDB file, GoogleSQL transpiled by sqlglot.

Here: where the file is (`settings.py`), opening it (`warehouse.py`, `lock.py`, `connection.py`), statements
(`session.py`, `dialect.py`) and tables as deployed (`schema.py`). DuckDB is not imported before a session opens.
Not here: what both engines share (`warehouse/`), and SQL statements of the product (`sql/`).
"""

from __future__ import annotations

from nba_precompute.warehouse.duckdb.session import DuckDBSession
from nba_precompute.warehouse.duckdb.settings import DuckDBSettings
from nba_precompute.warehouse.duckdb.warehouse import DuckDBWarehouse

__all__ = ["DuckDBSession", "DuckDBSettings", "DuckDBWarehouse"]
