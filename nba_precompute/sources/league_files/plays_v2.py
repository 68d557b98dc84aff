"""`playbyplayv2`: the play-by-play of games up to 2025-10, as archives hold it, usually one CSV a game.

The second person of a made shot assisted it, the third person of a missed shot blocked it. There are no coordinates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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

_MADE, _MISSED, _FREE_THROW, _REBOUND = 1, 2, 3, 4
_KINDS = {
    _MADE: "field_goal",
    _MISSED: "field_goal",
    _FREE_THROW: "free_throw",
    _REBOUND: "rebound",
    5: "turnover",
    6: "foul",
    8: "substitution",
}
_PLAYERS = (4, 5)
_TEAMS = (2, 3)
"""What stands in the place of a person: a player or a team, of the home side and of the visitors."""

_DESCRIPTIONS = ("HOMEDESCRIPTION", "NEUTRALDESCRIPTION", "VISITORDESCRIPTION")
_EVENT = ("game_id", "action_number", "period", "seconds_left", "kind", "person_id", "description")
"""What tells the events of a file apart."""


def parse(grid: Grid) -> dict[str, pa.Table]:
    """Read the events, in their order.

    Raises:
        Unreadable: if a column is missing, a cell does not fit, or an event occurs twice.
    """
    grid.require(*COLUMNS, "PERSON1TYPE", "PLAYER1_TEAM_ID", "PLAYER2_ID", "PLAYER3_ID", *_DESCRIPTIONS)
    game_ids = grid.known("GAME_ID", cells.game_id, "a game id")
    types = grid.known("EVENTMSGTYPE", cells.whole, WHOLE_NUMBER)
    people = _People(grid)
    second, third = people.others
    descriptions = _descriptions(grid)
    assisters = [person if type_ == _MADE else None for type_, person in zip(types, second, strict=True)]
    blockers = [person if type_ == _MISSED else None for type_, person in zip(types, third, strict=True)]
    columns: dict[str, list[Any]] = {
        "game_id": game_ids,
        "action_number": grid.known("EVENTNUM", cells.whole, WHOLE_NUMBER),
        "row_number": _row_numbers(game_ids),
        "period": grid.known("PERIOD", cells.whole, WHOLE_NUMBER),
        "seconds_left": grid.typed("PCTIMESTRING", cells.seconds_left, "a clock such as 11:42"),
        "team_id": people.teams,
        "person_id": people.players,
        "kind": [_KINDS.get(type_, "other") for type_ in types],
        "is_made": [_is_made(*event) for event in zip(types, descriptions, strict=True)],
        "value": [_value(*event) for event in zip(types, descriptions, strict=True)],
        "is_offensive": [None] * grid.rows,
        "is_assisted": [
            person is not None if type_ == _MADE else None for type_, person in zip(types, assisters, strict=True)
        ],
        "is_blocked": [
            person is not None if type_ == _MISSED else None for type_, person in zip(types, blockers, strict=True)
        ],
        "blocker_id": blockers,
        "assister_id": assisters,
        "x": [None] * grid.rows,
        "y": [None] * grid.rows,
        "description": descriptions,
    }
    seen = set()
    for event in zip(*(columns[name] for name in _EVENT), strict=True):
        if event in seen:
            raise Unreadable(f"event {event[1]} of game {event[0]} occurs twice: the game would be counted twice")
        seen.add(event)
    rebounds = [
        (place, (game_ids[place], player), descriptions[place] or "")
        for place, player in enumerate(people.players)
        if types[place] == _REBOUND and player
    ]
    for place, is_offensive in offensive_rebounds(rebounds).items():
        columns["is_offensive"][place] = is_offensive
    return {"league_plays": to_table("league_plays", columns)}


def _row_numbers(game_ids: Sequence[str]) -> list[int]:
    """Return the place of each event among those of its game."""
    counts: Counter[str] = Counter()
    numbers = []
    for game_id in game_ids:
        counts[game_id] += 1
        numbers.append(counts[game_id])
    return numbers


def _descriptions(grid: Grid) -> list[str | None]:
    """Return what happened in each row: of both sides where both have a part, as in a blocked shot."""
    texts = zip(*(grid.typed(name, cells.text, "a text") for name in _DESCRIPTIONS), strict=True)
    return [" | ".join(text for text in row if text) or None for row in texts]


def _is_made(type_: int, description: str | None) -> bool | None:
    if type_ in (_MADE, _MISSED):
        return type_ == _MADE
    return "MISS " not in description if type_ == _FREE_THROW and description else None


def _value(type_: int, description: str | None) -> int | None:
    if type_ not in (_MADE, _MISSED) or not description:
        return None
    return 3 if " 3PT " in description else 2


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
