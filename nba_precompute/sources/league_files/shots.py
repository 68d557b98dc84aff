"""`shotchartdetail`: field goal attempts with legacy coordinates, of a season, a team or a player."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.rows import WHOLE_NUMBER, to_table

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("GAME_ID", "GAME_EVENT_ID", "PLAYER_ID", "LOC_X", "LOC_Y", "SHOT_MADE_FLAG")
"""The columns by which the form is recognized."""


def parse(grid: Grid) -> dict[str, pa.Table]:
    """Read the shots. Some archives leave the type of a shot blank; its value is unknown then.

    Raises:
        Unreadable: if a column is missing or a cell does not fit.
    """
    grid.require(*COLUMNS, "TEAM_ID", "PERIOD")
    columns = {
        "game_id": grid.known("GAME_ID", cells.game_id, "a game id"),
        "event_id": grid.known("GAME_EVENT_ID", cells.whole, WHOLE_NUMBER),
        "person_id": grid.known("PLAYER_ID", cells.decimal_id, "a person's id"),
        "team_id": grid.known("TEAM_ID", cells.decimal_id, "a team's id"),
        "period": grid.known("PERIOD", cells.whole, WHOLE_NUMBER),
        "x": grid.known("LOC_X", cells.whole, WHOLE_NUMBER),
        "y": grid.known("LOC_Y", cells.whole, WHOLE_NUMBER),
        "is_made": grid.known("SHOT_MADE_FLAG", cells.flag, "0 or 1"),
        "value": grid.typed("SHOT_TYPE", _value, "2PT or 3PT Field Goal"),
        "game_date": grid.typed("GAME_DATE", cells.date, "a date"),
    }
    return {"league_shots": to_table("league_shots", columns)}


def _value(cell: object) -> int | None:
    spelled = cells.text(cell)
    if spelled is None:
        return None
    values = {"2PT": 2, "3PT": 3}
    if spelled[:3] not in values:
        raise ValueError(cell)
    return values[spelled[:3]]
