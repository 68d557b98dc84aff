"""How far the seasons are."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from nba_precompute.calendar import season_label
from nba_precompute.cli.app import PARTIAL, AsJson, app, console, dagster_home, print_json
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.operations.status import Status, StatusLine


class Format(StrEnum):
    """How it is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


@app.command()
def status(
    season: Annotated[
        int | None,
        typer.Option("--season", min=2021, help="2021 for 2021-22; default: all with a schedule."),
    ] = None,
    by_date: Annotated[bool, typer.Option("--dates", help="A line per date instead of per month.")] = False,
    form: Annotated[Format, typer.Option("--format", help="markdown: a checklist for a wiki.")] = Format.TEXT,
    as_json: AsJson = False,
) -> None:
    """Show how far each table is, by season and month: fresh dates, ready share, last updated, open problems.

    A date is fresh where a run would skip it (see `plan`). Ends with exit code 3 where something is open.

    Example: nba-precompute status --season 2021 --format markdown
    """
    import dagster as dg

    from nba_precompute.operations.status import read_status

    warehouse = warehouse_from_environment()
    dagster_home()
    with dg.DagsterInstance.get() as instance:
        found = read_status(instance, warehouse, season)
    lines = {year: found.by_date(year) if by_date else found.by_month(year) for year in found.seasons}
    if as_json:
        print_json([_as_dict(year, line) for year, some in lines.items() for line in some])
    elif form is Format.MARKDOWN:
        typer.echo(_markdown(found, lines, by_date=by_date))
    else:
        _show(lines, by_date=by_date)
    if not lines or any(not line.is_done for some in lines.values() for line in some):
        raise typer.Exit(PARTIAL)


def _share(line: StatusLine) -> str:
    return "-" if line.ready_share is None else f"{line.ready_share:.0%}"


def _updated(line: StatusLine) -> str:
    return f"{line.updated:%Y-%m-%d %H:%M}" if line.updated else "never"


def _when(line: StatusLine, *, by_date: bool) -> str:
    return str(line.first) if by_date else f"{line.first:%Y-%m}"


def _show(lines: dict[int, list[StatusLine]], *, by_date: bool) -> None:
    screen = console()
    if not lines:
        screen.print("[yellow]the schedule has no game up to today; load Phase 3 first[/yellow]")
    for year, some in lines.items():
        table = RichTable(title=f"{season_label(year)} (times in UTC)", title_justify="left")
        for heading in ("date" if by_date else "month", "table", "fresh", "ready", "updated", "open"):
            is_number = heading in ("fresh", "ready")
            table.add_column(heading, justify="right" if is_number else "left", no_wrap=heading != "open")
        before = None
        for line in some:
            if before and before != line.first:
                table.add_section()
            colour = "green" if line.is_done else "yellow"
            table.add_row(
                "" if before == line.first else _when(line, by_date=by_date),
                line.table,
                f"[{colour}]{line.fresh}/{line.expected}[/]",
                _share(line),
                _updated(line),
                escape("; ".join(line.problems)),
            )
            before = line.first
        screen.print(table)


def _markdown(found: Status, lines: dict[int, list[StatusLine]], *, by_date: bool) -> str:
    """A checklist: a heading per season and table, a box per month (or date)."""

    text = ["# Phase 4"]
    for year, some in lines.items():
        text += ["", f"## {season_label(year)}"]
        for name in found.plan.entries:
            text += ["", f"### {name}", ""]
            for line in some:
                if line.table == name:
                    box = "x" if line.is_done else " "
                    problems = f"; open: {'; '.join(line.problems)}" if line.problems else ""
                    text.append(
                        f"- [{box}] {_when(line, by_date=by_date)}: {line.fresh} of {line.expected} dates, "
                        f"{_share(line)} ready, updated {_updated(line)}{problems}"
                    )
    return "\n".join(text)


def _as_dict(year: int, line: StatusLine) -> dict[str, Any]:
    return {
        "season": year,
        "table": line.table,
        "first_date": line.first,
        "expected": line.expected,
        "fresh": line.fresh,
        "rows": line.rows,
        "ready_rows": line.ready_rows,
        "incomplete_rows": line.incomplete_rows,
        "failures": line.failures,
        "ready_share": line.ready_share,
        "updated": line.updated,
        "problems": list(line.problems),
    }
