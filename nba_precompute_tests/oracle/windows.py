"""The definition of a played game, and the games in a window (contract, section 1). Lists are newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from nba_precompute_tests.oracle.cleaning import Row

Game = TypeVar("Game")


def is_played(row: Row) -> bool:
    """The one definition of "a game" for every player window."""
    if row["is_dnp"] is True or row["is_active"] is False:
        return False
    if row["minutes_played"] is not None:
        return row["minutes_played"] > 0
    return any((row[column] or 0) > 0 for column in ("fg_attempts", "ft_attempts", "points"))


def newest(games: Sequence[Game], n: int) -> Sequence[Game]:
    """Return the newest n games, or all if there are fewer."""
    return games[:n]


def last_days(games: Sequence[Row], date: dt.date, days: int) -> list[Row]:
    """The games in `[date - days, date - 1]`."""
    first = date - dt.timedelta(days=days)
    return [game for game in games if first <= game["game_date"] < date]
