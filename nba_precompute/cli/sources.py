"""`sources check`: the sources as NBA_SOURCES says, compared with their declarations and read on one date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.app import PARTIAL, date_option
from nba_precompute.cli.output import data_table, number_columns, say, say_problem, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.sources.checking import SourcesCheck

group = typer.Typer(no_args_is_help=True, help="Examine the sources that NBA_SOURCES names.")


@group.callback()
def _group() -> None:
    """Examine the sources that NBA_SOURCES names."""


@group.command("check")
def check(
    date: Annotated[
        dt.datetime | None, date_option("--date", "Read the rows of this date. Default: the newest with box scores.")
    ] = None,
) -> None:
    """Compare every source with its declaration, then read one date.

    Without NBA_SOURCES, the sources are the declared tables; with `NBA_SOURCES=predecessor` or a folder of .sql files,
    each source with a form is the result of its SELECT. Names every column that is missing or has another type, with
    the line that cures it. Then reads one date, and shows its rows, the teams that they cover, and what admission would
    set aside. Changes nothing.

    Ends with exit code 1 if a source cannot be read, and 3 if one does not cover the date.

    Example: `NBA_SOURCES=forms nba-precompute sources check --date 2022-01-15`
    """
    from nba_precompute.sources.checking import check_sources

    warehouse = warehouse_from_environment()
    found = check_sources(warehouse, date.date() if date else None)
    say(warehouse.describe())
    for name, form in warehouse.forms.items():
        say(f"{name} is read through {form.name}")
    _show(found)
    for problems in found.problems.values():
        for problem in problems:
            say_problem("error", problem)
    if found.problems:
        if not warehouse.forms:
            say("NBA_SOURCES reads tables of another shape: docs/sources.md", stderr=True)
        raise typer.Exit(1)
    if not found.rows or any(source.problems for source in found.rows):
        raise typer.Exit(PARTIAL)


def _show(found: SourcesCheck) -> None:
    if found.problems:
        return
    if found.date is None:
        say("the columns match their declarations; there are no box scores to read", "yellow")
        return
    if not found.rows:
        say(f"the columns match their declarations; the schedule has no game of the season of {found.date}", "yellow")
        return
    rows = [
        (
            observed.source,
            f"{observed.rows:,}",
            f"{observed.covered_teams} of {observed.expected_teams}" if observed.expected_teams else "",
        )
        for observed in found.rows
    ]
    show(data_table(f"{found.date}", [*text_columns("source"), *number_columns("rows", "teams covered")], rows))
    for observed in found.rows:
        for problem in observed.problems:
            say(f"{observed.source}: {problem}", "yellow")
        for note in observed.notes:
            say(f"{observed.source}: {note}")
