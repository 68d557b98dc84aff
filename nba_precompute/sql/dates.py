"""The dates of a run, and the literal SQL predicates that bound every scan by them.

Here: predicates over contiguous date ranges, so that a season is one `BETWEEN` and not 165 literals. Not here: the
calendar of game dates and seasons (`calendar.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from nba_precompute.calendar import date_ranges, season_of, season_span

TRAILING_DAYS = dt.timedelta(days=60)
"""The number of days before a date that contain its trailing game dates (`tables/common.py`, `TRAILING_DATES`)."""


def _within(column: str, ranges: list[tuple[dt.date, dt.date]]) -> str:
    terms = [
        f"{column} = DATE '{first}'" if first == last else f"{column} BETWEEN DATE '{first}' AND DATE '{last}'"
        for first, last in ranges
    ]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


@dataclass(frozen=True)
class RunDates:
    """The dates that a run computes.

    Attributes:
        dates: ascending, without repetition, at least one.
    """

    dates: tuple[dt.date, ...]

    @classmethod
    def of(cls, dates: Iterable[dt.date]) -> RunDates:
        """Sort the dates and drop repetitions.

        Raises:
            ValueError: if there is no date.
        """
        ordered = tuple(sorted(set(dates)))
        if not ordered:
            raise ValueError("a run needs at least one date")
        return cls(ordered)

    @property
    def seasons(self) -> dict[int, tuple[dt.date, dt.date]]:
        """The first and last date of the run in each season."""
        result: dict[int, tuple[dt.date, dt.date]] = {}
        for date in self.dates:
            first, _ = result.setdefault(season_of(date), (date, date))
            result[season_of(date)] = (first, date)
        return result

    def dates_of(self, column: str) -> str:
        """Return a predicate for exactly the run's dates."""
        return _within(column, date_ranges(self.dates))

    def facts(self, column: str) -> str:
        """Return a predicate for the games that a window may read: each season up to the run's last date in it."""
        return _within(column, [(season_span(year)[0], last) for year, (_, last) in self.seasons.items()])

    def trailing(self, column: str) -> str:
        """Return a predicate for the run's dates and the `TRAILING_DAYS` before them, within the season."""
        return _within(
            column,
            [(max(first - TRAILING_DAYS, season_span(year)[0]), last) for year, (first, last) in self.seasons.items()],
        )

    def seasons_of(self, column: str) -> str:
        """Return a predicate for the whole seasons of the run's dates, for the schedule, which is known ahead."""
        return _within(column, [season_span(year) for year in self.seasons])
