"""A DuckDB file with a simulated season, for commands that run as whole processes."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.november import FIRST, LAST
from nba_precompute_tests.support.league import days, hashes, new_warehouse, run
from nba_precompute_tests.support.running import Shell


@pytest.fixture(scope="session")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a DuckDB file with a simulated season and empty tables, to copy."""
    path = tmp_path_factory.mktemp("league") / "nba.duckdb"
    new_warehouse(path, simulate_season(2021))
    return path


@pytest.fixture(scope="session")
def expected(league: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, dt.date, str], str]:
    """Return the hashes that every way of running must publish."""
    path = tmp_path_factory.mktemp("expected") / "nba.duckdb"
    shutil.copy(league, path)
    warehouse = DuckDBWarehouse(path)
    run(warehouse, days(FIRST, LAST))
    return hashes(warehouse)


@pytest.fixture
def shell(league: Path, tmp_path: Path) -> Shell:
    shell = Shell.at(tmp_path)
    shutil.copy(league, shell.database)
    return shell
