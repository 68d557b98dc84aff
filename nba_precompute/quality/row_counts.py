"""What stands in the tables, date by date: rows, ready rows, incomplete rows, failures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse import Session, Warehouse


@dataclass(frozen=True)
class DateCoverage:
    """One table on one date that has a game or an answer.

    Attributes:
        incomplete: rows whose main window lacks an expected game.
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
        """Whether a date with games has neither rows nor failures."""
        return self.games > 0 and self.rows + self.failures == 0


def coverage(warehouse: Warehouse, dates: Sequence[dt.date]) -> dict[str, list[DateCoverage]]:
    """The coverage of every Phase 4 table, one query each; dates without game and answer are left out."""
    run = RunDates.of(dates)
    with warehouse.reading("coverage") as session:
        return {table.name: table_coverage(session, table, run) for table in TABLES.values()}


def table_coverage(session: Session, table: Table, run: RunDates) -> list[DateCoverage]:
    """The coverage of one table; dates without game and answer are left out."""
    return [
        DateCoverage(
            line["as_of"],
            line["games"],
            line["sample_games"],
            line["published_rows"],
            line["ready_rows"],
            line["incomplete_rows"],
            line["failures"],
        )
        for line in session.query(render("read/coverage", table, run, session.relation))
    ]
