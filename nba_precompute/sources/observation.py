"""Observation of Phase 3 and the schedule: rows, coverage and fingerprint of every source on every date, in one query.

Here: the observation, and the rule for a complete date: every team of its slate is covered (contract, section 3), or it
has no games. Not here: recording observations in Dagster (`orchestration/observer.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from nba_precompute.calendar import season_of
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import CLEANING_KINDS, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse import Warehouse
from nba_precompute.warehouse.protocol import Row


@dataclass(frozen=True)
class SourceDate:
    """One source on one date.

    Attributes:
        rows: rows of the source, before cleaning.
        expected_teams: teams of the slate; 0 for the schedule itself.
        covered_teams: number of expected teams that the source covers.
        uncovered_teams: the other expected teams.
        fingerprint: changes with any row of the source (of the schedule: with any game that counts).
        findings: counts of what cleaning found, by kind (`CLEANING_KINDS`); kinds without a finding are left out.
    """

    source: str
    date: dt.date
    rows: int = 0
    expected_teams: int = 0
    covered_teams: int = 0
    uncovered_teams: tuple[str, ...] = ()
    fingerprint: str = ""
    findings: Mapping[str, int] = field(default_factory=dict)

    @property
    def data_version(self) -> str:
        """Version that changes with the rows and with the expected and uncovered teams."""
        parts = (self.fingerprint, str(self.expected_teams), ",".join(self.uncovered_teams))
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    @property
    def has_arrived(self) -> bool:
        """True if the source has rows for the date, or none are expected."""
        return self.rows > 0 or self.expected_teams == 0

    @property
    def problems(self) -> list[str]:
        """Reasons why the date is incomplete."""
        found = []
        if self.uncovered_teams:
            missing = ", ".join(self.uncovered_teams)
            found.append(f"{self.covered_teams} of {self.expected_teams} teams are covered, without {missing}")
        if self.source != SCHEDULE and self.rows and not self.expected_teams:
            found.append(f"{self.rows} rows, but the schedule has no game")
        return found


@dataclass(frozen=True)
class Observation:
    """The result of `observe`.

    Attributes:
        dates: every source on every date whose season has a schedule, and the box scores before a season's first date.
        without_schedule: dates with rows in a season that has no schedule, by source; their completeness is unknown.
    """

    dates: list[SourceDate]
    without_schedule: dict[str, list[dt.date]]


def observe(warehouse: Warehouse, dates: Sequence[dt.date]) -> Observation:
    """Observe every source on every one of the dates, in one query.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    run = RunDates.of(dates)
    with warehouse.reading("observation") as session:
        statement = render("read/observe", None, run, session.relation, fingerprint=session.fingerprint)
        rows = session.query(statement, "observe")
    seasons = {season_of(row["game_date"]) for row in rows if row["name"] == "season"}
    found = {(row["name"], row["game_date"]): _source_date(row) for row in rows if row["name"] != "season"}
    without_schedule: dict[str, list[dt.date]] = {}
    for name, date in sorted(found):
        if season_of(date) not in seasons:
            without_schedule.setdefault(name, []).append(date)

    def is_observed(name: str, date: dt.date) -> bool:
        if season_of(date) in seasons:
            return True
        has_rows = date in without_schedule.get(name, ())
        return name in FACT_SOURCES and not has_rows and _is_before_season(date, seasons)

    return Observation(
        dates=[
            found.get((name, date), SourceDate(source=name, date=date))
            for name in SOURCES
            for date in run.dates
            if is_observed(name, date)
        ],
        without_schedule=without_schedule,
    )


def _is_before_season(date: dt.date, seasons: Collection[int]) -> bool:
    """Return True in June before one of the seasons: the 30 partitions before the season's first one, 1 October.

    Their rows are not read, but the asset graph maps the first dates of a season to them.
    """
    return date.month == 6 and season_of(date) + 1 in seasons


def _source_date(row: Row) -> SourceDate:
    return SourceDate(
        source=row["name"],
        date=row["game_date"],
        rows=row["source_rows"],
        expected_teams=row["expected_teams"],
        covered_teams=row["covered_teams"],
        uncovered_teams=tuple(row["uncovered_teams"].split(", ")) if row["uncovered_teams"] else (),
        fingerprint=row["fingerprint"],
        findings={kind: row[kind] for kind in CLEANING_KINDS if row[kind]},
    )
