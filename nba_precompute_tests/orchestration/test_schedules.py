"""The dates that schedules request, by the league's clock, also when daylight saving time changes."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from nba_precompute.definitions import defs
from nba_precompute.orchestration.schedules import SCHEDULES, phase4_nightly, phase4_same_day


def _tick(schedule: dg.ScheduleDefinition, moment: dt.datetime) -> Any:
    with dg.build_schedule_context(
        scheduled_execution_time=moment, repository_def=defs.get_repository_def()
    ) as context:
        return schedule.evaluate_tick(context)


def _partition(schedule: dg.ScheduleDefinition, moment: dt.datetime) -> str:
    (request,) = _tick(schedule, moment).run_requests
    return request.tags["dagster/partition"]


@pytest.mark.parametrize(
    ("utc", "nightly", "same_day"),
    [
        ("2021-11-05 10:00", "2021-11-04", "2021-11-05"),
        ("2021-11-07 11:00", "2021-11-06", "2021-11-07"),
        ("2022-03-13 10:00", "2022-03-12", "2022-03-13"),
        ("2021-11-06 03:59", "2021-11-04", "2021-11-05"),
        ("2021-11-06 04:00", "2021-11-05", "2021-11-06"),
    ],
    ids=["a morning", "clocks go back", "clocks go forward", "before midnight in New York", "after it"],
)
def test_the_date_is_the_leagues(utc: str, nightly: str, same_day: str) -> None:
    moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert _partition(phase4_nightly, moment) == nightly
    assert _partition(phase4_same_day, moment) == same_day


@pytest.mark.parametrize("date", [dt.date(2022, 7, 15), dt.date(2022, 9, 30)])
def test_a_day_without_a_partition_is_skipped_with_a_reason(date: dt.date) -> None:
    moment = dt.datetime.combine(date, dt.time(6), ZoneInfo("America/New_York"))
    for schedule in SCHEDULES:
        assert "off-season" in _tick(schedule, moment).skip_message


def test_the_first_of_october_runs_itself_and_not_the_day_before() -> None:
    moment = dt.datetime(2022, 10, 1, 6, tzinfo=ZoneInfo("America/New_York"))
    assert _tick(phase4_nightly, moment).skip_message
    assert _partition(phase4_same_day, moment) == "2022-10-01"


def test_both_are_on_and_run_on_new_york_time() -> None:
    for schedule in SCHEDULES:
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        assert schedule.execution_timezone == "America/New_York"
