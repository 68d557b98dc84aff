"""What a declaration is made of: columns, Phase 3 sources and Phase 4 tables.

Only the vocabulary belongs here. The declarations themselves are one module per table beside this one; nothing in this
package knows of Dagster or of a warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal[
    "STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "ARRAY<STRING>", "ARRAY<FLOAT64>"
]


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
    """

    name: str
    type: ColumnType
    description: str = ""
    unit: str = ""
    nullable: bool = True
    range: tuple[float, float] | None = None
    values: tuple[str, ...] | None = None
    lineage: tuple[str, ...] = ()


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
