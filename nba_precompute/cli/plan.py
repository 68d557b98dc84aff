"""`plan`: the work left, by table and date; also prints the plan for `backfill`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from nba_precompute.cli.app import (
    PARTIAL,
    AsJson,
    CapBytes,
    First,
    Last,
    Tables,
    chosen_tables,
    dagster_home,
    dates_between,
)
from nba_precompute.cli.output import (
    COLORS,
    Cell,
    ShownColumn,
    data_table,
    number_columns,
    print_json,
    say,
    say_problem,
    show,
    text_columns,
)
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table as RichTable

    from nba_precompute.operations.plan.records import Plan, PlannedRange
    from nba_precompute.publishing.estimate import Estimate

MOST_EXAMPLES = 3


def command(
    first: First, last: Last, tables: Tables = None, cap_bytes: CapBytes = None, as_json: AsJson = False
) -> None:
    """Show the work left: each table and date that is missing, stale or blocked, and why.

    A date is fresh if a run would skip it; missing if it has games and no rows; stale if its inputs, the code or its
    rows differ from those on record. A missing or stale date is blocked while it waits for its inputs: box scores of
    the newest game date, 90 % of a team's window, the context, or a schedule. Other uncovered games do not block.

    Also estimates the time, from recorded runs, and on BigQuery the bytes to read, from dry runs, which are free.
    Changes nothing. Ends with exit code 3 if work is left, with 1 if it would read more than `--cap-bytes`.

    Example: `nba-precompute plan --from 2021-10-19 --to 2022-04-10`
    """
    import dagster as dg

    from nba_precompute.operations.plan.make import make_plan

    dates = dates_between(first, last)
    chosen = chosen_tables(tables)
    dagster_home()
    with dg.DagsterInstance.get() as instance:
        found = make_plan(instance, warehouse_from_environment(), dates[0], dates[-1], chosen)
    if as_json:
        print_json(_as_dict(found))
    else:
        show_plan(found)
    refuse_over_cap(found.bytes, cap_bytes)
    if found.work():
        raise typer.Exit(PARTIAL)


def show_plan(found: Plan) -> None:
    """Print a plan: dates by state, the date ranges with work, and the expected time and bytes."""
    from nba_precompute.operations.plan.records import State

    if not found.dates:
        say("nothing to do: no date up to today is in the calendar")
        return
    rows: list[list[Cell]] = [
        [name, *(_count(found.count(name, state), state.value) for state in State)] for name in found.entries
    ]
    columns = [*text_columns("table"), *number_columns(*(state.value for state in State))]
    show(data_table(f"{found.dates[0]} to {found.dates[-1]}, {len(found.dates)} calendar dates", columns, rows))
    ranges = found.ranges()
    if ranges:
        for name in found.entries:
            of_table = [planned for planned in ranges if planned.table == name]
            if of_table:
                show(_range_table(name, of_table))
        say(_expected_time(found))
        if found.estimates:
            show(estimate_table("bytes to read", found.estimates))
    else:
        say("nothing to do", "green")
    flagged = {
        entry.date
        for by_date in found.entries.values()
        for entry in by_date.values()
        if entry.state is State.FRESH and entry.incomplete_inputs
    }
    if flagged:
        say(
            f"{len(flagged)} fresh dates have incomplete inputs; their rows are flagged, "
            "and the dates become stale when the inputs arrive",
            "yellow",
        )


def _count(number: int, state: str) -> Text:
    return Text(f"{number:,}", COLORS[state] if number else "")


def _range_table(name: str, ranges: Sequence[PlannedRange]) -> RichTable:
    columns = [
        *(ShownColumn(heading, wraps=False) for heading in ("from", "to")),
        ShownColumn("dates", is_number=True, wraps=False),
        ShownColumn("state", wraps=False),
        *(ShownColumn(heading, is_number=True, wraps=False) for heading in ("rows", "seconds")),
        ShownColumn("reason"),
    ]
    rows = [
        (
            str(planned.first),
            str(planned.last),
            str(planned.dates),
            Text(planned.state.value, COLORS[planned.state.value]),
            "?" if planned.rows is None else f"~{planned.rows:,}",
            "?" if planned.seconds is None else f"~{planned.seconds:,.1f}",
            _reason(planned),
        )
        for planned in ranges
    ]
    return data_table(name, columns, rows, is_plain=True)


def _reason(planned: PlannedRange) -> str:
    parts = [planned.reason]
    for label, texts in (("waits for", planned.incomplete_inputs), ("not covered", planned.uncovered)):
        if texts:
            rest = len(texts) - MOST_EXAMPLES
            parts.append(f"{label}: {'; '.join(texts[:MOST_EXAMPLES])}{f' and {rest} more' if rest > 0 else ''}")
    if planned.failed_runs:
        parts.append(f"last run {', '.join(run_id[:8] for run_id in planned.failed_runs[:MOST_EXAMPLES])} failed")
    return "; ".join(part for part in parts if part)


def _expected_time(found: Plan) -> str:
    seconds = found.seconds(found.work())
    if seconds is None:
        return "expected time: unknown, no run of these tables is recorded"
    return f"expected time: about {seconds:,.0f} s with Dagster and the checks, based on the latest recorded runs"


def estimate_table(title: str, estimates: Sequence[Estimate]) -> RichTable:
    """Build the table of bytes to read, with their sum if every table is billed."""
    rows = [
        (
            estimate.table,
            *(
                "not billed" if count is None else f"{count:,}"
                for count in (estimate.inspect, estimate.select, estimate.partitions, estimate.total)
            ),
        )
        for estimate in estimates
    ]
    columns = [*text_columns("table"), *number_columns("inspect", "SELECT", "partitions", "total")]
    return data_table(title, columns, rows)


def estimates_as_dicts(estimates: Sequence[Estimate]) -> list[dict[str, Any]]:
    """Convert the bytes of each table for JSON."""
    return [
        {
            "table": estimate.table,
            "inspect_bytes": estimate.inspect,
            "select_bytes": estimate.select,
            "partition_bytes": estimate.partitions,
            "total_bytes": estimate.total,
        }
        for estimate in estimates
    ]


def refuse_over_cap(total: int | None, cap_bytes: int | None) -> None:
    """End with exit code 1 if more bytes would be read than allowed; unbilled reading has no cap.

    Raises:
        typer.Exit: if the total is over the cap.
    """
    if cap_bytes is not None and total is not None and total > cap_bytes:
        say_problem("error", f"{total:,} bytes to read exceed the cap of {cap_bytes:,}")
        raise typer.Exit(1)


def _as_dict(found: Plan) -> dict[str, Any]:
    from nba_precompute.operations.plan.records import State

    work = found.work()
    return {
        "first_date": found.dates[0] if found.dates else None,
        "last_date": found.dates[-1] if found.dates else None,
        "tables": {name: {state.value: found.count(name, state) for state in State} for name in found.entries},
        "to_do": len(work),
        "seconds": found.seconds(work),
        "bytes": found.bytes,
        "estimates": estimates_as_dicts(found.estimates),
        "ranges": [
            {
                "table": planned.table,
                "from": planned.first,
                "to": planned.last,
                "dates": planned.dates,
                "state": planned.state.value,
                "reason": planned.reason,
                "waits_for": list(planned.incomplete_inputs),
                "not_covered": list(planned.uncovered),
                "failed_runs": list(planned.failed_runs),
                "rows": planned.rows,
                "warehouse_seconds": planned.seconds,
            }
            for planned in found.ranges()
        ],
        "dates": [
            {
                "table": entry.table,
                "date": entry.date,
                "state": entry.state.value,
                "reason": entry.reason,
                "waits_for": list(entry.incomplete_inputs),
                "not_covered": list(entry.uncovered),
                "failed_run": entry.failed_run or None,
                "rows": entry.rows,
                "ready_rows": entry.ready_rows,
                "failures": entry.failures,
                "updated": entry.updated,
            }
            for by_date in found.entries.values()
            for entry in by_date.values()
        ],
    }
