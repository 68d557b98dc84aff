"""One season on one page: what stands in the tables, how good it is, what it took, and what is to be done.

What is asked and what the page says belong here; how it is drawn is `charts.py`, how it looks `templates/report.html`.
The page is one file that loads nothing: it can be mailed, and opened without a network.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import jinja2
from markupsafe import Markup

from nba_precompute.calendar import season_dates, season_label, today
from nba_precompute.operations.plan.records import State
from nba_precompute.operations.status import Status, StatusLine, read_status
from nba_precompute.orchestration.dagster_private import recorded_values
from nba_precompute.publishing.records import PHASES
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.warehouse import Warehouse

_TEMPLATES = Path(__file__).parent / "templates"
MOST_PROBLEMS = 300
"""So many problems are listed; the page says how many there are beside them."""


class ReportError(Exception):
    """There is nothing to report; the message says why and what to do."""


@dataclass(frozen=True)
class Problem:
    """A date with problems, and what to do about it."""

    date: dt.date
    tables: tuple[str, ...]
    text: str
    to_do: str


@dataclass(frozen=True)
class Summary:
    """One table over the season, in numbers.

    Attributes:
        ready_share: of the population; None where nobody has an answer.
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
    """The page, and what it says in short."""

    html: str
    summaries: list[Summary]
    problems: list[Problem]


def build_report(instance: dg.DagsterInstance, warehouse: Warehouse, season: int) -> Report:
    """Reads everything and draws it: a plan, three queries and what is on record.

    Raises:
        ReportError: if the schedule has no game of the season up to today.
        WarehouseError: if the warehouse cannot be read.
    """
    import plotly.offline

    from nba_precompute.operations.report import charts

    status = read_status(instance, warehouse, season)
    if season not in status.seasons:
        raise ReportError(f"the schedule has no game of {season_label(season)} up to {today()}; load Phase 3 first")
    dates = status.plan.dates
    run = RunDates.of(dates)
    with warehouse.reading("report") as session:
        features, tiers, failures = (
            session.query(render(f"read/{template}", ML_FEATURE_STORE_V2, run, session.relation), template)
            for template in ("feature_weeks", "tier_weeks", "failure_reasons")
        )
    entries = status.plan.entries
    figures = {
        "coverage": charts.coverage_calendar(entries),
        "ready": charts.ready_calendar(entries),
        "features": charts.feature_bands(features),
        "defaults": charts.default_shares(features),
        "tiers": charts.tiers_by_week(tiers),
        "seconds": charts.run_times(_seconds(instance, season)),
        "failures": charts.failures_by_reason(failures),
    }
    summaries = list(_summaries(status))
    problems = list(_problems(status.by_date(season)))
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
        summaries=summaries,
        problems=problems[:MOST_PROBLEMS],
        more_problems=max(len(problems) - MOST_PROBLEMS, 0),
        # "</" would end the script that it stands in.
        figures={name: Markup(figure.to_json().replace("</", "<\\/")) for name, figure in figures.items()},
        plotly=Markup(plotly.offline.get_plotlyjs()),
    )
    return Report(html, summaries, problems)


def _summaries(status: Status) -> Iterator[Summary]:
    for name, by_date in status.plan.entries.items():
        some = by_date.values()
        answers = sum(one.rows + one.failures for one in some)
        moments = [one.updated for one in some if one.updated]
        yield Summary(
            name,
            sum(one.games > 0 for one in some),
            sum(one.games > 0 and one.state is State.FRESH for one in some),
            sum(one.rows for one in some),
            sum(one.failures for one in some),
            sum(one.ready_rows for one in some) / answers if answers else None,
            max(moments) if moments else None,
        )


def _problems(lines: Iterable[StatusLine]) -> Iterator[Problem]:
    """By date and problem, with the tables that have it."""
    found: dict[tuple[dt.date, str], list[StatusLine]] = defaultdict(list)
    for line in lines:
        if line.problems:
            found[line.first, "; ".join(line.problems)].append(line)
    for (date, text), some in found.items():
        yield Problem(date, tuple(line.table for line in some), text, _to_do(some[0]))


def _to_do(line: StatusLine) -> str:
    span = f"--from {line.first} --to {line.first}"
    if State.BLOCKED in line.problems:
        return f"load what `nba-precompute plan {span}` names, or compute it as it is: `backfill {span} --only blocked`"
    if State.MISSING in line.problems or State.STALE in line.problems:
        return f"`nba-precompute backfill {span}`"
    return f"`nba-precompute validate {span}` names each broken rule"


def _seconds(instance: dg.DagsterInstance, season: int) -> dict[str, dict[str, float]]:
    """By table and phase, the seconds of the runs that the season's dates were last recorded by."""
    first, last = (date.isoformat() for date in season_dates(season))
    found: dict[str, dict[str, float]] = {}
    for name in TABLES:
        runs = {
            one.run_id: one.values
            for key, one in recorded_values(instance, dg.AssetKey(name)).items()
            if first <= key <= last
        }
        found[name] = {
            phase: sum(values.get(f"run_seconds_{phase}", 0.0) for values in runs.values()) for phase in PHASES
        }
    return found
