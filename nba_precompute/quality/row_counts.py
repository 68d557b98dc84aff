"""Row counts of the Phase 4 tables per date: rows, ready rows, incomplete rows, failures; dates that have a schedule.

Here: counting them and their type. Not here: the rules a date must satisfy (`quality/rules.py`), and showing the counts
(`cli/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nba_precompute.calendar import in_calendar
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse import Session, Warehouse


@dataclass(frozen=True)
class DateRowCounts:
    """The row counts of one table on one date that has a game, a row or a failure.

    Attributes:
        games: games on the schedule of the date; `sample_games` of them are simulated.
        incomplete: rows with an expected game in the main window that is not covered.
        failures: members of the population without a row, each with a recorded reason.
    """

    date: dt.date
    games: int
    sample_games: int
    rows: int
    ready: int
    incomplete: int
    failures: int

    @property
    def is_missing(self) -> bool:
        """True if the date has games, but neither rows nor failures."""
        return self.games > 0 and self.rows + self.failures == 0


def row_counts(warehouse: Warehouse, dates: Sequence[dt.date]) -> dict[str, list[DateRowCounts]]:
    """Count the rows of every Phase 4 table, in one query per table.

    Returns:
        By table name; dates without a game, a row or a failure are left out.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    run = RunDates.of(dates)
    with warehouse.reading("row counts") as session:
        return {table.name: table_row_counts(session, table, run) for table in TABLES.values()}


def have_schedule(warehouse: Warehouse, dates: Iterable[dt.date]) -> bool:
    """Return True if one of the dates is in the calendar, in a season with a schedule.

    A date of such a season that has no game is complete and empty. Of any other date without a row nothing is known.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    known = [date for date in dates if in_calendar(date)]
    if not known:
        return False
    with warehouse.reading("seasons with a schedule") as session:
        return bool(session.query(render("read/scheduled_seasons", None, RunDates.of(known), session.relation)))


def table_row_counts(session: Session, table: Table, run: RunDates) -> list[DateRowCounts]:
    """Count the rows of one table, by ascending date; dates without a game, a row or a failure are left out."""
    return [
        DateRowCounts(
            date=row["as_of"],
            games=row["games"],
            sample_games=row["sample_games"],
            rows=row["published_rows"],
            ready=row["ready_rows"],
            incomplete=row["incomplete_rows"],
            failures=row["failures"],
        )
        for row in session.query(render("read/row_counts", table, run, session.relation))
    ]
