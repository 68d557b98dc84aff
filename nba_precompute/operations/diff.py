"""Compares two warehouses, or one warehouse at two moments, row by row and column by column.

Rows are compared by content, not by stored hash: by a hash over the columns that both sides have, so that an upgrade
that adds a column does not make every row differ. Whole dates are compared first, then the keys of the dates that
differ; only rows whose hashes differ are fetched. Numbers that differ by at most `_TOLERANCE` agree, and so do rows in
which nothing differs by more. Against a table of the predecessor, the columns that both have are compared in the
decimals of its types, and each difference is attributed to a rule.

Here: resolving the other side and finding differences. Not here: the rules (`diff_rules.py`), printing (`cli/diff.py`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nba_precompute.operations.diff_rules import UNEXPLAINED, are_theirs, as_float, half_a_step, rule_of
from nba_precompute.sql import RunDates, render
from nba_precompute.sql.source_forms import PREDECESSOR
from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES, Column, Table
from nba_precompute.tables.failures import FAILURE_KEY
from nba_precompute.warehouse import Session, Warehouse, WarehouseError
from nba_precompute.warehouse.protocol import Row

Key = tuple[Any, ...]

_DATES_AT_ONCE = 30
"""Number of differing dates to fetch at once: about ten thousand rows of a player table."""

_TOLERANCE = 1.01e-4
"""The largest difference of two numbers that agree: one in the last stored decimal (contract, section 1)."""


class SideError(Exception):
    """The other side of a comparison cannot be used; the message says what to use instead."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        moment: UTC time at which the warehouse is read; None for now.
    """

    warehouse: Warehouse
    moment: dt.datetime | None = None

    def describe(self) -> str:
        """Name the warehouse and the moment."""
        where = self.warehouse.describe()
        return f"{where} as of {self.moment:%Y-%m-%d %H:%M:%S} UTC" if self.moment else where


@dataclass(frozen=True)
class Sample:
    """A changed value: `before` on the other side, `after` on this one."""

    date: dt.date
    entity: str
    before: Any
    after: Any


@dataclass
class ColumnDifference:
    """Differences in one column.

    Attributes:
        rows: number of rows with another value.
        largest: largest absolute change; None if no two numbers were compared.
        rules: number of the rows by the known rule of the difference (`diff_rules.RULES`), against the predecessor.
    """

    rows: int = 0
    largest: float | None = None
    samples: list[Sample] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)


@dataclass
class TableDifference:
    """Differences of one table, from the other side to this one.

    Attributes:
        added: number of keys that only this side has; `removed`: that only the other side has.
        changed: number of keys with a changed value.
        duplicates: rows beyond the first of their key, on both sides together.
        columns: the columns with a changed value, by name.
        columns_added: columns that only this side has, or that have another type on the other side; `columns_removed`
            is the reverse. Their values are not compared.
        is_theirs: the other side is a table of the predecessor, which has columns of its own.
    """

    table: str
    is_theirs: bool = False
    rows_before: int = 0
    rows_after: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    duplicates: int = 0
    added_samples: list[Key] = field(default_factory=list)
    removed_samples: list[Key] = field(default_factory=list)
    columns: dict[str, ColumnDifference] = field(default_factory=dict)
    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """True if both sides have rows that agree, and the same columns; of the predecessor's table, its own."""
        if self.is_theirs:
            return not (self.added or self.removed or self.unexplained or self.duplicates)
        return not (
            self.added or self.removed or self.changed or self.duplicates or self.columns_added or self.columns_removed
        )

    @property
    def unexplained(self) -> int:
        """The number of values that differ by no known rule."""
        return sum(column.rules[UNEXPLAINED] for column in self.columns.values())


def other_side(text: str, here: Warehouse, environment: Mapping[str, str] = os.environ) -> Side:
    """Resolve the side to compare with: a DuckDB file, an earlier moment of this warehouse, or other datasets.

    Args:
        text: a path, an ISO 8601 time (UTC if it has no zone), the prefix of the dataset names in the BigQuery project
            of the environment, or `predecessor` for the datasets without prefix in the project of Phase 3.

    Raises:
        SideError: if it is none of these, or this warehouse itself.
        WarehouseError: if the BigQuery settings of the environment are incomplete.
    """
    there = _named(text, here, environment)
    if there.describe() == Side(here).describe():
        raise SideError(f"{text} is this warehouse itself; name another one")
    return there


