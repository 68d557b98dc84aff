"""Terminal output of the commands: tables, messages, JSON and the colors of states.

Here: everything that prints. Text is printed verbatim: brackets in a path, a name or an error are never parsed as
markup; styles are passed separately. Not here: which rows a table has (the command's module).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from rich.box import HEAVY_HEAD, SIMPLE
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

COLORS = {
    "fresh": "green",
    "missing": "yellow",
    "stale": "yellow",
    "blocked": "red",
    "no games": "dim",
    "ok": "green",
    "warning": "yellow",
    "broken": "red",
}
"""Style of each state of a partition and of each health of `doctor`."""

SAMPLE_NOTE = "sample data: these are games of a simulated league"

Cell = str | Text
"""Plain text, or text with its styles."""


@dataclass(frozen=True)
class ShownColumn:
    """A column of a printed table."""

    heading: str
    is_number: bool = False
    wraps: bool = True


def text_columns(*headings: str) -> list[ShownColumn]:
    """Left-aligned columns."""
    return [ShownColumn(heading) for heading in headings]


def number_columns(*headings: str) -> list[ShownColumn]:
    """Right-aligned columns."""
    return [ShownColumn(heading, is_number=True) for heading in headings]


def data_table(
    title: str, columns: Sequence[ShownColumn], rows: Iterable[Sequence[Cell] | None], *, is_plain: bool = False
) -> RichTable:
    """Build a table of data.

    Args:
        rows: cells in the order of the columns; None draws a line.
        is_plain: without a frame.
    """
    table = RichTable(
        title=Text(title) if title else None,
        title_justify="left",
        box=SIMPLE if is_plain else HEAVY_HEAD,
        padding=(0, 1, 0, 0) if is_plain else (0, 1),
        pad_edge=not is_plain,
    )
    for column in columns:
        table.add_column(
            Text(column.heading),
            justify="right" if column.is_number else "left",
            no_wrap=not column.wraps,
            overflow="fold",
        )
    for row in rows:
        if row is None:
            table.add_section()
        else:
            table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return table


def console(*, stderr: bool = False) -> Console:
    """Open standard output or standard error; no color unless it is a terminal and NO_COLOR is unset."""
    result = Console(stderr=stderr, highlight=False, markup=False)
    if not result.is_terminal:
        result.width = 140  # a pipe has no width; 80 would break every table
    return result


def show(*tables: RichTable) -> None:
    """Print tables to standard output."""
    screen = console()
    for table in tables:
        screen.print(table)


def say(message: Cell, style: str = "", *, stderr: bool = False) -> None:
    """Print a message of one or more lines verbatim."""
    text = message if isinstance(message, Text) else Text(message, style)
    console(stderr=stderr).print(text, soft_wrap=True)


def say_problem(label: str, message: str, style: str = "red") -> None:
    """Print `label: message` to standard error, the label styled."""
    say(Text.assemble((f"{label}:", style), " ", message), stderr=True)


def print_json(value: Any) -> None:
    """Print one JSON document to standard output: dates and times as ISO 8601, unknown values as null."""
    typer.echo(json.dumps(value, default=_as_json, indent=2))


def _as_json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def shown(value: Any) -> str:
    """Format a stored value for reading: numbers with up to 4 decimals, NULL by name."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "[" + ", ".join(shown(element) for element in value) + "]"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
