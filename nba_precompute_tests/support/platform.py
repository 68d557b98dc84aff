"""The product on a small league: definitions, an instance, and the daemon's work done by hand.

The clock is `nba_precompute.calendar.now`; nothing in these tests depends on the day on which they run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from nba_precompute import calendar
from nba_precompute.definitions import build_defs
from nba_precompute.orchestration.dagster_private.records import report_materializations
from nba_precompute.orchestration.names import READY, WAREHOUSE
from nba_precompute.orchestration.observer import Changes, record
from nba_precompute.orchestration.runs import range_of, range_tags
from nba_precompute.orchestration.sensors import phase3_observation, phase4_corrections
from nba_precompute.quality.names import COMPLETE_THROUGH
from nba_precompute.sql import code_version
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.sources import FACT_SOURCES
from nba_precompute.warehouse import Replacement
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import new_warehouse

Phase3 = dict[str, pa.Table]


def until(season: Phase3, today: dt.date) -> Phase3:
    """Return a season as of the morning of a date: the whole schedule, the context of its slate, no box score of it."""
    cuts: dict[str, Callable[[pa.Array, pa.Scalar], pa.Array]] = dict.fromkeys(FACT_SOURCES, pc.less)
    cuts["upcoming_player_game_context"] = pc.less_equal
    return {
        name: rows.filter(cuts[name](rows["game_date"], pa.scalar(today))) if name in cuts else rows
        for name, rows in season.items()
    }


class FixedWarehouse:
    """The warehouse resource, with a warehouse of the test."""

    def __init__(self, warehouse: DuckDBWarehouse) -> None:
        self._warehouse = warehouse

    def open(self, *, in_run: bool = True) -> DuckDBWarehouse:
        return self._warehouse


class Platform:
    """A warehouse with Phase 3, an instance, and the product's definitions on them."""

    def __init__(self, path: Path, phase3: Phase3, instance: dg.DagsterInstance | None = None) -> None:
        self.warehouse = new_warehouse(path, phase3)
        self.instance = instance or dg.DagsterInstance.ephemeral()
        self.resources = {WAREHOUSE: FixedWarehouse(self.warehouse)}
        self.definitions = build_defs(self.resources)
        self.repository = self.definitions.get_repository_def()
        for node in self.repository.asset_graph.asset_nodes:
            # `any_checks_match(...).allow(...)` takes what it does not allow from this very set, for every condition
            # that is evaluated later (dagster-io/dagster#33561, which is about dependencies); the daemon's graph has
            # copies.
            node._check_keys = frozenset(node.check_keys)
        self._cursor: dg.AssetDaemonCursor | None = None
        self._observed: str | None = None

    def load(self, phase3: Phase3) -> None:
        """Replace the Phase 3 rows."""
        with self.warehouse.writing("test") as session:
            session.replace_all(
                [Replacement(SOURCES[name], "TRUE", session.stage_rows(name, rows)) for name, rows in phase3.items()]
            )

    def observe(self) -> Changes:
        return record(self.instance, self.warehouse)

    def sensor(self, sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorExecutionData:
        """Run one tick of a sensor."""
        with dg.build_sensor_context(
            instance=self.instance, repository_def=self.repository, resources=self.resources, cursor=cursor
        ) as context:
            return sensor.evaluate_tick(context)

    def cover(self) -> list[dg.RunRequest]:
        """Observe, and run the coverage checks that the sensor requests."""
        tick = self.sensor(phase3_observation, self._observed)
        requests, self._observed = list(tick.run_requests or []), tick.cursor
        for request in requests:
            self.execute([], request.asset_check_keys or [], request.tags)
        return requests

    def corrections(self, cursor: str | None = None) -> list[tuple[dt.date, dt.date]]:
        """Return the date ranges that the correction sensor requests."""
        requests = self.sensor(phase4_corrections, cursor).run_requests or []
        return [span for request in requests if (span := range_of(request.tags))]

    def asked(self) -> dict[str, list[str]]:
        """Return the partitions that automation requests at this tick, by asset."""
        result = dg.evaluate_automation_conditions(
            self.definitions, instance=self.instance, cursor=self._cursor, evaluation_time=calendar.now()
        )
        self._cursor = result.cursor
        found = {name: sorted(result.get_requested_partitions(dg.AssetKey(name))) for name in (*TABLES, READY)}
        return {name: keys for name, keys in found.items() if keys}

    def run(self, tables: Iterable[str], keys: Sequence[str]) -> dg.ExecuteInProcessResult:
        """Materialize the partitions of the assets, with their checks, as a backfill of the daemon does."""
        wanted = {dg.AssetKey(name) for name in tables}
        checks = [
            key
            for key in self.repository.asset_graph.asset_check_keys
            if key.asset_key in wanted and key.name != COMPLETE_THROUGH
        ]
        tags = range_tags(dt.date.fromisoformat(min(keys)), dt.date.fromisoformat(max(keys)))
        return self.execute(wanted, checks, tags)

    def record_published(self, keys: Sequence[str]) -> None:
        """Record materializations of all five tables, upstream first, as a run of this code does."""
        report_materializations(
            self.instance,
            [
                dg.AssetMaterialization(name, partition=key, metadata={"code_version": code_version(table)})
                for name, table in TABLES.items()
                for key in keys
            ],
        )

    def compute(self, keys: Sequence[str]) -> None:
        """Compute all five tables for the dates from the first to the last key, without checks."""
        tags = range_tags(dt.date.fromisoformat(min(keys)), dt.date.fromisoformat(max(keys)))
        assert self.execute({dg.AssetKey(name) for name in TABLES}, [], tags).success

    def execute(
        self, assets: Iterable[dg.AssetKey], checks: Iterable[dg.AssetCheckKey], tags: dict[str, str]
    ) -> dg.ExecuteInProcessResult:
        job = self.repository.get_job("__ASSET_JOB").get_subset(
            asset_selection=set(assets), asset_check_selection=set(checks)
        )
        return job.execute_in_process(instance=self.instance, tags=tags, raise_on_error=False)

    def settle(self, ticks: int = 8) -> dict[str, list[str]]:
        """Run what automation requests until it requests nothing more; return all requested partitions, by asset."""
        everything: dict[str, list[str]] = {}
        for _ in range(ticks):
            asked = self.asked()
            if not asked:
                return everything
            for name, keys in asked.items():
                everything.setdefault(name, []).extend(keys)
            for keys in {tuple(keys) for keys in asked.values()}:
                names = [name for name, found in asked.items() if tuple(found) == keys]
                for first, last in calendar.date_ranges(map(dt.date.fromisoformat, keys)):
                    self.run(names, [first.isoformat(), last.isoformat()])
        raise AssertionError(f"automation still requests {asked} after {ticks} ticks")
