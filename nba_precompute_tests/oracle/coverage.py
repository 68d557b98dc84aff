"""Coverage of the expected games (contract, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nba_precompute_tests.oracle.arithmetic import total
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.rounding import nine

MINIMUM_PLAYERS = 5
MINIMUM_MINUTES = 235
COMPLETE = 90
"""The lowest percentage of a complete window."""


def is_covered(players: Sequence[Row], offense: Row | None, defense: Row | None) -> bool:
    """Return True if one side of a game is covered; `players` are the team's played rows of that date."""
    if offense is None or defense is None or len(players) < MINIMUM_PLAYERS:
        return False
    minutes = [row["minutes_played"] for row in players]
    if None not in minutes and sum(minutes) < MINIMUM_MINUTES:
        return False
    points = total(row["points"] for row in players)
    return points is not None and points == offense["points_scored"]


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
