"""`coverage`, replaced by `status --dates`: row counts by date, without Dagster's records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from nba_precompute.cli.app import PARTIAL, First, Last, dates_between, note_nothing_there, note_renamed
from nba_precompute.cli.output import SAMPLE_NOTE, data_table, number_columns, say, show, text_columns
from nba_precompute.cli.status import COUNTS_NOTE, show_missing
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from nba_precompute.quality.row_counts import DateRowCounts


def command(first: First, last: Last) -> None:
    """Show rows, ready rows, incomplete rows and failures by date (replaced by `status --dates`).

    Ends with exit code 3 if a date with games has neither rows nor failures, or if the dates have no schedule and no
    rows.

    Example: `nba-precompute coverage --from 2021-10-19 --to 2021-11-30`
    """
    from nba_precompute.quality.row_counts import row_counts

    note_renamed("coverage", "status --dates")
    warehouse, dates = warehouse_from_environment(), dates_between(first, last)
    found = row_counts(warehouse, dates)
    if not any(found.values()):
        raise typer.Exit(PARTIAL if note_nothing_there(warehouse, dates) else 0)
    show(_by_date(found), _by_table(found))
    say(COUNTS_NOTE)
    if any(counts.sample_games for of_table in found.values() for counts in of_table):
        say(SAMPLE_NOTE, "yellow")
    missing = {name: [counts.date for counts in of_table if counts.is_missing] for name, of_table in found.items()}
    show_missing(missing)
    if any(missing.values()):
        raise typer.Exit(PARTIAL)


def _by_date(found: dict[str, list[DateRowCounts]]) -> RichTable:
    by_table = {name: {counts.date: counts for counts in of_table} for name, of_table in found.items()}
    rows = []
    for date in sorted({date for of_table in by_table.values() for date in of_table}):
        cells = [by_table[name].get(date) for name in found]
        rows.append(
            (
                str(date),
                str(max(counts.games for counts in cells if counts)),
                *(
                    ""
                    if counts is None
                    else f"{counts.rows} / {counts.ready} / {counts.incomplete} / {counts.failures}"
                    for counts in cells
                ),
            )
        )
    columns = [*text_columns("date"), *number_columns("games", *(name.replace("_", " ") for name in found))]
    return data_table("rows / ready / incomplete / failed", columns, rows)


def _by_table(found: dict[str, list[DateRowCounts]]) -> RichTable:
    rows = [
        (
            name,
            str(sum(counts.games > 0 for counts in of_table)),
            f"{sum(counts.rows for counts in of_table):,}",
            f"{sum(counts.ready for counts in of_table):,}",
            f"{sum(counts.incomplete for counts in of_table):,}",
            f"{sum(counts.failures for counts in of_table):,}",
        )
        for name, of_table in found.items()
    ]
    columns = [*text_columns("table"), *number_columns("game dates", "rows", "ready", "incomplete", "failed")]
    return data_table("in total", columns, rows)
