"""`playbyplayv3`: the play-by-play of a game, with legacy coordinates of every shot.

An assist is named in the description of the made shot; a block is an action of its own that shares the action number of
the missed shot. A team's own rebound or turnover has no team id: the team stands in the place of the person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.answers import game_id_of
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rebounds import offensive_rebounds
from nba_precompute.sources.league_files.rows import to_table, transposed
from nba_precompute.sources.league_files.teams import TEAM_CODES

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "game"

_KINDS = {
    "Made Shot": "field_goal",
    "Missed Shot": "field_goal",
    "Free Throw": "free_throw",
    "Rebound": "rebound",
    "Turnover": "turnover",
    "Foul": "foul",
    "Substitution": "substitution",
}
"""The kinds of V3's types of action; every other type is `other`."""

_LIVE_TYPES = {"2pt", "3pt", "freethrow"}
"""Types of action of the live form, which has the same structure and other words for everything."""

_ASSIST = re.compile(r"\([^()]* \d+ AST\)")
_BLOCK = re.compile(r" BLOCK \(\d+ BLK\)")
_STEAL = re.compile(r" STEAL \(\d+ STL\)")


def parse(answer: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Read the actions, in their order.

    Raises:
        Unreadable: if there are none, which means that the play-by-play is missing, or a value does not fit.
    """
    game = answer.get(KEY) or {}
    actions = game.get("actions")
    if not actions:
        raise Unreadable("the answer has no actions; the play-by-play is missing, which is not a game without plays")
    game_id = game_id_of(game)
    if live := _LIVE_TYPES.intersection(str(action.get("actionType")) for action in actions):
        raise Unreadable(f"actions of type {sorted(live)[0]}: the live form, which is not read; use playbyplayv3")
    blockers = {
        action.get("actionNumber"): cells.decimal_id(action.get("personId"))
        for action in actions
        if not action.get("actionType") and _BLOCK.search(action.get("description") or "")
    }
    rows = []
    for number, action in enumerate(actions, 1):
        try:
            rows.append(_row(game_id, number, action, blockers))
        except (KeyError, ValueError, TypeError) as error:
            raise Unreadable(f"action {number}: {error!r} does not fit") from None
    rebounds = [
        (place, row["person_id"], row["description"] or "")
        for place, row in enumerate(rows)
        if row["kind"] == "rebound" and row["person_id"]
    ]
    for place, is_offensive in offensive_rebounds(rebounds).items():
        rows[place]["is_offensive"] = is_offensive
    return {"league_plays": to_table("league_plays", transposed(rows))}


def _row(game_id: str, number: int, action: Mapping[str, Any], blockers: Mapping[int, str | None]) -> dict[str, Any]:
    description = action.get("description") or ""
    kind = _kind(action, description)
    person_id = cells.decimal_id(action["personId"])
    team_id = cells.decimal_id(action["teamId"])
    if team_id is None:
        # Without a team, a person is a team, or no one who plays: the referee of a replay.
        team_id, person_id = (person_id, None) if person_id in TEAM_CODES else (None, None)
    is_shot = kind == "field_goal"
    is_made = None
    if is_shot:
        is_made = {"Made": True, "Missed": False}[action["shotResult"]]
    elif kind == "free_throw" and description:
        is_made = not description.startswith("MISS ")
    is_miss = is_shot and not is_made
    return {
        "game_id": game_id,
        "action_number": action["actionNumber"],
        "row_number": number,
        "period": action["period"],
        "seconds_left": cells.seconds_left(action["clock"]),
        "team_id": team_id,
        "person_id": person_id,
        "kind": kind,
        "is_made": is_made,
        "value": {2: 2, 3: 3, 0: None}[action["shotValue"]] if is_shot else None,
        "is_offensive": None,
        "is_assisted": bool(_ASSIST.search(description)) if is_shot and is_made else None,
        "is_blocked": action["actionNumber"] in blockers if is_miss else None,
        "blocker_id": blockers.get(action["actionNumber"]) if is_miss else None,
        "assister_id": None,
        "x": action["xLegacy"] if is_shot else None,
        "y": action["yLegacy"] if is_shot else None,
        "description": description or None,
    }


def _kind(action: Mapping[str, Any], description: str) -> str:
    if action.get("isFieldGoal") or action.get("shotResult"):
        return "field_goal"
    if action.get("actionType"):
        return _KINDS.get(action["actionType"], "other")
    if _BLOCK.search(description):
        return "block"
    return "steal" if _STEAL.search(description) else "other"
