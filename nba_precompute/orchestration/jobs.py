"""The jobs that people, schedules and sensors launch by name."""

import datetime as dt

import dagster as dg
from pydantic import Field

from nba_precompute.calendar import calendar_between, today
from nba_precompute.orchestration.checks.phase4 import SPECS, results
from nba_precompute.orchestration.dagster_private import AssetJob, log_check_results
from nba_precompute.orchestration.names import PHASE4_GROUP, READY
from nba_precompute.orchestration.observer import record
from nba_precompute.orchestration.resources import WAREHOUSE
from nba_precompute.quality.names import COMPLETE_THROUGH
from nba_precompute.quality.validation import markdown, validate
from nba_precompute.tables import TABLES

_PHASE4 = dg.AssetSelection.groups(PHASE4_GROUP)

PHASE4_JOB = dg.define_asset_job(
    "phase4",
    # Deadlines are looked at by the clock, not with every run.
    selection=_PHASE4
    - dg.AssetSelection.checks(*(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE_THROUGH) for name in TABLES)),
    description="All five Phase 4 tables and their checks, for one date or a range of dates.",
)


@dg.op(required_resource_keys={WAREHOUSE})
def observe(context: dg.OpExecutionContext) -> None:
    """Records what is new or changed in Phase 3 and the schedule."""
    changes = record(context.instance, context.resources.warehouse.open())
    new = sum(change.is_new for change in changes.changes)
    context.log.info(
        f"{changes.observed} dates of sources observed: {new} are new, {len(changes.changes) - new} have changed"
    )
    for source, dates in changes.without_schedule.items():
        context.log.warning(f"{source} has rows on {len(dates)} dates of seasons without a schedule, first {dates[0]}")


@dg.job(description="Looks at Phase 3 and the schedule once, as the sensor does; unchanged data records nothing.")
def observe_phase3() -> None:
    observe()


class Range(dg.Config):
    """The dates of a validation, inclusive, as stretches `first/last`; of which tables; why it runs."""

    stretches: list[str]
    tables: list[str] = Field(default_factory=lambda: list(TABLES))
    reason: str = "by hand"


@dg.op(required_resource_keys={WAREHOUSE})
def validate_range(context: dg.OpExecutionContext, config: Range) -> None:
    """Holds a range against the contract again, from the tables; fails where it does not hold.

    A result per check and materialized partition and one summary with a Markdown table on the marker asset are recorded
    before. What is not materialized is a gap of the summary: a result for it would stand above that of a run to come.
    """
    stretches = [stretch.split("/") for stretch in config.stretches]
    dates = [
        date
        for first, last in stretches
        for date in calendar_between(dt.date.fromisoformat(first), min(dt.date.fromisoformat(last), today()))
    ]
    if not dates:
        raise dg.Failure(f"{', '.join(config.stretches)} has no date of the calendar up to today", allow_retries=False)
    validations = validate(context.resources.warehouse.open(), dates, [TABLES[name] for name in config.tables])
    for one in validations:
        asset_key = dg.AssetKey(one.table.name)
        materialized = context.instance.get_materialized_partitions(asset_key)
        there = [judgment for date, judgment in one.judgments.items() if date.isoformat() in materialized]
        log_check_results(context, asset_key, results(there, SPECS.values()))
    context.log_event(
        dg.AssetObservation(
            READY,
            description=f"validation of {', '.join(config.stretches)} ({config.reason})",
            metadata={
                "summary": dg.MetadataValue.md(markdown(validations)),
                "dates": len(dates),
                "problems": sum(len(one.problems) for one in validations),
            },
        )
    )
    blocking = {one.table.name: one.failed_dates() for one in validations if one.failed_dates()}
    if blocking:
        raise dg.Failure(
            "; ".join(
                f"{name} fails on {len(bad)} dates, first {bad[0]}, last {bad[-1]}" for name, bad in blocking.items()
            ),
            allow_retries=False,
        )


@dg.job(description="Validates dates of all five tables from what stands in them; runs after every backfill.")
def validate_phase4() -> None:
    validate_range()


JOBS: list[dg.JobDefinition | AssetJob] = [PHASE4_JOB, observe_phase3, validate_phase4]
