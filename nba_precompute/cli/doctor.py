"""Whether everything that the commands need is in order."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from nba_precompute.cli.app import AsJson, app, console, print_json

_COLOURS = {"ok": "green", "warning": "yellow", "broken": "red"}


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Examine environment, versions, warehouse, tables, Dagster's instance and daemon, the write lock and the disk.

    Nothing is changed; each finding comes with its next step. Ends with exit code 1 where something is broken.

    Example: nba-precompute doctor
    """
    from nba_precompute.operations.doctor import Health, examine

    found = examine()
    if as_json:
        print_json(
            [
                {"about": one.about, "health": one.health.value, "text": one.text, "next_step": one.next_step or None}
                for one in found
            ]
        )
    else:
        table = RichTable()
        for heading in ("about", "health", "finding", "next step"):
            table.add_column(heading, no_wrap=heading in ("about", "health"))
        for one in found:
            table.add_row(
                one.about,
                f"[{_COLOURS[one.health.value]}]{one.health.value}[/]",
                escape(one.text),
                escape(one.next_step),
            )
        console().print(table)
    if any(one.health is Health.BROKEN for one in found):
        raise typer.Exit(1)
