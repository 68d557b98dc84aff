"""The calendar: one daily partition per league date, and the rule that no date after today is computed.

A day without games is a real partition with zero rows, so that the calendar never changes with the schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import dagster as dg

from nba_precompute.tables.common import LOOKBACK_DAYS

LEAGUE_TIME = ZoneInfo("America/New_York")
FIRST_DATE = dt.date(2021, 10, 19)

GAME_DATES = dg.DailyPartitionsDefinition(
    start_date=FIRST_DATE.isoformat(),
    timezone=str(LEAGUE_TIME),
    end_offset=1,  # today's slate has a partition before today is over
    exclusions=["0 0 * 7-9 *"],  # off-season; an `end_date` would leave phantom partitions behind it
)

BOX_SCORES_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-LOOKBACK_DAYS, end_offset=-1)


class DateRefused(Exception):
    """A date that is not in the calendar, or after today."""


def now() -> dt.datetime:
    """The league's time."""
    return dt.datetime.now(LEAGUE_TIME)


def today() -> dt.date:
    """The league's calendar date."""
    return now().date()


def in_calendar(date: dt.date) -> bool:
    """Whether the date is a partition, today or on another day."""
    return date >= FIRST_DATE and date.month not in (7, 8, 9)


def calendar_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every date of the calendar from `first` to `last`."""
    span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [date for date in span if in_calendar(date)]


def computable(keys: Iterable[str]) -> list[dt.date]:
    """The dates of partition keys.

    With `end_offset` and excluded months the calendar offers 1 October all summer, so being a partition is not enough.

    Raises:
        DateRefused: if one is not in the calendar, or after today.
    """
    dates = [dt.date.fromisoformat(key) for key in keys]
    for date in dates:
        if date > today():
            raise DateRefused(f"{date} is after today ({today()}, New York); nothing was computed")
        if not in_calendar(date):
            raise DateRefused(
                f"{date} is not in the calendar: it starts on {FIRST_DATE} and leaves out July to September"
            )
    return dates
