"""The page of a season's report: state of the tables, quality, run times, and dates with problems.

The page is one self-contained file that can be mailed and opened offline.

Here: queries, numbers and wording. Not here: drawing (`charts.py`), layout (`templates/report.html`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import jinja2
from markupsafe import Markup

from nba_precompute.calendar import season_dates, season_label, today
from nba_precompute.operations.plan.records import State
from nba_precompute.operations.status import Status, StatusLine, read_status
from nba_precompute.orchestration.dagster_private.records import recorded_values
from nba_precompute.publishing.records import PHASES, seconds_key
from nba_precompute.quality.waivers import Waiver
from nba_precompute.sources.gaps import unknown_in_season
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.warehouse import Warehouse

_TEMPLATES = Path(__file__).parent / "templates"
MOST_PROBLEMS = 300
"""Number of problems to list; the page gives the number of the others."""


class ReportError(Exception):
    """Nothing to report; the message says why, and what to do."""


@dataclass(frozen=True)
class Problem:
    """A problem (or a warning) of some tables on a date, and its next step."""

    date: dt.date
    tables: tuple[str, ...]
    text: str
    next_step: str


@dataclass(frozen=True)
class Summary:
    """Totals of one table over the season.

    Attributes:
        expected: number of dates with games; `fresh` of them are fresh.
        ready_share: share of the population that is ready; None if there are neither rows nor failures.
        updated: time of the last materialization; None if there is none.
    """

    table: str
    expected: int
    fresh: int
    rows: int
    failures: int
    ready_share: float | None
    updated: dt.datetime | None


@dataclass(frozen=True)
class Report:
    """The page, with its totals, problems, warnings, and waived gaps."""

    html: str
    summaries: list[Summary]
    problems: list[Problem]
    warnings: list[Problem]
    waivers: list[Waiver]


def build_report(instance: dg.DagsterInstance, warehouse: Warehouse, season: int) -> Report:
    """Read plan, row counts, features, failures and run records of the season, and draw the page.

    Raises:
        ReportError: if the schedule has no game of the season up to today.
        WarehouseError: if the warehouse cannot be read.
    """
    import plotly.offline

    from nba_precompute.operations.report import charts

    status = read_status(instance, warehouse, *season_dates(season))
    if season not in status.seasons:
        raise ReportError(f"the schedule has no game of {season_label(season)} up to {today()}; load Phase 3 first")
    dates = status.plan.dates
    run = RunDates.of(dates)
    with warehouse.reading("report") as session:
        features, tiers, failures = (
            session.query(render(f"read/{template}", ML_FEATURE_STORE_V2, run, session.relation), template)
            for template in ("feature_weeks", "tier_weeks", "failure_reasons")
        )
        unknown = unknown_in_season(session, season)
    entries = status.plan.entries
    figures = {
        "states": charts.state_calendar(entries),
        "ready": charts.ready_calendar(entries),
        "features": charts.feature_bands(features),
        "defaults": charts.default_shares(features),
        "tiers": charts.tiers_by_week(tiers),
        "seconds": charts.run_seconds(_seconds(instance, season)),
        "failures": charts.failures_by_reason(failures),
    }
    summaries = list(_summaries(status))
    lines = status.by_date(season)
    problems = _by_date((line, line.problems) for line in lines)
    warnings = _by_date((line, line.warnings) for line in lines)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=True
    )
    html = environment.get_template("report.html").render(
        season=season_label(season),
        first=dates[0],
        last=dates[-1],
        moment=dt.datetime.now(dt.UTC),
        warehouse=warehouse.name,
        is_empty=not features,
        unknown=unknown,
        summaries=summaries,
        problems=problems,
        warnings=warnings,
        waivers=status.waivers,
        most_problems=MOST_PROBLEMS,
        # "</" would end the enclosing script element.
        figures={name: Markup(figure.to_json().replace("</", "<\\/")) for name, figure in figures.items()},
        plotly=Markup(plotly.offline.get_plotlyjs()),
    )
    return Report(html=html, summaries=summaries, problems=problems, warnings=warnings, waivers=list(status.waivers))


def _summaries(status: Status) -> Iterator[Summary]:
    for name, by_date in status.plan.entries.items():
        table_entries = by_date.values()
        members = sum(entry.rows + entry.failures for entry in table_entries)
        moments = [entry.updated for entry in table_entries if entry.updated]
        yield Summary(
            table=name,
            expected=sum(entry.games > 0 for entry in table_entries),
            fresh=sum(entry.games > 0 and entry.state is State.FRESH for entry in table_entries),
            rows=sum(entry.rows for entry in table_entries),
            failures=sum(entry.failures for entry in table_entries),
            ready_share=sum(entry.ready_rows for entry in table_entries) / members if members else None,
            updated=max(moments) if moments else None,
        )


def _by_date(texts: Iterable[tuple[StatusLine, tuple[str, ...]]]) -> list[Problem]:
    """Group the problems of the lines, or their warnings, by date and text."""
    found: dict[tuple[dt.date, tuple[str, ...]], list[str]] = defaultdict(list)
    for line, of_line in texts:
        if of_line:
            found[line.first, of_line].append(line.table)
    return [
        Problem(date=date, tables=tuple(tables), text="; ".join(problems), next_step=_next_step(date, problems))
        for (date, problems), tables in found.items()
    ]


def _next_step(date: dt.date, problems: Sequence[str]) -> str:
    span = f"--from {date} --to {date}"
    if State.BLOCKED in problems:
        return (
            f"Load the inputs that `nba-precompute plan {span}` names, or compute the date without them: "
            f"`nba-precompute backfill {span} --only blocked`."
        )
    if State.MISSING in problems or State.STALE in problems:
        return f"Run `nba-precompute backfill {span}`."
    return f"Run `nba-precompute validate {span}`, which names each broken rule."


def _seconds(instance: dg.DagsterInstance, season: int) -> dict[str, dict[str, float]]:
    """Sum the warehouse seconds of the runs that last published the season's dates, by table and phase."""
    first, last = (date.isoformat() for date in season_dates(season))
    found: dict[str, dict[str, float]] = {}
    for name in TABLES:
        runs = {
            record.run_id: record.values
            for key, record in recorded_values(instance, dg.AssetKey(name)).items()
            if first <= key <= last
        }
        found[name] = {phase: sum(values.get(seconds_key(phase), 0.0) for values in runs.values()) for phase in PHASES}
    return found
