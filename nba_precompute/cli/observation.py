"""Looking at Phase 3, and at what stands in the tables, with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markdown import Markdown
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, app, console, dates_between, print_json
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.orchestration.observer import Changes


@app.command()
def observe(as_json: AsJson = False) -> None:
    """Record in Dagster what is new or changed in Phase 3 and the schedule; unchanged data records nothing.

    Ends with exit code 3 where a date that has arrived is not complete, or rows have no schedule.

    Example: nba-precompute observe
    """
    import dagster as dg

    from nba_precompute.orchestration.observer import record

    with dg.DagsterInstance.get() as instance:
        changes = record(instance, warehouse_from_environment())
    if as_json:
        _print_changes(changes)
    else:
        _show_changes(changes)
    if changes.incomplete or changes.without_schedule:
        raise typer.Exit(PARTIAL)


def _print_changes(changes: Changes) -> None:
    print_json(
        {
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
                {"source": one.source, "date": one.date, "problems": one.problems} for one in changes.incomplete
            ],
            "without_schedule": changes.without_schedule,
        }
    )


def _show_changes(changes: Changes) -> None:
    screen = console()
    if changes.changes:
        screen.print(_changes_table(changes))
    else:
        screen.print(f"{changes.observed:,} dates of sources observed, nothing is new or changed")
    for one in changes.incomplete[:20]:
        screen.print(f"[yellow]{one.source} on {one.date}: {'; '.join(one.problems)}[/yellow]", soft_wrap=True)
    if len(changes.incomplete) > 20:
        screen.print(f"[yellow]and {len(changes.incomplete) - 20} more[/yellow]")
    for source, dates in changes.without_schedule.items():
        screen.print(f"[red]{source}: rows on {len(dates)} dates of seasons without a schedule, first {dates[0]}[/red]")


def _changes_table(changes: Changes) -> RichTable:
    table = RichTable(title=f"{changes.observed:,} dates of sources observed", title_justify="left")
    for heading in ("source", "new", "changed", "first", "last"):
        table.add_column(heading, justify="left" if heading == "source" else "right")
    for source in sorted({change.seen.source for change in changes.changes}):
        dates = changes.dates_of(source)
        new = sum(change.is_new for change in changes.changes if change.seen.source == source)
        table.add_row(source, str(new), str(len(dates) - new), str(dates[0]), str(dates[-1]))
    return table


@app.command()
def validate(first: First, last: Last, as_json: AsJson = False) -> None:
    """Hold the five tables against the contract again, date by date, from what stands in them.

    Ends with exit code 0 only if every rule of every check holds on every date; 3 where one does not.

    Example: nba-precompute validate --from 2021-10-19 --to 2021-11-30
    """
    from nba_precompute.quality.validation import as_dict, markdown
    from nba_precompute.quality.validation import validate as validate_tables

    validations = validate_tables(warehouse_from_environment(), dates_between(first, last))
    if as_json:
        print_json([as_dict(one) for one in validations])
    else:
        console().print(Markdown(markdown(validations)))
    if not all(one.holds for one in validations):
        raise typer.Exit(PARTIAL)
