"""Games and their box scores, per player and per team.

A batch of games is played at once. Its matrices have one row per team-game and one column per roster place. Team-game
2g is the home side of the batch's game g and 2g + 1 the visiting side, so the opponent of t is t ^ 1.

Here: playing time, shots, possessions. Not here: units, rounding and NULLs of the sources (`tables.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.availability import CHANCE_TO_PLAY, OUT, Availability
from nba_precompute.simulation.calendar import Games
from nba_precompute.simulation.league import Players, Teams

REGULATION, OVERTIME = 48, 5
"""Minutes on the clock."""

PLAYED, DID_NOT_PLAY, INACTIVE = range(3)
"""Roles in a game: on court; on the bench for the whole game; not on the active list."""

MIN_MEN, MAX_MEN = 8, 13

_MEN_SHARES = {8: 0.04, 9: 0.2, 10: 0.33, 11: 0.2, 12: 0.13, 13: 0.1}
_INACTIVE_ROW_SHARE = 0.45
_MAX_REGULATION_TENTHS = 430
_SHOTS_PER_POSSESSION = 0.872
_OFFENSIVE_REBOUNDS = 10.2
_ASSISTED_BY_ZONE = np.array([0.54, 0.40, 0.80])
_BLOCKED_MISSES = np.array([0.23, 0.038, 0.012])
_LUCK_TAKEN_BACK = 0.4
_HOME_EDGE = 0.005
_FREE_THROW_WEIGHT = 0.44
# Share of one-point games that are leveled, so that they go to overtime.
_ONE_POINT_GAMES_LEVELED = 0.35

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class BoxScores:
    """Columns of equal length.

    Attributes:
        players: one row per player who played, sat out or is reported inactive. `player` (number), `team`,
            `opponent`, `home`, `day`, `game_id`, `role` (`PLAYED`, ...), `tenths` (tenths of a minute),
            `points`, `fga`, `fgm`, `fta`, `ftm`, `zone_fga` and `zone_fgm` [rows, 3], `assisted`, `usage`
            (percent, NaN if unknown).
        teams: one row per team-game, home side first. `team`, `opponent`, `home`, `day`, `game_id`, `points`,
            `possessions` (tenths), `minutes` (of the game), `zone_fga`, `zone_fgm`, `blocked` [rows, 3]
            (its own shots, blocked by the opponent).
    """

    players: Columns
    teams: Columns

    @classmethod
    def concatenate(cls, parts: Iterable[BoxScores]) -> BoxScores:
        parts = list(parts)

        def join(columns: list[Columns]) -> Columns:
            return {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}

        return cls(join([p.players for p in parts]), join([p.teams for p in parts]))


@dataclass
class _Tally:
    """Running counts, [team-games, men] (zones: [team-games, men, 3])."""

    tenths: NDArray[np.int64]
    zone_fga: NDArray[np.int64]
    zone_fgm: NDArray[np.int64]
    assisted: NDArray[np.int64]
    fta: NDArray[np.int64]
    ftm: NDArray[np.int64]
    turnovers: NDArray[np.int64]
    blocked: NDArray[np.int64]  # [team-games, 3]
    possessions: NDArray[np.int64]  # tenths, [team-games]
    minutes: NDArray[np.int64]  # [team-games]

    def team_points(self) -> NDArray[np.int64]:
        return (self.zone_fgm @ np.array([2, 2, 3])).sum(axis=1) + self.ftm.sum(axis=1)

    def add(self, rows: NDArray[np.int64], other: _Tally) -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] += getattr(other, name)


def play(
    rng: np.random.Generator, games: Games, teams: Teams, players: Players, availability: Availability
) -> BoxScores:
    """Play a batch of games, independent of each other.

    Raises:
        ValueError: no games.
    """
    if not len(games):
        raise ValueError("no games to play")
    sides = np.column_stack([games.home, games.away]).ravel()
    days = np.repeat(games.day, 2)
    men, on_roster = _rosters(availability, sides, days)
    role, playing_order = _pick_men(rng, men, on_roster, days, players, availability)
    tally = _play_until_decided(rng, sides, men, role == PLAYED, playing_order, teams, players)
    return _collect(rng, games, sides, days, men, on_roster, role, tally)


def _rosters(
    availability: Availability, sides: NDArray[np.int64], days: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the listed players of each team-game, padded to the longest roster, and a mask of the taken places."""
    team_game, player = np.nonzero(availability.team.T[days] == sides[:, None])
    size = np.bincount(team_game, minlength=len(sides))
    place = np.arange(len(team_game)) - np.repeat(size.cumsum() - size, size)
    men = np.zeros((len(sides), int(size.max())), dtype=np.int64)
    men[team_game, place] = player
    return men, np.arange(men.shape[1]) < size[:, None]