def _named(text: str, here: Warehouse, environment: Mapping[str, str]) -> Side:
    if Path(text).exists():
        from nba_precompute.warehouse.duckdb import DuckDBWarehouse

        return Side(DuckDBWarehouse(Path(text)))
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return Side(here, moment=_past(moment, here))
    if not re.fullmatch(r"\w+", text, re.ASCII) or not environment.get("NBA_BIGQUERY_PROJECT"):
        raise SideError(
            f"no file {text}; name a DuckDB file, a time such as 2022-01-31T06:00, or (with NBA_BIGQUERY_PROJECT set) "
            "a dataset prefix or predecessor"
        )
    from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

    if text == PREDECESSOR:
        ours = BigQuerySettings.from_environment(environment)
        theirs = dataclasses.replace(
            ours, project=ours.phase3_project or ours.project, phase3_project=None, dataset_prefix="", datasets={}
        )
        if any(ours.path(table) == theirs.path(table) for table in TABLES.values()):
            raise SideError(
                f"{theirs.path(TABLES['player_daily_cache'])} is a table of this warehouse; "
                "set NBA_BIGQUERY_DATASET_PREFIX to build beside the predecessor's"
            )
        return Side(BigQueryWarehouse(theirs))
    settings = BigQuerySettings.from_environment({**environment, "NBA_BIGQUERY_DATASET_PREFIX": text})
    return Side(BigQueryWarehouse(settings))


def _past(moment: dt.datetime, here: Warehouse) -> dt.datetime:
    """Convert the moment to UTC.

    Raises:
        SideError: if the warehouse keeps no history, or the moment is in the future.
    """
    if not here.capabilities.keeps_history:
        raise SideError(f"{here.describe()} keeps no history; compare with a copy of the file")
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    if moment > dt.datetime.now(dt.UTC):
        raise SideError(f"{moment} is in the future")
    return moment


def diff(after: Side, before: Side, dates: Sequence[dt.date], samples: int = 3) -> Iterator[TableDifference]:
    """Compare the five tables and the failures on the dates, one table after the other.

    The predecessor recorded its failures in another form: against its tables, ours are not compared.

    Args:
        after: this side.
        before: the other side.
        samples: number of examples to keep of each difference.

    Raises:
        WarehouseError: if a side cannot be read, or lacks a table.
    """
    run = RunDates.of(dates)
    with ExitStack() as stack:
        sessions = [stack.enter_context(side.warehouse.reading("diff")) for side in (after, before)]
        theirs = False
        for table in (*TABLES.values(), PRECOMPUTE_FAILURES):
            if theirs and table is PRECOMPUTE_FAILURES:
                continue
            here, there = (
                _Reader(side, session, table) for side, session in zip((after, before), sessions, strict=True)
            )
            theirs = are_theirs(there.types)
            yield _compare(table, run, here, there, samples)


class _Reader:
    """Reads one table of one side of a comparison."""

    def __init__(self, side: Side, session: Session, table: Table) -> None:
        self._side, self._session, self._table = side, session, table
        self.types = session.schema.columns_of([table])[table.name]
        if not self.types:
            raise WarehouseError(f"{side.describe()} has no table {table.dataset}.{table.name}")

    def _render(self, template: str, run: RunDates, **parameters: Any) -> str:
        moment = self._session.timestamp(self._side.moment) if self._side.moment else None
        return render(template, self._table, run, self._session.relation, moment=moment, **parameters)

    def dates(self, run: RunDates, key: Sequence[str], columns: Sequence[Column]) -> dict[dt.date, tuple[int, str]]:
        """Return the number of rows and a hash of their content, by date."""
        statement = self._render("read/contents", run, key=key, columns=columns, by_date=True)
        return {row["as_of"]: (row["row_count"], row["content"]) for row in self._session.query(statement, "diff")}

    def contents(self, run: RunDates, key: Sequence[str], columns: Sequence[Column]) -> Counter[tuple[Key, str]]:
        """Count the rows by key and content hash."""
        rows = self._session.query(self._render("read/contents", run, key=key, columns=columns, by_date=False), "diff")
        return Counter((tuple(row[name] for name in key), row["content"]) for row in rows)

    def rows(self, keys: Iterable[Key], key: Sequence[str], columns: Sequence[Column]) -> Mapping[Key, Row]:
        """Fetch the rows of the keys."""
        wanted = set(keys)
        run = RunDates.of(date for date, *_ in wanted)
        statement = self._render(
            "read/rows", run, columns=columns, entities=sorted({entity for _, entity, *_ in wanted})
        )
        rows = [
            {name: as_float(value) for name, value in row.items()} for row in self._session.query(statement, "diff")
        ]
        found = {tuple(row[name] for name in key): row for row in rows}
        return {row_key: row for row_key, row in found.items() if row_key in wanted}


