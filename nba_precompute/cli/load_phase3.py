"""`load-phase3`: Phase 3 and the schedule from files; also the progress and the result of any load."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.app import PARTIAL, date_option, dates_between
from nba_precompute.cli.output import console, data_table, number_columns, say, show, text_columns
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import SCHEDULE
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nba_precompute.sources import DateSpan, Loaded

DATES_IN_MESSAGE = 5


def command(
    directories: Annotated[list[Path], typer.Argument(exists=True, metavar="DIRECTORY...")],
    first: Annotated[
        dt.datetime | None,
        date_option(
            "--from", "First date of a span of which the files are all there is: its other dates become empty."
        ),
    ] = None,
    last: Annotated[dt.datetime | None, date_option("--to", "Last date of that span, inclusive.")] = None,
    allow_shrink: Annotated[
        bool,
        typer.Option("--allow-shrink", help="Load even if a date or season loses more than a fifth of its rows."),
    ] = False,
) -> None:
    """Load Phase 3 and the schedule from Parquet or CSV files.

    Each DIRECTORY has files named after the five sources, such as player_game_summary.parquet or nbac_schedule.csv; any
    of the five will do, and a source without a file stays as it is. The dates in the files replace the same dates in
    the warehouse; a schedule replaces whole seasons.

    Where a file skips a date, the warehouse keeps its rows of that date, and a warning names it. --from and --to say
    that the files are all there is between two dates: a date that no DIRECTORY has rows for becomes empty. They do not
    limit what is loaded, and do not concern the schedule.

    A load that takes away more than a fifth of the rows of a date or season is refused, with nothing written. Dates
    emptied by --from and --to count for their season only; of the schedule only seasons are compared, as games move.

    Files as the league's site answers them are not Phase 3: `import` reads those.

    Ends with exit code 3 if rows without a date were left out.

    Example: `nba-precompute load-phase3 exports/2021-22 exports/2022-23`
    """
    from nba_precompute.sources import load_directories

    between = _span(first, last)
    is_partial = False
    with load_progress() as on_table:
        for directory, loaded in load_directories(
            warehouse_from_environment(), directories, on_table, between=between, allow_shrink=allow_shrink
        ):
            is_partial |= show_loaded(str(directory), loaded)
            _show_dates(loaded, between)
    if is_partial:
        raise typer.Exit(PARTIAL)


def _span(first: dt.datetime | None, last: dt.datetime | None) -> DateSpan | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise typer.BadParameter("--from and --to go together; one of them is missing")
    dates = dates_between(first, last)
    return dates[0], dates[-1]


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
        if source.emptied:
            say(f"{source.table}: dates emptied: {_dates(source.emptied)}")
        if source.removed_sample_rows:
            say(f"{source.table}: removed {source.removed_sample_rows:,} rows of a simulated league")
        if source.rows_without_date:
            say(f"{source.table}: {source.rows_without_date} rows have no date and were left out", "yellow")
    return any(source.rows_without_date for source in loaded)


def _show_dates(loaded: Sequence[Loaded], between: DateSpan | None) -> None:
    """Print what became of the dates that the files of a directory do not have, and of the sources without a file."""
    if untouched := [name for name in SOURCES if name not in {source.table for source in loaded}]:
        say(f"no file, left as it was: {', '.join(untouched)}")
    if between and not any(source.emptied for source in loaded):
        say(f"dates emptied: 0; the files have every date from {between[0]} to {between[1]} that had rows")
    if between and any(_is_outside(source, between) for source in loaded):
        say(f"rows before {between[0]} or after {between[1]} were loaded, too; no date there was emptied")
    kept = [source for source in loaded if source.kept]
    for source in kept:
        say(f"{source.table}: dates that the file skips and the warehouse has: {_dates(source.kept)}", "yellow")
    if kept:
        dates = {date for source in kept for date in source.kept}
        say(
            "These rows were kept. If the files are all there is, load them again with "
            f"`--from {min(dates)} --to {max(dates)}`, which empties every date in between that a file lacks.",
            "yellow",
        )


def _is_outside(source: Loaded, between: DateSpan) -> bool:
    if source.table == SCHEDULE or source.first_date is None or source.last_date is None:
        return False
    return source.first_date < between[0] or source.last_date > between[1]


def _dates(rows: Mapping[dt.date, int]) -> str:
    """Format dates with rows: their number, the first few, and the rows on all."""
    more = len(rows) - DATES_IN_MESSAGE
    named = ", ".join(str(date) for date in sorted(rows)[:DATES_IN_MESSAGE])
    return f"{len(rows)} ({named}{f' and {more} more' if more > 0 else ''}; {sum(rows.values()):,} rows)"
