"""`doctor`: diagnosis of the installation."""

from __future__ import annotations

import typer
from rich.text import Text

from nba_precompute.cli.app import AsJson
from nba_precompute.cli.output import COLORS, ShownColumn, data_table, print_json, show


def command(as_json: AsJson = False) -> None:
    """Check the environment, the warehouse, Dagster and the disk.

    Looks at variables, versions, tables, the Dagster instance and its daemon, the write lock and free space, and gives
    the next step for each problem. Changes nothing. Ends with exit code 1 if something is broken.

    Example: `nba-precompute doctor`
    """
    from nba_precompute.operations.doctor import Health, examine

    found = examine()
    if as_json:
        print_json(
            [
                {
                    "about": diagnosis.about,
                    "health": diagnosis.health.value,
                    "text": diagnosis.text,
                    "next_step": diagnosis.next_step or None,
                }
                for diagnosis in found
            ]
        )
    else:
        columns = [
            ShownColumn("about", wraps=False),
            ShownColumn("health", wraps=False),
            ShownColumn("finding"),
            ShownColumn("next step"),
        ]
        show(
            data_table(
                "",
                columns,
                [
                    (
                        diagnosis.about,
                        Text(diagnosis.health.value, COLORS[diagnosis.health.value]),
                        diagnosis.text,
                        diagnosis.next_step,
                    )
                    for diagnosis in found
                ],
            )
        )
    if any(diagnosis.health is Health.BROKEN for diagnosis in found):
        raise typer.Exit(1)
