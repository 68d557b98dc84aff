"""The sensors: what is looked at again and again while the daemon runs, and what is asked for then.

What they see is in `observer.py`, `state.py` and the instance's runs; here is which run is requested, and that it is
requested once. All are on by default. Each run is for one contiguous stretch of dates.
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
from nba_precompute.orchestration.dagster_private import NOT_FINISHED, Backfill, backfills_since, range_of, range_tags
from nba_precompute.orchestration.jobs import PHASE4_JOB, validate_phase4
from nba_precompute.orchestration.observer import record
from nba_precompute.orchestration.resources import WAREHOUSE
from nba_precompute.orchestration.state import Causes, of_other_code, out_of_date, unchecked
from nba_precompute.quality.names import COMPLETE
from nba_precompute.sql import code_version
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.warehouse import WarehouseBusy

_ON = dg.DefaultSensorStatus.RUNNING


def _key(*parts: object) -> str:
    return sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:16]


def _stretches(causes: Causes) -> Iterator[tuple[dt.date, dt.date, int]]:
    """The dates as contiguous stretches, each with the newest event that concerns it."""
    for first, last in date_ranges(causes):
        yield first, last, max(storage_id for date, storage_id in causes.items() if first <= date <= last)


@dg.sensor(
    name="phase3_observation",
    target=dg.AssetSelection.checks(*(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE) for name in SOURCES)),
    minimum_interval_seconds=60,
    default_status=_ON,
    required_resource_keys={WAREHOUSE},
    description="Records every date of Phase 3 and the schedule that is new or changed, and has its coverage checked.",
)
def phase3_observation(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Observes, then asks for a check-only run of whatever has no coverage result yet, whoever observed it."""
    try:
        changes = record(context.instance, context.resources.warehouse.open())
    except WarehouseBusy as busy:
        yield dg.SkipReason(f"the warehouse is busy: {busy}")
        return
    by_stretch: dict[tuple[dt.date, dt.date], dict[str, int]] = defaultdict(dict)
    for name in SOURCES:
        for first, last, newest in _stretches(unchecked(context.instance, name)):
            by_stretch[first, last][name] = newest
    for (first, last), newest_of in sorted(by_stretch.items()):
        yield dg.RunRequest(
            # A run that could not finish is asked for again in an hour.
            run_key=_key("coverage", first, last, sorted(newest_of.items()), f"{calendar.now():%Y-%m-%d %H}"),
            asset_check_keys=[dg.AssetCheckKey(dg.AssetKey(name), COMPLETE) for name in newest_of],
            tags=range_tags(first, last),
        )
    if not by_stretch:
        yield dg.SkipReason(f"{changes.observed} dates of sources observed, {len(changes.changes)} new or changed")


@dg.sensor(
    name="phase4_corrections",
    job=PHASE4_JOB,
    minimum_interval_seconds=60,
    default_status=_ON,
    description="Runs the dates again of which a table is older than what it reads, or was made by other code.",
)
def phase4_corrections(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks once for each stretch of dates and each cause; only rows that differ are written."""
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
    for first, last, cause in _stretches({date: cause for date, cause in causes.items() if date <= today()}):
        yield dg.RunRequest(
            run_key=_key("correction", first, last, cause, sorted(versions.items())),
            tags={**range_tags(first, last), "nba_precompute/reason": "correction"},
        )


@dg.sensor(
    name="phase4_validation",
    job=validate_phase4,
    minimum_interval_seconds=30,
    default_status=_ON,
    description="Validates the whole range from the tables after every backfill, however it was launched.",
)
def phase4_validation(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Follows backfills (of assets and of jobs) and range runs from the moment it is switched on."""
    if not context.cursor:
        start = {"since": calendar.now().isoformat(), "done": []}
        return dg.SensorResult(skip_reason="watching backfills from now on", cursor=json.dumps(start))
    cursor = json.loads(context.cursor)
    since, done = dt.datetime.fromisoformat(cursor["since"]), set(cursor["done"])
    ended = dict(_finished_range_runs(context.instance, since))
    waiting = []
    for backfill in backfills_since(context.instance, since):
        key, about = f"backfill {backfill.backfill_id}", _subject(backfill)
        if about.dates and backfill.is_over:
            ended[key] = about
        elif about.dates:
            waiting.append(key)
    # What is still waiting keeps the window open; of what has left it nothing need be remembered.
    moved = since if waiting else max(since, calendar.now() - dt.timedelta(days=1))
    requests = [_validation(key, about) for key, about in ended.items() if key not in done]
    requests = requests or list(_without_result(context.instance))
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else f"waiting for {', '.join(waiting) or 'a backfill to end'}",
        cursor=json.dumps({"since": moved.isoformat(), "done": sorted(ended)}),
    )


@dataclass(frozen=True)
class _About:
    """What a validation is about."""

    tables: Collection[str]
    dates: Collection[dt.date]


def _validation(reason: str, about: _About, run_key: str | None = None) -> dg.RunRequest:
    config = {
        "stretches": [f"{first}/{last}" for first, last in date_ranges(about.dates)],
        "tables": [name for name in TABLES if name in about.tables],
        "reason": reason,
    }
    return dg.RunRequest(run_key=run_key or reason, run_config={"ops": {"validate_range": {"config": config}}})


def _without_result(instance: dg.DagsterInstance) -> Iterator[dg.RunRequest]:
    """Dates whose newest rows have no result: two runs overlapped, or one was killed before its checks."""
    if instance.get_runs_count(dg.RunsFilter(statuses=NOT_FINISHED)):
        return
    for table in TABLES:
        waiting = unchecked(instance, table)
        if waiting:
            run_key = _key("validation", table, sorted(waiting.items()), f"{calendar.now():%Y-%m-%d %H}")
            yield _validation("dates without a result", _About([table], waiting), run_key)


def _subject(backfill: Backfill) -> _About:
    """The Phase 4 tables and dates of a backfill."""
    if backfill.job_name:
        of_tables = dict.fromkeys(TABLES, backfill.partitions[""]) if backfill.job_name == PHASE4_JOB.name else {}
    else:
        of_tables = {name: keys for name, keys in backfill.partitions.items() if name in TABLES}
    return _About(list(of_tables), [dt.date.fromisoformat(key) for keys in of_tables.values() for key in keys])


def _finished_range_runs(instance: dg.DagsterInstance, since: dt.datetime) -> Iterator[tuple[str, _About]]:
    """Range runs of Phase 4 that no backfill launched: from a command line, a sensor, or a person."""
    finished = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    for run in instance.get_runs(dg.RunsFilter(statuses=finished, updated_after=since.astimezone(dt.UTC))):
        tables = {key.path[-1] for key in run.asset_selection or ()} & set(TABLES)
        span = range_of(run.tags)
        if span and "dagster/backfill" not in run.tags and (tables or run.job_name == PHASE4_JOB.name):
            first, last = span
            yield f"run {run.run_id}", _About(tables or TABLES, calendar_between(first, last))


@dg.run_failure_sensor(
    name="run_failures",
    default_status=_ON,
    minimum_interval_seconds=30,
    description="Writes what failed and the next step to the log, and posts it to NBA_ALERT_WEBHOOK where that is set.",
)
def run_failures(context: dg.RunFailureSensorContext) -> None:
    """One report per failed run."""
    report = report_of(context)
    context.log.error(report)
    post(report)


SENSORS = [phase3_observation, AUTOMATION_SENSOR, phase4_corrections, phase4_validation, run_failures]
