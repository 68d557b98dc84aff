"""The jobs that people, schedules and sensors launch by name.

Here: jobs and their ops. Not here: when they run (`schedules.py`, `sensors.py`, `automation.py`), backfills of the
command line (`operations/backfill.py`).
"""

import datetime as dt
from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from nba_precompute.calendar import calendar_between, today
from nba_precompute.orchestration.checks.phase4 import SPECS, partition_results
from nba_precompute.orchestration.checks.results import evaluations
from nba_precompute.orchestration.names import PHASE4_GROUP, READY
from nba_precompute.orchestration.observer import record
from nba_precompute.orchestration.refusals import standing_refusals
from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.quality.names import COMPLETE_THROUGH
from nba_precompute.quality.validation import markdown, validate
from nba_precompute.tables import TABLES

_PHASE4 = dg.AssetSelection.groups(PHASE4_GROUP)

PHASE4_JOB = dg.define_asset_job(
    "phase4",
    # Deadlines are checked by the clock, not in every run.
    selection=_PHASE4
    - dg.AssetSelection.checks(*(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE_THROUGH) for name in TABLES)),
    description="Computes, publishes and checks all five Phase 4 tables for one date or a range of dates.",
)


@dg.op
def observe(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
    """Record every date of Phase 3 and the schedule that is new or changed."""
    changes = record(context.instance, warehouse.open())
    new = sum(change.is_new for change in changes.changes)
    context.log.info(f"observed {changes.observed} source dates: {new} new, {len(changes.changes) - new} changed")
    for source, dates in changes.without_schedule.items():
        context.log.warning(
            f"{source} has rows on {len(dates)} dates of seasons that have no schedule, first {dates[0]}"
        )


@dg.job(
    description="Observes Phase 3 and the schedule once, as the sensor `phase3_observation` does. Unchanged data "
    "records nothing."
)
def observe_phase3() -> None:
    observe()


class ValidationConfig(dg.Config):
    """The tables and dates to validate."""

    date_ranges: list[str] = Field(description="Date ranges, both ends inclusive, such as 2021-10-19/2021-10-31.")
    tables: list[str] = Field(default_factory=lambda: list(TABLES), description="Phase 4 tables. Default: all five.")
    reason: str = Field(default="by hand", description="Reason for the validation, shown with its summary.")


@dg.op(out={})
def validate_range(
    context: dg.OpExecutionContext, config: ValidationConfig, warehouse: WarehouseResource
) -> Iterator[dg.AssetCheckEvaluation | dg.AssetObservation]:
    """Check published dates against the contract again; fail if a blocking check fails.

    Records a result per check and materialized partition, and a summary as an observation of `phase4_ready`. A date
    that is not materialized appears in the summary only: a result for it would shadow the result of the run that fills
    it.
    """
    dates = [
        date
        for first, last in (date_range.split("/") for date_range in config.date_ranges)
        for date in calendar_between(dt.date.fromisoformat(first), min(dt.date.fromisoformat(last), today()))
    ]
    listed = ", ".join(config.date_ranges)
    if not dates:
        raise dg.Failure(f"{listed} contains no date of the calendar up to today", allow_retries=False)
    keys = [date.isoformat() for date in dates]
    refused = {name: standing_refusals(context.instance, name, keys) for name in config.tables}
    validations = validate(warehouse.open(), dates, [TABLES[name] for name in config.tables], refused)
    for validation in validations:
        asset_key = dg.AssetKey(validation.table.name)
        materialized = context.instance.get_materialized_partitions(asset_key)
        judgments = [judgment for date, judgment in validation.judgments.items() if date.isoformat() in materialized]
        yield from evaluations(context.instance, asset_key, partition_results(judgments, SPECS.values()))
    yield dg.AssetObservation(
        READY,
        description=f"validation of {listed} ({config.reason})",
        metadata={
            "summary": dg.MetadataValue.md(markdown(validations)),
            "dates": len(dates),
            "problems": sum(len(validation.problems) for validation in validations),
            "warnings": sum(len(validation.warnings) for validation in validations),
        },
    )
    blocking = {validation.table.name: failed for validation in validations if (failed := validation.failed_dates())}
    if blocking:
        raise dg.Failure(
            "; ".join(
                f"{name} fails on {len(failed)} dates, first {failed[0]}, last {failed[-1]}"
                for name, failed in blocking.items()
            ),
            allow_retries=False,
        )


@dg.job(
    description="Checks published dates of the Phase 4 tables against the contract again. Runs after every backfill."
)
def validate_phase4() -> None:
    validate_range()


JOBS = (PHASE4_JOB, observe_phase3, validate_phase4)
