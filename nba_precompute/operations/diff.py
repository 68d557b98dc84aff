"""Two warehouses, or one at two moments, compared row by row and column by column.

Rows are compared by what they contain and not by their stored hash: a hash over the columns that both sides have, so
that an upgrade that adds a column does not make every row another one. First whole dates are compared, then the keys of
dates that differ; only rows that differ are fetched.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nba_precompute.sql import RunDates, render
from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES, Column, Table
from nba_precompute.tables.failures import FAILURE_KEY
from nba_precompute.warehouse import Session, Warehouse, WarehouseError
from nba_precompute.warehouse.protocol import Row

Key = tuple[Any, ...]

_DATES_AT_ONCE = 30
"""How many dates with differences are fetched at once: some ten thousand rows of a table of players."""

_SAME_FLOAT = 5e-5
"""Half of the last stored decimal: below it, two FLOAT64 are one value (contract, section 1)."""


class SideError(Exception):
    """What is compared with cannot be; the message says what can."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        moment: as it was then (UTC); None for now.
    """

    warehouse: Warehouse
    moment: dt.datetime | None = None

    def describe(self) -> str:
        """Where it is, in words."""
        where = self.warehouse.describe()
        return f"{where} as of {self.moment:%Y-%m-%d %H:%M:%S} UTC" if self.moment else where


@dataclass(frozen=True)
class Sample:
    """One value before (on the other side) and after (here)."""

    date: dt.date
    entity: str
    before: Any
    after: Any


@dataclass
class ColumnDifference:
    """What became of one column.

    Attributes:
        rows: how many rows have another value.
        largest: the largest change of a number; None where no two numbers were compared.
    """

    rows: int = 0
    largest: float | None = None
    samples: list[Sample] = field(default_factory=list)


@dataclass
class TableDifference:
    """What became of one table from the other side to this one.

    Attributes:
        added: keys that are only here, as samples; `removed`: only there; the counts are whole.
        repeated: rows too many for their key, on either side.
        columns: the columns that have another value somewhere.
        columns_added: columns that are only here, or of another type there; `columns_removed` the reverse. Their values
            are not compared.
    """

    table: str
    rows_before: int = 0
    rows_after: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    repeated: int = 0
    added_samples: list[Key] = field(default_factory=list)
    removed_samples: list[Key] = field(default_factory=list)
    columns: dict[str, ColumnDifference] = field(default_factory=dict)
    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return not (
            self.added or self.removed or self.changed or self.repeated or self.columns_added or self.columns_removed
        )


def other_side(text: str, here: Warehouse, environment: Mapping[str, str] = os.environ) -> Side:
    """The side that an operator names: a DuckDB file, a moment of this warehouse's past, or a prefix of datasets.

    Args:
        text: a path; an ISO 8601 time (UTC where it names no zone); or what stands before the names of the datasets in
            the BigQuery project that the environment names.

    Raises:
        SideError: if it is none of these, or this warehouse itself.
        WarehouseError: if the environment does not say where BigQuery is.
    """
    there = _named(text, here, environment)
    if there.describe() == Side(here).describe():
        raise SideError(f"{text} is the warehouse itself; name another one")
    return there


def _named(text: str, here: Warehouse, environment: Mapping[str, str]) -> Side:
    if Path(text).exists():
        from nba_precompute.warehouse.duckdb.session import DuckDBWarehouse

        return Side(DuckDBWarehouse(Path(text)))
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return Side(here, _past(moment, here))
    if not re.fullmatch(r"\w+", text, re.ASCII) or not environment.get("NBA_BIGQUERY_PROJECT"):
        raise SideError(
            f"there is no file {text}; name a DuckDB file, a time such as 2022-01-31T06:00, or (with "
            "NBA_BIGQUERY_PROJECT set) a prefix of datasets"
        )
    from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

    settings = BigQuerySettings.from_environment({**environment, "NBA_BIGQUERY_DATASET_PREFIX": text})
    return Side(BigQueryWarehouse(settings))


def _past(moment: dt.datetime, here: Warehouse) -> dt.datetime:
    """The moment in UTC, if the warehouse has a past and it is in it."""
    if here.name != "bigquery":
        raise SideError(f"{here.describe()} keeps no history; compare with a copy of the file")
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    if moment > dt.datetime.now(dt.UTC):
        raise SideError(f"{moment} is in the future")
    return moment


def diff(after: Side, before: Side, dates: Sequence[dt.date], samples: int = 3) -> Iterator[TableDifference]:
    """Compares the five tables and the failures on the dates, one table after the other.

    Args:
        after: this side.
        before: the other side.
        samples: how many examples of each difference to keep.

    Raises:
        WarehouseError: if a side cannot be read, or lacks a table.
    """
    run = RunDates.of(dates)
    with ExitStack() as stack:
        sessions = [stack.enter_context(side.warehouse.reading("diff")) for side in (after, before)]
        for table in (*TABLES.values(), PRECOMPUTE_FAILURES):
            here, there = (
                _Reader(side, session, table) for side, session in zip((after, before), sessions, strict=True)
            )
            yield _compare(table, run, here, there, samples)


class _Reader:
    """Reads one table of one side."""

    def __init__(self, side: Side, session: Session, table: Table) -> None:
        self._side, self._session, self._table = side, session, table
        self.types = session.columns_of([table])[table.name]
        if not self.types:
            raise WarehouseError(f"{side.describe()} has no table {table.dataset}.{table.name}")

    def _render(self, template: str, run: RunDates, **parameters: Any) -> str:
        moment = self._session.timestamp(self._side.moment) if self._side.moment else None
        return render(template, self._table, run, self._session.relation, moment=moment, **parameters)

    def dates(self, run: RunDates, key: Sequence[str], columns: Sequence[Column]) -> dict[dt.date, tuple[int, str]]:
        """How many rows each date has, and what they contain."""
        statement = self._render("read/contents", run, key=key, columns=columns, by_date=True)
        return {row["as_of"]: (row["row_count"], row["content"]) for row in self._session.query(statement, "diff")}

    def contents(self, run: RunDates, key: Sequence[str], columns: Sequence[Column]) -> Counter[tuple[Key, str]]:
        """How often each key stands there with each content."""
        rows = self._session.query(self._render("read/contents", run, key=key, columns=columns, by_date=False), "diff")
        return Counter((tuple(row[name] for name in key), row["content"]) for row in rows)

    def rows(self, keys: Iterable[Key], key: Sequence[str], columns: Sequence[Column]) -> Mapping[Key, Row]:
        """The rows of the keys."""
        wanted = set(keys)
        run = RunDates.of(date for date, *_ in wanted)
        statement = self._render(
            "read/rows", run, columns=columns, entities=sorted({entity for _, entity, *_ in wanted})
        )
        found = {tuple(row[name] for name in key): row for row in self._session.query(statement, "diff")}
        return {one: row for one, row in found.items() if one in wanted}


def _compare(table: Table, run: RunDates, after: _Reader, before: _Reader, samples: int) -> TableDifference:
    key = FAILURE_KEY if table is PRECOMPUTE_FAILURES else table.key
    result = TableDifference(table.name)
    common = [
        column
        for column in table.hashed_columns
        if after.types.get(column.name) == before.types.get(column.name) == column.type
    ]
    result.columns_added = _not_in(after.types, before.types)
    result.columns_removed = _not_in(before.types, after.types)
    dates_before, dates_after = (reader.dates(run, key, common) for reader in (before, after))
    result.rows_before, result.rows_after = (
        sum(count for count, _ in dates.values()) for dates in (dates_before, dates_after)
    )
    different = {date for date, _ in dates_before.items() ^ dates_after.items()}
    if not different:
        return result
    there, here = (reader.contents(RunDates.of(different), key, common) for reader in (before, after))
    keys_there, keys_here = ({one for one, _ in side} for side in (there, here))
    result.repeated = there.total() - len(keys_there) + here.total() - len(keys_here)
    added, removed = sorted(keys_here - keys_there), sorted(keys_there - keys_here)
    result.added, result.added_samples = len(added), added[:samples]
    result.removed, result.removed_samples = len(removed), removed[:samples]
    changed = sorted(keys_here & keys_there & {one for one, _ in there.keys() ^ here.keys()})
    result.changed = len(changed)
    differences: dict[str, ColumnDifference] = defaultdict(ColumnDifference)
    for batch in _batches(changed):
        rows_before, rows_after = before.rows(batch, key, common), after.rows(batch, key, common)
        for one in batch:
            for column in common:
                _note(differences[column.name], column, one, rows_before[one], rows_after[one], samples)
    result.columns = {column.name: differences[column.name] for column in common if differences[column.name].rows}
    return result


def _not_in(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The columns that the other side lacks, or has with another type."""
    return [name for name, type_ in one.items() if other.get(name) != type_]


def _batches(keys: Sequence[Key]) -> Iterator[list[Key]]:
    """The keys, sorted by date, some dates at a time."""
    dates = sorted({date for date, *_ in keys})
    for start in range(0, len(dates), _DATES_AT_ONCE):
        chosen = set(dates[start : start + _DATES_AT_ONCE])
        yield [one for one in keys if one[0] in chosen]


def _note(difference: ColumnDifference, column: Column, key: Key, before: Row, after: Row, samples: int) -> None:
    old, new = before[column.name], after[column.name]
    are_numbers = column.type in ("INT64", "FLOAT64") and old is not None and new is not None
    if (abs(new - old) < _SAME_FLOAT) if are_numbers else (old == new):
        return
    difference.rows += 1
    if are_numbers:
        difference.largest = max(difference.largest or 0.0, round(abs(new - old), 4))
    if len(difference.samples) < samples:
        difference.samples.append(Sample(key[0], ", ".join(key[1:]), old, new))
