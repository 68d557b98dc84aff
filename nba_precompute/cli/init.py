"""`init`: tables of the warehouse and storage of the Dagster instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.output import say, say_problem
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nba_precompute.warehouse.protocol import Difference


def command(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; end with exit code 1 if anything differs.")
    ] = False,
) -> None:
    """Create or update the tables of the warehouse and the storage of Dagster.

    Adds missing tables and new nullable columns, and updates descriptions. Any other difference between a table and
    its declaration is refused, with the statements that you would have to run. Safe to repeat.

    Example: `nba-precompute init --check`
    """
    from nba_precompute.orchestration.instance import prepare_instance
    from nba_precompute.warehouse.schema_sync import deploy, differences, refuse_drift, refuse_unfit_forms

    warehouse = warehouse_from_environment()
    if check:
        with warehouse.reading("init --check") as session:
            refuse_unfit_forms(session)
            found = differences(session)
            _show([difference for difference in found if difference.safe])
            refuse_drift(session, [difference for difference in found if not difference.safe])
        if found:
            say_problem("error", "run `nba-precompute init` to make these changes")
            raise typer.Exit(1)
        say(f"{warehouse.describe()} matches its declarations")
        return
    with warehouse.writing("init") as session:
        resolved = deploy(session)
    if resolved:
        say("resolved these differences:")
        _show(resolved)
    say(f"{warehouse.describe()} is ready")
    home = prepare_instance()
    say(
        f"the Dagster instance in {home} is ready"
        if home
        else "DAGSTER_HOME is not set: Dagster will keep no record of runs"
    )


def _show(found: Sequence[Difference]) -> None:
    for difference in found:
        say(str(difference))
