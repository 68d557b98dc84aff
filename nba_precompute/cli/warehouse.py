"""Making and verifying the warehouse's tables, and Dagster's storage."""

from __future__ import annotations

from nba_precompute.cli.app import app, console
from nba_precompute.warehouse import warehouse_from_environment


@app.command()
def init() -> None:
    """Make the warehouse's tables, and Dagster's storage in DAGSTER_HOME, where there are none; safe to repeat.

    Example: nba-precompute init
    """
    from nba_precompute.deploy import create_tables, prepare_instance

    warehouse = warehouse_from_environment()
    with warehouse.writing("init") as session:
        create_tables(session)
    console().print(f"{warehouse.describe()} is ready", soft_wrap=True)
    home = prepare_instance()
    console().print(
        f"the Dagster instance in {home} is ready"
        if home
        else "DAGSTER_HOME is not set: dagster's commands will keep no history of their runs",
        soft_wrap=True,
    )
