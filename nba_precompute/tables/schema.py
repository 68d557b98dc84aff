"""What a declaration is made of: columns, Phase 3 sources and Phase 4 tables.

Only the vocabulary belongs here. The declarations themselves are one module per table beside this one; nothing in this
package knows of Dagster or of a warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "ARRAY<STRING>", "ARRAY<FLOAT64>"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: as downstream readers know it.
        type: GoogleSQL type.
        description: the meaning, with the formula where the contract is silent.
        unit: `fraction`, `percent`, `pp`, `games`, `minutes`, `days`, ... or empty.
        nullable: whether a published row may carry NULL here.
        range: plausible inclusive bounds, for rows with at least the minimum of games.
        values: the closed set of values (of elements, for an array).
        lineage: the columns that it is computed from, each as `table.column`.
        hashed: whether it enters `data_hash` (contract, section 3).
    """

    name: str
    type: ColumnType
    description: str = ""
    unit: str = ""
    nullable: bool = True
    range: tuple[float, float] | None = None
    values: tuple[str, ...] | None = None
    lineage: tuple[str, ...] = ()
    hashed: bool = True


@dataclass(frozen=True)
class Source:
    """A Phase 3 table or the schedule: the columns that we declare, and its key.

    Attributes:
        key: the columns that identify a row; a row with a NULL among them is left out and counted.
        identity: the column that tells two people with one key apart, if the table is about people.
    """

    dataset: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    identity: str | None = None
    date_column: str = "game_date"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """The columns as they stand in the warehouse, as far as they are declared."""
        return self.columns


DATA_HASH = Column(
    "data_hash",
    "STRING",
    "MD5 over every declared column but the timestamps and the features array; differs where the row differs",
    nullable=False,
    hashed=False,
)
TIMESTAMPS = (
    Column("created_at", "TIMESTAMP", "first insert of the row (UTC)", nullable=False, hashed=False),
    Column("updated_at", "TIMESTAMP", "last change of the row (UTC)", nullable=False, hashed=False),
)


@dataclass(frozen=True)
class Table:
    """A table that this system writes, one partition per date.

    Attributes:
        date_column: the partition column; with `entity_column` the key.
        columns: what the SELECT (or a DataFrame) yields, in order.
        bookkeeping: the columns that publishing adds.
        window: the main window N, in games (0: none).
        sources: the sources that its SELECT reads.
        upstreams: the Phase 4 tables that its SELECT reads, for the same date.
        population: which macro of `sql/population.sql` says who must have an answer for a date, if any does.
        reasons: why a member of the population may have no row.
    """

    dataset: str
    name: str
    description: str
    date_column: str
    entity_column: str
    columns: tuple[Column, ...]
    window: int = 0
    sources: tuple[str, ...] = ()
    upstreams: tuple[str, ...] = ()
    population: str | None = None
    reasons: tuple[str, ...] = ()
    bookkeeping: tuple[Column, ...] = (DATA_HASH, *TIMESTAMPS)

    @property
    def key(self) -> tuple[str, str]:
        return (self.date_column, self.entity_column)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """The columns as they stand in the warehouse."""
        return (*self.columns, *self.bookkeeping)

    @property
    def hashed_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.hashed)

    def column(self, name: str) -> Column:
        """The published column of that name.

        Raises:
            KeyError: if the table has no such column.
        """
        for column in self.published_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")
