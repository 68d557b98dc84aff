"""An availability CSV: who was how available before a game, kept by the user or taken from an injury report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.rows import to_table

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("GAME_DATE", "PLAYER", "STATUS")
"""The columns by which the form is recognized; `reason` and `person_id` may be there, too."""


def parse(grid: Grid) -> dict[str, pa.Table]:
    """Read the statuses, as the file spells them.

    Raises:
        Unreadable: if a cell does not fit, or one of a date, a player or a status is blank.
    """
    columns = {
        "game_date": grid.known("GAME_DATE", cells.date, "a date"),
        "player": grid.known("PLAYER", cells.text, "a name"),
        "person_id": grid.typed("PERSON_ID", cells.decimal_id, "a person's id"),
        "status": grid.known("STATUS", cells.text, "a status"),
        "reason": grid.typed("REASON", cells.text, "a text"),
    }
    return {"league_availability": to_table("league_availability", columns)}
