"""Play-in tournament and playoffs. The games that are played depend on the winners.

Here: standings, seeds, brackets, series. Not here: playing a game (`box_scores.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.box_scores import BoxScores
from nba_precompute.simulation.calendar import PLAY_IN, PLAYOFFS, Dates, Games, game_ids
from nba_precompute.simulation.franchises import N_TEAMS, TEAMS_PER_CONFERENCE

WINS_NEEDED = 4

# Days after the last regular-season day. A round starts when every earlier series must be over, so that the calendar
# does not depend on the winners; that leaves days without a game, as in reality.
_PLAY_IN_FIRST, _PLAY_IN_LAST = 2, 5
_ROUND_START = (6, 22, 37, 53)
_DAYS_OF_SERIES = (0, 2, 4, 6, 8, 10, 12)
_DAYS_OF_FINALS = (0, 3, 5, 8, 10, 13, 15)
_BETTER_SEED_AT_HOME = (True, True, False, False, True, False, True)


@dataclass
class _Series:
    """A best of seven; `better` has the home advantage."""

    better: int
    worse: int
    first_day: int
    number: int  # round and series, for the game ids
    wins: dict[int, int] = field(default_factory=dict)

    def winner(self) -> int | None:
        return next((team for team, wins in self.wins.items() if wins == WINS_NEEDED), None)


PlayGames = Callable[[Games], BoxScores]


def play_post_season(
    rng: np.random.Generator,
    regular_season: BoxScores,
    dates: Dates,
    id_prefix: str,
    play_games: PlayGames,
) -> list[tuple[Games, BoxScores]]:
    """Play six play-in games and fifteen series.

    Args:
        regular_season: decides the seeds; ties by point difference, then by lot.
        play_games: plays a batch of games on one or more days.

    Returns:
        The played games with their box scores, in batches, without the games that a decided series does not need.
    """
    standing = _standing(rng, regular_season)
    batches: list[tuple[Games, BoxScores]] = []

    def play(fixtures: list[tuple[str, int, int, int]], kind: int) -> list[int]:
        """Play games given as id, day, home and away team, and return the winners."""
        ids, days, home, away = zip(*fixtures, strict=True)
        games = Games(
            np.array(ids, dtype=object),
            np.array(days),
            np.array(home),
            np.array(away),
            np.full(len(ids), kind),
        )
        scores = play_games(games)
        batches.append((games, scores))
        points = scores.teams["points"].reshape(-1, 2)
        return [int(team) for team in np.where(points[:, 0] > points[:, 1], games.home, games.away)]

    seeds = _play_in(standing, dates, id_prefix, play)
    _playoffs(standing, seeds, dates, id_prefix, play)
    return batches


Play = Callable[[list[tuple[str, int, int, int]], int], list[int]]


def _standing(rng: np.random.Generator, scores: BoxScores) -> NDArray[np.int64]:
    """Return the place of each team in the league, 0 for the best."""
    points = scores.teams["points"].reshape(-1, 2).astype(np.int64)
    difference = (points - points[:, ::-1]).ravel()
    team = scores.teams["team"]
    wins = np.bincount(team, difference > 0, N_TEAMS)
    order = np.lexsort((rng.random(N_TEAMS), -np.bincount(team, difference, N_TEAMS), -wins))
    place = np.empty(N_TEAMS, dtype=np.int64)
    place[order] = np.arange(N_TEAMS)
    return place


def _play_in(standing: NDArray[np.int64], dates: Dates, id_prefix: str, play: Play) -> list[list[int]]:
    """The eight seeds of each conference, best first."""
    conferences = [
        sorted(range(first, first + TEAMS_PER_CONFERENCE), key=lambda team: standing[team])
        for first in (0, TEAMS_PER_CONFERENCE)
    ]
    ids = iter(game_ids(dates.season_year, PLAY_IN, range(1, 7), id_prefix))
    opening = []
    for number, ranked in enumerate(conferences):
        day = dates.last + _PLAY_IN_FIRST + number
        opening += [(next(ids), day, ranked[6], ranked[7]), (next(ids), day, ranked[8], ranked[9])]
    winners = play(opening, PLAY_IN)
    deciding = []
    for number, ranked in enumerate(conferences):
        seventh, ninth_or_tenth = winners[2 * number : 2 * number + 2]
        loser = ranked[6] + ranked[7] - seventh
        deciding.append((next(ids), dates.last + _PLAY_IN_LAST, loser, ninth_or_tenth))
    eighths = play(deciding, PLAY_IN)
    return [[*ranked[:6], winners[2 * number], eighths[number]] for number, ranked in enumerate(conferences)]


def _playoffs(standing: NDArray[np.int64], seeds: list[list[int]], dates: Dates, id_prefix: str, play: Play) -> None:
    # Neighbors in this order meet, and so do their winners in the next round.
    bracket = [ranked[seed] for ranked in seeds for seed in (0, 7, 3, 4, 1, 6, 2, 5)]
    # A seed outranks the record: a play-in winner may have won more games than the sixth.
    precedence = {team: (seed, standing[team]) for ranked in seeds for seed, team in enumerate(ranked)}
    for round_number, start in enumerate(_ROUND_START):
        finals = round_number == len(_ROUND_START) - 1
        series = []
        for i in range(0, len(bracket), 2):
            pair = bracket[i : i + 2]
            # In the finals seeds of two conferences meet: the record decides.
            better, worse = sorted(pair, key=lambda team: standing[team] if finals else precedence[team])
            # Every other series starts a day later, so that most days have games.
            first_day = dates.last + start + (i // 2) % 2
            series.append(_Series(better, worse, first_day, 100 * (round_number + 1) + 10 * (i // 2)))
        _play_round(series, _DAYS_OF_FINALS if finals else _DAYS_OF_SERIES, dates, id_prefix, play)
        bracket = [winner for s in series if (winner := s.winner()) is not None]


def _play_round(series: list[_Series], days: tuple[int, ...], dates: Dates, id_prefix: str, play: Play) -> None:
    for game, (after, better_at_home) in enumerate(zip(days, _BETTER_SEED_AT_HOME, strict=True)):
        running = [s for s in series if s.winner() is None]
        if not running:
            return
        ids = game_ids(dates.season_year, PLAYOFFS, [s.number + game + 1 for s in running], id_prefix)
        fixtures = [
            (game_id, s.first_day + after, *((s.better, s.worse) if better_at_home else (s.worse, s.better)))
            for game_id, s in zip(ids, running, strict=True)
        ]
        for s, winner in zip(running, play(fixtures, PLAYOFFS), strict=True):
            s.wins[winner] = s.wins.get(winner, 0) + 1
