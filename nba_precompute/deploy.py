"""Makes the warehouse's tables from the declarations, and Dagster's storage; safe to repeat."""

from __future__ import annotations

import os

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES
from nba_precompute.warehouse import Session


def create_tables(session: Session) -> None:
    """Creates the five tables, the failures table and the sources' tables where there are none.

    A table that exists is left as it is; whether it is what is declared is verified by every run before it writes.
    """
    for source in SOURCES.values():
        session.create_table(source, source.columns)
    for table in (*TABLES.values(), PRECOMPUTE_FAILURES):
        session.create_table(table, table.published_columns)


def prepare_instance() -> str | None:
    """Makes the storage of the Dagster instance that `DAGSTER_HOME` names; None where it names none.

    Two processes that use a new instance at once both try to make its tables, and one of them fails.
    """
    home = os.environ.get("DAGSTER_HOME")
    if home:
        import dagster as dg

        with dg.DagsterInstance.get() as instance:
            instance.get_runs(limit=1)
            instance.all_instigator_state()
    return home
