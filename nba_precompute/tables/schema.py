"""The types of a declaration: `Column`, `Source` (Phase 3, the schedule, the league's files) and `Table` (Phase 4).

Here: the types and the columns that publishing adds. Not here: the declarations, one module per table in this package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

ColumnType = Literal["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "ARRAY<STRING>", "ARRAY<FLOAT64>"]


UNIT_LIMITS: dict[str, tuple[float, float]] = {
    "blocks": (0, 100),
    "minutes": (0, 1000),
    "players": (0, 30),
    "points": (0, 300),
    "points per 100 possessions": (0, 500),
    "possessions per 48 minutes": (0, 300),
    "pp": (-100, 100),
    "shots": (0, 1000),
    "years": (0, 120),
}
"""The possible values by unit, for columns whose declared range is only plausible.

For every other column the declared range is the limit: a fraction, a percentage, a clamped score, games of a window.
"""


@dataclass(frozen=True)
class Column:
    """A column of a source or a table.

    Attributes:
        name: the name that downstream readers use.
        type: GoogleSQL type.
        description: the meaning, with the formula; shown in the UI, the warehouse and the docs.
        unit: `fraction`, `percent`, `pp`, `games`, `minutes`, `days`, ... or empty.
        nullable: True if a published row may be NULL here.
        range: plausible inclusive bounds, checked for rows with at least the minimum of games.
        values: the closed set of values (of elements, for an array).
        lineage: the columns from which it is computed, each as `table.column`.
        hashed: True if it enters `data_hash` (contract, section 3).
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

    @property
    def limits(self) -> tuple[float, float] | None:
        """Inclusive bounds outside which a value is impossible; None without a range."""
        if self.range is None or self.unit not in UNIT_LIMITS:
            return self.range
        low, high = UNIT_LIMITS[self.unit]
        return (-high if self.range[0] < 0 else low, high)


def columns_of(type_: ColumnType, **descriptions: str) -> tuple[Column, ...]:
    """Return columns of one type that have only a name and a description."""
    return tuple(Column(name=name, type=type_, description=description) for name, description in descriptions.items())


@dataclass(frozen=True)
class Source:
    """A Phase 3 table, the schedule or a raw table: its declared columns and its key.

    Attributes:
        key: the columns that identify a row.
        team_column: the column with the row's own team; None if a row names both teams of a game.
        placing_columns: the columns that place a row; one that is NULL or blank in any of them is set aside (contract,
            section 2a).
        is_about_people: True if `universal_player_id` tells people apart who share a key.
        is_partitioned: True if the table is partitioned by `date_column`; one that is not is clustered by the first
            column of its key.
    """

    dataset: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    placing_columns: tuple[str, ...]
    team_column: str | None = None
    is_about_people: bool = False
    is_partitioned: bool = True
    date_column: str = "game_date"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """The declared columns, in the order of the warehouse."""
        return self.columns

    def requires(self, column: Column) -> bool:
        """Return True if a row without a value in the column has no place or no key."""
        return column.name in (*self.key, *self.placing_columns)

    def nearest_to(self, missing: Column, found: Iterable[str]) -> str | None:
        """Return the column found that may be the missing one: undeclared, with a similar name in any case."""
        free = {name.lower(): name for name in found if name.lower() not in self.column_names}
        return next((free[name] for name in get_close_matches(missing.name, free, n=1)), None)


DATA_HASH = Column(
    name="data_hash",
    type="STRING",
    description="MD5 over every declared column except the timestamps and the features array; equal rows have equal "
    "hashes",
    nullable=False,
    hashed=False,
)
TIMESTAMPS = (
    Column(
        name="created_at", type="TIMESTAMP", description="first insert of the row (UTC)", nullable=False, hashed=False
    ),
    Column(
        name="updated_at", type="TIMESTAMP", description="last change of the row (UTC)", nullable=False, hashed=False
    ),
)


@dataclass(frozen=True)
class Table:
    """A table that this package publishes, one partition per date.

    Attributes:
        date_column: the partition column; with `entity_column` the key.
        columns: the columns that the SELECT (or a DataFrame) yields, in order.
        bookkeeping: the columns that publishing adds.
        window: the main window N, in games; 0 if there is none.
        sources: the sources that its SELECT reads.
        upstreams: the Phase 4 tables that its SELECT reads, for the same date.
        population: the macro of `sql/macros/population.sql` that selects the members of a date; None if there are none.
        reasons: the reasons why a member of the population may have no row.
        zone_rates: the columns with the shares of the three zones, which add up to `zone_rates_total`.
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
    zone_rates: tuple[str, ...] = ()
    bookkeeping: tuple[Column, ...] = (DATA_HASH, *TIMESTAMPS)

    @property
    def is_partitioned(self) -> bool:
        """True: every table has a partition per date; see `Source.is_partitioned`."""
        return True

    @property
    def key(self) -> tuple[str, str]:
        """The columns that identify a row, the partition column first."""
        return (self.date_column, self.entity_column)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """All columns of the published table, in order."""
        return (*self.columns, *self.bookkeeping)

    @property
    def zone_rates_total(self) -> int:
        """The sum of the zone rates of a row: 100 for percentages, 1 for fractions."""
        return 100 if self.column(self.zone_rates[0]).unit == "percent" else 1

    @property
    def hashed_columns(self) -> tuple[Column, ...]:
        """The columns that enter `data_hash`."""
        return tuple(column for column in self.columns if column.hashed)

    def column(self, name: str) -> Column:
        """Return the published column of that name.

        Raises:
            KeyError: if the table has no such column.
        """
        for column in self.published_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


def by_relation(lineage: Iterable[str]) -> dict[str, list[str]]:
    """Group the columns of a lineage by their table."""
    columns: dict[str, list[str]] = {}
    for origin in lineage:
        relation, column = origin.split(".")
        columns.setdefault(relation, []).append(column)
    return columns
