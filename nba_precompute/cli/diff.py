"""What became of the tables: this warehouse against another one, or against its own past."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, app, console, dates_between, print_json, shown
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from rich.console import Console

    from nba_precompute.operations.diff import TableDifference


@app.command()
def diff(
    first: First,
    last: Last,
    against: Annotated[
        str, typer.Option(help="A DuckDB file; on BigQuery also a time (UTC), or a prefix of datasets.")
    ],
    samples: Annotated[int, typer.Option(min=0, help="Examples of each difference.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Compare what stands in the tables with another warehouse: rows added, removed and changed, column by column.

    Added is what only this warehouse has. Ends with exit code 3 where anything differs.

    Example: nba-precompute diff --from 2021-10-19 --to 2022-04-10 --against before-upgrade.duckdb
    """
    from nba_precompute.operations import diff as comparison

    dates = dates_between(first, last)
    here = comparison.Side(warehouse_from_environment())
    try:
        there = comparison.other_side(against, here.warehouse)
    except comparison.SideError as error:
        raise typer.BadParameter(str(error), param_hint="--against") from None
    found = list(comparison.diff(here, there, dates, samples))
    if as_json:
        print_json(
            {
                "before": there.describe(),
                "after": here.describe(),
                "from": dates[0],
                "to": dates[-1],
                "is_equal": all(one.is_equal for one in found),
                "tables": [asdict(one) for one in found],
            }
        )
    else:
        screen = console()
        screen.print(f"before: {there.describe()}\nafter:  {here.describe()}", soft_wrap=True, markup=False)
        screen.print(_counts(found))
        for one in found:
            _show_differences(screen, one)
        if all(one.is_equal for one in found):
            screen.print(f"[green]equal from {dates[0]} to {dates[-1]}[/green]")
    if not all(one.is_equal for one in found):
        raise typer.Exit(PARTIAL)


def _counts(found: list[TableDifference]) -> RichTable:
    table = RichTable(title="rows", title_justify="left")
    table.add_column("table")
    for heading in ("before", "after", "added", "removed", "changed"):
        table.add_column(heading, justify="right")
    for one in found:
        counts = (one.rows_before, one.rows_after, one.added, one.removed, one.changed)
        table.add_row(one.table, *(f"{count:,}" for count in counts), style=None if one.is_equal else "yellow")
    return table


def _show_differences(screen: Console, one: TableDifference) -> None:
    if one.is_equal:
        return
    screen.print(f"\n[bold]{one.table}[/bold]")
    for columns, what in ((one.columns_added, "only after"), (one.columns_removed, "only before")):
        if columns:
            screen.print(f"columns {what}, not compared: {', '.join(columns)}")
    if one.duplicates:
        screen.print(f"[red]{one.duplicates} rows repeat a key[/red]")
    for count, keys, what in ((one.added, one.added_samples, "added"), (one.removed, one.removed_samples, "removed")):
        if count:
            examples = "; ".join(" ".join(str(part) for part in key) for key in keys)
            screen.print(escape(f"{count:,} {what}: {examples}{' ...' if count > len(keys) else ''}"), soft_wrap=True)
    if not one.columns:
        return
    table = RichTable()
    table.add_column("column")
    table.add_column("rows", justify="right")
    table.add_column("largest change", justify="right")
    table.add_column("for example")
    for name, column in one.columns.items():
        table.add_row(
            name,
            f"{column.rows:,}",
            "" if column.largest is None else shown(column.largest),
            escape(
                "\n".join(
                    f"{sample.date} {sample.entity}: {shown(sample.before)} → {shown(sample.after)}"
                    for sample in column.samples
                )
            ),
        )
    screen.print(table)
