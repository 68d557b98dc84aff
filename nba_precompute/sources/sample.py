"""The rule for simulated games: a season is real or simulated, and real rows remove simulated ones, never the reverse.

Here: the rows that a load must remove, and the conflicts it must refuse. Not here: the simulator (`simulation/`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nba_precompute.calendar import season_label, season_of
from nba_precompute.sources.held import HeldRows, within_seasons
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, WAIVERS, Source
from nba_precompute.tables.sources import SAMPLE_GAME_ID_PREFIX
from nba_precompute.warehouse import Replacement, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

_IS_SAMPLE = f"STARTS_WITH(game_id, '{SAMPLE_GAME_ID_PREFIX}')"


class SampleConflict(WarehouseError):
    """Simulated and real rows would share a season; nothing was written."""


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

    @property
    def computed(self) -> dict[str, Replacement]:
        """The deletions of what was computed from them, by table, and of the waivers of their games.

        All rows of their seasons go: only some dates would be computed again, and the waivers would be those of other
        teams.
        """
        return {
            table.name: Replacement(table=table, where=within_seasons(table.date_column, self.seasons), staged=None)
            for table in ((*TABLES.values(), PRECOMPUTE_FAILURES, WAIVERS) if self.seasons else ())
        }

    def leaves(self, held: HeldRows) -> int:
        """Return how many of the rows it does not remove."""
        return held.rows - held.sample_rows if held.season in self.seasons else held.rows


def removal(held: Sequence[HeldRows], tables: Mapping[str, pa.Table]) -> Removal:
    """Return the simulated rows to remove when these rows are loaded.

    A row without a game id counts as neither simulated nor real.

    Args:
        held: the rows of the warehouse in all seasons of the tables, or more.
        tables: source tables as declared, without rows that have no date.

    Raises:
        SampleConflict: if the rows of one season are partly simulated and partly real, or if simulated rows are given
            for a season of which the warehouse has real rows.
    """
    return removal_of(held, *_seasons(tables))


def removal_of(held: Sequence[HeldRows], simulated: Collection[int], real: Collection[int]) -> Removal:
    """Return the simulated rows to remove when rows of these seasons are loaded; as `removal`."""
    if both := set(simulated) & set(real):
        raise SampleConflict(
            f"the rows of {_names(both)} are partly real, partly simulated (game_id {SAMPLE_GAME_ID_PREFIX}...)"
        )
    present: Counter[tuple[str, int]] = Counter()
    for entry in held:
        present["real", entry.season] += entry.real_rows
        present["sample", entry.season] += entry.sample_rows
        present[entry.source, entry.season] += entry.sample_rows
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


def _names(seasons: Collection[int]) -> str:
    return ", ".join(season_label(season) for season in sorted(seasons))
