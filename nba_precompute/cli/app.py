"""The command-line application and what its commands share: options, exit codes, the error for the operator.

Here: arguments and exit codes. Not here: printing (`output.py`), the commands (one module each).

Exit codes: 0 done, 1 error, 2 usage, 3 partial (something was left out or is missing, and was named).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.output import say
from nba_precompute.tables import TABLES

if TYPE_CHECKING:
    from nba_precompute.warehouse import Warehouse

PARTIAL = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Compute five feature tables (Phase 4) from NBA box scores, schedule and player contexts (Phase 3).

    First steps: `init`, then `import` or `load-phase3` (or `simulate` for sample data), `plan`, `backfill`, `status`.
    The warehouse is the DuckDB file in NBA_DUCKDB_PATH, or BigQuery with NBA_WAREHOUSE=bigquery. Dagster's records
    are in DAGSTER_HOME. `doctor` checks the setup.

    Exit codes: 0 done, 1 error, 2 wrong usage, 3 done in part or work left; the output says what is left.
    """,
)


def date_option(name: str, help_text: str) -> typer.models.OptionInfo:
    """Declare an option that takes a date."""
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=help_text)


First = Annotated[dt.datetime, date_option("--from", "First date.")]
Last = Annotated[dt.datetime, date_option("--to", "Last date, inclusive.")]
Tables = Annotated[
    list[str] | None,
    typer.Option("--tables", metavar="NAMES", help="Only these tables, separated by commas. Default: all five."),
]
CapBytes = Annotated[
    int | None,
    typer.Option(
        "--cap-bytes",
        min=1,
        metavar="BYTES",
        envvar="NBA_ESTIMATE_CAP_BYTES",
        help="End with exit code 1 if the run would read more than this.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with exit code 3 also if there are only warnings.")]


class OutputFormat(StrEnum):
    """Format of a report on standard output."""

    TEXT = "text"
    MARKDOWN = "markdown"


class Refused(Exception):
    """Raised when a command cannot do what was asked, with the reason and the next step; exit code 1."""


def dagster_home() -> Path:
    """Return the folder of the Dagster instance, for commands that read its records.

    Raises:
        Refused: if DAGSTER_HOME is not set.
    """
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        raise Refused("DAGSTER_HOME is not set, and this command needs Dagster's records; set it (`. .nba/env` does)")
    return Path(home)


def dates_between(first: dt.datetime, last: dt.datetime) -> list[dt.date]:
    """List every date from `--from` to `--to`.

    Raises:
        typer.BadParameter: if `--to` is before `--from`.
    """
    if last < first:
        raise typer.BadParameter(f"--to {last.date()} is before --from {first.date()}")
    return [first.date() + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def chosen_tables(names: list[str] | None) -> list[str]:
    """List the tables that `--tables` names; all tables without it.

    Raises:
        typer.BadParameter: if a name is not a table.
    """
    if not names:
        return list(TABLES)
    wanted = [name.strip() for text in names for name in text.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(TABLES))
    if unknown:
        raise typer.BadParameter(f"there is no table {', '.join(unknown)}; the tables are {', '.join(TABLES)}")
    return wanted


def note_nothing_there(warehouse: Warehouse, dates: Sequence[dt.date], *, stderr: bool = False) -> bool:
    """Print that the dates have neither games nor rows.

    Returns:
        True if the seasons of the dates have no schedule, so that nothing is known about them.
    """
    from nba_precompute.quality.row_counts import have_schedule

    span = f"from {dates[0]} to {dates[-1]}"
    if have_schedule(warehouse, dates):
        say(f"nothing to check: the schedule has no game {span}, and there are no rows", "yellow", stderr=stderr)
        return False
    say(
        f"nothing to check: there is neither a schedule nor a row {span}; load Phase 3, or choose other dates",
        "yellow",
        stderr=stderr,
    )
    return True


def note_renamed(old: str, new: str) -> None:
    """Print on standard error that a command has been renamed."""
    say(f"`nba-precompute {old}` will be removed in the next release; use `nba-precompute {new}`", stderr=True)
