"""Comparison of deployed tables with their declarations.

Here: finding the differences, creating and amending tables, and refusing changes that only a person may make. Not here:
an engine's DDL and catalog (`duckdb/schema.py`, `bigquery/schema.py`), Dagster's storage (`orchestration/instance.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nba_precompute.tables import EVERY_TABLE, SOURCES, Column, Source, Table
from nba_precompute.warehouse import SchemaMismatch, Session, WarehouseError
from nba_precompute.warehouse.protocol import Deployed, DeployedColumn, Difference, Kind


def create_tables(session: Session) -> None:
    """Create the sources' tables, the five tables, and those of failures and waivers, unless they exist.

    An existing table is left unchanged, and a source with a form needs none; every run verifies the tables it uses
    before it writes.
    """
    for table in EVERY_TABLE:
        if table not in session.forms:
            session.schema.create_table(table, table.published_columns)


class Drift(WarehouseError):
    """A deployed table differs from its declaration in a way that only a person may resolve."""


def differences(session: Session, tables: Sequence[Source | Table] = EVERY_TABLE) -> list[Difference]:
    """List the differences between deployed tables and their declarations.

    Phase 3 owns the sources: of these, only missing tables, missing columns and other types count, and a source with a
    form has no table to compare (`refuse_unfit_forms`).
    """
    found = []
    for table in tables:
        if table in session.forms:
            continue
        deployed = session.schema.deployed(table)
        if deployed is None:
            found.append(Difference(table=table, kind="table", name="", text="the table is missing", safe=True))
        else:
            found += _differences(session, table, deployed)
    return found


def _differences(session: Session, table: Source | Table, deployed: Deployed) -> Iterator[Difference]:
    for column in table.published_columns:
        yield from _column_differences(table, column, deployed.columns.get(column.name))
    if isinstance(table, Source):
        return

    def about(kind: Kind, text: str, name: str = "", *, safe: bool = False) -> Difference:
        return Difference(table=table, kind=kind, name=name, text=text, safe=safe)

    for name in deployed.columns:
        if name not in {column.name for column in table.published_columns}:
            yield about("extra column", "the column is not declared", name)
    if deployed.description != table.description:
        yield about("description", _other_description(table.description, deployed.description), safe=True)
    for name, expected in session.schema.layout(table).items():
        if deployed.layout[name] != expected:
            yield about("layout", f"{name} {deployed.layout[name]}, expected {expected}", name)


def _column_differences(table: Source | Table, column: Column, found: DeployedColumn | None) -> Iterator[Difference]:
    is_ours = isinstance(table, Table)

    def about(kind: Kind, text: str, *, safe: bool = False) -> Difference:
        return Difference(table=table, kind=kind, name=column.name, text=text, safe=safe, declared=column)

    if found is None and column.nullable:
        yield about("column", "the column is missing", safe=is_ours)
    elif found is None:
        yield about("required column", "the required column is missing")
    elif found.type != column.type:
        yield about("type", f"expected {column.type}, found {found.type}")
    elif is_ours:
        if found.nullable not in (None, column.nullable):
            words = {True: "nullable", False: "required"}
            yield about("mode", f"expected {words[column.nullable]}, found {words[found.nullable]}")
        if found.description != column.description:
            yield about("description", _other_description(column.description, found.description), safe=True)


def _other_description(declared: str, deployed: str) -> str:
    return f"expected the description {declared!r}, found {deployed!r}"


def deploy(session: Session, tables: Sequence[Source | Table] = EVERY_TABLE) -> list[Difference]:
    """Create missing tables, add missing nullable columns and update descriptions; safe to repeat.

    Returns:
        The differences that were resolved.

    Raises:
        Drift: if anything else differs, with the statements to run by hand; nothing was changed then.
        SchemaMismatch: if the form of a source does not fit; nothing was changed then.
    """
    refuse_unfit_forms(session)
    found = differences(session, tables)
    refuse_drift(session, [difference for difference in found if not difference.safe])
    by_table: dict[str, list[Difference]] = defaultdict(list)
    for difference in found:
        by_table[difference.table.name].append(difference)
    for changes in by_table.values():
        table = changes[0].table
        if changes[0].kind == "table":
            session.schema.create_table(table, table.published_columns)
        else:
            missing = [change.declared for change in changes if change.kind == "column" and change.declared]
            session.schema.amend_table(table, missing)
    return found


def refuse_drift(session: Session, found: Sequence[Difference]) -> None:
    """Refuse differences that are not safe to resolve, with the statements to run by hand.

    Raises:
        Drift: if there are any.
    """
    if not found:
        return
    lines = [str(difference) for difference in found]
    for table in dict.fromkeys(difference.table for difference in found):
        deployed = session.schema.deployed(table)
        if deployed is not None:
            of_table = [difference for difference in found if difference.table is table]
            lines.append(session.schema.remedy(table, deployed, of_table))
    raise Drift(
        "the deployed tables differ from their declarations; nothing was changed. Run by hand:\n" + "\n".join(lines)
    )


def refuse_unfit_forms(session: Session) -> None:
    """Compare the forms of the sources with the declarations.

    Raises:
        SchemaMismatch: if one lacks a declared column, or has it with another type; names all of them.
    """
    refuse_mismatches(session, [source for source in SOURCES.values() if source in session.forms])


def refuse_mismatches(session: Session, relations: Sequence[Source | Table]) -> None:
    """Compare deployed tables, and the forms of sources, with their declarations.

    Raises:
        SchemaMismatch: if a column is missing or has another type; names each with both types.
    """
    deployed = session.schema.columns_of([relation for relation in relations if relation not in session.forms])
    findings: list[str] = []
    for relation in relations:
        if isinstance(relation, Source) and relation in session.forms:
            findings += session.forms.problems(relation)
            continue
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
