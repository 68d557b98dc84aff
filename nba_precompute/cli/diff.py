"""`diff`: this warehouse compared with another one, or with its own past."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, dates_between
from nba_precompute.cli.output import data_table, number_columns, print_json, say, show, shown, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table as RichTable

    from nba_precompute.operations.diff import ColumnDifference, TableDifference


def command(
    first: First,
    last: Last,
    against: Annotated[
        str,
        typer.Option(
            metavar="OTHER", help="A DuckDB file; on BigQuery also a UTC time, a dataset prefix, or predecessor."
        ),
    ],
    samples: Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Number of examples of each difference.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Compare the tables with another warehouse, row by row and column by column.

    The output calls the other warehouse "before" and this one "after": rows only here are added, rows only there are
    removed. Numbers that differ by at most 0.000101 agree. Ends with exit code 3 if anything else differs.

    The predecessor's tables are compared in the columns that both have and the decimals of its types. Its differences
    are grouped by known rule; those by none, and rows of one side only, end with exit code 3.

    Example: `nba-precompute diff --from 2021-10-19 --to 2022-04-10 --against before-upgrade.duckdb`
    """
    from nba_precompute.operations.diff import Side, SideError, diff, other_side

    dates = dates_between(first, last)
    here = Side(warehouse_from_environment())
    try:
        there = other_side(against, here.warehouse)
    except SideError as error:
        raise typer.BadParameter(str(error), param_hint="--against") from None
    found = list(diff(here, there, dates, samples))
    is_equal = all(difference.is_equal for difference in found)
    if as_json:
        print_json(
            {
                "before": there.describe(),
                "after": here.describe(),
                "from": dates[0],
                "to": dates[-1],
                "is_equal": is_equal,
                "tables": [asdict(difference) for difference in found],
            }
        )
    else:
        say(f"before: {there.describe()}\nafter:  {here.describe()}")
        show(_counts(found))
        for difference in found:
            _show_difference(difference)
        if is_equal:
            say(f"equal from {dates[0]} to {dates[-1]}", "green")
    if not is_equal:
        raise typer.Exit(PARTIAL)


def _counts(found: Sequence[TableDifference]) -> RichTable:
    rows = []
    for difference in found:
        counts = (
            difference.rows_before,
            difference.rows_after,
            difference.added,
            difference.removed,
            difference.changed,
        )
        style = "" if difference.is_equal else "yellow"
        rows.append([Text(cell, style) for cell in (difference.table, *(f"{count:,}" for count in counts))])
    columns = [*text_columns("table"), *number_columns("before", "after", "added", "removed", "changed")]
    return data_table("rows", columns, rows)


def _show_difference(difference: TableDifference) -> None:
    if difference.is_equal and not difference.columns:
        return
    say(f"\n{difference.table}", "bold")
    for columns, side in ((difference.columns_added, "after"), (difference.columns_removed, "before")):
        if columns and difference.is_theirs:
            say(f"columns only {side}, not compared: {len(columns)}")
        elif columns:
            say(f"columns only {side}, not compared: {', '.join(columns)}")
    if difference.duplicates:
        say(f"{difference.duplicates} rows repeat a key", "red")
    for count, keys, change in (
        (difference.added, difference.added_samples, "added"),
        (difference.removed, difference.removed_samples, "removed"),
    ):
        if count:
            examples = "; ".join(" ".join(str(part) for part in key) for key in keys)
            say(f"{count:,} {change}: {examples}{' ...' if count > len(keys) else ''}")
    if difference.columns:
        show(_changes(difference.columns))
    if difference.is_theirs:
        _show_rules(difference)


def _show_rules(difference: TableDifference) -> None:
    """Print the number of differing values by known rule."""
    from nba_precompute.operations.diff_rules import RULES

    totals = sum((column.rules for column in difference.columns.values()), Counter())
    rows = [
        (
            rule,
            f"{totals[rule]:,}",
            ", ".join(name for name, column in difference.columns.items() if column.rules[rule]),
        )
        for rule in RULES
        if totals[rule]
    ]
    if rows:
        show(data_table("", [*text_columns("rule"), *number_columns("values"), *text_columns("columns")], rows))
        for rule, *_ in rows:
            say(f"{rule}: {RULES[rule]}")


def _changes(columns: dict[str, ColumnDifference]) -> RichTable:
    rows = [
        (
            name,
            f"{column.rows:,}",
            "" if column.largest is None else shown(column.largest),
            "\n".join(
                f"{sample.date} {sample.entity}: {shown(sample.before)} → {shown(sample.after)}"
                for sample in column.samples
            ),
        )
        for name, column in columns.items()
    ]
    headings = [*text_columns("column"), *number_columns("rows", "largest change"), *text_columns("examples")]
    return data_table("", headings, rows)
