"""The rows of the inspection query (`sql/publish/inspect.sql`) as typed records.

Here: the records, and the one place that reads them from rows. Not here: their meaning for a date of a table
(`inspection.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from nba_precompute.calendar import season_of
from nba_precompute.tables.sources import FINDINGS
from nba_precompute.warehouse.protocol import Row

SEASON_TEAMS = "season_teams"
"""The input that every table reads besides its sources: the teams on the season's schedule."""


@dataclass(frozen=True)
class ScheduledSeason:
    """A season's schedule: its games, and how many of them are simulated."""

    games: int
    sample_games: int


@dataclass(frozen=True)
class InputFingerprint:
    """One input of a date: its rows up to the date (of the context: on the date) and a fingerprint of their content."""

    name: str
    rows: int
    fingerprint: str

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with the input; part of every date's record."""
        return hashlib.sha256(f"{self.rows} {self.fingerprint}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class PublishedContent:
    """The contents of a Phase 4 table for a date: row counts, and a hash over its rows and failures."""

    table: str = ""
    rows: int = 0
    ready_rows: int = 0
    failures: int = 0
    content_hash: str = ""

    @property
    def as_input(self) -> InputFingerprint:
        """The table as an input of the tables that read it."""
        return InputFingerprint(name=self.table, rows=self.rows + self.failures, fingerprint=self.content_hash)


NOT_PUBLISHED = PublishedContent()
"""The content of a date without rows and failures."""


@dataclass(frozen=True)
class SourceFinding:
    """A finding of admission or cleaning in a source (contract, sections 2 and 2a), with an example.

    Attributes:
        kind: one of `FINDINGS`.
        count: rows; of `conflicts`: keys; of `several_keys` and `several_people`: people.
    """

    source: str
    kind: str
    count: int
    example: str

    def __str__(self) -> str:
        return f"{FINDINGS[self.kind].format(count=self.count, source=self.source)} (e.g. {self.example})"


@dataclass
class InspectionRows:
    """Everything that one inspection query returned.

    Attributes:
        games: scheduled games, by date.
        seasons: by the year in which the season starts.
        box_score_rows: rows of all box scores before each date, admitted or not.
        unlisted_teams: teams of the slate for which no player is listed, by date.
        contents: by table and date; a date without rows and failures has none.
        findings: by date; under None those that concern every date.
    """

    games: dict[dt.date, int] = field(default_factory=dict)
    seasons: dict[int, ScheduledSeason] = field(default_factory=dict)
    inputs: dict[dt.date, list[InputFingerprint]] = field(default_factory=lambda: defaultdict(list))
    box_score_rows: dict[dt.date, int] = field(default_factory=dict)
    unlisted_teams: dict[dt.date, int] = field(default_factory=dict)
    contents: dict[tuple[str, dt.date], PublishedContent] = field(default_factory=dict)
    findings: dict[dt.date | None, list[SourceFinding]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, rows: Iterable[Row]) -> InspectionRows:
        """Read the rows of the query.

        Raises:
            ValueError: if a row is of an unknown kind.
        """
        result = cls()
        for row in rows:
            result._add(row)
        return result

    def _add(self, row: Row) -> None:
        date, name, count = row["as_of"], row["name"], row["row_count"] or 0
        match row["kind"]:
            case "scheduled_date":
                self.games[date] = count
            case "scheduled_season":
                self.seasons[season_of(date)] = ScheduledSeason(games=count, sample_games=row["sample_games"])
            case "input":
                self.inputs[date].append(InputFingerprint(name=name, rows=count, fingerprint=row["fingerprint"]))
            case "box_score_rows":
                self.box_score_rows[date] = count
            case "unlisted_teams":
                self.unlisted_teams[date] = count
            case "content":
                self.contents[name, date] = PublishedContent(
                    table=name,
                    rows=count,
                    ready_rows=row["ready_rows"],
                    failures=row["failures"],
                    content_hash=row["fingerprint"],
                )
            case "finding":
                self.findings[date].append(
                    SourceFinding(source=name, kind=row["finding_kind"], count=count, example=row["example"])
                )
            case unknown:
                raise ValueError(f"the inspection query has no record {unknown!r}")
