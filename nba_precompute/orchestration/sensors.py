"""The sensors: observation, corrections, validation, alerts.

Here: the run requests, each made once and for one contiguous range of dates. All sensors are on by default. Not here:
what they evaluate (`observer.py`, `state.py`), missing dates (`automation.py`).
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import dagster as dg

from nba_precompute import calendar
from nba_precompute.calendar import calendar_between, date_ranges, today
from nba_precompute.orchestration.alerts import post, report_of
from nba_precompute.orchestration.automation import AUTOMATION_SENSOR
from nba_precompute.orchestration.dagster_private.backfills import BACKFILL_ID, LaunchedBackfill, backfills_since
from nba_precompute.orchestration.jobs import PHASE4_JOB, ValidationConfig, validate_phase4
from nba_precompute.orchestration.observer import record
from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.orchestration.runs import FINISHED, NOT_FINISHED, REASON, range_of, range_tags
from nba_precompute.orchestration.state import Causes, of_other_code, out_of_date, unchecked
from nba_precompute.quality.names import COMPLETE, LEAGUE_COMPLETE
from nba_precompute.sql import code_version
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.sources import SCHEDULE
from nba_precompute.warehouse import WarehouseBusy

_ON = dg.DefaultSensorStatus.RUNNING


def _key(*parts: object) -> str:
    return sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:16]


def _ranges(causes: Causes) -> Iterator[tuple[dt.date, dt.date, int]]:
    """Yield the dates as contiguous ranges, each with its newest event."""
    for first, last in date_ranges(causes):
        yield first, last, max(storage_id for date, storage_id in causes.items() if first <= date <= last)


@dg.sensor(
    name="phase3_observation",
    target=dg.AssetSelection.checks(
        *(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE) for name in SOURCES),
        dg.AssetCheckKey(dg.AssetKey(SCHEDULE), LEAGUE_COMPLETE),
    ),
    minimum_interval_seconds=60,
    default_status=_ON,
    description="Records every date of Phase 3 and the schedule that is new or changed, and requests a run of its "
    "coverage check.",
)
def phase3_observation(
    context: dg.SensorEvaluationContext, warehouse: WarehouseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Observe, then request the coverage check of every date without a result, also those a command observed, and of
    every date whose box scores have become complete or incomplete since the last tick (the cursor).
    """
    try:
        changes = record(context.instance, warehouse.open(in_run=False))
    except WarehouseBusy as busy:
        yield dg.SkipReason(f"the warehouse is busy: {busy}")
        return
    waiting = {date.isoformat(): _key(sorted(reasons.items())) for date, reasons in changes.waiting.items()}
    known = json.loads(context.cursor or "{}")
    changed = {key for key, _ in waiting.items() ^ known.items()}
    by_range: dict[tuple[dt.date, dt.date], dict[str, object]] = defaultdict(dict)
    for name in SOURCES:
        causes = unchecked(context.instance, name)
        if name == SCHEDULE:
            causes |= unchecked(context.instance, name, LEAGUE_COMPLETE)
            causes |= {dt.date.fromisoformat(key): causes.get(dt.date.fromisoformat(key), 0) for key in changed}
        for first, last, newest in _ranges(causes):
            states = sorted((key, waiting.get(key)) for key in changed if str(first) <= key <= str(last))
            by_range[first, last][name] = (newest, states) if name == SCHEDULE else newest
    for (first, last), newest_of in sorted(by_range.items()):
        yield dg.RunRequest(
            # A run that did not finish is requested again in an hour.
            run_key=_key("coverage", first, last, sorted(newest_of.items()), f"{calendar.now():%Y-%m-%d %H}"),
            asset_check_keys=[
                dg.AssetCheckKey(dg.AssetKey(name), check)
                for name in newest_of
                for check in ((COMPLETE, LEAGUE_COMPLETE) if name == SCHEDULE else (COMPLETE,))
            ],
            tags=range_tags(first, last),
        )
    context.update_cursor(json.dumps(waiting))
    if not by_range:
        yield dg.SkipReason(f"observed {changes.observed} source dates: {len(changes.changes)} new or changed")


