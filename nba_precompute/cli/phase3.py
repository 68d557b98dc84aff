"""Getting Phase 3 into the warehouse: from files, or simulated."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, app, console
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nba_precompute.sources import Loaded


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
    from nba_precompute.sources import load_directories

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
        from nba_precompute.sources import load

        with _progress("rows staged") as on_table:
            loaded = load(warehouse_from_environment(), tables, on_table)
        _show_loaded(f"simulated league {season}, seed {seed} (sample data)", loaded)
        return
    import pyarrow.parquet as pq

    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(rows, out / f"{name}.parquet")
    console().print(f"sample data of a simulated league: {len(tables)} tables in {out}")


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[str, int], None]]:
    """A line that shows the table at work and how many rows have gone by."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TextColumn(unit))
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True), transient=True) as progress:
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
    screen = console()
    screen.print(table)
    for one in loaded:
        if one.removed_sample_rows:
            screen.print(f"{one.table}: {one.removed_sample_rows:,} rows of a simulated league were removed")
        if one.rows_without_date:
            screen.print(f"[yellow]{one.table}: {one.rows_without_date} rows have no date and were left out[/yellow]")
    return any(one.rows_without_date for one in loaded)
