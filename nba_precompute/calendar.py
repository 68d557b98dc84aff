"""Game dates and seasons: the league's calendar, the clock that everything reads, and what may be computed.

Here: the dates of the calendar, seasons and their labels, today in league time. Not here: Dagster's partitions of these
dates (`orchestration/partitions.py`) and the SQL predicates that select them (`sql/dates.py`).

A day without games is a real date of the calendar, so that the calendar never changes with the schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

LEAGUE_TIME = ZoneInfo("America/New_York")
FIRST_DATE = dt.date(2021, 10, 19)
OFF_SEASON_MONTHS = (7, 8, 9)

_ONE_DAY = dt.timedelta(days=1)


class DateRefused(Exception):
    """A date that is not in the calendar, or after today."""


def now() -> dt.datetime:
    """The current time in New York."""
    return dt.datetime.now(LEAGUE_TIME)


def today() -> dt.date:
    """The current league date."""
    return now().date()


def in_calendar(date: dt.date) -> bool:
    """Whether the calendar has this date, past or future."""
    return date >= FIRST_DATE and date.month not in OFF_SEASON_MONTHS


def calendar_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every date of the calendar from `first` to `last`, both inclusive."""
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [date for date in days if in_calendar(date)]


def computable(keys: Iterable[str]) -> list[dt.date]:
    """Parse partition keys, refusing dates that cannot be computed.

    With `end_offset` and excluded months, Dagster offers 1 October all summer: being a partition is not enough.

    Raises:
        DateRefused: if a date is not in the calendar, or after today.
    """
    dates = [dt.date.fromisoformat(key) for key in keys]
    for date in dates:
        if date > today():
            raise DateRefused(f"{date} is after today ({today()}, New York); nothing was computed")
        if not in_calendar(date):
            raise DateRefused(
                f"{date} is not in the calendar, which starts on {FIRST_DATE} and leaves out July to September"
            )
    return dates


def season_of(date: dt.date) -> int:
    """The season of a date, as the year in which it starts; seasons run from July to June."""
    return date.year if date.month >= 7 else date.year - 1


def season_label(season: int) -> str:
    """A season as the league writes it: 2021 is `2021-22`."""
    return f"{season}-{(season + 1) % 100:02d}"


def season_dates(season: int) -> tuple[dt.date, dt.date]:
    """The first and last date of the calendar in a season."""
    return max(FIRST_DATE, dt.date(season, 10, 1)), dt.date(season + 1, 6, 30)


def date_ranges(dates: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Group dates into the fewest contiguous ranges, ascending, both ends inclusive."""
    result: list[tuple[dt.date, dt.date]] = []
    for date in sorted(set(dates)):
        if result and date - result[-1][1] == _ONE_DAY:
            result[-1] = (result[-1][0], date)
        else:
            result.append((date, date))
    return result
