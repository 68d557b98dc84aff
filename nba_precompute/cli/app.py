"""What every command shares: the application, the console, the options for a range of dates, the exit codes.

Exit codes: 0 done, 1 error, 2 usage, 3 partial (something was left out or is missing, and was named).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.console import Console

PARTIAL = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Phase 3 in, the warehouse's tables, and what stands in them. Runs themselves are launched with dagster.",
)

First = Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First date.")]
Last = Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last date.")]


def console(*, stderr: bool = False) -> Console:
    """Where tables and messages go; without colour where it is no terminal or NO_COLOR is set."""
    result = Console(stderr=stderr, highlight=False)
    if not result.is_terminal:
        result.width = 140  # a pipe has no width; 80 would break every table
    return result


def dates_between(first: dt.datetime, last: dt.datetime) -> list[dt.date]:
    """Every date of `--from` to `--to`.

    Raises:
        typer.BadParameter: if the last is before the first.
    """
    if last < first:
        raise typer.BadParameter(f"--to {last.date()} is before --from {first.date()}")
    return [first.date() + dt.timedelta(days=n) for n in range((last - first).days + 1)]