@dg.sensor(
    name="phase4_corrections",
    job=PHASE4_JOB,
    minimum_interval_seconds=60,
    default_status=_ON,
    description="Requests the dates on which a table is older than its inputs, or was computed by other code.",
)
def phase4_corrections(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request each range of dates once per cause; the run writes only the rows that differ."""
    versions = {name: code_version(table) for name, table in TABLES.items()}
    causes = out_of_date(context.instance)
    if json.loads(context.cursor or "{}") != versions:
        for date, storage_id in of_other_code(context.instance).items():
            causes[date] = max(causes.get(date, 0), storage_id)
    requests = list(_requests(causes, versions))
    if not requests and context.cursor:
        return dg.SkipReason("no date is out of date")
    return dg.SensorResult(requests, cursor=json.dumps(versions))


def _requests(causes: Causes, versions: Mapping[str, str]) -> Iterator[dg.RunRequest]:
    for first, last, cause in _ranges({date: cause for date, cause in causes.items() if date <= today()}):
        yield dg.RunRequest(
            run_key=_key("correction", first, last, cause, sorted(versions.items())),
            tags={**range_tags(first, last), REASON: "correction"},
        )


@dg.sensor(
    name="phase4_validation",
    job=validate_phase4,
    minimum_interval_seconds=30,
    default_status=_ON,
    description="Requests a validation of every backfilled range once its runs are over, however it was launched.",
)
def phase4_validation(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Follow asset backfills, job backfills and range runs from the moment the sensor is switched on."""
    if not context.cursor:
        start = {"since": calendar.now().isoformat(), "done": []}
        return dg.SensorResult(skip_reason="watching backfills from now on", cursor=json.dumps(start))
    cursor = json.loads(context.cursor)
    since, done = dt.datetime.fromisoformat(cursor["since"]), set(cursor["done"])
    ended = dict(_finished_range_runs(context.instance, since))
    waiting = []
    for backfill in backfills_since(context.instance, since):
        key, target = f"backfill {backfill.backfill_id}", _target_of(backfill)
        if target.dates and backfill.is_over:
            ended[key] = target
        elif target.dates:
            waiting.append(key)
    # A backfill that is not over keeps the window open; one that has left the window need not be remembered.
    moved = since if waiting else max(since, calendar.now() - dt.timedelta(days=1))
    requests = [_validation(key, target) for key, target in ended.items() if key not in done]
    requests = requests or list(_unchecked_dates(context.instance))
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else f"waiting for {', '.join(waiting) or 'a backfill to end'}",
        cursor=json.dumps({"since": moved.isoformat(), "done": sorted(ended)}),
    )


@dataclass(frozen=True)
class _Target:
    """The tables and dates of a validation."""

    tables: Collection[str]
    dates: Collection[dt.date]


def _validation(reason: str, target: _Target, run_key: str | None = None) -> dg.RunRequest:
    config = ValidationConfig(
        date_ranges=[f"{first}/{last}" for first, last in date_ranges(target.dates)],
        tables=[name for name in TABLES if name in target.tables],
        reason=reason,
    )
    return dg.RunRequest(run_key=run_key or reason, run_config=dg.RunConfig(ops={"validate_range": config}))


def _unchecked_dates(instance: dg.DagsterInstance) -> Iterator[dg.RunRequest]:
    """Request a validation of dates whose newest rows have no result: runs overlapped, or one was killed."""
    if instance.get_runs_count(dg.RunsFilter(statuses=NOT_FINISHED)):
        return
    for table in TABLES:
        waiting = unchecked(instance, table)
        if waiting:
            run_key = _key("validation", table, sorted(waiting.items()), f"{calendar.now():%Y-%m-%d %H}")
            yield _validation("dates without a result", _Target(tables=[table], dates=waiting), run_key)


def _target_of(backfill: LaunchedBackfill) -> _Target:
    """Return the Phase 4 tables and the dates of a backfill."""
    if backfill.job_name:
        of_tables = dict.fromkeys(TABLES, backfill.partitions[""]) if backfill.job_name == PHASE4_JOB.name else {}
    else:
        of_tables = {name: keys for name, keys in backfill.partitions.items() if name in TABLES}
    return _Target(
        tables=list(of_tables), dates=[dt.date.fromisoformat(key) for keys in of_tables.values() for key in keys]
    )


def _finished_range_runs(instance: dg.DagsterInstance, since: dt.datetime) -> Iterator[tuple[str, _Target]]:
    """Yield the range runs of Phase 4 launched by the command line, a sensor or a person, not by a backfill."""
    for run in instance.get_runs(dg.RunsFilter(statuses=FINISHED, updated_after=since.astimezone(dt.UTC))):
        tables = {key.path[-1] for key in run.asset_selection or ()} & set(TABLES)
        span = range_of(run.tags)
        if span and BACKFILL_ID not in run.tags and (tables or run.job_name == PHASE4_JOB.name):
            first, last = span
            yield f"run {run.run_id}", _Target(tables=tables or TABLES, dates=calendar_between(first, last))


@dg.run_failure_sensor(
    name="run_failures",
    default_status=_ON,
    minimum_interval_seconds=30,
    description="Logs what failed and the next step, and posts it to NBA_ALERT_WEBHOOK if that is set.",
)
def run_failures(context: dg.RunFailureSensorContext) -> None:
    """Send one report per failed run."""
    report = report_of(context)
    context.log.error(report)
    post(report)


SENSORS = [phase3_observation, AUTOMATION_SENSOR, phase4_corrections, phase4_validation, run_failures]
