"""The state of partitions, read from the instance's event log: passed, not checked yet, out of date.

Here: what sensors, the marker and the plan conclude from the newest events. Not here: the queries (`dagster_private/`),
the run requests that follow (`sensors.py`).

Nothing is stored outside the log. A partition is out of date if an input was recorded after it, so a crash, a run by
hand and a correction are all detected in the same way.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

import dagster as dg

from nba_precompute.calendar import season_of
from nba_precompute.orchestration.dagster_private.check_results import CheckState, check_states
from nba_precompute.orchestration.dagster_private.records import materialization_ids, recorded_values
from nba_precompute.orchestration.refusals import standing_refusals
from nba_precompute.quality.names import BLOCKING_CHECKS, COMPLETE
from nba_precompute.sql import code_version
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE

Causes = dict[dt.date, int]
"""Dates, each with the storage id of the newest event that put it out of date or left it unchecked."""


def unchecked(instance: dg.DagsterInstance, asset: str, check: str = COMPLETE) -> Causes:
    """Return the dates of a source or table whose newest event has no result of the check yet."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), check)
    states = check_states(instance, key)
    return {
        dt.date.fromisoformat(partition): storage_id
        for partition, storage_id in materialization_ids(instance, key.asset_key).items()
        if partition not in states or not (states[partition].is_finished and states[partition].is_current)
    }


def not_passed(instance: dg.DagsterInstance, keys: Iterable[str]) -> dict[dt.date, list[str]]:
    """Return, by date, what the five tables lack: refused or missing dates, checks not passed on the current rows."""
    wanted = {key: dt.date.fromisoformat(key) for key in keys}
    unchecked_state = CheckState(is_finished=False, has_passed=False, is_current=False)
    found: dict[dt.date, dict[str, None]] = defaultdict(dict)
    for table in TABLES:
        materialized = materialization_ids(instance, dg.AssetKey(table))
        refused = standing_refusals(instance, table, wanted)
        states = {
            check: check_states(instance, dg.AssetCheckKey(dg.AssetKey(table), check)) for check in BLOCKING_CHECKS
        }
        for key, date in wanted.items():
            if date in refused:
                found[date][f"refused: {'; '.join(refused[date])}"] = None
            elif key not in materialized:
                found[date][f"{table} is not materialized"] = None
            else:
                for check, by_key in states.items():
                    state = by_key.get(key, unchecked_state)
                    if not (state.has_passed and state.is_current):
                        found[date][f"{table}: {check}"] = None
    return {date: list(reasons) for date, reasons in found.items()}


def out_of_date(instance: dg.DagsterInstance) -> Causes:
    """Return the dates on which a table is older than one of its inputs.

    A box score affects every later date of its season, the context its own date, the schedule its own and later dates;
    a Phase 4 table affects the tables that read it on the same date.
    """
    sources = {name: _by_date(materialization_ids(instance, dg.AssetKey(name))) for name in SOURCES}
    tables = {name: _by_date(materialization_ids(instance, dg.AssetKey(name))) for name in TABLES}
    dates = sorted({date for known in tables.values() for date in known})
    newest_before = _newest_before(dates, [sources[name] for name in FACT_SOURCES], including=False)
    newest_schedule = _newest_before(dates, [sources[SCHEDULE]], including=True)
    causes: Causes = {}
    for date in dates:
        for name, table in TABLES.items():
            reads = [newest_before[date], newest_schedule[date], sources[CONTEXT].get(date, 0)]
            reads += [tables[upstream].get(date, 0) for upstream in table.upstreams]
            if tables[name].get(date, max(reads)) < max(reads):
                causes[date] = max(causes.get(date, 0), max(reads))
    return causes


def of_other_code(instance: dg.DagsterInstance) -> Causes:
    """Return the dates on which a table was published by another version of its SELECT or its features."""
    causes: Causes = {}
    for name, table in TABLES.items():
        ids = materialization_ids(instance, dg.AssetKey(name))
        for key, recorded in recorded_values(instance, dg.AssetKey(name)).items():
            # Rows of a DataFrame have no code version.
            if recorded.values.get("code_version") not in (None, "", code_version(table)):
                date = dt.date.fromisoformat(key)
                causes[date] = max(causes.get(date, 0), ids[key])
    return causes


def _by_date(ids: Mapping[str, int]) -> dict[dt.date, int]:
    return {dt.date.fromisoformat(key): storage_id for key, storage_id in ids.items()}


def _newest_before(
    dates: Iterable[dt.date], events: Iterable[Mapping[dt.date, int]], *, including: bool
) -> dict[dt.date, int]:
    """Return for each date, given ascending, the newest event of an earlier date of its season.

    Args:
        including: count the date itself as well.
    """
    pending = sorted((date, storage_id) for known in events for date, storage_id in known.items())
    newest: dict[int, int] = {}
    result = {}
    position = 0
    for date in dates:
        while position < len(pending) and (pending[position][0] < date or (including and pending[position][0] == date)):
            season = season_of(pending[position][0])
            newest[season] = max(newest.get(season, 0), pending[position][1])
            position += 1
        result[date] = newest.get(season_of(date), 0)
    return result
