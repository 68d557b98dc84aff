"""Teams and players of the league: strengths, roles and shot profiles.

Here: properties that last a season. Not here: teams by day and injuries (`availability.py`), games (`box_scores.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.franchises import N_TEAMS
from nba_precompute.simulation.names import draw_lookups

ROSTER_SIZE = 17
FREE_AGENTS = 10
"""Players without a team in October who sign with one during the season."""

# Minutes of a player of each rank in a fully healthy team.
_MINUTES_BY_RANK = np.array([35.5, 33.5, 31, 29, 27, 24, 21, 18.5, 15.5, 12, 9, 6.5, 4.5, 3, 2, 1.2, 0.6])
_USAGE_BY_RANK = np.array([1.5, 1.28, 1.1, 1, 0.95, 0.95, 0.95, 0.9, 0.9, 0.85, *[0.85] * 7])

# Archetypes: shares of paint, mid-range and three-point attempts; free throws per field goal attempt; assisted makes
# relative to the average; share of the players.
_ARCHETYPES = (
    ("big", (0.72, 0.14, 0.14), 0.33, 1.2, 0.24),
    ("slasher", (0.55, 0.11, 0.34), 0.31, 0.85, 0.23),
    ("wing", (0.44, 0.10, 0.46), 0.22, 1.0, 0.14),
    ("shooter", (0.20, 0.09, 0.71), 0.11, 1.1, 0.22),
    ("mid_range_scorer", (0.27, 0.44, 0.29), 0.22, 0.7, 0.06),
    ("all_round", (0.34, 0.29, 0.37), 0.24, 0.8, 0.11),
)
_PROFILE_CONCENTRATION = 70.0
# League means and spreads of makes per attempt: paint, mid-range, three.
_ZONE_PCT = np.array([0.567, 0.410, 0.356])
_PLAYER_PCT_SD = np.array([0.035, 0.035, 0.022])
_TEAM_DEFENSE_SD = np.array([0.021, 0.019, 0.009])
_MIN_AGE, _MAX_AGE = 19, 40


@dataclass(frozen=True)
class Teams:
    """Strengths, one row per team in the order of `TRICODES`.

    Attributes:
        pace: possessions per 48 minutes, [30].
        offense: added to the chance of every shot, [30].
        defense: added to the opponent's chance in each zone, [30, 3]; positive is weak.
        rim_protection: factor on blocks, [30].
    """

    pace: NDArray[np.float64]
    offense: NDArray[np.float64]
    defense: NDArray[np.float64]
    rim_protection: NDArray[np.float64]


@dataclass(frozen=True)
class Players:
    """One entry per player, numbered 0 to n - 1: thirty full rosters in team order, then the free agents.

    Attributes:
        lookup: `player_lookup`, distinct.
        person_id: `universal_player_id`; the same name is the same id in every season.
        first_team: number of the team in October, -1 for a free agent.
        rank: 0 is the best player of a roster.
        minutes: expected minutes in a healthy team.
        usage: share of the offense while on court; 1 is an equal share.
        is_star: True if teammates' usage rises when the player is out.
        zone_share: shares of attempts by zone, [n, 3], rows sum to 1.
        zone_pct: makes per attempt by zone, [n, 3].
        assisted: factor on the league's share of assisted makes.
        ft_rate: free throws per field goal attempt.
        ft_pct: makes per free throw.
        age_in_october: whole years.
        birthday: day of the season (0 is 1 October) of the birthday; may be after the season.
        archetype: index of the archetype, for reference.
    """

    lookup: list[str]
    person_id: list[str]
    first_team: NDArray[np.int64]
    rank: NDArray[np.int64]
    minutes: NDArray[np.float64]
    usage: NDArray[np.float64]
    is_star: NDArray[np.bool_]
    zone_share: NDArray[np.float64]
    zone_pct: NDArray[np.float64]
    assisted: NDArray[np.float64]
    ft_rate: NDArray[np.float64]
    ft_pct: NDArray[np.float64]
    age_in_october: NDArray[np.int64]
    birthday: NDArray[np.int64]
    archetype: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lookup)


def draw_teams(rng: np.random.Generator) -> Teams:
    """Draw thirty teams whose seasons range from about 20 to about 60 wins."""
    defense = rng.normal(0, _TEAM_DEFENSE_SD, (N_TEAMS, 3))
    # Centered, so that the league's averages do not depend on the draw.
    return Teams(
        pace=np.clip(rng.normal(100.3, 1.8, N_TEAMS), 96.5, 104),
        offense=rng.normal(0, 0.006, N_TEAMS),
        defense=defense - defense.mean(axis=0),
        rim_protection=np.clip(rng.normal(1, 0.18, N_TEAMS), 0.6, 1.5),
    )


def draw_players(rng: np.random.Generator) -> Players:
    """Draw thirty rosters of `ROSTER_SIZE` players and `FREE_AGENTS` players without a team."""
    n = N_TEAMS * ROSTER_SIZE + FREE_AGENTS
    rank = np.concatenate([np.tile(np.arange(ROSTER_SIZE), N_TEAMS), rng.integers(7, 13, FREE_AGENTS)])
    first_team = np.concatenate([np.repeat(np.arange(N_TEAMS), ROSTER_SIZE), np.full(FREE_AGENTS, -1)])
    lookups = draw_lookups(rng, n)
    # From the name and not the position: one name must be one person in all seasons that are loaded together.
    person_ids = ["sim_" + hashlib.blake2b(name.encode(), digest_size=6).hexdigest() for name in lookups]

    archetype = rng.choice(len(_ARCHETYPES), size=n, p=[a[4] for a in _ARCHETYPES])
    shares = np.array([a[1] for a in _ARCHETYPES])[archetype]
    gammas = rng.standard_gamma(shares * _PROFILE_CONCENTRATION)
    usage = _USAGE_BY_RANK[rank] * np.exp(rng.normal(0, 0.16, n))
    is_star = (rank == 0) | ((rank == 1) & (rng.random(n) < 0.75)) | ((rank == 2) & (rng.random(n) < 0.25))
    return Players(
        lookup=lookups,
        person_id=person_ids,
        first_team=first_team,
        rank=rank,
        minutes=_MINUTES_BY_RANK[rank] * np.exp(rng.normal(0, 0.06, n)),
        usage=np.clip(usage, 0.55, 1.75),
        is_star=is_star,
        zone_share=gammas / gammas.sum(axis=1, keepdims=True),
        zone_pct=_ZONE_PCT + rng.normal(0, _PLAYER_PCT_SD, (n, 3)) - 0.0012 * (rank[:, None] - 6),
        assisted=np.array([a[3] for a in _ARCHETYPES])[archetype] * np.exp(rng.normal(0, 0.1, n)),
        ft_rate=np.array([a[2] for a in _ARCHETYPES])[archetype] * np.exp(rng.normal(0, 0.2, n)),
        ft_pct=np.clip(rng.normal(0.775, 0.08, n), 0.45, 0.93),
        age_in_october=np.clip(np.rint(_MIN_AGE + rng.gamma(2.0, 3.6, n)), _MIN_AGE, _MAX_AGE - 1).astype(np.int64),
        birthday=rng.integers(0, 365, n),
        archetype=archetype,
    )
