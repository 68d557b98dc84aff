"""One season on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nba_precompute.cli.app import PARTIAL, AsJson, Refused, app, console, dagster_home, print_json
from nba_precompute.warehouse import warehouse_from_environment


@app.command()
def report(
    season: Annotated[int, typer.Option("--season", min=2021, help="The year in which it starts: 2021 for 2021-22.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The page; it is overwritten.")] = Path(
        "report.html"
    ),
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML page: coverage, readiness, features, tiers, run times, failures, what to do.

    Ends with exit code 3 where a date has problems; the page lists them.

    Example: nba-precompute report --season 2021 --out report.html
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
        problems = [
            {"date": one.date, "tables": list(one.tables), "problem": one.text, "next_step": one.next_step}
            for one in found.problems
        ]
        print_json({"out": str(out), "problems": problems})
    else:
        console().print(f"{out}: {len(found.problems)} problems", soft_wrap=True)
    if found.problems:
        raise typer.Exit(PARTIAL)
