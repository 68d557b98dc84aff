"""`commonteamroster` and `playerindex`: the people of a season, with their teams; rosters have birth dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rows import to_table

if TYPE_CHECKING:
    import pyarrow as pa

ROSTER_COLUMNS = ("TEAMID", "SEASON", "PLAYER", "BIRTH_DATE", "PLAYER_ID")
INDEX_COLUMNS = ("PERSON_ID", "PLAYER_LAST_NAME", "PLAYER_FIRST_NAME", "TEAM_ID")
"""The columns by which each form is recognized."""

_PERSON, _TEAM, _NAME, _SEASON = "a person's id", "a team's id", "a name", "a season such as 2022-23"


def parse_roster(grid: Grid) -> dict[str, pa.Table]:
    """Read the players of a team.

    Raises:
        Unreadable: if a column is missing or a cell does not fit.
    """
    grid.require(*ROSTER_COLUMNS)
    columns = {
        "person_id": grid.known("PLAYER_ID", cells.decimal_id, _PERSON),
        "season_year": grid.typed("SEASON", cells.season, _SEASON),
        "player_name": grid.typed("PLAYER", cells.text, _NAME),
        "birth_date": grid.typed("BIRTH_DATE", cells.date, "a date"),
        "roster_team_id": grid.typed("TEAMID", cells.decimal_id, _TEAM),
    }
    return {"league_people": to_table("league_people", columns)}


def parse_index(grid: Grid) -> dict[str, pa.Table]:
    """Read the players of the league, of the season that was asked for; the rows themselves do not tell it.

    Raises:
        Unreadable: if a column is missing or a cell does not fit.
    """
    grid.require(*INDEX_COLUMNS)
    try:
        season = cells.season(grid.asked.get("Season"))
    except ValueError:
        raise Unreadable(f"parameter Season: expected {_SEASON}, found {grid.asked['Season']!r}") from None
    names = [grid.typed(name, cells.text, _NAME) for name in ("PLAYER_FIRST_NAME", "PLAYER_LAST_NAME")]
    columns = {
        "person_id": grid.known("PERSON_ID", cells.decimal_id, _PERSON),
        "season_year": [season] * grid.rows,
        "player_name": [" ".join(part for part in pair if part) or None for pair in zip(*names, strict=True)],
        "birth_date": [None] * grid.rows,
        "roster_team_id": grid.typed("TEAM_ID", cells.decimal_id, _TEAM),
    }
    return {"league_people": to_table("league_people", columns)}
