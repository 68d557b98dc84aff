"""What every command shares: the application, the console, the options for a range of dates, the exit codes.

Exit codes: 0 done, 1 error, 2 usage, 3 partial (something was left out or is missing, and was named).
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

PARTIAL = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Phase 3 in, the five tables out: what there is to do, doing it, and what stands in them.",
)

First = Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First date.")]
Last = Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last date.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for programs.")]


class Refused(Exception):
    """A command cannot do what it is asked to; the message says why, and what to do. Exit code 1."""


def dagster_home() -> Path:
    """The folder of the Dagster instance, for commands that go by what is on record there.

    Raises:
        Refused: if the environment names none.
    """
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        raise Refused("DAGSTER_HOME is not set, and what was run is on record there; set it (`. .nba/env` does)")
    return Path(home)


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


def print_json(value: Any) -> None:
    """One JSON document on standard output; dates and times as ISO 8601, what is unknown as null."""
    typer.echo(json.dumps(value, default=_as_json, indent=2))


def _as_json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def shown(value: Any) -> str:
    """A stored value as a person reads it: numbers to their last stored decimal, NULL by its name."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "[" + ", ".join(shown(element) for element in value) + "]"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
