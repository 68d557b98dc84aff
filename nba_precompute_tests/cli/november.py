"""The dates of a simulated season that the commands run, and what they publish."""

from __future__ import annotations

import datetime as dt

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import hashes
from nba_precompute_tests.support.running import Shell

FIRST, LAST = dt.date(2021, 11, 1), dt.date(2021, 11, 3)


def content(shell: Shell) -> dict[tuple[str, dt.date, str], str]:
    return hashes(DuckDBWarehouse(shell.database))
