"""What stands in Phase 3 and the schedule, date by date, and whether it is complete: one query for everything.

What is *seen* belongs here, without Dagster; what is recorded about it is `observer.py`. A date of a source is complete
when every team of its slate is covered (contract, section 3); trivially so without games.
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
        rows: as they stand in the source, before cleaning.
        expected_teams: teams of the slate; 0 for the schedule itself.
        covered_teams: how many of exactly those the source covers.
        uncovered_teams: the others, by name.
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
        """Changes with the rows, and with what the date must have."""
        parts = (self.fingerprint, str(self.expected_teams), ",".join(self.uncovered_teams))
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    @property
    def has_arrived(self) -> bool:
        """Whether there is anything to speak of: rows, or nothing to wait for."""
        return self.rows > 0 or self.expected_teams == 0

    @property
    def problems(self) -> list[str]:
        """Why the date is not complete, in words; empty where it is."""
        found = []
        if self.uncovered_teams:
            missing = ", ".join(self.uncovered_teams)
            found.append(f"{self.covered_teams} of {self.expected_teams} teams are covered, without {missing}")
        if self.source != SCHEDULE and self.rows and not self.expected_teams:
            found.append(f"{self.rows} rows, but the schedule has no game")
        return found


@dataclass(frozen=True)
class Observation:
    """Everything that was seen.

    Attributes:
        dates: every source on every date whose season has a schedule, and the box scores before a season's first date.
        without_schedule: dates with rows in a season that has no schedule, by source; nothing can be said about them.
    """

    dates: list[SourceDate]
    without_schedule: dict[str, list[dt.date]]


def observe(warehouse: Warehouse, dates: Sequence[dt.date]) -> Observation:
    """Looks at every source on every one of the dates, in one query.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    run = RunDates.of(dates)
    with warehouse.reading("observation") as session:
        statement = render("read/observe", None, run, session.relation, fingerprint=session.fingerprint)
        lines = session.query(statement, "observe")
    seasons = {season_of(line["game_date"]) for line in lines if line["name"] == "season"}
    found = {(line["name"], line["game_date"]): _source_date(line) for line in lines if line["name"] != "season"}
    without_schedule: dict[str, list[dt.date]] = {}
    for name, date in sorted(found):
        if season_of(date) not in seasons:
            without_schedule.setdefault(name, []).append(date)
    return Observation(
        [
            found.get((name, date), SourceDate(name, date))
            for name in SOURCES
            for date in run.dates
            if season_of(date) in seasons
            or (
                name in FACT_SOURCES and date not in without_schedule.get(name, ()) and _is_before_season(date, seasons)
            )
        ],
        without_schedule,
    )


def _is_before_season(date: dt.date, seasons: Collection[int]) -> bool:
    """Whether the date is among the 30 partitions before the first one of a season, 1 October: all of June.

    Nothing of it is read, but the asset graph maps the first dates of a season to it.
    """
    return date.month == 6 and season_of(date) + 1 in seasons


def _source_date(line: Row) -> SourceDate:
    return SourceDate(
        line["name"],
        line["game_date"],
        line["source_rows"],
        line["expected_teams"],
        line["covered_teams"],
        tuple(line["uncovered_teams"].split(", ")) if line["uncovered_teams"] else (),
        line["fingerprint"],
        {kind: line[kind] for kind in CLEANING_KINDS if line[kind]},
    )
