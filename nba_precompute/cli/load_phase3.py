"""`load-phase3`: Phase 3 and the schedule from files; also the progress and the result of any load."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.app import PARTIAL
from nba_precompute.cli.output import console, data_table, number_columns, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nba_precompute.sources import Loaded


def command(
    directories: Annotated[list[Path], typer.Argument(exists=True, file_okay=False, metavar="DIRECTORY...")],
) -> None:
    """Load Phase 3 and the schedule from Parquet or CSV files.

    Each DIRECTORY has files named after the five sources, such as player_game_summary.parquet or nbac_schedule.csv. The
    dates in the files replace the same dates in the warehouse. Ends with exit code 3 if rows without a date were left
    out.

    Example: `nba-precompute load-phase3 exports/2021-22 exports/2022-23`
    """
    from nba_precompute.sources import load_directories

    is_partial = False
    with load_progress() as on_table:
        for directory, loaded in load_directories(warehouse_from_environment(), directories, on_table):
            is_partial |= show_loaded(str(directory), loaded)
    if is_partial:
        raise typer.Exit(PARTIAL)


@contextmanager
def load_progress() -> Iterator[Callable[[str, int], None]]:
    """Show the table that is being loaded and its number of staged rows."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        MofNCompleteColumn(),
        TextColumn("rows staged"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda table, rows: progress.update(task, description=table, advance=rows)


def show_loaded(title: str, loaded: Sequence[Loaded]) -> bool:
    """Print what a load did; return True if rows were left out."""
    rows = [
        (
            source.table,
            f"{source.rows:,}",
            str(source.dates),
            str(source.first_date),
            str(source.last_date),
            "unchanged" if source.unchanged else f"{source.replaced:,}",
        )
        for source in loaded
        if source.rows or not source.removed_sample_rows
    ]
    headings = number_columns("rows", "dates", "first", "last", "replaced")
    show(data_table(title, [*text_columns("table"), *headings], rows))
    for source in loaded:
        if source.removed_sample_rows:
            say(f"{source.table}: removed {source.removed_sample_rows:,} rows of a simulated league")
        if source.rows_without_date:
            say(f"{source.table}: {source.rows_without_date} rows have no date and were left out", "yellow")
    return any(source.rows_without_date for source in loaded)
