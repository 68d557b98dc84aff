"""The rows that the warehouse has of each source, by date.

Here: their numbers, in one query per load. Not here: what a load does with them (`loading.py`), and the observation,
which also knows their content (`observation.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from nba_precompute.calendar import season_of, season_span
from nba_precompute.sql import RunDates, fill
from nba_precompute.warehouse import Session


@dataclass(frozen=True)
class HeldRows:
    """The rows of one source on one date.

    Attributes:
        rows: all of them.
        sample_rows: those of simulated games.
        real_rows: those of real games; a row without a game id counts as neither.
    """

    source: str
    date: dt.date
    rows: int
    sample_rows: int
    real_rows: int

    @property
    def season(self) -> int:
        """The season of the date."""
        return season_of(self.date)


def within_seasons(column: str, seasons: Collection[int]) -> str:
    """Render the condition that the column is a date of one of the seasons (`calendar.season_span`)."""
    return RunDates.of(season_span(season)[0] for season in seasons).seasons_of(column)


def held_rows(session: Session, seasons: Collection[int]) -> list[HeldRows]:
    """Count the rows of every source on every date of the seasons that has some."""
    if not seasons:
        return []
    statement = fill("load/held_rows", relation=session.relation, within=lambda column: within_seasons(column, seasons))
    return [
        HeldRows(
            source=row["name"],
            date=row["as_of"],
            rows=row["row_count"],
            sample_rows=row["sample_rows"],
            real_rows=row["real_rows"],
        )
        for row in session.query(statement, "compare")
    ]
