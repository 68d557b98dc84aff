"""`nba-precompute`: what the operator needs beside dagster's own commands.

Exit codes: 0 done, 1 error, 2 usage, 3 partial (something was left out or is missing, and was named).
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table as RichTable

from nba_precompute.warehouse import WarehouseError, warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nba_precompute.coverage import DateCoverage
    from nba_precompute.phase3 import Loaded

PARTIAL = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Phase 3 in, the warehouse's tables, and what stands in them. Runs themselves are launched with dagster.",
)


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = 140  # a pipe has no width; 80 would break every table
    return console


def main() -> None:
    """The entry point: errors that say what to do end with exit code 1, without a traceback."""
    from nba_precompute.frames import FrameError

    try:
        app()
    except (WarehouseError, FrameError) as error:
        _console(stderr=True).print(f"[red]error:[/red] {error}", soft_wrap=True)
        raise SystemExit(1) from None


@app.command()
def init() -> None:
    """Make the warehouse's tables, and Dagster's storage in DAGSTER_HOME, where there are none; safe to repeat.

    Example: nba-precompute init
    """
    from nba_precompute.deploy import create_tables, prepare_instance

    warehouse = warehouse_from_environment()
    with warehouse.writing("init") as session:
        create_tables(session)
    _console().print(f"{warehouse.describe()} is ready", soft_wrap=True)
    home = prepare_instance()
    _console().print(
        f"the Dagster instance in {home} is ready"
        if home
        else "DAGSTER_HOME is not set: dagster's commands will keep no history of their runs",
        soft_wrap=True,
    )


@app.command("load-phase3")
def load_phase3(
    directories: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            file_okay=False,
            help="Directories with <table>.parquet or <table>.csv of the five sources.",
        ),
    ],
) -> None:
    """Load Phase 3 tables and the schedule; the dates in the files replace those in the warehouse.

    Example: nba-precompute load-phase3 exports/2021-22 exports/2022-23
    """
    from nba_precompute.phase3 import load_directories

    partial = False
    with _progress("rows staged") as on_table:
        for directory, loaded in load_directories(warehouse_from_environment(), directories, on_table):
            partial |= _show_loaded(str(directory), loaded)
    if partial:
        raise typer.Exit(PARTIAL)


@app.command()
def simulate(
    season: Annotated[int, typer.Option(help="The year in which the season starts, e.g. 2021 for 2021-22.")],
    seed: Annotated[int, typer.Option(help="Another seed is another league.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write Parquet files here instead of into the warehouse.")] = None,
) -> None:
    """Make a league: sample data for one season, the same for the same season and seed.

    Example: nba-precompute simulate --season 2021 --seed 7
    """
    from nba_precompute.simulation import simulate_season

    try:
        tables = simulate_season(season, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if out is None:
        from nba_precompute.phase3 import load

        with _progress("rows staged") as on_table:
            loaded = load(warehouse_from_environment(), tables, on_table)
        _show_loaded(f"simulated league {season}, seed {seed} (sample data)", loaded)
        return
    import pyarrow.parquet as pq

    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(rows, out / f"{name}.parquet")
    _console().print(f"sample data of a simulated league: {len(tables)} tables in {out}")


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[str, int], None]]:
    """A line that shows the table at work and how many rows have gone by."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TextColumn(unit))
    with Progress(*columns, TimeElapsedColumn(), console=_console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda table, rows: progress.update(task, description=table, advance=rows)


def _show_loaded(title: str, loaded: Sequence[Loaded]) -> bool:
    """Shows what a load did; whether something had to be left out."""
    table = RichTable(title=title, title_justify="left")
    for heading in ("table", "rows", "dates", "first", "last", "replaced"):
        table.add_column(heading, justify="left" if heading == "table" else "right")
    for one in loaded:
        if not one.rows and one.removed_sample_rows:
            continue
        table.add_row(
            one.table,
            f"{one.rows:,}",
            str(one.dates),
            str(one.first_date),
            str(one.last_date),
            "unchanged" if one.unchanged else f"{one.replaced:,}",
        )
    console = _console()
    console.print(table)
    for one in loaded:
        if one.removed_sample_rows:
            console.print(f"{one.table}: {one.removed_sample_rows:,} rows of a simulated league were removed")
        if one.rows_without_date:
            console.print(f"[yellow]{one.table}: {one.rows_without_date} rows have no date and were left out[/yellow]")
    return any(one.rows_without_date for one in loaded)


@app.command()
def coverage(
    first: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First date.")],
    last: Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last date.")],
) -> None:
    """Show what stands in the five tables: rows, ready rows, incomplete rows and failures, by date.

    Ends with exit code 3 where a date with games has neither rows nor failures.

    Example: nba-precompute coverage --from 2021-10-19 --to 2021-11-30
    """
    from nba_precompute.coverage import coverage as read_coverage

    if last < first:
        raise typer.BadParameter(f"--to {last.date()} is before --from {first.date()}")
    dates = [first.date() + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    found = read_coverage(warehouse_from_environment(), dates)
    console = _console()
    console.print(_coverage_by_date(found))
    console.print(_coverage_by_table(found))
    console.print(
        "incomplete: a game of the row's window is not covered by Phase 3; failed: no row, with a recorded reason"
    )
    if any(one.sample_games for lines in found.values() for one in lines):
        console.print("[yellow]sample data: these are games of a simulated league[/yellow]")
    missing = {name: [one.date for one in lines if one.is_missing] for name, lines in found.items()}
    for name, gaps in missing.items():
        if gaps:
            console.print(
                f"[red]{name}: {len(gaps)} dates with games have no rows, first {gaps[0]}, last {gaps[-1]}[/red]"
            )
    if any(missing.values()):
        raise typer.Exit(PARTIAL)


def _coverage_by_date(found: dict[str, list[DateCoverage]]) -> RichTable:
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


def _coverage_by_table(found: dict[str, list[DateCoverage]]) -> RichTable:
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


if __name__ == "__main__":
    main()
