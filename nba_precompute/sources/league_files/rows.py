"""The rows of a raw table, as columns of Python values, and the Arrow table that they become.

Here: the names of the counts of a box score, and the conversion to the declared columns. Not here: the declarations
(`tables/league.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.warehouse.types import arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

ORIGIN = ("file", "processed_at")
"""The columns that say where a row is from, the same for every row of a file."""

COUNTS = {
    "points": ("PTS", "points"),
    "fg_makes": ("FGM", "fieldGoalsMade"),
    "fg_attempts": ("FGA", "fieldGoalsAttempted"),
    "three_pt_makes": ("FG3M", "threePointersMade"),
    "three_pt_attempts": ("FG3A", "threePointersAttempted"),
    "ft_makes": ("FTM", "freeThrowsMade"),
    "ft_attempts": ("FTA", "freeThrowsAttempted"),
    "offensive_rebounds": ("OREB", "reboundsOffensive"),
    "defensive_rebounds": ("DREB", "reboundsDefensive"),
    "assists": ("AST", "assists"),
    "steals": ("STL", "steals"),
    "blocks": ("BLK", "blocks"),
    "turnovers": ("TOV", "turnovers"),
    "personal_fouls": ("PF", "foulsPersonal"),
}
"""The counts of a box score: the column of a result set and the key of V3."""

WHOLE_NUMBER, COUNT = "a whole number", "a count"


def to_table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """Return the rows of a raw table without their origin: every declared column, in order.

    Args:
        columns: a sequence of values by column.
    """
    import pyarrow as pa

    declared = [column for column in LEAGUE_TABLES[name].columns if column.name not in ORIGIN]
    arrays = [pa.array(columns[column.name], arrow_type(column.type)) for column in declared]
    return pa.table(arrays, names=[column.name for column in declared])


def with_origin(name: str, table: pa.Table, file: Path, processed_at: dt.datetime) -> pa.Table:
    """Return the rows with the columns that say where they are from, as declared."""
    import pyarrow as pa

    for column in LEAGUE_TABLES[name].columns:
        if column.name in ORIGIN:
            value = file.as_posix() if column.name == "file" else processed_at
            table = table.append_column(
                column.name, pa.repeat(pa.scalar(value, arrow_type(column.type)), table.num_rows)
            )
    return table


def transposed(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as columns."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
