"""The rule for simulated games: a season is real or simulated, and real rows remove simulated ones, never the reverse.

Here: the rows that a load must remove, and the conflicts it must refuse. Not here: the simulator (`simulation/`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nba_precompute.calendar import season_label, season_of
from nba_precompute.sql import RunDates, fill
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.sources import SAMPLE_GAME_ID_PREFIX
from nba_precompute.warehouse import Session, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

_IS_SAMPLE = f"STARTS_WITH(game_id, '{SAMPLE_GAME_ID_PREFIX}')"


class SampleConflict(WarehouseError):
    """Simulated and real rows would share a season; nothing was written."""


def within_seasons(column: str, seasons: Collection[int]) -> str:
    """Render the condition that the column is a date of one of the seasons (July to June)."""
    return RunDates.of(dt.date(season, 7, 1) for season in seasons).seasons_of(column)


@dataclass(frozen=True)
class Removal:
    """The simulated rows of the warehouse that a load of real rows removes.

    Attributes:
        seasons: the seasons that have such rows, ascending.
        rows: their number, by source table.
    """

    seasons: tuple[int, ...]
    rows: Mapping[str, int]

    def where(self, source: Source) -> str:
        """Render the condition that a row of the source is one of them."""
        if not self.seasons:
            return "FALSE"
        return f"({within_seasons(source.date_column, self.seasons)} AND {_IS_SAMPLE})"


def removal(session: Session, tables: Mapping[str, pa.Table]) -> Removal:
    """Return the simulated rows to remove when these rows are loaded.

    A row without a game id counts as neither simulated nor real.

    Args:
        tables: source tables as declared, without rows that have no date.

    Raises:
        SampleConflict: if the rows of one season are partly simulated and partly real, or if simulated rows are given
            for a season of which the warehouse has real rows.
    """
    simulated, real = _seasons(tables)
    if both := simulated & real:
        raise SampleConflict(
            f"the rows of {_names(both)} are partly real, partly simulated (game_id {SAMPLE_GAME_ID_PREFIX}...)"
        )
    if not simulated | real:
        return Removal(seasons=(), rows={})
    present = _present(session, simulated | real)
    if occupied := {season for season in simulated if present["real", season]}:
        raise SampleConflict(
            f"the warehouse has real rows of {_names(occupied)}; simulated rows are not loaded beside them: "
            "simulate another season, or use another warehouse"
        )
    return Removal(
        seasons=tuple(sorted(season for season in real if present["sample", season])),
        rows={name: sum(present[name, season] for season in real) for name in SOURCES},
    )


def _seasons(tables: Mapping[str, pa.Table]) -> tuple[set[int], set[int]]:
    """Return the seasons of the simulated rows, and those of the real rows."""
    import pyarrow.compute as pc

    simulated: set[int] = set()
    real: set[int] = set()
    for name, rows in tables.items():
        is_sample = pc.starts_with(rows["game_id"], SAMPLE_GAME_ID_PREFIX)
        for seasons, mask in ((simulated, is_sample), (real, pc.invert(is_sample))):
            dates = pc.unique(rows[SOURCES[name].date_column].filter(mask))
            seasons.update(season_of(date) for date in dates.to_pylist())
    return simulated, real


def _present(session: Session, seasons: Collection[int]) -> Counter[tuple[str, int]]:
    """Count the warehouse's rows by (`real` or `sample`, season), and its simulated rows by (table, season)."""
    present: Counter[tuple[str, int]] = Counter()
    statement = fill(
        "load/sample_rows", relation=session.relation, within=lambda column: within_seasons(column, seasons)
    )
    for row in session.query(statement, "compare"):
        season = season_of(row["as_of"])
        present["real", season] += row["real_rows"]
        present["sample", season] += row["sample_rows"]
        present[row["name"], season] += row["sample_rows"]
    return present


def _names(seasons: Collection[int]) -> str:
    return ", ".join(season_label(season) for season in sorted(seasons))
