"""Before anything is computed: what each date of a run would read, what is published for it, and whether it may run.

What refuses a date, and what a date's fingerprint is made of, belong here; what is then done about it is `publish.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nba_precompute.calendar import season_of
from nba_precompute.publishing.errors import AuditError
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.tables.sources import CLEANING_KINDS, CONTEXT
from nba_precompute.warehouse import Session
from nba_precompute.warehouse.protocol import Row
from nba_precompute.warehouse.schema_sync import refuse_mismatches


@dataclass(frozen=True)
class Finding:
    """What cleaning a source left out (contract, section 2), with an example key."""

    kind: str
    source: str
    count: int
    example: str

    def __str__(self) -> str:
        return f"{CLEANING_KINDS[self.kind].format(count=self.count, source=self.source)} (e.g. {self.example})"


@dataclass
class Inspection:
    """What a date would read and what is published for it, before anything is computed."""

    games: int = 0
    scheduled_in_season: int = 0
    sample_games: int = 0
    arrived: dict[str, int] = field(default_factory=dict)
    upstream: dict[str, int] = field(default_factory=dict)
    listed: int = 0
    slate_teams_unlisted: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    ready_rows: int = 0
    failures: int = 0
    content_hash: str = ""

    def found(self, kind: str) -> int:
        """How many rows (of conflicts and ambiguous keys: keys) there are of a kind of finding."""
        return sum(finding.count for finding in self.findings if finding.kind == kind)

    @property
    def fingerprint(self) -> str:
        """Changes with everything that the date's rows are computed from; has a part per input, to say which did."""
        return " ".join(f"{name}={digest}" for name, digest in sorted(self.inputs.items()))

    @property
    def problems(self) -> list[str]:
        """Why no table can be computed for the date, in words; empty where one can."""
        if self.games:
            return []
        found = [] if self.scheduled_in_season else ["the schedule has no game of the season"]
        return found + [f"the schedule has no game, but {name} has rows" for name, rows in self.arrived.items() if rows]


def changed_inputs(recorded: str, current: str) -> list[str]:
    """The inputs of which two fingerprints differ, by name."""
    before, now = (dict(part.split("=", 1) for part in text.split() if "=" in part) for text in (recorded, current))
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def verify_schemas(session: Session, table: Table) -> None:
    """Holds the sources and the table against their declarations.

    Raises:
        SchemaMismatch: naming every table, column, expected and found type.
    """
    relations: list[Source | Table] = [
        *(SOURCES.values() if table.population else ()),  # inspecting reads them all
        *(TABLES[name] for name in table.upstreams),
        table,
        PRECOMPUTE_FAILURES,
    ]
    refuse_mismatches(relations, session.columns_of(relations))


def inspect(session: Session, table: Table, dates: Sequence[dt.date]) -> dict[dt.date, Inspection]:
    """What each date would read and what is published for it, in one query.

    Raises:
        AuditError: if a date has no game while a source has rows for it or its season has no schedule, or if a Phase 4
            table that it reads was never materialized for it.
    """
    result = _inspections(_lines(session, table, dates), dates)
    _refuse_bad_dates(table, result)
    return result


def inspect_every_table(session: Session, dates: Sequence[dt.date]) -> dict[str, dict[dt.date, Inspection]]:
    """What `inspect` finds of each table on each date, by table; one query for all of them, and nothing is refused."""
    *others, last = TABLES.values()
    everything = replace(last, sources=tuple(SOURCES), upstreams=tuple(table.name for table in others))
    lines = _lines(session, everything, dates)
    return {name: _inspections(_lines_of(table, lines), dates) for name, table in TABLES.items()}


def _lines(session: Session, table: Table, dates: Sequence[dt.date]) -> list[Row]:
    statement = render("publish/inspect", table, RunDates.of(dates), session.relation, fingerprint=session.fingerprint)
    return session.query(statement, "inspect")


def _lines_of(table: Table, lines: Iterable[Row]) -> list[Row]:
    """Of the lines about everything, those that are about one table."""
    found = []
    for line in lines:
        kind, name = line["kind"], line["name"]
        if kind in ("facts", "context", "undated", "unlisted"):
            wanted = name in table.sources
        elif kind in ("upstream", "published"):
            wanted = name in table.upstreams
            if name == table.name:
                # What is upstream of others is what this one has published.
                rows = line["row_count"] - (line["failures"] if kind == "upstream" else 0)
                found.append({**line, "kind": "published", "row_count": rows})
        else:
            wanted = True
        if wanted:
            found.append(line)
    return found


def _inspections(lines: Iterable[Row], dates: Sequence[dt.date]) -> dict[dt.date, Inspection]:
    found: dict[dt.date, Inspection] = defaultdict(Inspection)
    seasons: dict[str, dict[int, int]] = {"scheduled": {}, "sample": {}}
    undated: list[Finding] = []
    for line in lines:
        kind, name, rows = line["kind"], line["name"], line["row_count"] or 0
        if kind in seasons:
            seasons[kind][int(name)] = rows
            continue
        if kind == "undated":
            undated += [Finding("null_keys", name, rows, "rows without a date")] if rows else []
            continue
        one = found[line["as_of"]]
        one.findings += [
            Finding(finding, name, line[finding], line[f"{finding}_example"])
            for finding in CLEANING_KINDS
            if line[finding]
        ]
        if kind == "games":
            one.games = rows
        elif kind == "arrived":
            one.arrived[name] = rows
        elif kind == "unlisted":
            one.slate_teams_unlisted = rows
        elif kind == "published":
            one.rows, one.ready_rows, one.failures = rows, line["ready_rows"], line["failures"]
            one.content_hash = line["fingerprint"]
        elif kind in ("season", "facts", "context", "upstream"):
            one.inputs[name] = hashlib.sha256(f"{rows} {line['fingerprint']}".encode()).hexdigest()[:8]
            if kind == "upstream":
                one.upstream[name] = rows
            if kind == "context":
                one.listed = rows
    result = {date: found[date] for date in dates}
    for date, one in result.items():
        one.scheduled_in_season = seasons["scheduled"].get(season_of(date), 0)
        one.sample_games = seasons["sample"].get(season_of(date), 0)
        one.findings += undated
    return result


def _refuse_bad_dates(table: Table, inspections: Mapping[dt.date, Inspection]) -> None:
    reasons: dict[dt.date | None, list[str]] = defaultdict(list)
    for date, one in inspections.items():
        for problem in one.problems:
            reasons[date].append(problem)
        for name in table.upstreams:
            reads = one.games and (one.listed or CONTEXT not in table.sources)
            if reads and not one.upstream.get(name):
                reasons[date].append(f"{name} was never materialized")
    if reasons:
        raise AuditError(table.name, reasons)