def _compare(table: Table, run: RunDates, after: _Reader, before: _Reader, samples: int) -> TableDifference:
    key = FAILURE_KEY if table is PRECOMPUTE_FAILURES else table.key
    result = TableDifference(table.name, is_theirs=are_theirs(before.types))
    steps = {
        column.name: step
        for column in table.hashed_columns
        if after.types.get(column.name) == column.type
        and (step := half_a_step(column, before.types.get(column.name, ""))) is not None
        and (result.is_theirs or before.types[column.name] == column.type)
    }
    common = [column for column in table.hashed_columns if column.name in steps]
    result.columns_added = _not_in(after.types, before.types, steps)
    result.columns_removed = _not_in(before.types, after.types, steps)
    dates_before, dates_after = (reader.dates(run, key, common) for reader in (before, after))
    result.rows_before, result.rows_after = (
        sum(count for count, _ in dates.values()) for dates in (dates_before, dates_after)
    )
    different = {date for date, _ in dates_before.items() ^ dates_after.items()}
    if not different:
        return result
    there, here = (reader.contents(RunDates.of(different), key, common) for reader in (before, after))
    keys_there, keys_here = ({row_key for row_key, _ in side} for side in (there, here))
    result.duplicates = there.total() - len(keys_there) + here.total() - len(keys_here)
    added, removed = sorted(keys_here - keys_there), sorted(keys_there - keys_here)
    result.added, result.added_samples = len(added), added[:samples]
    result.removed, result.removed_samples = len(removed), removed[:samples]
    unlike = sorted(keys_here & keys_there & {row_key for row_key, _ in there.keys() ^ here.keys()})
    differences: dict[str, ColumnDifference] = defaultdict(ColumnDifference)
    for batch in _batches(unlike):
        rows_before, rows_after = before.rows(batch, key, common), after.rows(batch, key, common)
        for row_key in batch:
            before_row, after_row = rows_before[row_key], rows_after[row_key]
            changed = [column for column in common if not _agree(column, before_row, after_row, steps[column.name])]
            result.changed += bool(changed)
            for column in changed:
                _note(differences[column.name], column, row_key, before_row, after_row, samples)
                if result.is_theirs:
                    rule = rule_of(column, before_row[column.name], after_row[column.name])
                    differences[column.name].rules[rule] += 1
    result.columns = {column.name: differences[column.name] for column in common if column.name in differences}
    return result


def _not_in(types: Mapping[str, str], other: Mapping[str, str], compared: Collection[str]) -> list[str]:
    """List the columns that the other side lacks, or has with another type, and that are not compared."""
    return [name for name, type_ in types.items() if other.get(name) != type_ and name not in compared]


def _batches(keys: Sequence[Key]) -> Iterator[list[Key]]:
    """Divide the keys into batches of whole dates, ascending."""
    dates = sorted({date for date, *_ in keys})
    for start in range(0, len(dates), _DATES_AT_ONCE):
        chosen = set(dates[start : start + _DATES_AT_ONCE])
        yield [row_key for row_key in keys if row_key[0] in chosen]


def _are_numbers(column: Column, before: Row, after: Row) -> bool:
    return column.type in ("INT64", "FLOAT64") and None not in (before[column.name], after[column.name])


def _agree(column: Column, before: Row, after: Row, half_a_step: float) -> bool:
    old, new = before[column.name], after[column.name]
    return abs(new - old) <= half_a_step + _TOLERANCE if _are_numbers(column, before, after) else old == new


def _note(difference: ColumnDifference, column: Column, key: Key, before: Row, after: Row, samples: int) -> None:
    old, new = before[column.name], after[column.name]
    difference.rows += 1
    if _are_numbers(column, before, after):
        difference.largest = max(difference.largest or 0.0, round(abs(new - old), 4))
    if len(difference.samples) < samples:
        difference.samples.append(Sample(date=key[0], entity=", ".join(key[1:]), before=old, after=new))
