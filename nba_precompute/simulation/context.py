"""Context of every player listed for a game: information known before tip-off.

It follows from rosters, the injury report and games of earlier days. Only one thing is taken from the day itself: a
game that was called off has no context.

Here: status, age, projected usage, absent stars. Not here: the injury report (`availability.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.availability import (
    AVAILABLE,
    DOUBTFUL,
    NOT_LISTED,
    OUT,
    PROBABLE,
    QUESTIONABLE,
    Availability,
)
from nba_precompute.simulation.box_scores import BoxScores, Columns
from nba_precompute.simulation.calendar import N_DAYS, Games
from nba_precompute.simulation.franchises import N_TEAMS
from nba_precompute.simulation.league import Players

STATUS_WORDS: tuple[str, ...] = (
    *("Available", "available", "AVAILABLE"),
    *("Probable", "probable", "PROBABLE"),
    *("Questionable", "questionable", "QUESTIONABLE"),
    *("Doubtful", "doubtful", "DOUBTFUL"),
    *("Out", "out", "OUT"),
    "Game Time Decision",
)
"""Spellings of the reports: three each, and one word that no rule knows."""

_FIRST_WORD = {AVAILABLE: 0, PROBABLE: 3, QUESTIONABLE: 6, DOUBTFUL: 9, OUT: 12}
_UNKNOWN_WORD = len(STATUS_WORDS) - 1
_UNKNOWN_WORD_SHARE = 0.06

_MISSING_AGE_SHARE = 0.015
_MISSING_USAGE_SHARE = 0.12
_MISSING_STARS_SHARE = 0.03
_NOT_READY_SHARE = 0.01
_UNSTATED_READINESS_SHARE = 0.005

# Weight of the role in a projection, in games.
_PRIOR_GAMES = 4
_USAGE_OF_EQUAL_SHARE = 18.3
_USAGE_PER_STAR_OUT = 0.06


def draw_contexts(
    rng: np.random.Generator, games: Games, players: Players, availability: Availability, scores: BoxScores
) -> Columns:
    """Draw one row per listed player of both teams of every game.

    Returns:
        `player`, `team`, `opponent`, `home`, `day`, `game_id`, `status` (index in `STATUS_WORDS`, -1 for none), `age`
        (-1 if unknown), `usage` (percent, NaN if not projected), `stars_out` (-1 if unknown), `ready` (1, 0, or -1 if
        not stated).
    """
    sides = np.column_stack([games.home, games.away]).ravel()
    days = np.repeat(games.day, 2)
    row, player = np.nonzero(availability.team.T[days] == sides[:, None])
    day, team = days[row], sides[row]
    n = len(row)
    report = availability.report[player, day]

    out_stars = _out_stars(players, availability)
    stars_out = out_stars[team, day] - (players.is_star[player] & (report == OUT))
    age = players.age_in_october[player] + (players.birthday[player] <= day)
    ready = np.where(rng.random(n) < _NOT_READY_SHARE, 0, 1)
    return {
        "player": player,
        "team": team,
        "opponent": sides.reshape(-1, 2)[:, ::-1].ravel()[row],
        "home": row % 2 == 0,
        "day": day,
        "game_id": np.repeat(games.game_id, 2)[row],
        "status": _words(rng, report),
        "age": np.where(rng.random(n) < _MISSING_AGE_SHARE, -1, age),
        "usage": _project_usage(rng, players, scores, player, day, stars_out),
        "stars_out": np.where(rng.random(n) < _MISSING_STARS_SHARE, -1, stars_out),
        "ready": np.where(rng.random(n) < _UNSTATED_READINESS_SHARE, -1, ready),
    }


def _out_stars(players: Players, availability: Availability) -> NDArray[np.int64]:
    """Count the stars reported out, by team and day."""
    star_rows = np.flatnonzero(players.is_star)
    star, day = np.nonzero((availability.report[star_rows] == OUT) & (availability.team[star_rows] >= 0))
    counts = np.zeros((N_TEAMS, availability.team.shape[1]), dtype=np.int64)
    np.add.at(counts, (availability.team[star_rows[star], day], day), 1)
    return counts


def _words(rng: np.random.Generator, report: NDArray[np.int64]) -> NDArray[np.int64]:
    first = np.array([_FIRST_WORD.get(code, -1) for code in range(NOT_LISTED, OUT + 1)])[report]
    spelling = rng.choice(3, len(report), p=[0.7, 0.2, 0.1])
    word = np.where(first < 0, -1, first + spelling)
    undecided = (report == QUESTIONABLE) & (rng.random(len(report)) < _UNKNOWN_WORD_SHARE)
    return np.where(undecided, _UNKNOWN_WORD, word)


def _project_usage(
    rng: np.random.Generator,
    players: Players,
    scores: BoxScores,
    player: NDArray[np.int64],
    day: NDArray[np.int64],
    stars_out: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Project usage: the mean of the season's earlier games, pulled toward the role and raised if stars are out."""
    known = ~np.isnan(scores.players["usage"])
    key = scores.players["player"][known] * N_DAYS + scores.players["day"][known]
    order = np.argsort(key, kind="stable")
    key = key[order]
    sums = np.concatenate([[0.0], scores.players["usage"][known][order].cumsum()])
    # side="left": the day's own game is not known yet.
    until = np.searchsorted(key, player * N_DAYS + day, side="left")
    since = np.searchsorted(key, player * N_DAYS, side="left")
    games_before = until - since
    expected = (_USAGE_OF_EQUAL_SHARE * players.usage[player] * _PRIOR_GAMES + sums[until] - sums[since]) / (
        _PRIOR_GAMES + games_before
    )
    projected = expected * (1 + _USAGE_PER_STAR_OUT * stars_out) + rng.normal(0, 1.6, len(player))
    projected = np.round(np.clip(projected, 5, 40), 1)
    return np.where(rng.random(len(player)) < _MISSING_USAGE_SHARE, np.nan, projected)
