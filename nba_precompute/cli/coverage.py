"""What stands in the five tables, by date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, First, Last, app, console, dates_between
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.quality.row_counts import DateRowCounts


@app.command()
def coverage(first: First, last: Last) -> None:
    """Show what stands in the five tables: rows, ready rows, incomplete rows and failures, by date.

    Ends with exit code 3 where a date with games has neither rows nor failures.

    Example: nba-precompute coverage --from 2021-10-19 --to 2021-11-30
    """
    from nba_precompute.quality.row_counts import row_counts

    found = row_counts(warehouse_from_environment(), dates_between(first, last))
    screen = console()
    screen.print(_coverage_by_date(found))
    screen.print(_coverage_by_table(found))
    screen.print(
        "incomplete: a game of the row's window is not covered by Phase 3; failed: no row, with a recorded reason"
    )
    if any(one.sample_games for lines in found.values() for one in lines):
        screen.print("[yellow]sample data: these are games of a simulated league[/yellow]")
    missing = {name: [one.date for one in lines if one.is_missing] for name, lines in found.items()}
    for name, gaps in missing.items():
        if gaps:
            screen.print(
                f"[red]{name}: {len(gaps)} dates with games have no rows, first {gaps[0]}, last {gaps[-1]}[/red]"
            )
    if any(missing.values()):
        raise typer.Exit(PARTIAL)


def _coverage_by_date(found: dict[str, list[DateRowCounts]]) -> RichTable:
    table = RichTable(title="rows / ready / incomplete / failed", title_justify="left")
    table.add_column("date")
    table.add_column("games", justify="right")
    for name in found:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=False)
    by_table = {name: {one.date: one for one in lines} for name, lines in found.items()}
    for date in sorted({date for lines in by_table.values() for date in lines}):
        cells = [by_table[name].get(date) for name in found]
        games = max(cell.games for cell in cells if cell)
        table.add_row(
            str(date),
            str(games),
            *(
                "" if cell is None else f"{cell.rows} / {cell.ready} / {cell.incomplete} / {cell.failures}"
                for cell in cells
            ),
        )
    return table


def _coverage_by_table(found: dict[str, list[DateRowCounts]]) -> RichTable:
    table = RichTable(title="in total", title_justify="left")
    for heading in ("table", "game dates", "rows", "ready", "incomplete", "failed"):
        table.add_column(heading, justify="left" if heading == "table" else "right")
    for name, lines in found.items():
        table.add_row(
            name,
            str(sum(one.games > 0 for one in lines)),
            *(
                f"{sum(values):,}"
                for values in (
                    [one.rows for one in lines],
                    [one.ready for one in lines],
                    [one.incomplete for one in lines],
                    [one.failures for one in lines],
                )
            ),
        )
    return table
