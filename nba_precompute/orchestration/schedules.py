"""The schedules, in the league's time zone: last night's date in the morning, today's before noon.

Here: runs at fixed times. Not here: runs that wait for their inputs (`automation.py`) and corrections (`sensors.py`).

A schedule requests its date whether or not all inputs have arrived; missing ones are flagged in the rows and by the
checks. Automation requests the same dates as soon as all inputs are there; the later run then has nothing left to
write.
"""

import datetime as dt

import dagster as dg

from nba_precompute.calendar import LEAGUE_TIME, in_calendar
from nba_precompute.orchestration.jobs import PHASE4_JOB


def _run_for(date: dt.date, schedule: str) -> dg.RunRequest | dg.SkipReason:
    if not in_calendar(date):
        return dg.SkipReason(f"{date} is not in the calendar: July to September are off-season")
    return dg.RunRequest(partition_key=date.isoformat(), run_key=f"{schedule} {date}")


def _league_date(context: dg.ScheduleEvaluationContext) -> dt.date:
    return context.scheduled_execution_time.astimezone(LEAGUE_TIME).date()


@dg.schedule(
    job=PHASE4_JOB,
    cron_schedule="0 6 * * *",
    execution_timezone=str(LEAGUE_TIME),
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="06:00 New York: computes yesterday's date, with the context as it was at tip-off.",
)
def phase4_nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request the date that ended last night."""
    return _run_for(_league_date(context) - dt.timedelta(days=1), "nightly")


@dg.schedule(
    job=PHASE4_JOB,
    cron_schedule="30 11 * * *",
    execution_timezone=str(LEAGUE_TIME),
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="11:30 New York: computes today's slate before its deadline at noon.",
)
def phase4_same_day(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request today."""
    return _run_for(_league_date(context), "same day")


SCHEDULES = [phase4_nightly, phase4_same_day]