def _pick_men(
    rng: np.random.Generator,
    men: NDArray[np.int64],
    on_roster: NDArray[np.bool_],
    days: NDArray[np.int64],
    players: Players,
    availability: Availability,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each player's role in the game and the coach's preference (larger is better)."""
    report = availability.report[men, days[:, None]]
    # Fit below 1. If too few are fit, the least hurt of the others play.
    chance = CHANCE_TO_PLAY[report]
    ruled_out = ~on_roster | (report == OUT)
    hurt = np.where(ruled_out, np.inf, rng.random(men.shape) / np.maximum(chance, 1e-9))
    fit = (hurt < 1) | ((_rank(hurt) <= MIN_MEN) & ~ruled_out)

    preference = players.minutes[men] * np.exp(rng.normal(0, 0.22, men.shape))
    preference = np.where(fit, preference, -1.0)
    count = rng.choice(list(_MEN_SHARES), len(men), p=list(_MEN_SHARES.values()))
    place = _rank(-preference)
    playing = fit & (place < count[:, None])
    # The active list has thirteen places: any other fit player is inactive, like the hurt.
    dressed = fit & (place < MAX_MEN)
    return np.where(playing, PLAYED, np.where(dressed, DID_NOT_PLAY, INACTIVE)), preference


def _rank(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the position of each value within its row, the smallest at 0."""
    return np.argsort(np.argsort(values, axis=1, kind="stable"), axis=1, kind="stable")


def _play_until_decided(
    rng: np.random.Generator,
    sides: NDArray[np.int64],
    men: NDArray[np.int64],
    playing: NDArray[np.bool_],
    preference: NDArray[np.float64],
    teams: Teams,
    players: Players,
) -> _Tally:
    """Play regulation, then overtimes until no game is level."""
    pace = teams.pace[sides].reshape(-1, 2).mean(axis=1) + rng.normal(0, 3.3, len(sides) // 2)
    pace = np.repeat(np.clip(pace, 91, 109), 2)
    # Minutes vary little for starters and a lot for the end of the bench.
    base = players.minutes[men]
    wanted = base * np.exp(rng.normal(0, 1, men.shape) * np.where(base > 20, 0.12, np.where(base > 8, 0.25, 0.7)))
    tenths = _share_minutes(np.where(playing, wanted, 0.0), REGULATION * 50, _MAX_REGULATION_TENTHS)
    everyone = np.arange(len(sides))
    tally = _play_period(rng, everyone, tenths, REGULATION, pace, sides, men, teams, players)

    points = tally.team_points()
    margin = points[::2] - points[1::2]
    leveled = (np.abs(margin) == 1) & (rng.random(len(margin)) < _ONE_POINT_GAMES_LEVELED)
    trailing = 2 * np.flatnonzero(leveled) + (margin[leveled] > 0)
    scorer = np.argmax(tally.tenths[trailing], axis=1)
    tally.fta[trailing, scorer] += 1
    tally.ftm[trailing, scorer] += 1

    while True:
        points = tally.team_points()
        level = np.repeat(points[::2] == points[1::2], 2)
        rows = np.flatnonzero(level)
        if not len(rows):
            return tally
        # The coach's seven preferred players share an overtime.
        trusted = (_rank(-np.where(playing, preference, -1.0)[rows]) < 7) & playing[rows]
        tenths = _share_minutes(np.where(trusted, base[rows], 0.0), OVERTIME * 50, OVERTIME * 10)
        extra = _play_period(rng, rows, tenths, OVERTIME, pace[rows], sides, men[rows], teams, players)
        tally.add(rows, extra)


def _share_minutes(wanted: NDArray[np.float64], total: int, most: int) -> NDArray[np.int64]:
    """Share `total` tenths of a minute in proportion to `wanted`: from one tenth up to `most` per player.

    Exact: integers by the largest remainder. At least `total / most` players of each row must want minutes.
    """
    wants = wanted > 0
    share = wanted
    for _ in range(12):
        share = np.minimum(share * (total / share.sum(axis=1, keepdims=True)), most)
    share = np.where(wants, np.maximum(share, 1.0), 0.0)
    tenths = np.floor(share + 1e-9).astype(np.int64)
    # The remainder is at most a few tenths per player: add (or take) one tenth each, in order of the fractions.
    missing = total - tenths.sum(axis=1)
    while missing.any():
        fraction = share - tenths
        takes = wants & (tenths < most) & (_rank(-np.where(wants & (tenths < most), fraction, -9e9)) < missing[:, None])
        gives = wants & (tenths > 1) & (_rank(np.where(wants & (tenths > 1), fraction, 9e9)) < -missing[:, None])
        tenths = tenths + takes - gives
        missing = total - tenths.sum(axis=1)
    return tenths


def _play_period(
    rng: np.random.Generator,
    rows: NDArray[np.int64],
    tenths: NDArray[np.int64],
    length: int,
    pace: NDArray[np.float64],
    sides: NDArray[np.int64],
    men: NDArray[np.int64],
    teams: Teams,
    players: Players,
) -> _Tally:
    """Play `length` minutes of the team-games `rows`, with given rosters and minutes, and count the events."""
    share_of_game = length / REGULATION
    own, opponent = sides[rows], sides[rows ^ 1]
    possessions = np.rint((pace * share_of_game + rng.uniform(-0.5, 0.5, len(rows)) * share_of_game) * 10)
    uses = tenths * players.usage[men]
    uses = uses / uses.sum(axis=1, keepdims=True)

    team_fga = np.rint(possessions / 10 * _SHOTS_PER_POSSESSION + rng.normal(0, 3.5 * share_of_game**0.5, len(rows)))
    fga = rng.multinomial(np.maximum(team_fga, 1).astype(np.int64), uses)
    shooting = fga > 0
    zone_fga = np.zeros((*men.shape, 3), dtype=np.int64)
    zone_fga[shooting] = rng.multinomial(fga[shooting], players.zone_share[men[shooting]])

    night = rng.normal(0, 0.012, len(rows)) + np.where(rows % 2 == 0, _HOME_EDGE, -_HOME_EDGE)
    chance = players.zone_pct[men] + (teams.offense[own] + night)[:, None, None] + teams.defense[opponent][:, None, :]
    zone_fgm = _shoot(rng, zone_fga, np.clip(chance, 0.05, 0.95))
    created = np.clip(_ASSISTED_BY_ZONE * players.assisted[men][..., None], 0.05, 0.97)
    assisted = rng.binomial(zone_fgm, created).sum(axis=2)
    misses = (zone_fga - zone_fgm).sum(axis=1)
    blocked = rng.binomial(misses, _BLOCKED_MISSES * teams.rim_protection[opponent][:, None])

    # Drawn from the share of the offense and not from the shots taken: a fouled player does not shoot.
    fta = rng.poisson(uses * np.maximum(team_fga, 1)[:, None] * players.ft_rate[men])
    ftm = rng.binomial(fta, players.ft_pct[men])
    # A possession ends with a shot that the shooting team does not rebound, with free throws or with a turnover.
    rebounds = rng.normal(_OFFENSIVE_REBOUNDS * share_of_game, 3 * share_of_game**0.5, len(rows))
    team_turnovers = possessions / 10 + rebounds - team_fga - _FREE_THROW_WEIGHT * fta.sum(axis=1)
    team_turnovers = np.clip(np.rint(team_turnovers), 4 * share_of_game, 26).astype(np.int64)
    return _Tally(
        tenths=tenths,
        zone_fga=zone_fga,
        zone_fgm=zone_fgm,
        assisted=assisted,
        fta=fta,
        ftm=ftm,
        turnovers=rng.multinomial(team_turnovers, uses),
        blocked=blocked,
        possessions=possessions.astype(np.int64),
        minutes=np.full(len(rows), length),
    )


def _shoot(rng: np.random.Generator, zone_fga: NDArray[np.int64], chance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw makes, [team-games, men, 3].

    Independent shots alone would spread scores more widely than in reality, where a team that misses gets more rebounds
    and shots, and one that leads eases off. So part of each team's luck is taken back, from random makes or misses.
    """
    zone_fgm = rng.binomial(zone_fga, chance)
    luck = _LUCK_TAKEN_BACK * (zone_fgm - zone_fga * chance).sum(axis=(1, 2))
    misses = zone_fga - zone_fgm
    share_of_makes = np.maximum(luck, 0) / np.maximum(zone_fgm.sum(axis=(1, 2)), 1)
    share_of_misses = np.maximum(-luck, 0) / np.maximum(misses.sum(axis=(1, 2)), 1)
    taken = rng.binomial(zone_fgm, np.minimum(share_of_makes, 1)[:, None, None])
    given = rng.binomial(misses, np.minimum(share_of_misses, 1)[:, None, None])
    return zone_fgm - taken + given


def _collect(
    rng: np.random.Generator,
    games: Games,
    sides: NDArray[np.int64],
    days: NDArray[np.int64],
    men: NDArray[np.int64],
    on_roster: NDArray[np.bool_],
    role: NDArray[np.int64],
    tally: _Tally,
) -> BoxScores:
    fga, fgm = tally.zone_fga.sum(axis=2), tally.zone_fgm.sum(axis=2)
    points = tally.zone_fgm @ np.array([2, 2, 3]) + tally.ftm
    used = fga + _FREE_THROW_WEIGHT * tally.fta + tally.turnovers
    team_used = used.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        # In a short time on court a usage above 100 is possible by this formula.
        usage = np.minimum(100 * used * (tally.minutes[:, None] * 10) / (tally.tenths * team_used), 100)
    # Usage in less than a minute means nothing.
    usage[tally.tenths < 10] = np.nan

    # Box scores list some of the inactive players, never all of them.
    listed = on_roster & ((role != INACTIVE) | (rng.random(men.shape) < _INACTIVE_ROW_SHARE))
    row = np.nonzero(listed)[0]
    opponents = sides.reshape(-1, 2)[:, ::-1].ravel()
    game_id = np.repeat(games.game_id, 2)
    home = np.arange(len(sides)) % 2 == 0
    return BoxScores(
        players={
            "player": men[listed],
            "team": sides[row],
            "opponent": opponents[row],
            "home": home[row],
            "day": days[row],
            "game_id": game_id[row],
            "role": role[listed],
            "tenths": tally.tenths[listed],
            "points": points[listed],
            "fga": fga[listed],
            "fgm": fgm[listed],
            "fta": tally.fta[listed],
            "ftm": tally.ftm[listed],
            "zone_fga": tally.zone_fga[listed],
            "zone_fgm": tally.zone_fgm[listed],
            "assisted": tally.assisted[listed],
            "usage": usage[listed],
        },
        teams={
            "team": sides,
            "opponent": opponents,
            "home": home,
            "day": days,
            "game_id": game_id,
            "points": tally.team_points(),
            "possessions": tally.possessions,
            "minutes": tally.minutes,
            "zone_fga": tally.zone_fga.sum(axis=1),
            "zone_fgm": tally.zone_fgm.sum(axis=1),
            "blocked": tally.blocked,
        },
    )
