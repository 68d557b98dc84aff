"""Makes a plan from two queries and the event log; keeps no state of its own.

A date is judged by the rule of `publish`: its current inputs and published rows are compared with its last
materialization. After a crash, the plan therefore names exactly the work that is left.

Here: reading the warehouse, the observation and the event log. Not here: judging a date (`states.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import dagster as dg

from nba_precompute.calendar import calendar_between, season_of, today
from nba_precompute.operations.plan.rates import measured_rates
from nba_precompute.operations.plan.records import WORK, Entry, Plan, Rate
from nba_precompute.operations.plan.states import find_entry
from nba_precompute.orchestration.dagster_private.records import Recorded, recorded_values, unfinished_attempts
from nba_precompute.publishing.estimate import Estimate, estimate
from nba_precompute.publishing.inspection import inspect, schedule_problems
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.sql import code_version
from nba_precompute.tables import TABLES, Table
from nba_precompute.tables.common import LOOKBACK_DAYS
from nba_precompute.tables.scopes import Scope
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse import Warehouse

_LOOKBACK = dt.timedelta(days=LOOKBACK_DAYS)


def make_plan(
    instance: dg.DagsterInstance,
    warehouse: Warehouse,
    first: dt.date,
    last: dt.date,
    tables: Iterable[str] = tuple(TABLES),
    *,
    accept_schedule: bool = False,
) -> Plan:
    """Judge every table on every calendar date from `first` to `last`, up to today.

    Args:
        tables: the tables to keep in the plan; their upstream tables are judged as well.
        accept_schedule: judge a schedule with far fewer games than at the last run like any other.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    chosen = [name for name in TABLES if name in set(tables)]
    dates = calendar_between(first, min(last, today()))
    if not dates:
        return Plan(
            dates=(),
            entries={name: {} for name in chosen},
            rates=dict.fromkeys(chosen, Rate(rows=None, seconds=None)),
            overhead=None,
        )
    with warehouse.reading("plan") as session:
        inspections = inspect(session, tuple(TABLES.values()), dates)
    observed = _observed(warehouse, dates)
    records = {name: recorded_values(instance, dg.AssetKey(name)) for name in TABLES}
    failed_runs = _failed_runs(instance)
    entries: dict[str, dict[dt.date, Entry]] = {}
    for name, table in TABLES.items():
        entries[name] = {}
        version = code_version(table)
        games_before = {} if accept_schedule else _games_before(records[name])
        for date in dates:
            entries[name][date] = find_entry(
                table=name,
                date=date,
                version=version,
                inspection=inspections[name][date],
                schedule_problems=schedule_problems(date, inspections[name][date], games_before),
                record=records[name].get(date.isoformat()),
                incomplete_inputs=_incomplete_inputs(table, date, observed),
                uncovered=_uncovered(date, observed),
                pending=[upstream for upstream in table.upstreams if entries[upstream][date].state in WORK],
                failed_run=failed_runs[name].get(date.isoformat(), ""),
            )
    chosen_entries = {name: entries[name] for name in chosen}
    rates, overhead = measured_rates(instance, records)
    work_dates = {
        entry.date for by_date in chosen_entries.values() for entry in by_date.values() if entry.state in WORK
    }
    return Plan(
        dates=tuple(dates),
        entries=chosen_entries,
        rates=rates,
        overhead=overhead,
        estimates=_estimates(warehouse, sorted(work_dates), chosen),
    )


def _games_before(records: Mapping[str, Recorded]) -> dict[int, int]:
    """Return the scheduled games of each season at the table's last run."""
    found: dict[int, int] = {}
    for key, record in sorted(records.items(), key=lambda item: item[1].moment):
        if record.values.get("season_games"):
            found[season_of(dt.date.fromisoformat(key))] = record.values["season_games"]
    return found


_Observed = Mapping[tuple[str, dt.date], SourceDate]


def _observed(warehouse: Warehouse, dates: Sequence[dt.date]) -> _Observed:
    """Observe the dates and the `LOOKBACK_DAYS` before them."""
    found = observe(warehouse, calendar_between(dates[0] - _LOOKBACK, dates[-1])).dates
    return {(seen.source, seen.date): seen for seen in found}


def _incomplete_inputs(table: Table, date: dt.date, observed: _Observed) -> list[str]:
    """Describe what a date waits for (contract, section 3, the check `complete`)."""
    schedule, context = observed.get((SCHEDULE, date)), observed.get((CONTEXT, date))
    found = list(schedule.incomplete.get(Scope.of(table), ())) if schedule else []
    if context and context.open_gaps and CONTEXT in table.sources:
        found.append(f"teams of the slate with no player listed: {', '.join(gap.team for gap in context.open_gaps)}")
    return found


def _uncovered(date: dt.date, observed: _Observed) -> list[str]:
    """Describe the uncovered sides of the days before a date, newest first, each with its reason and source."""
    found = []
    for days in range(1, _LOOKBACK.days + 1):
        earlier = date - dt.timedelta(days=days)
        if season_of(earlier) == season_of(date):
            found += [
                f"{gap.team} on {earlier}: {gap.reason}{' (waived)' if gap.is_waived else ''}"
                for source in FACT_SOURCES
                if (source, earlier) in observed
                for gap in observed[source, earlier].gaps
            ]
    return found


def _failed_runs(instance: dg.DagsterInstance) -> dict[str, dict[str, str]]:
    """Find, by table and partition, the last run that tried it, if that run failed."""
    attempts = {name: unfinished_attempts(instance, dg.AssetKey(name)) for name in TABLES}
    run_ids = sorted({run_id for by_key in attempts.values() for run_id in by_key.values()})
    runs = instance.get_runs(dg.RunsFilter(run_ids=run_ids)) if run_ids else []
    finished = {run.run_id for run in runs if run.is_finished}
    return {
        name: {key: run_id for key, run_id in by_key.items() if run_id in finished} for name, by_key in attempts.items()
    }


def _estimates(warehouse: Warehouse, dates: Sequence[dt.date], tables: Collection[str]) -> tuple[Estimate, ...]:
    """Estimate the bytes to read by dry runs, if the warehouse bills reading and a date has work."""
    if not dates or not warehouse.capabilities.bills_bytes:
        return ()
    return tuple(found for found in estimate(warehouse, dates) if found.table in tables)
