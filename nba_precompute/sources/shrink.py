"""The rule for shrinking: a load does not take away more than a fifth of the rows of a date or season unless told to.

Here: the losses of a load and their refusal. Not here: what a load replaces (`loading.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from nba_precompute.calendar import season_label, season_of
from nba_precompute.warehouse import WarehouseError

MOST_LOST = Fraction(1, 5)
"""The share of a date's or a season's rows that a load may take away."""

_DATES_IN_MESSAGE = 3


@dataclass(frozen=True)
class Loss:
    """A date or a season of a source that would lose more than `MOST_LOST` of its rows.

    Attributes:
        date: None if it is the whole season that loses them.
        before: rows in the warehouse, without simulated rows that real ones remove.
        after: rows after the load.
    """

    table: str
    season: int
    date: dt.date | None
    before: int
    after: int

    def __str__(self) -> str:
        period = f"in {season_label(self.season)}" if self.date is None else f"on {self.date}"
        return f"{self.table} {period}: {self.before:,} rows now, {self.after:,} after the load"


class ShrinkRefused(WarehouseError):
    """A load would take away too many rows; nothing was written.

    Attributes:
        losses: every date and season concerned, by source: seasons first, then dates.
    """

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        super().__init__(
            "\n".join(
                (
                    "the load would take away more than a fifth of these rows; nothing was written",
                    *self._lines(),
                    "check the files; if the rows are to go, load with --allow-shrink (in Python: allow_shrink=True)",
                )
            )
        )

    def _lines(self) -> Iterator[str]:
        """Yield a line per season and for the first dates of each source."""
        for table, of_table in groupby(self.losses, lambda loss: loss.table):
            losses = list(of_table)
            dates = [loss for loss in losses if loss.date is not None]
            yield from (str(loss) for loss in losses if loss.date is None)
            yield from map(str, dates[:_DATES_IN_MESSAGE])
            if (more := len(dates) - _DATES_IN_MESSAGE) > 0:
                yield f"{table} on other dates: {more}, the last {dates[-1].date}"


def losses(
    table: str, before: Mapping[dt.date, int], after: Mapping[dt.date, int], dates: Collection[dt.date]
) -> list[Loss]:
    """Return what a source would lose, seasons first.

    Args:
        before: rows by date in the warehouse, of whole seasons.
        after: the same as they would be after the load.
        dates: the dates that are compared one by one.
    """
    seasons_before, seasons_after = _by_season(before), _by_season(after)
    compared = [(season, None, rows, seasons_after[season]) for season, rows in sorted(seasons_before.items())] + [
        (season_of(date), date, before.get(date, 0), after.get(date, 0)) for date in sorted(dates)
    ]
    return [
        Loss(table=table, season=season, date=date, before=old, after=new)
        for season, date, old, new in compared
        if old - new > MOST_LOST * old
    ]


def _by_season(rows: Mapping[dt.date, int]) -> Counter[int]:
    result: Counter[int] = Counter()
    for date, count in rows.items():
        result[season_of(date)] += count
    return result
