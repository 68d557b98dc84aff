"""Observation of Phase 3 and the schedule: what every source has on every date, in one query.

Here: rows, coverage, findings and fingerprint of each source and date, and what makes a date's inputs incomplete
(contract, sections 2a and 3). Not here: recording observations in Dagster (`orchestration/observer.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from nba_precompute.calendar import OFF_SEASON_MONTHS, season_of
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import SOURCES
from nba_precompute.tables.common import READY_COMPLETENESS
from nba_precompute.tables.scopes import Scope
from nba_precompute.tables.sources import FACT_SOURCES, FAULTS, FINDINGS, SCHEDULE
from nba_precompute.warehouse import Session, Warehouse
from nba_precompute.warehouse.protocol import Row

MOST_SIDES = 6
"""A reason to wait names this many teams; the gaps of each source name every one."""


@dataclass(frozen=True)
class Gap:
    """A team of the slate that a source does not cover.

    Attributes:
        reason: e.g. `no box score` or `points 101 of 103`.
        is_waived: True if an operator gave up waiting for it.
    """

    team: str
    reason: str
    is_waived: bool = False

    def __str__(self) -> str:
        return f"{self.team} ({self.reason}{', waived' if self.is_waived else ''})"


@dataclass(frozen=True)
class Finding:
    """A number of rows that admission or cleaning found, with an example."""

    count: int
    example: str


@dataclass(frozen=True)
class SourceDate:
    """One source on one date.

    Attributes:
        rows: rows of the source, before admission.
        expected_teams: teams of the slate; 0 for the schedule itself.
        gaps: the teams of the slate that the source does not cover.
        fingerprint: changes with any row of the source (of the schedule: not when a game becomes final).
        findings: by kind (`FINDINGS`).
        incomplete: why the tables of the date have to wait, by the scope of the table: box scores of earlier dates, and
            listed players without any. Of the schedule alone.
    """

    source: str
    date: dt.date
    rows: int = 0
    expected_teams: int = 0
    gaps: tuple[Gap, ...] = ()
    fingerprint: str = ""
    findings: Mapping[str, Finding] = field(default_factory=dict)
    incomplete: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """The gaps that are not waived."""
        return tuple(gap for gap in self.gaps if not gap.is_waived)

    @property
    def covered_teams(self) -> int:
        return self.expected_teams - len(self.gaps)

    @property
    def data_version(self) -> str:
        """Version that changes with the rows, the expected teams, the gaps and the findings."""
        parts = [self.fingerprint, str(self.expected_teams), *map(str, self.gaps)]
        parts += [f"{kind} {finding.count}" for kind, finding in sorted(self.findings.items())]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    @property
    def has_arrived(self) -> bool:
        """True if the source has rows for the date, or none are expected, or those expected are waived."""
        return self.rows > 0 or not self.open_gaps

    @property
    def problems(self) -> list[str]:
        """Reasons why the source's check of the date fails."""
        found = []
        if self.open_gaps:
            gaps = ", ".join(map(str, self.open_gaps))
            found.append(f"{self.covered_teams} of {self.expected_teams} teams are covered, without {gaps}")
        found += self._described(kind for kind in self.findings if kind in FAULTS)
        return found

    @property
    def notes(self) -> list[str]:
        """What was set aside or cleaned, without failing the check, and the waived gaps."""
        found = self._described(kind for kind in self.findings if kind not in FAULTS)
        waived = [str(gap) for gap in self.gaps if gap.is_waived]
        return found + ([f"not covered: {', '.join(waived)}"] if waived else [])

    def _described(self, kinds: Iterable[str]) -> list[str]:
        return [
            f"{FINDINGS[kind].format(source=self.source, count=self.findings[kind].count)} "
            f"(e.g. {self.findings[kind].example})"
            for kind in kinds
        ]


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
    """Observe every source on every one of the dates, in one query; in two where listed players meet no box score.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    run = RunDates.of(dates)
    with warehouse.reading("observation") as session:
        statement = render("read/observe", None, run, session.relation, fingerprint=session.fingerprint)
        records = _Records(session.query(statement, "observe"))
        incomplete = _incomplete(session, records)
    without_schedule: dict[str, list[dt.date]] = {}
    for name, date in sorted(records.dates):
        if season_of(date) not in records.seasons:
            without_schedule.setdefault(name, []).append(date)

    def is_observed(name: str, date: dt.date) -> bool:
        if season_of(date) in records.seasons:
            return True
        has_rows = date in without_schedule.get(name, ())
        return name in FACT_SOURCES and not has_rows and _is_before_season(date, records.seasons)

    return Observation(
        dates=[
            records.source_date(name, date, incomplete[date] if name == SCHEDULE else {})
            for name in SOURCES
            for date in run.dates
            if is_observed(name, date)
        ],
        without_schedule=without_schedule,
    )


class _Records:
    """The rows of the query, by kind (`sql/read/observe.sql`)."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.seasons: set[int] = set()
        self.dates: dict[tuple[str, dt.date], Row] = {}
        self.gaps: dict[tuple[str, dt.date], list[Gap]] = defaultdict(list)
        self.findings: dict[tuple[str, dt.date], dict[str, Finding]] = defaultdict(dict)
        self.short_windows: dict[tuple[Scope, dt.date], list[str]] = defaultdict(list)
        self.newest_day: dict[dt.date, list[str]] = defaultdict(list)
        self.lost_joins: dict[dt.date, Row] = {}
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        date, key = row["game_date"], (row["name"], row["game_date"])
        match row["kind"]:
            case "season":
                self.seasons.add(season_of(date))
            case "date":
                self.dates[key] = row
            case "uncovered":
                self.gaps[key].append(Gap(team=row["item"], reason=row["text"], is_waived=row["is_waived"]))
            case "finding":
                self.findings[key][row["item"]] = Finding(count=row["amount"], example=row["text"])
            case "short_window":
                text = f"{row['item']} ({row['amount']} of {row['total']} games)"
                self.short_windows[Scope(row["name"]), date].append(text)
            case "newest_day":
                self.newest_day[date].append(f"{row['item']} {row['text']}")
            case "lost_joins":
                self.lost_joins[date] = row
            case unknown:
                raise ValueError(f"the observation query has no record {unknown!r}")

    def source_date(self, name: str, date: dt.date, incomplete: Mapping[Scope, tuple[str, ...]]) -> SourceDate:
        row = self.dates.get((name, date))
        if row is None:
            return SourceDate(source=name, date=date, incomplete=incomplete)
        findings = self.findings.get((name, date), {})
        return SourceDate(
            source=name,
            date=date,
            rows=row["amount"],
            expected_teams=row["total"],
            gaps=tuple(sorted(self.gaps.get((name, date), ()), key=lambda gap: gap.team)),
            fingerprint=row["fingerprint"] or "",
            findings={kind: findings[kind] for kind in FINDINGS if kind in findings},
            incomplete=incomplete,
        )


