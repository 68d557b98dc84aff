"""`observe`: new and changed dates of Phase 3 and the schedule, recorded in Dagster."""

from __future__ import annotations

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

    Unchanged dates record nothing. Ends with exit code 3 if a date up to today is incomplete, or if rows belong to a
    season without a schedule.

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
    if changes.incomplete or changes.without_schedule:
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
        "without_schedule": changes.without_schedule,
    }


def _show(changes: Changes) -> None:
    if changes.changes:
        show(_changes_table(changes))
    else:
        say(f"{changes.observed:,} source dates observed: nothing is new or changed")
    for observed in changes.incomplete[:MOST_PROBLEMS]:
        say(f"{observed.source} on {observed.date}: {'; '.join(observed.problems)}", "yellow")
    if len(changes.incomplete) > MOST_PROBLEMS:
        say(f"and {len(changes.incomplete) - MOST_PROBLEMS} more", "yellow")
    for source, dates in changes.without_schedule.items():
        say(f"{source}: rows on {len(dates)} dates of seasons without a schedule, first {dates[0]}", "red")


def _changes_table(changes: Changes) -> RichTable:
    rows = []
    for source in sorted({change.seen.source for change in changes.changes}):
        dates = changes.dates_of(source)
        new = sum(change.is_new for change in changes.changes if change.seen.source == source)
        rows.append((source, str(new), str(len(dates) - new), str(dates[0]), str(dates[-1])))
    columns = [*text_columns("source"), *number_columns("new", "changed", "first", "last")]
    return data_table(f"{changes.observed:,} source dates observed", columns, rows)
