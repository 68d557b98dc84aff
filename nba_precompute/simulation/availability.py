"""Rosters and injury reports: each player's team and reported status on each day, before tip-off.

Days are numbered from 0, which is 1 October of the season's first year.

Here: trades, signings, injuries. Not here: who plays (`box_scores.py`), the context rows (`context.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.franchises import N_TEAMS
from nba_precompute.simulation.league import FREE_AGENTS, Players

NOT_LISTED, AVAILABLE, PROBABLE, QUESTIONABLE, DOUBTFUL, OUT = range(6)
CHANCE_TO_PLAY = np.array([0.99, 1.0, 0.96, 0.6, 0.1, 0.0])
"""Chance of being fit at tip-off, by report. The report is drawn first, so it never depends on the outcome."""

MAX_OUT_PER_TEAM = 6
"""Rosters have at least 17 players, so enough remain for any game."""

_DEALS = 18
_SEASON_LONG_ABSENCES = 9
_SPELLS_PER_PLAYER = 1.9
_NAGGING_SHARE = 0.035
_WAY_BACK = (DOUBTFUL, QUESTIONABLE, PROBABLE, AVAILABLE)


@dataclass(frozen=True)
class Availability:
    """Team and injury report of every player on every day; matrices of [players, days].

    Attributes:
        team: number of the player's team, -1 for none.
        report: injury report (`NOT_LISTED` ... `OUT`).
    """

    team: NDArray[np.int64]
    report: NDArray[np.int64]


def draw_availability(
    rng: np.random.Generator, players: Players, days: int, opening: int, deadline: int, last: int
) -> Availability:
    """Draw trades and signings, then injuries.

    Args:
        days: number of days of the season.
        opening, deadline, last: days of the first game, the trade deadline and the last regular-season game.
    """
    team = _draw_teams_by_day(rng, players, days, opening, deadline)
    return Availability(team, _draw_reports(rng, team, opening, last))


def _draw_teams_by_day(
    rng: np.random.Generator, players: Players, days: int, opening: int, deadline: int
) -> NDArray[np.int64]:
    team = np.repeat(players.first_team[:, None], days, axis=1)
    # Teams swap equal numbers of players, so that no roster runs short.
    untraded = players.first_team >= 0
    # Most trades happen in the last weeks before the deadline.
    deal_days = np.sort(deadline - (rng.beta(1, 2.5, _DEALS) * (deadline - opening - 30)).astype(np.int64))
    for day in deal_days:
        first, second = rng.choice(N_TEAMS, 2, replace=False)
        count = int(rng.integers(1, 3))
        sides = [np.flatnonzero(untraded & (team[:, day] == side) & (players.rank < 13)) for side in (first, second)]
        for candidates, destination in zip(sides, (second, first), strict=True):
            moved = rng.choice(candidates, count, replace=False)
            team[moved, day:] = destination
            untraded[moved] = False
    free_agents = np.flatnonzero(players.first_team < 0)
    signing_days = rng.integers(opening + 25, deadline + 30, FREE_AGENTS)
    for player, day, signed_by in zip(
        free_agents, signing_days, rng.choice(N_TEAMS, FREE_AGENTS, replace=False), strict=True
    ):
        team[player, day:] = signed_by
    return team


def _draw_reports(rng: np.random.Generator, team: NDArray[np.int64], opening: int, last: int) -> NDArray[np.int64]:
    n, days = team.shape
    nagging = rng.random((n, days)) < _NAGGING_SHARE
    report = np.where(nagging, rng.choice([AVAILABLE, PROBABLE, QUESTIONABLE], (n, days), p=[0.2, 0.35, 0.45]), 0)

    out_by_team = np.zeros((N_TEAMS, days), dtype=np.int64)
    hurt = np.zeros((n, days), dtype=bool)

    def try_spell(player: int, start: int, stop: int) -> bool:
        # Leaves room for the recovery reports before and after this spell.
        if hurt[player, max(start - len(_WAY_BACK), 0) : stop + len(_WAY_BACK)].any():
            return False
        span = np.arange(start, stop)
        belongs_to = team[player, start:stop]
        span, belongs_to = span[belongs_to >= 0], belongs_to[belongs_to >= 0]
        if (out_by_team[belongs_to, span] >= MAX_OUT_PER_TEAM).any():
            return False
        out_by_team[belongs_to, span] += 1
        hurt[player, start:stop] = True
        report[player, start:stop] = OUT
        return True

    never_traded = np.flatnonzero((team == team[:, :1]).all(axis=1) & (team[:, 0] >= 0))
    for player in rng.choice(never_traded, _SEASON_LONG_ABSENCES, replace=False):
        try_spell(int(player), 0, days)

    spells = int(rng.poisson(_SPELLS_PER_PLAYER * n))
    kind = rng.choice(3, spells, p=[0.58, 0.28, 0.14])
    length = np.choose(kind, [rng.integers(1, 7, spells), rng.integers(7, 21, spells), rng.integers(31, 90, spells)])
    start = rng.integers(opening - 10, last + 50, spells)
    for player, first, lasts, how_long in zip(rng.integers(0, n, spells), start, length, kind, strict=True):
        stop = int(min(first + lasts, days))
        if not try_spell(int(player), int(first), stop) or how_long == 0:
            continue
        # A longer absence ends with a recovery in steps.
        report[player, stop : stop + len(_WAY_BACK)] = _WAY_BACK[: days - stop]
    return report
