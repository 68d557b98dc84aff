"""Makes the warehouse's tables from the declarations and holds them against each other; makes Dagster's storage."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.warehouse import SchemaMismatch, Session


def create_tables(session: Session) -> None:
    """Creates the five tables, the failures table and the sources' tables where there are none.

    A table that exists is left as it is; whether it is what is declared is verified by every run before it writes.
    """
    everything: list[Source | Table] = [*SOURCES.values(), *TABLES.values(), PRECOMPUTE_FAILURES]
    for table in everything:
        session.create_table(table, table.published_columns)


def refuse_mismatches(relations: Sequence[Source | Table], deployed: Mapping[str, Mapping[str, str]]) -> None:
    """Holds deployed columns, as `Session.columns_of` gives them, against the declarations.

    Raises:
        SchemaMismatch: naming every table, column, expected and found type.
    """
    findings = []
    for relation in relations:
        name = f"{relation.dataset}.{relation.name}"
        if not deployed[relation.name]:
            findings.append(f"{name}: the table is missing; run `nba-precompute init`")
            continue
        for column in relation.published_columns:
            found = deployed[relation.name].get(column.name)
            if found != column.type:
                findings.append(f"{name}.{column.name}: expected {column.type}, found {found or 'no such column'}")
    if findings:
        raise SchemaMismatch("; ".join(findings))


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
