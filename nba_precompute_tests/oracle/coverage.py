"""Coverage of the expected games (contract, section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nba_precompute_tests.oracle.arithmetic import total
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.rounding import nine
from nba_precompute_tests.oracle.sources import PLAYER_GAMES, TEAM_DEFENSE_GAMES, TEAM_OFFENSE_GAMES

MINIMUM_PLAYERS = 5
MINIMUM_MINUTES = 235
COMPLETE = 90
"""The lowest percentage of a complete window."""


def gaps_of(players: Sequence[Row], offense: Row | None, defense: Row | None) -> dict[str, str]:
    """Return why one side of a game is not covered, by source; `players` are the team's played rows of that date."""
    box_score_gap = _box_score_gap(players, offense)
    found = {PLAYER_GAMES.name: box_score_gap} if box_score_gap else {}
    if offense is None:
        found[TEAM_OFFENSE_GAMES.name] = "no team offense row"
    elif offense["points_scored"] is None:
        found[TEAM_OFFENSE_GAMES.name] = "team points unknown"
    if defense is None:
        found[TEAM_DEFENSE_GAMES.name] = "no team defense row"
    return found


def _box_score_gap(players: Sequence[Row], offense: Row | None) -> str:
    if not players:
        return "no box score"
    if len(players) < MINIMUM_PLAYERS:
        return f"{len(players)} player{'s' if len(players) > 1 else ''}"
    points = total(row["points"] for row in players)
    if points is None:
        return "points unknown"
    if offense is not None and offense["points_scored"] not in (None, points):
        return f"points {points} of {offense['points_scored']}"
    minutes = [row["minutes_played"] for row in players]
    if None not in minutes and sum(minutes) < MINIMUM_MINUTES:
        return f"minutes {math.floor(sum(minutes))} of {MINIMUM_MINUTES}"
    return ""


@dataclass(frozen=True)
class Completeness:
    """The number of expected games, and of those that are covered."""

    expected: int
    actual: int

    @property
    def missing(self) -> int:
        return self.expected - self.actual

    @property
    def percentage(self) -> Fraction:
        """100 if no game is expected."""
        return Fraction(100 * self.actual, self.expected) if self.expected else Fraction(100)

    @property
    def is_complete(self) -> bool:
        return nine(self.percentage) >= COMPLETE
