"""Seasons published once per test session, as one range, and shared by all worker processes."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
from filelock import FileLock

from nba_precompute.publishing.records import Published
from nba_precompute.simulation import simulate_season
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import SEASONS, Rows, days, new_warehouse, real_tables, records, run, to_rows

COUNTED = "game_type IN ('regular_season', 'play_in', 'playoffs') AND game_status <> 4"


@dataclass(frozen=True)
class PublishedSeason:
    """A season's sources and its five tables, published for all its dates by one range run.

    Attributes:
        warehouse: shared with other tests and processes; read-only.
        phase3: the sources that it was published from.
        recorded: what the run recorded, by table and date.
    """

    name: str
    warehouse: DuckDBWarehouse
    phase3: dict[str, pa.Table]
    recorded: dict[str, dict[dt.date, Published]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Rows:
        return to_rows(self.phase3)

    @cached_property
    def game_dates(self) -> list[dt.date]:
        """The dates with a game that counts."""
        return [row[0] for row in self.ask(f"SELECT DISTINCT game_date FROM games WHERE {COUNTED} ORDER BY 1")]

    @property
    def range(self) -> list[dt.date]:
        """The published range: every date from the first game to the last."""
        return days(self.game_dates[0], self.game_dates[-1])

    def ask(self, sql: str) -> list[tuple]:
        """Run DuckDB SQL; `games` is the schedule."""
        return _ask(self.phase3, sql)

    def copy(self, directory: Path) -> DuckDBWarehouse:
        """Return a private copy of the warehouse, with everything published."""
        directory.mkdir(parents=True, exist_ok=True)
        return DuckDBWarehouse(Path(shutil.copy(self.warehouse.path, directory / f"{self.name}.duckdb")))

    def sources_only(self, path: Path) -> DuckDBWarehouse:
        """Return a private warehouse with the sources and five empty tables."""
        return new_warehouse(path, self.phase3)


class Seasons:
    """Publishes each season once per test session, on first use."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, PublishedSeason] = {}

    def real(self, season: int) -> PublishedSeason:
        return self._known.get(f"real_{season}") or self._published(f"real_{season}", real_tables(season))

    def simulated(self, seed: int) -> PublishedSeason:
        """The season 2021-22 of a simulated league."""
        name = f"simulated_2021_{seed}"
        return self._known.get(name) or self._published(name, simulate_season(2021, seed))

    def all(self) -> Iterable[PublishedSeason]:
        yield from (self.real(season) for season in SEASONS)
        yield from (self.simulated(seed) for seed in (0, 1, 2))

    def _published(self, name: str, phase3: dict[str, pa.Table]) -> PublishedSeason:
        path, notes = self._directory / f"{name}.duckdb", self._directory / f"{name}.recorded"
        season = PublishedSeason(name, DuckDBWarehouse(path), phase3)
        with FileLock(self._directory / f"{name}.building"):
            if not path.exists():
                unfinished = new_warehouse(self._directory / f"{name}_{os.getpid()}.unfinished", phase3)
                notes.write_bytes(pickle.dumps(records(run(unfinished, season.range))))
                unfinished.path.rename(path)
        season.recorded.update(pickle.loads(notes.read_bytes()))
        self._known[name] = season
        return season


def _ask(phase3: dict[str, pa.Table], sql: str) -> list[tuple]:
    connection = duckdb.connect()
    for name, table in phase3.items():
        connection.register("games" if name == "nbac_schedule" else name, table)
    return connection.execute(sql).fetchall()
