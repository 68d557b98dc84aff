"""What the V3 answers share: the id of a game."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.model import Unreadable


def game_id_of(game: Mapping[str, Any]) -> str:
    """Return the id of a game.

    Raises:
        Unreadable: if it is missing, or the id of another league.
    """
    try:
        return cells.game_id(game.get("gameId"))
    except ValueError:
        raise Unreadable(f"gameId {game.get('gameId')!r} is not one of the league's") from None
