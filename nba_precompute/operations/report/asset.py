"""The Dagster asset that writes the season report, the page of `nba-precompute report`, for users of the UI.

Here: the path of the page, and the metadata of the materialization. Not here: the content of the page (`page.py`).
"""

import os
from pathlib import Path

import dagster as dg
from pydantic import Field

from nba_precompute.calendar import season_label, season_of, today
from nba_precompute.operations.report.page import build_report
from nba_precompute.orchestration.names import OWNERS, REPORT, REPORT_GROUP
from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.tables import TABLES


class ReportConfig(dg.Config):
    """Season and folder of the report."""

    season: int | None = Field(default=None, description="Year in which the season starts. Default: this season.")
    folder: str | None = Field(
        default=None, description="Folder of the page. Default: `reports` in DAGSTER_HOME, or in `.nba` without it."
    )


@dg.asset(
    name=REPORT,
    group_name=REPORT_GROUP,
    description="One HTML page per season: states, readiness, features, tiers, run times, failures, problems. Each run "
    "replaces the page of its season.",
    deps=list(TABLES),
    owners=OWNERS,
    kinds={"html", "plotly"},
)
def phase4_report(
    context: dg.AssetExecutionContext, config: ReportConfig, warehouse: WarehouseResource
) -> dg.MaterializeResult:
    """Write the page of a season and record its totals.

    Raises:
        ReportError: if the schedule has no game of the season.
    """
    season = season_of(today()) if config.season is None else config.season
    report = build_report(context.instance, warehouse.open(), season)
    folder = Path(config.folder or Path(os.environ.get("DAGSTER_HOME") or ".nba") / "reports")
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"phase4-{season_label(season)}.html"
    page.write_text(report.html, encoding="utf-8")
    lines = ["| table | fresh dates | rows | failures | ready |", "|---|--:|--:|--:|--:|"]
    for summary in report.summaries:
        ready = "-" if summary.ready_share is None else f"{summary.ready_share:.1%}"
        lines.append(
            f"| {summary.table} | {summary.fresh} of {summary.expected} | {summary.rows:,} | {summary.failures:,} "
            f"| {ready} |"
        )
    return dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.path(str(page)),
            "season": season_label(season),
            "problems": len(report.problems),
            "warnings": len(report.warnings),
            "summary": dg.MetadataValue.md("\n".join(lines)),
        }
    )
