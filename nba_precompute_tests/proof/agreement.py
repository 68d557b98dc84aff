"""Published rows against the oracle's, cell by cell; and what the product finds in the sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from nba_precompute.sources.observation import observe
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle import Oracle
from nba_precompute_tests.oracle.hashing import data_hash
from nba_precompute_tests.support.league import failures, published

TOLERANCE = 1.01e-4
"""Two results agree when they differ by at most this (contract, section 1)."""

Difference = tuple[str, dt.date, str, str, Any, Any]
"""Table, date, entity, column, published value, value of the oracle."""


def agree(found: Any, expected: Any) -> bool:
    """Return True for equal values of one type, or two floats (or arrays of them) within the tolerance."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(agree, found, expected))
    if type(found) is not type(expected):
        return False
    return abs(found - expected) <= TOLERANCE if isinstance(found, float) else found == expected


def differences(warehouse: DuckDBWarehouse, oracle: Oracle, date: dt.date) -> tuple[int, list[Difference]]:
    """Return the number of compared cells of the date, over all five tables, and those that differ."""
    day = oracle.day(date)
    cells, found = 0, []
    for table in TABLES.values():
        rows = {entity: row for (_, entity), row in published(warehouse, table, date).items()}
        in_table = _table_differences(table, date, rows, day.rows[table.name])
        reasons = failures(warehouse, table.name, date)
        for entity in sorted(reasons.keys() | day.failures[table.name].keys()):
            pair = reasons.get(entity), day.failures[table.name].get(entity)
            if pair[0] != pair[1]:
                in_table.append((table.name, date, entity, "failure reason", *pair))
        found += in_table
        cells += len(rows) * (len(table.columns) + 1) + len(reasons)
    return cells, found


def findings_of(warehouse: DuckDBWarehouse, dates: Sequence[dt.date]) -> dict[tuple[str, dt.date, str], int]:
    """Return what the observation of the dates counts, by source, date and kind, like `Oracle.findings`."""
    return {
        (entry.source, entry.date, kind): finding.count
        for entry in observe(warehouse, dates).dates
        for kind, finding in entry.findings.items()
    }


def _table_differences(
    table: Table,
    date: dt.date,
    rows: Mapping[str, Mapping[str, Any]],
    expected: Mapping[str, Mapping[str, Any]],
) -> list[Difference]:
    found: list[Difference] = []
    declared = [(column.name, column.type) for column in table.columns]
    for entity in sorted(rows.keys() | expected.keys()):
        row, wanted = rows.get(entity), expected.get(entity)
        if row is None or wanted is None:
            found.append((table.name, date, entity, "the row", row is not None, wanted is not None))
            continue
        undeclared = wanted.keys() ^ {name for name, _ in declared}
        found += [(table.name, date, entity, name, "declared?", "computed?") for name in sorted(undeclared)]
        found += [
            (table.name, date, entity, name, row[name], wanted.get(name))
            for name, _ in declared
            if name in wanted and not agree(row[name], wanted[name])
        ]
        own_hash = data_hash(row, declared)
        if row["data_hash"] != own_hash:
            found.append((table.name, date, entity, "data_hash", row["data_hash"], own_hash))
    return found


def report(found: list[Difference], most: int = 20) -> str:
    """Return the first differences, one per line."""
    lines = [
        f"{table} {date} {entity} {column}: published {ours!r}, oracle {theirs!r}"
        for table, date, entity, column, ours, theirs in found[:most]
    ]
    return "\n".join([f"{len(found)} differences", *lines])
