"""What there is to do, before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, app, console, dagster_home, dates_between, print_json
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.operations.plan.records import Plan, PlannedRange

Tables = Annotated[
    list[str] | None,
    typer.Option("--tables", help="Only these tables, by name, commas between; what they read is looked at as well."),
]

_COLOURS = {"fresh": "green", "missing": "yellow", "stale": "yellow", "blocked": "red", "no games": "dim"}


@app.command()
def plan(first: First, last: Last, tables: Tables = None, as_json: AsJson = False) -> None:
    """Show what there is to do, by table and date, and why: fresh, missing, stale, blocked or no games.

    A date is fresh where a run would skip it, and stale where inputs, code or published rows are not what was
    recorded. It is blocked where it is missing or stale and a game that it reads is not covered, its context is not
    there, or the schedule does not know it. Nothing is changed. Ends with exit code 3 where there is something to do.

    Example: nba-precompute plan --from 2021-10-19 --to 2022-04-10
    """
    import dagster as dg

    from nba_precompute.operations.plan.make import make_plan

    dates = dates_between(first, last)
    chosen = chosen_tables(tables)
    dagster_home()
    with dg.DagsterInstance.get() as instance:
        found = make_plan(instance, warehouse_from_environment(), dates[0], dates[-1], chosen)
    if as_json:
        print_json(as_dict(found))
    else:
        show(found)
    if found.work():
        raise typer.Exit(PARTIAL)


def chosen_tables(names: list[str] | None) -> list[str]:
    """The tables of an option `--tables`, all without it.

    Raises:
        typer.BadParameter: if there is no such table.
    """
    from nba_precompute.tables import TABLES

    if not names:
        return list(TABLES)
    wanted = [name.strip() for text in names for name in text.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(TABLES))
    if unknown:
        raise typer.BadParameter(f"there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}")
    return wanted


def show(found: Plan) -> None:
    """The plan as tables: how many dates are in which state, what there is to do, and what it takes."""
    from nba_precompute.operations.plan.records import State

    screen = console()
    if not found.dates:
        screen.print("none of these dates is in the calendar and not after today: there is nothing to do")
        return
    title = f"{found.dates[0]} to {found.dates[-1]}, {len(found.dates)} dates of the calendar"
    counts = RichTable(title=title, title_justify="left")
    counts.add_column("table")
    for state in State:
        counts.add_column(state.value, justify="right")
    for name in found.entries:
        numbers = [(state, found.count(name, state)) for state in State]
        counts.add_row(
            name, *(f"[{_COLOURS[state.value]}]{number:,}[/]" if number else "0" for state, number in numbers)
        )
    screen.print(counts)
    ranges = found.ranges()
    if not ranges:
        screen.print("[green]there is nothing to do[/green]")
    else:
        for name in found.entries:
            of_table = [one for one in ranges if one.table == name]
            if of_table:
                screen.print(_ranges(name, of_table))
        screen.print(_takes(found))
    flagged = {
        one.date
        for by_date in found.entries.values()
        for one in by_date.values()
        if one.state == "fresh" and one.incomplete_inputs
    }
    if flagged:
        screen.print(
            f"[yellow]{len(flagged)} fresh dates have incomplete inputs; their rows are flagged, "
            "and the dates become stale when the inputs arrive[/yellow]"
        )


def _ranges(name: str, ranges: list[PlannedRange]) -> RichTable:
    table = RichTable(title=name, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("from", "to", "dates", "state", "rows", "seconds", "reason"):
        is_number = heading in ("dates", "rows", "seconds")
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=heading != "reason")
    for one in ranges:
        colour = _COLOURS[one.state.value]
        table.add_row(
            str(one.first),
            str(one.last),
            str(one.dates),
            f"[{colour}]{one.state.value}[/]",
            "?" if one.rows is None else f"~{one.rows:,}",
            "?" if one.seconds is None else f"~{one.seconds:,.1f}",
            escape(_reason(one)),
        )
    return table


def _reason(one: PlannedRange, most: int = 3) -> str:
    parts = [one.reason]
    if one.incomplete_inputs:
        named = "; ".join(one.incomplete_inputs[:most])
        more = f" and {len(one.incomplete_inputs) - most} more" if len(one.incomplete_inputs) > most else ""
        parts.append(f"not covered: {named}{more}")
    if one.failed_runs:
        parts.append(f"last run {', '.join(run_id[:8] for run_id in one.failed_runs[:most])} failed")
    return "; ".join(part for part in parts if part)


def _takes(found: Plan) -> str:
    seconds = found.seconds(found.work())
    text = (
        "how long it takes is not known: no run of these tables is on record"
        if seconds is None
        else f"about {seconds:,.0f} s in all, of which the warehouse's are in the table, by the newest runs on record"
    )
    return text if found.bytes is None else f"{text}; {found.bytes:,} bytes to read"


def as_dict(found: Plan) -> dict[str, Any]:
    """The plan for programs: counts, ranges, and every table and date."""
    from nba_precompute.operations.plan.records import State

    work = found.work()
    return {
        "first_date": found.dates[0] if found.dates else None,
        "last_date": found.dates[-1] if found.dates else None,
        "tables": {name: {state.value: found.count(name, state) for state in State} for name in found.entries},
        "to_do": len(work),
        "seconds": found.seconds(work),
        "bytes": found.bytes,
        "ranges": [
            {
                "table": one.table,
                "from": one.first,
                "to": one.last,
                "dates": one.dates,
                "state": one.state.value,
                "reason": one.reason,
                "not_covered": list(one.incomplete_inputs),
                "failed_runs": list(one.failed_runs),
                "rows": one.rows,
                "warehouse_seconds": one.seconds,
            }
            for one in found.ranges()
        ],
        "dates": [
            {
                "table": one.table,
                "date": one.date,
                "state": one.state.value,
                "reason": one.reason,
                "not_covered": list(one.incomplete_inputs),
                "failed_run": one.failed_run or None,
                "rows": one.rows,
                "ready_rows": one.ready_rows,
                "failures": one.failures,
                "updated": one.updated,
            }
            for by_date in found.entries.values()
            for one in by_date.values()
        ],
    }
