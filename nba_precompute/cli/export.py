"""Training sets out of the feature store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, app, console, dates_between, print_json
from nba_precompute.operations.export import FileFormat
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nba_precompute.operations.export import SeasonFile


@app.command()
def export(
    first: First,
    last: Last,
    out: Annotated[Path, typer.Option(help="A new or empty folder, or an earlier export, which is replaced.")],
    format: Annotated[FileFormat, typer.Option(help="CSV needs --wide.")] = FileFormat.PARQUET,
    wide: Annotated[
        bool, typer.Option("--wide", help="A column <feature>_source per feature, instead of a list.")
    ] = False,
    labels: Annotated[
        bool, typer.Option(help="With the points that each player really scored; only who played.")
    ] = True,
    include_rows_that_are_not_ready: Annotated[
        bool,
        typer.Option("--include-rows-that-are-not-ready", help="Not for training: is_quality_ready tells them apart."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a training set: named features in their order, sources, readiness and labels, a file per season.

    Ends with exit code 3 where a date with games has no rows or no box score; what is there is written.

    Example: nba-precompute export --from 2021-10-19 --to 2022-04-10 --format parquet --out training
    """
    from nba_precompute.operations.export import export as write

    if format is FileFormat.CSV and not wide:
        raise typer.BadParameter("CSV has no lists: add --wide", param_hint="--format")
    written = write(
        warehouse_from_environment(),
        dates_between(first, last),
        out,
        format=format,
        wide=wide,
        labels=labels,
        include_rows_that_are_not_ready=include_rows_that_are_not_ready,
    )
    if as_json:
        print_json({"out": str(out), "files": [asdict(file) for file in written]})
    else:
        _show(out, written)
    if not all(file.is_whole for file in written):
        raise typer.Exit(PARTIAL)


def _show(out: Path, written: Sequence[SeasonFile]) -> None:
    table = RichTable(title=str(out), title_justify="left")
    table.add_column("file")
    for heading in ("rows", "left out: not ready", "left out: no label"):
        table.add_column(heading, justify="right")
    for file in written:
        table.add_row(file.name, f"{file.rows:,}", f"{file.not_ready:,}", f"{file.not_played:,}")
    screen = console()
    screen.print(table)
    screen.print("no label: listed, but did not play for that team; manifest.json says what each column is")
    if any(file.is_sample for file in written):
        screen.print("[yellow]sample data: these are games of a simulated league[/yellow]")
    for file in written:
        for dates, what in ((file.missing_dates, "have no rows"), (file.unplayed_dates, "have no box score")):
            if dates:
                named = ", ".join(str(date) for date in dates[:10]) + (" ..." if len(dates) > 10 else "")
                screen.print(f"[red]{file.name}: {len(dates)} dates with games {what}: {named}[/red]")
