"""Inspection of the dates of a run before anything is computed: their inputs and their published content.

Here: the query, its result for each date of a table, the fingerprint of a date's inputs, and the dates that are
refused. Not here: the rows of the query (`inspection_rows.py`), and what follows from an inspection (`publish.py`,
`operations/plan/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nba_precompute.calendar import season_of
from nba_precompute.publishing.inspection_rows import (
    NOT_PUBLISHED,
    SEASON_TEAMS,
    InputFingerprint,
    InspectionRows,
    PublishedContent,
    SourceFinding,
)
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.tables.common import LOST_GAMES_SHARE, OFF_SCHEDULE_SHARE
from nba_precompute.tables.sources import CONTEXT, SCHEDULE
from nba_precompute.warehouse import Session
from nba_precompute.warehouse.schema_sync import refuse_mismatches


@dataclass(frozen=True)
class Inspection:
    """One date of a table, before anything is computed.

    Attributes:
        games: scheduled games of the date.
        season_games: scheduled games of the date's season.
        is_sample: True if the date's season is simulated.
        box_score_rows: rows of all box scores of the season before the date, admitted or not.
        inputs: the inputs from which the date's rows would be computed.
        unlisted_teams: teams of the slate for which no player is listed.
        findings: what admission and cleaning find in the rows that the date reads; on a date without a game, in the
            rows of the date itself.
        published: the content of the table for the date.
    """

    games: int = 0
    season_games: int = 0
    is_sample: bool = False
    box_score_rows: int = 0
    inputs: Sequence[InputFingerprint] = ()
    unlisted_teams: int = 0
    findings: Sequence[SourceFinding] = ()
    published: PublishedContent = NOT_PUBLISHED

    def rows_of(self, name: str) -> int:
        """Return the number of rows of an input; 0 if it has none."""
        return sum(entry.rows for entry in self.inputs if entry.name == name)

    def count(self, *kinds: str) -> int:
        """Count the findings of some kinds; see `SourceFinding`."""
        return sum(finding.count for finding in self.findings if finding.kind in kinds)

    @property
    def fingerprint(self) -> str:
        """Text that changes with the date's inputs; it has one part per input, so that a change can be attributed."""
        return " ".join(f"{entry.name}={entry.digest}" for entry in sorted(self.inputs, key=lambda entry: entry.name))


def schedule_problems(date: dt.date, inspection: Inspection, games_before: Mapping[int, int]) -> list[str]:
    """Return the reasons why no table can be computed for a date (contract, sections 2a and 4).

    Args:
        date: the date.
        inspection: its inspection.
        games_before: scheduled games of each season at the last run; a season without a run is left out.
    """
    if not inspection.season_games:
        return ["the schedule has no game of the season"]
    found = []
    before = games_before.get(season_of(date), 0)
    if inspection.season_games < (1 - LOST_GAMES_SHARE) * before:
        found.append(
            f"the schedule has {inspection.season_games:,} games of the season that count; at the last run it had "
            f"{before:,} (load the whole schedule, or accept this one: `nba-precompute backfill --accept-schedule`)"
        )
    off_schedule = sorted(
        (finding for finding in inspection.findings if finding.kind == "off_schedule"),
        key=lambda finding: [*SOURCES].index(finding.source),  # the engines return them in any order
    )
    rows = inspection.count("off_schedule")
    if not inspection.games:
        found += [str(finding) for finding in off_schedule]
    elif rows > OFF_SCHEDULE_SHARE * inspection.box_score_rows:
        examples = ", ".join(finding.example for finding in off_schedule)
        found.append(
            f"the schedule is cut off: {rows:,} of the season's {inspection.box_score_rows:,} box score rows before "
            f"the date have no game on it (e.g. {examples})"
        )
    return found


