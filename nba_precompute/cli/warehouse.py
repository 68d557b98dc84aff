"""Making and verifying the warehouse's tables, and Dagster's storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.app import app, console
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nba_precompute.warehouse.protocol import Difference


@app.command()
def init(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 where anything differs.")] = False,
) -> None:
    """Make the warehouse's tables what is declared, and Dagster's storage in DAGSTER_HOME; safe to repeat.

    Missing tables and new nullable columns are added, descriptions renewed. Anything else that differs is refused, with
    the statements that a person would have to run.

    Example: nba-precompute init --check
    """
    from nba_precompute.warehouse.schema_sync import deploy, differences, prepare_instance, refuse_drift

    warehouse = warehouse_from_environment()
    if check:
        with warehouse.reading("init --check") as session:
            found = differences(session)
            _show([one for one in found if one.safe])
            refuse_drift(session, [one for one in found if not one.safe])
        if found:
            console(stderr=True).print("[red]error:[/red] `nba-precompute init` would make this right", soft_wrap=True)
            raise typer.Exit(1)
        console().print(f"{warehouse.describe()} is as declared", soft_wrap=True)
        return
    with warehouse.writing("init") as session:
        _show(deploy(session))
    console().print(f"{warehouse.describe()} is ready", soft_wrap=True)
    home = prepare_instance()
    console().print(
        f"the Dagster instance in {home} is ready"
        if home
        else "DAGSTER_HOME is not set: dagster's commands will keep no history of their runs",
        soft_wrap=True,
    )


def _show(found: Sequence[Difference]) -> None:
    for difference in found:
        console().print(str(difference), markup=False, soft_wrap=True)
