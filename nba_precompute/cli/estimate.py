"""What a run would read, before it is launched."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table as RichTable

from nba_precompute.cli.app import AsJson, First, Last, app, console, dates_between, print_json
from nba_precompute.warehouse import warehouse_from_environment


@app.command()
def estimate(
    first: First,
    last: Last,
    cap_bytes: Annotated[
        int | None,
        typer.Option(
            "--cap-bytes", min=1, envvar="NBA_ESTIMATE_CAP_BYTES", help="Refuse (exit 1) what would read more."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how many bytes a run of the five tables would read, from free dry runs; DuckDB bills nothing.

    Example: nba-precompute estimate --from 2021-10-19 --to 2022-04-10 --cap-bytes 2000000000
    """
    from nba_precompute.publishing.estimate import estimate as read_estimate

    dates = dates_between(first, last)
    warehouse = warehouse_from_environment()
    found = read_estimate(warehouse, dates)
    known = [one.total for one in found if one.total is not None]
    total = sum(known) if len(known) == len(found) else None
    if as_json:
        tables = [
            {
                "table": one.table,
                "inspect_bytes": one.inspect,
                "select_bytes": one.select,
                "partition_bytes": one.partitions,
                "total_bytes": one.total,
            }
            for one in found
        ]
        print_json({"first_date": dates[0], "last_date": dates[-1], "tables": tables, "total_bytes": total})
    else:
        table = RichTable(title=f"bytes that a run over {len(dates)} dates would read", title_justify="left")
        for heading in ("table", "inspect", "SELECT", "partitions", "in total"):
            table.add_column(heading, justify="left" if heading == "table" else "right")
        for one in found:
            table.add_row(one.table, *map(_bytes, (one.inspect, one.select, one.partitions, one.total)))
        console().print(table)
        console().print(
            f"{warehouse.describe()}: nothing is billed" if total is None else f"in total {_bytes(total)}",
            soft_wrap=True,
        )
    if cap_bytes is not None and total is not None and total > cap_bytes:
        console(stderr=True).print(
            f"[red]error:[/red] {_bytes(total)} are more than the cap of {_bytes(cap_bytes)}", soft_wrap=True
        )
        raise typer.Exit(1)


def _bytes(count: int | None) -> str:
    return "not billed" if count is None else f"{count:,}"
