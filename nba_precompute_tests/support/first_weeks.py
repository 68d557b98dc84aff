"""The first weeks of a simulated season, published: shared by the tests of everything that reads the tables."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from nba_precompute.simulation import simulate_season
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import Rows, days, new_warehouse, run, to_rows

DATES = days(dt.date(2021, 10, 19), dt.date(2021, 11, 5))


@dataclass(frozen=True)
class FirstWeeks:
    """A league's sources, and its five tables published for every date of its first weeks.

    Attributes:
        warehouse: shared: only to be read.
    """

    warehouse: DuckDBWarehouse
    phase3: Rows
    dates: list[dt.date]

    @classmethod
    def published(cls, directory: Path) -> FirstWeeks:
        phase3 = simulate_season(2021)
        warehouse = new_warehouse(directory / "nba.duckdb", phase3)
        run(warehouse, DATES)
        return cls(warehouse, to_rows(phase3), DATES)

    @property
    def span(self) -> tuple[str, ...]:
        """The dates as command-line options."""
        return ("--from", str(self.dates[0]), "--to", str(self.dates[-1]))

    def copy(self, directory: Path) -> DuckDBWarehouse:
        """Return a private copy of the warehouse."""
        return DuckDBWarehouse(Path(shutil.copy(self.warehouse.path, directory / "copy.duckdb")))