def changed_inputs(recorded: str, current: str) -> list[str]:
    """Return the names of the inputs in which two fingerprints differ."""
    before, now = (dict(part.split("=", 1) for part in text.split() if "=" in part) for text in (recorded, current))
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def verify_schemas(session: Session, table: Table) -> None:
    """Compare the sources and the table with their declarations.

    Raises:
        SchemaMismatch: naming every table, column, expected and found type.
    """
    relations: list[Source | Table] = [
        *(SOURCES.values() if table.population else ()),  # inspecting reads them all
        *(TABLES[name] for name in table.upstreams),
        table,
        PRECOMPUTE_FAILURES,
    ]
    refuse_mismatches(session, relations)


def inspect_statement(session: Session, tables: Sequence[Table], dates: Sequence[dt.date]) -> str:
    """Render the query of `inspect`: every source that one of the tables reads, and their published content."""
    contents = {table.name: table for table in tables}
    contents |= {name: TABLES[name] for table in tables for name in table.upstreams}
    return render(
        "publish/inspect",
        None,
        RunDates.of(dates),
        session.relation,
        fingerprint=session.fingerprint,
        input_sources=[name for name in SOURCES if any(name in table.sources for table in tables)],
        season_teams=SEASON_TEAMS,
        contents=list(contents.values()),
    )


def inspect(
    session: Session, tables: Sequence[Table], dates: Sequence[dt.date]
) -> dict[str, dict[dt.date, Inspection]]:
    """Inspect each table on each date, in one query; nothing is refused.

    Returns:
        The inspections by table name and date.
    """
    rows = InspectionRows.of(session.query(inspect_statement(session, tables, dates), "inspect"))
    return {table.name: {date: _inspection(table, date, rows) for date in dates} for table in tables}


def inspect_for_run(session: Session, table: Table, dates: Sequence[dt.date]) -> dict[dt.date, Inspection]:
    """Inspect the dates of a run of one table; a table without a population has nothing to inspect."""
    if not table.population:
        return {date: Inspection() for date in dates}
    return inspect(session, [table], dates)[table.name]


def refusals(
    table: Table, inspections: Mapping[dt.date, Inspection], games_before: Mapping[int, int]
) -> dict[dt.date, tuple[str, ...]]:
    """Return the reasons why a run of the table refuses dates, by date.

    A date is refused if no table can be computed for it, or if a Phase 4 table that it reads was never materialized for
    it. A date that can be computed is left out, and so is every date of a table without a population. `games_before` as
    in `schedule_problems`.
    """
    if not table.population:
        return {}
    found = {
        date: tuple(schedule_problems(date, inspection, games_before) or _missing_upstreams(table, inspection))
        for date, inspection in inspections.items()
    }
    return {date: reasons for date, reasons in found.items() if reasons}


def _inspection(table: Table, date: dt.date, rows: InspectionRows) -> Inspection:
    """Select what concerns one date of one table."""
    season = rows.seasons.get(season_of(date))
    reads = {SCHEDULE, SEASON_TEAMS, *table.sources}
    upstream = [rows.contents[name, date] for name in table.upstreams if (name, date) in rows.contents]
    return Inspection(
        games=rows.games.get(date, 0),
        season_games=season.games if season else 0,
        is_sample=season is not None and season.sample_games > 0,
        box_score_rows=rows.box_score_rows.get(date, 0),
        inputs=[
            *(entry for entry in rows.inputs.get(date, ()) if entry.name in reads),
            *(content.as_input for content in upstream),
        ],
        unlisted_teams=rows.unlisted_teams.get(date, 0) if CONTEXT in table.sources else 0,
        findings=[
            finding
            for found_on in (date, None)
            for finding in rows.findings.get(found_on, ())
            if finding.source in reads or date not in rows.games
        ],
        published=rows.contents.get((table.name, date), NOT_PUBLISHED),
    )


def _missing_upstreams(table: Table, inspection: Inspection) -> list[str]:
    # Without a game, or without a listed player for a table of listed players, a date reads no upstream row.
    if not inspection.games or (CONTEXT in table.sources and not inspection.rows_of(CONTEXT)):
        return []
    return [f"{name} was never materialized" for name in table.upstreams if not inspection.rows_of(name)]
