"""Makes the warehouse's tables from the declarations and holds them against each other; makes Dagster's storage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.warehouse import SchemaMismatch, Session, WarehouseError
from nba_precompute.warehouse.protocol import Deployed, Difference, Kind

EVERY_TABLE: tuple[Source | Table, ...] = (*SOURCES.values(), *TABLES.values(), PRECOMPUTE_FAILURES)


def create_tables(session: Session) -> None:
    """Creates the five tables, the failures table and the sources' tables where there are none.

    A table that exists is left as it is; whether it is what is declared is verified by every run before it writes.
    """
    for table in EVERY_TABLE:
        session.schema.create_table(table, table.published_columns)


class Drift(WarehouseError):
    """What is deployed differs from what is declared in a way that only a person may make right."""


def differences(session: Session, tables: Sequence[Source | Table] = EVERY_TABLE) -> list[Difference]:
    """In what the deployed tables are not what is declared.

    The sources belong to Phase 3: of theirs only missing tables and columns and other types count.
    """
    found = []
    for table in tables:
        deployed = session.schema.deployed(table)
        if deployed is None:
            found.append(Difference(table, "table", "", "the table is missing", safe=True))
        else:
            found += _differences(session, table, deployed)
    return found


def _differences(session: Session, table: Source | Table, deployed: Deployed) -> Iterator[Difference]:
    is_ours = isinstance(table, Table)
    for column in table.published_columns:
        there = deployed.columns.get(column.name)
        if there is None:
            kind: Kind = "column" if column.nullable else "required column"
            text = f"the {'' if column.nullable else 'required '}column is missing"
            yield Difference(table, kind, column.name, text, safe=is_ours and column.nullable, declared=column)
        elif there.type != column.type:
            text = f"expected {column.type}, found {there.type}"
            yield Difference(table, "type", column.name, text, safe=False, declared=column)
        elif is_ours:
            if there.nullable not in (None, column.nullable):
                words = {True: "nullable", False: "required"}
                text = f"expected {words[column.nullable]}, found {words[there.nullable]}"
                yield Difference(table, "mode", column.name, text, safe=False, declared=column)
            if there.description != column.description:
                text = f"the description is {there.description!r}, not {column.description!r}"
                yield Difference(table, "description", column.name, text, safe=True, declared=column)
    if not is_ours:
        return
    declared = {column.name for column in table.published_columns}
    for name in deployed.columns:
        if name not in declared:
            yield Difference(table, "extra column", name, "the column is not declared", safe=False)
    if deployed.description != table.description:
        text = f"the description is {deployed.description!r}, not {table.description!r}"
        yield Difference(table, "description", "", text, safe=True)
    for name, expected in session.schema.layout(table).items():
        if deployed.layout[name] != expected:
            text = f"{name} {deployed.layout[name]}, expected {expected}"
            yield Difference(table, "layout", name, text, safe=False)


def deploy(session: Session, tables: Sequence[Source | Table] = EVERY_TABLE) -> list[Difference]:
    """Creates what is missing, adds new nullable columns, and renews descriptions; safe to repeat.

    Returns:
        What was made right.

    Raises:
        Drift: if anything else differs, with the statements that a person would have to run; nothing was changed then.
    """
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
            session.schema.amend_table(
                table, [one.declared for one in changes if one.kind == "column" and one.declared]
            )
    return found


def refuse_drift(session: Session, found: Sequence[Difference]) -> None:
    """Says what a person would have to do about differences that are not safe.

    Raises:
        Drift: if there is any.
    """
    if not found:
        return
    lines = [str(difference) for difference in found]
    for table in dict.fromkeys(difference.table for difference in found):
        deployed = session.schema.deployed(table)
        if deployed is not None:
            lines.append(session.schema.remedy(table, deployed, [one for one in found if one.table is table]))
    raise Drift("what is deployed is not what is declared; nothing was changed. Run by hand:\n" + "\n".join(lines))


def refuse_mismatches(relations: Sequence[Source | Table], deployed: Mapping[str, Mapping[str, str]]) -> None:
    """Holds deployed columns, as `Schema.columns_of` gives them, against the declarations.

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
