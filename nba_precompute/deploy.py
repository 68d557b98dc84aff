"""Makes the warehouse's tables from the declarations; safe to repeat."""

from __future__ import annotations

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
