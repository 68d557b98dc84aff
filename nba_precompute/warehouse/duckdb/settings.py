"""DuckDB settings: the file, and the limits on its use.

Here: `NBA_DUCKDB_*` and what follows from them. Not here: choosing between the engines (`warehouse/selection.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_precompute.warehouse.protocol import WarehouseError

DEFAULT_PATH = Path(".nba") / "nba.duckdb"
MEMORY_LIMIT = "512MB"
"""Long ranges spill to disk instead of growing; a season is as fast as without the limit."""

WRITER_PATIENCE_SECONDS = 900.0
READER_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class DuckDBSettings:
    """The settings of a DuckDB file.

    Attributes:
        path: the file; the first writer creates it and its folder.
        threads: DuckDB's threads; None for all processors.
    """

    path: Path = DEFAULT_PATH
    threads: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> DuckDBSettings:
        """Read `NBA_DUCKDB_PATH` and `NBA_DUCKDB_THREADS`.

        Raises:
            WarehouseError: if the number of threads is not a positive whole number.
        """
        threads = environment.get("NBA_DUCKDB_THREADS")
        if threads and (not threads.isdecimal() or int(threads) == 0):
            raise WarehouseError(f"NBA_DUCKDB_THREADS is {threads!r}; it must be a positive whole number")
        return cls(
            path=Path(environment.get("NBA_DUCKDB_PATH") or DEFAULT_PATH), threads=int(threads) if threads else None
        )
