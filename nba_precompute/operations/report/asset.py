"""The season's report as an asset: the page of `nba-precompute report`, for those who work in the UI.

Here: where the page is written and what the materialization records. Not here: what the page says (`page.py`). Each run
replaces the page of its season.
"""

import os
from pathlib import Path

import dagster as dg

from nba_precompute.calendar import season_label, season_of, today
from nba_precompute.operations.report.page import build_report
from nba_precompute.orchestration.names import OWNERS, REPORT, REPORT_GROUP
from nba_precompute.orchestration.resources import WAREHOUSE
from nba_precompute.tables import TABLES


class ReportConfig(dg.Config):
    """Which season, and where its page goes."""

    season: int | None = None
    """The year in which it starts; None: the one of today."""
    folder: str | None = None
    """None: `reports` in DAGSTER_HOME, or in `.nba` without it."""


@dg.asset(
    name=REPORT,
    group_name=REPORT_GROUP,
    description="One season on one HTML page: coverage, readiness, features, tiers, run times, failures, what to do.",
    deps=list(TABLES),
    owners=OWNERS,
    kinds={"html", "plotly"},
    required_resource_keys={WAREHOUSE},
)
def phase4_report(context: dg.AssetExecutionContext, config: ReportConfig) -> dg.MaterializeResult:
    """Writes the page and records what it says in short.

    Raises:
        ReportError: if the schedule has no game of the season.
    """
    season = season_of(today()) if config.season is None else config.season
    report = build_report(context.instance, context.resources.warehouse.open(), season)
    folder = Path(config.folder or Path(os.environ.get("DAGSTER_HOME") or ".nba") / "reports")
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"phase4-{season_label(season)}.html"
    page.write_text(report.html, encoding="utf-8")
    lines = ["| table | fresh dates | rows | failures | ready |", "|---|--:|--:|--:|--:|"]
    for one in report.summaries:
        ready = "-" if one.ready_share is None else f"{one.ready_share:.1%}"
        lines.append(f"| {one.table} | {one.fresh} of {one.expected} | {one.rows:,} | {one.failures:,} | {ready} |")
    return dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.path(str(page)),
            "season": season_label(season),
            "problems": len(report.problems),
            "summary": dg.MetadataValue.md("\n".join(lines)),
        }
    )
