"""Game dates and seasons, and the clock.

Here: the dates of the calendar (from `NBA_FIRST_DATE` on), seasons and their labels, date ranges, the current time in
New York. A day without games is a date of the calendar, so the calendar does not change with the schedule.
Not here: Dagster's partitions (`orchestration/partitions.py`) and the SQL predicates of dates (`sql/dates.py`).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from zoneinfo import ZoneInfo

LEAGUE_TIME = ZoneInfo("America/New_York")
_OFF_SEASON_MONTHS = (7, 8, 9)
_LAST_DATES = {2019: dt.date(2020, 10, 11), 2020: dt.date(2021, 7, 20)}
"""The last dates of the seasons that went on after June, by the year in which they started."""

_ONE_DAY = dt.timedelta(days=1)


class DateRefused(Exception):
    """Raised for a date that is not in the calendar, or after today."""


def now() -> dt.datetime:
    """Return the current time in New York."""
    return dt.datetime.now(LEAGUE_TIME)


def _first_date(text: str | None) -> dt.date:
    """Parse `NBA_FIRST_DATE`; the opening night of 2021-22 if it is not set.

    Raises:
        SystemExit: if it is not a date on which the league can have played, with one line; nothing works without a
            calendar.
    """
    try:
        date = dt.date.fromisoformat(text) if text else dt.date(2021, 10, 19)
    except ValueError:
        raise SystemExit(f"error: NBA_FIRST_DATE is {text!r}; it must be a date such as 2018-10-16") from None
    if not dt.date(1946, 11, 1) <= date <= now().date() or date.month in _OFF_SEASON_MONTHS:
        raise SystemExit(f"error: NBA_FIRST_DATE is {text}; it must be from October to June, from 1946-11-01 to today")
    return date


FIRST_DATE = _first_date(os.environ.get("NBA_FIRST_DATE"))
"""The first date that can be computed. Without the dates before it, its season's windows would lack games: choose the
first date of a season."""

LATE_SEASONS = {season: last for season, last in _LAST_DATES.items() if last >= FIRST_DATE}
"""The last dates of those seasons of the calendar that went on after June; none by default."""

OFF_SEASON_MONTHS = () if LATE_SEASONS else _OFF_SEASON_MONTHS
"""The months that the calendar leaves out; none if games were played in two of its summers, because Dagster can exclude
the months of every year or of none."""


def today() -> dt.date:
    """Return the current date in New York."""
    return now().date()


def in_calendar(date: dt.date) -> bool:
    """Return True if the date, past or future, is in the calendar."""
    return date >= FIRST_DATE and date.month not in OFF_SEASON_MONTHS


def calendar_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the calendar's dates from `first` to `last`, both inclusive."""
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [date for date in days if in_calendar(date)]


def computable(keys: Iterable[str]) -> list[dt.date]:
    """Parse partition keys, and refuse dates that cannot be computed.

    Being a partition is not enough: with `end_offset` and excluded months, Dagster offers 1 October all summer.

    Raises:
        DateRefused: if a date is not in the calendar, or after today.
    """
    dates = [dt.date.fromisoformat(key) for key in keys]
    for date in dates:
        if date > today():
            raise DateRefused(f"{date} is after today ({today()}, New York); nothing was computed")
        if not in_calendar(date):
            raise DateRefused(
                f"{date} is not in the calendar, which starts on {FIRST_DATE}"
                f"{' and leaves out July to September' if OFF_SEASON_MONTHS else ''}"
            )
    return dates


def season_of(date: dt.date) -> int:
    """Return the year in which the season of a date starts (`season_span`)."""
    season = date.year if date.month >= 7 else date.year - 1
    return season if date >= season_span(season)[0] else season - 1


def season_span(season: int) -> tuple[dt.date, dt.date]:
    """Return the first and last date of a season: July to June, unless it or the season before went on after June."""
    return (
        LATE_SEASONS.get(season - 1, dt.date(season, 6, 30)) + _ONE_DAY,
        LATE_SEASONS.get(season, dt.date(season + 1, 6, 30)),
    )


def season_label(season: int) -> str:
    """Return the league's name of a season: `2021-22` for 2021."""
    return f"{season}-{(season + 1) % 100:02d}"


def season_dates(season: int) -> tuple[dt.date, dt.date]:
    """Return the first and last calendar date of a season."""
    first, last = season_span(season)
    return max(FIRST_DATE, first, dt.date(season, 10, 1)), last


def date_ranges(dates: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Group dates into the fewest contiguous ranges, ascending, both ends inclusive."""
    result: list[tuple[dt.date, dt.date]] = []
    for date in sorted(set(dates)):
        if result and date - result[-1][1] == _ONE_DAY:
            result[-1] = (result[-1][0], date)
        else:
            result.append((date, date))
    return result
