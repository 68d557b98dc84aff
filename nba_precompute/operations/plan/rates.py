"""Rows and seconds per date, measured on recorded runs.

Here: rates of the tables and the overhead outside the warehouse. Not here: the dates that they are multiplied by
(`records.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg

from nba_precompute.operations.plan.records import Rate
from nba_precompute.orchestration.dagster_private.records import Recorded
from nba_precompute.publishing.records import PHASES, seconds_key

_NEWEST_RUNS = 20
"""The number of newest runs to measure; older ones may have run on another machine."""


@dataclass
class _Run:
    """Warehouse seconds and computed dates of one recorded run, by table."""

    seconds: dict[str, float] = field(default_factory=dict)
    computed: dict[str, int] = field(default_factory=dict)


def measured_rates(
    instance: dg.DagsterInstance, records: Mapping[str, Mapping[str, Recorded]]
) -> tuple[dict[str, Rate], float | None]:
    """Measure the rate of each table, and the overhead per table and date.

    Args:
        records: the last materialization by table and partition key.

    Returns:
        The rates by table, and the seconds outside the warehouse per table and date (None if no run is recorded).
    """
    runs: dict[str, _Run] = defaultdict(_Run)
    newest: dict[str, dt.datetime] = {}
    for name, by_key in records.items():
        for record in by_key.values():
            computed = record.values.get("run_dates_computed", 0)
            if computed:
                run = runs[record.run_id]
                run.seconds[name] = sum(record.values.get(seconds_key(phase), 0.0) for phase in PHASES)
                run.computed[name] = computed
                newest[record.run_id] = max(record.moment, newest.get(record.run_id, record.moment))
    chosen = sorted(newest, key=lambda run_id: newest[run_id])[-_NEWEST_RUNS:]
    rates = {}
    for name, by_key in records.items():
        rows = [record.values["rows"] for record in by_key.values() if record.values.get("rows")]
        dates = sum(runs[run_id].computed.get(name, 0) for run_id in chosen)
        seconds = sum(runs[run_id].seconds.get(name, 0.0) for run_id in chosen)
        rates[name] = Rate(
            rows=sum(rows) / len(rows) if rows else None,
            seconds=seconds / dates if dates else None,
        )
    return rates, _overhead(instance, {run_id: runs[run_id] for run_id in chosen})


def _overhead(instance: dg.DagsterInstance, runs: Mapping[str, _Run]) -> float | None:
    if not runs:
        return None
    beside, entries = 0.0, 0
    for record in instance.get_run_records(dg.RunsFilter(run_ids=list(runs))):
        run = runs[record.dagster_run.run_id]
        if record.start_time and record.end_time:
            beside += max(record.end_time - record.start_time - sum(run.seconds.values()), 0.0)
            entries += sum(run.computed.values())
    return beside / entries if entries else None
