"""`report`: one season on one HTML page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nba_precompute.calendar import FIRST_DATE, season_of
from nba_precompute.cli.app import PARTIAL, AsJson, Refused, dagster_home
from nba_precompute.cli.output import print_json, say
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.operations.report.page import Problem


def command(
    season: Annotated[
        int,
        typer.Option(
            "--season",
            min=season_of(FIRST_DATE),
            metavar="YEAR",
            help="Year in which the season starts, such as 2021 for 2021-22.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", dir_okay=False, metavar="FILE", help="File to write; an existing one is replaced.")
    ] = Path("report.html"),
    as_json: AsJson = False,
) -> None:
    """Write a report of one season as a single HTML page.

    The page shows coverage, readiness, features, tiers, run times, failures and the work left, and needs no network.
    Ends with exit code 3 if a date has problems; the page lists them, the warnings and the waived gaps.

    Example: `nba-precompute report --season 2021 --out report.html`
    """
    import dagster as dg

    from nba_precompute.operations.report.page import ReportError, build_report

    warehouse = warehouse_from_environment()
    dagster_home()
    try:
        with dg.DagsterInstance.get() as instance:
            found = build_report(instance, warehouse, season)
        out.write_text(found.html, encoding="utf-8")
    except (ReportError, OSError) as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json(
            {
                "out": str(out),
                "problems": [_as_dict("problem", problem) for problem in found.problems],
                "warnings": [_as_dict("warning", warning) for warning in found.warnings],
                "waivers": [asdict(waiver) for waiver in found.waivers],
            }
        )
    else:
        counts = f"{len(found.problems)} problems, {len(found.warnings)} warnings, {len(found.waivers)} waived gaps"
        say(f"{out}: {counts}")
    if found.problems:
        raise typer.Exit(PARTIAL)


def _as_dict(word: str, problem: Problem) -> dict[str, Any]:
    return {"date": problem.date, "tables": list(problem.tables), word: problem.text, "next_step": problem.next_step}
