"""`observe`: new and changed dates of Phase 3 and the schedule, recorded in Dagster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from nba_precompute.cli.app import PARTIAL, AsJson
from nba_precompute.cli.output import data_table, number_columns, print_json, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from nba_precompute.orchestration.observer import Changes

MOST_PROBLEMS = 20


def command(as_json: AsJson = False) -> None:
    """Record new and changed dates of Phase 3 and the schedule in Dagster.

    Unchanged dates record nothing. Also shows what is incomplete, with the reason, and the rows that were set aside,
    such as those of games that do not count. Ends with exit code 3 if a date up to today is incomplete, or if rows
    belong to a season without a schedule.

    Example: `nba-precompute observe`
    """
    import dagster as dg

    from nba_precompute.orchestration.observer import record

    with dg.DagsterInstance.get() as instance:
        changes = record(instance, warehouse_from_environment())
    if as_json:
        print_json(_as_dict(changes))
    else:
        _show(changes)
    if changes.incomplete or changes.waiting or changes.without_schedule:
        raise typer.Exit(PARTIAL)


def _as_dict(changes: Changes) -> dict[str, object]:
    return {
        "observed": changes.observed,
        "changes": [
            {
                "source": change.seen.source,
                "date": change.seen.date,
                "is_new": change.is_new,
                "rows": change.seen.rows,
            }
            for change in changes.changes
        ],
        "incomplete": [
            {"source": observed.source, "date": observed.date, "problems": observed.problems}
            for observed in changes.incomplete
        ],
        "waiting": [
            {"date": date, "tables": scope.value, "reasons": list(reasons)}
            for date, by_scope in sorted(changes.waiting.items())
            for scope, reasons in by_scope.items()
        ],
        "findings": [
            {"source": observed.source, "date": observed.date, "findings": observed.notes} for observed in changes.noted
        ],
        "without_schedule": changes.without_schedule,
    }


def _show(changes: Changes) -> None:
    if changes.changes:
        show(_changes_table(changes))
    else:
        say(f"{changes.observed:,} source dates observed: nothing is new or changed")
    _say_some([f"{seen.source} on {seen.date}: {'; '.join(seen.problems)}" for seen in changes.incomplete], "yellow")
    _say_some([f"{date} waits for: {'; '.join(texts)}" for date, texts in _reasons(changes).items()], "yellow")
    _say_some([f"{seen.source} on {seen.date}: {'; '.join(seen.notes)}" for seen in changes.noted])
    for source, dates in changes.without_schedule.items():
        say(f"{source}: rows on {len(dates)} dates of seasons without a schedule, first {dates[0]}", "red")


def _reasons(changes: Changes) -> dict[dt.date, list[str]]:
    """Return what each date waits for, once where tables of the slate and of the league wait for the same."""
    return {
        date: list(dict.fromkeys(text for texts in by_scope.values() for text in texts))
        for date, by_scope in sorted(changes.waiting.items())
    }


def _say_some(lines: Sequence[str], style: str = "") -> None:
    for line in lines[:MOST_PROBLEMS]:
        say(line, style)
    if len(lines) > MOST_PROBLEMS:
        say(f"and {len(lines) - MOST_PROBLEMS} more", style)


def _changes_table(changes: Changes) -> RichTable:
    rows = []
    for source in sorted({change.seen.source for change in changes.changes}):
        dates = changes.dates_of(source)
        new = sum(change.is_new for change in changes.changes if change.seen.source == source)
        rows.append((source, str(new), str(len(dates) - new), str(dates[0]), str(dates[-1])))
    columns = [*text_columns("source"), *number_columns("new", "changed", "first", "last")]
    return data_table(f"{changes.observed:,} source dates observed", columns, rows)