def _incomplete(session: Session, records: _Records) -> Mapping[dt.date, Mapping[Scope, tuple[str, ...]]]:
    """Describe what each date waits for (contract, section 3, the check `complete`)."""
    found: dict[dt.date, dict[Scope, tuple[str, ...]]] = defaultdict(dict)
    known_keys: list[str] = []
    if records.lost_joins:
        run = RunDates.of(records.lost_joins)
        rows = session.query(render("read/known_keys", None, run, session.relation), "observe")
        known_keys = [row["player_lookup"] for row in rows]
    dates = {date for _, date in records.short_windows} | records.newest_day.keys() | records.lost_joins.keys()
    for date in dates:
        for scope in Scope:
            texts = []
            if short := sorted(records.short_windows.get((scope, date), ())):
                texts.append(f"teams with less than {READY_COMPLETENESS} % of their window covered: {_some(short)}")
            if newest := sorted(records.newest_day.get(date, ())):
                texts.append(f"uncovered sides on the newest game date before: {_some(newest)}")
            if scope is Scope.SLATE and date in records.lost_joins:
                texts.append(_lost_join(records.lost_joins[date], known_keys))
            if texts:
                found[date][scope] = tuple(texts)
    return found


def _some(sides: Sequence[str]) -> str:
    """Return the first sides in words: on a date of a season without box scores, every team is one of them."""
    more = len(sides) - MOST_SIDES
    return ", ".join(sides[:MOST_SIDES]) + (f" and {more} more" if more > 0 else "")


def _lost_join(row: Row, known_keys: Sequence[str]) -> str:
    nearest = _nearest_key(row["item"], known_keys)
    hint = f"; nearest known key: {nearest}" if nearest else ""
    return (
        f"listed players whose player_lookup meets no earlier box score: {row['amount']} of {row['total']} "
        f"(e.g. {row['item']}{hint})"
    )


def _nearest_key(key: str, known: Sequence[str]) -> str:
    """Return the known key that the key contains, or else the most similar one; empty if none is similar."""
    contained = [other for other in known if other in key]
    if contained:
        return max(contained, key=len)
    return next(iter(get_close_matches(key, known, n=1)), "")


def _is_before_season(date: dt.date, seasons: Collection[int]) -> bool:
    """Return True in the month of the 30 partitions before the first one of one of the seasons, 1 October.

    Their rows are not read, but the asset graph maps the first dates of a season to them.
    """
    is_that_month = date.month == (6 if OFF_SEASON_MONTHS else 9)
    return is_that_month and season_of(dt.date(date.year, 12, 31)) in seasons
