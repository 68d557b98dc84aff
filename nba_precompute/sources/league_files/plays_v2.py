"""`playbyplayv2`: the play-by-play of games up to 2025-10, as archives hold it, usually one CSV a game.

The second person of a made shot assisted it, the third person of a missed shot blocked it. There are no coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rebounds import offensive_rebounds
from nba_precompute.sources.league_files.rows import WHOLE_NUMBER, to_table

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("GAME_ID", "EVENTNUM", "EVENTMSGTYPE", "PERIOD", "PCTIMESTRING", "PLAYER1_ID")
"""The columns by which the form is recognized."""

_MADE, _MISSED = 1, 2
_KINDS = {
    _MADE: "field_goal",
    _MISSED: "field_goal",
    3: "free_throw",
    4: "rebound",
    5: "turnover",
    6: "foul",
    8: "substitution",
}
_PLAYERS = (4, 5)
_TEAMS = (2, 3)
"""What stands in the place of a person: a player or a team, of the home side and of the visitors."""


def parse(grid: Grid) -> dict[str, pa.Table]:
    """Read the events, in their order.

    Raises:
        Unreadable: if a column is missing or a cell does not fit.
    """
    grid.require(*COLUMNS, "PERSON1TYPE", "PLAYER1_TEAM_ID", "PLAYER2_ID", "PLAYER3_ID", *_DESCRIPTIONS)
    game_ids = grid.known("GAME_ID", cells.game_id, "a game id")
    types = grid.known("EVENTMSGTYPE", cells.whole, WHOLE_NUMBER)
    kinds = [_KINDS.get(type_, "other") for type_ in types]
    descriptions = _descriptions(grid)
    people = _People(grid)
    row_numbers: dict[str, int] = {}
    columns: dict[str, list[Any]] = {
        "game_id": game_ids,
        "action_number": grid.known("EVENTNUM", cells.whole, WHOLE_NUMBER),
        "row_number": [],
        "period": grid.known("PERIOD", cells.whole, WHOLE_NUMBER),
        "seconds_left": grid.typed("PCTIMESTRING", cells.seconds_left, "a clock such as 11:42"),
        "team_id": people.teams,
        "person_id": people.players,
        "kind": kinds,
        "is_made": [],
        "value": [],
        "is_offensive": [None] * grid.rows,
        "is_assisted": [],
        "is_blocked": [],
        "blocker_id": [],
        "assister_id": [],
        "x": [None] * grid.rows,
        "y": [None] * grid.rows,
        "description": descriptions,
    }
    second, third = people.others
    for place, (game_id, type_, kind) in enumerate(zip(game_ids, types, kinds, strict=True)):
        text = descriptions[place] or ""
        row_numbers[game_id] = row_numbers.get(game_id, 0) + 1
        columns["row_number"].append(row_numbers[game_id])
        is_made = type_ == _MADE if kind == "field_goal" else "MISS " not in text if kind == "free_throw" else None
        assister = second[place] if type_ == _MADE else None
        blocker = third[place] if type_ == _MISSED else None
        columns["is_made"].append(is_made)
        columns["value"].append((3 if " 3PT " in text else 2) if kind == "field_goal" else None)
        columns["is_assisted"].append(assister is not None if type_ == _MADE else None)
        columns["is_blocked"].append(blocker is not None if type_ == _MISSED else None)
        columns["assister_id"].append(assister)
        columns["blocker_id"].append(blocker)
    rebounds = [
        (place, (game_ids[place], player), descriptions[place] or "")
        for place, player in enumerate(people.players)
        if kinds[place] == "rebound" and player
    ]
    for place, is_offensive in offensive_rebounds(rebounds).items():
        columns["is_offensive"][place] = is_offensive
    return {"league_plays": to_table("league_plays", columns)}


_DESCRIPTIONS = ("HOMEDESCRIPTION", "NEUTRALDESCRIPTION", "VISITORDESCRIPTION")


def _descriptions(grid: Grid) -> list[str | None]:
    """Return what happened in each row: of both sides where both have a part, as in a blocked shot."""
    texts = zip(*(grid.typed(name, cells.text, "a text") for name in _DESCRIPTIONS), strict=True)
    return [" | ".join(text for text in row if text) or None for row in texts]


class _People:
    """The team and the player of each row, and the second and the third person."""

    def __init__(self, grid: Grid) -> None:
        kinds = grid.typed("PERSON1TYPE", cells.whole, WHOLE_NUMBER)
        first = grid.typed("PLAYER1_ID", cells.decimal_id, "a person's id")
        of_player = grid.typed("PLAYER1_TEAM_ID", cells.decimal_id, "a team's id")
        self.players = [person if kind in _PLAYERS else None for kind, person in zip(kinds, first, strict=True)]
        self.teams = [
            person if kind in _TEAMS else team for kind, person, team in zip(kinds, first, of_player, strict=True)
        ]
        self.others = tuple(grid.typed(f"PLAYER{n}_ID", cells.decimal_id, "a person's id") for n in (2, 3))
        for kind, player, team in zip(kinds, self.players, self.teams, strict=True):
            if kind in _PLAYERS and player and not team:
                raise Unreadable(f"column PLAYER1_TEAM_ID: no team for person {player}")
