"""Schedule of a simulated season, up to the last day of the regular season.

Days are numbered from 0, which is 1 October of the season's first year; `Dates` converts them.

Here: pairings, days, postponed and moved games, exhibitions. Not here: the post-season (`playoffs.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nba_precompute.simulation.franchises import N_TEAMS, TEAMS_PER_CONFERENCE, TEAMS_PER_DIVISION

PRE_SEASON, REGULAR_SEASON, ALL_STAR, PLAYOFFS, PLAY_IN = range(1, 6)
"""Kinds of games: the digit in a game id."""
GAME_TYPES = {
    PRE_SEASON: "preseason",
    REGULAR_SEASON: "regular_season",
    ALL_STAR: "all_star",
    PLAYOFFS: "playoffs",
    PLAY_IN: "play_in",
}
SCHEDULED, LIVE, FINAL, POSTPONED = 1, 2, 3, 4

N_DAYS = 275
"""1 October to the end of June or 1 July."""
MAX_SLATE = 15

# Mean games per weekday, Monday first. The league avoids Tuesdays and Thursdays because of television.
_SLATE_BY_WEEKDAY = (7.6, 5.4, 9.8, 4.8, 8.9, 6.8, 7.3)
_POSTPONED_GAMES = 10
_MOVED_GAMES = 6
_PRE_SEASON_GAMES = 8
_ATTEMPTS = 20


@dataclass(frozen=True)
class Dates:
    """Key days of a season, as day numbers.

    Attributes:
        season_year: the year in which it starts.
        opening: a Tuesday, 16 to 22 October.
        last: a Sunday, 7 to 13 April.
        all_star: the Sunday of the All-Star game; no other game from the Friday before to the Wednesday after.
        trade_deadline: ten days before the All-Star game.
        idle: other days within the season without a game (Thanksgiving, Christmas Eve).
    """

    season_year: int
    opening: int
    last: int
    all_star: int
    trade_deadline: int
    idle: tuple[int, ...]

    @classmethod
    def of(cls, season_year: int) -> Dates:
        def day(month: int, first_possible: int, weekday: int) -> int:
            year = season_year if month >= 7 else season_year + 1
            earliest = dt.date(year, month, first_possible)
            return (earliest + dt.timedelta((weekday - earliest.weekday()) % 7) - dt.date(season_year, 10, 1)).days

        all_star = day(2, 15, 6)
        christmas_eve = (dt.date(season_year, 12, 24) - dt.date(season_year, 10, 1)).days
        return cls(
            season_year=season_year,
            opening=day(10, 16, 1),
            last=day(4, 7, 6),
            all_star=all_star,
            trade_deadline=all_star - 10,
            idle=(day(11, 22, 3), christmas_eve),
        )

    def date(self, day: int) -> dt.date:
        return dt.date(self.season_year, 10, 1) + dt.timedelta(int(day))

    def playable(self) -> NDArray[np.bool_]:
        """Return a mask of the days on which regular-season games are possible, [N_DAYS]."""
        days = np.arange(N_DAYS)
        in_break = (days >= self.all_star - 2) & (days <= self.all_star + 3)
        inside = (days >= self.opening) & (days <= self.last)
        return inside & ~in_break & ~np.isin(days, self.idle)


@dataclass(frozen=True)
class Games:
    """Played games. `home` and `away` are team numbers, `kind` is a key of `GAME_TYPES`."""

    game_id: NDArray[np.object_]
    day: NDArray[np.int64]
    home: NDArray[np.int64]
    away: NDArray[np.int64]
    kind: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.day)

    def select(self, which: NDArray[np.int64]) -> Games:
        return Games(self.game_id[which], self.day[which], self.home[which], self.away[which], self.kind[which])

    @classmethod
    def concatenate(cls, parts: Iterable[Games]) -> Games:
        columns = zip(*((p.game_id, p.day, p.home, p.away, p.kind) for p in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True)
class SuperfluousRow:
    """A schedule row that is not a played game of the season: postponed, stale, pre-season or All-Star.

    `home` and `away` are None for the All-Star game, whose teams are not in the league.
    """

    game_id: str
    day: int
    home: int | None
    away: int | None
    status: int
    kind: int


@dataclass(frozen=True)
class Schedule:
    """The 1,230 regular-season games on the days they were played, and the other schedule rows."""

    games: Games
    superfluous: list[SuperfluousRow]


def game_ids(season_year: int, kind: int, numbers: Iterable[int], prefix: str) -> list[str]:
    """Return ids of ten characters, such as `SIM2120001`: prefix, season, kind of game, number."""
    return [f"{prefix}{season_year % 100:02d}{kind}{number:04d}" for number in numbers]


def draw_schedule(rng: np.random.Generator, dates: Dates, id_prefix: str) -> Schedule:
    """Draw a day for every game of the season, then postpone and move some games.

    Raises:
        RuntimeError: no calendar was found. This has never happened; the constraints leave much room.
    """
    pairings = season_pairings(rng)
    for _ in range(_ATTEMPTS):
        board = _Board(rng, dates)
        if board.place(pairings):
            break
    else:
        raise RuntimeError(f"no calendar found for season {dates.season_year}")

    planned = board.day_of.copy()
    order = np.lexsort((pairings[:, 0], planned))
    pairings, planned = pairings[order], planned[order]
    board.day_of = planned.copy()
    ids = game_ids(dates.season_year, REGULAR_SEASON, range(1, len(planned) + 1), id_prefix)

    superfluous: list[SuperfluousRow] = []
    for count, stale_status in ((_POSTPONED_GAMES, POSTPONED), (_MOVED_GAMES, SCHEDULED)):
        for game, old_day in board.displace(pairings, count, only_later=stale_status == POSTPONED):
            home, away = pairings[game]
            superfluous.append(SuperfluousRow(ids[game], old_day, int(home), int(away), stale_status, REGULAR_SEASON))
    superfluous += _exhibitions(rng, dates, id_prefix)

    by_day = np.argsort(board.day_of, kind="stable")
    games = Games(
        np.array(ids, dtype=object),
        board.day_of,
        pairings[:, 0],
        pairings[:, 1],
        np.full(len(ids), REGULAR_SEASON),
    )
    return Schedule(games.select(by_day), superfluous)


def season_pairings(rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw home and away team of all 1,230 games, [1230, 2]: 82 per team, 41 of them at home.

    The league's formula: four games against teams of the division, three or four against the rest of the conference,
    two against the other conference.
    """
    # Shuffled within divisions, so that the pairs with only three games differ between seasons.
    team = np.arange(N_TEAMS).reshape(-1, TEAMS_PER_DIVISION)
    seat = rng.permuted(team, axis=1).ravel()
    pairs: list[tuple[int, int]] = []
    for a in range(N_TEAMS):
        for b in range(a + 1, N_TEAMS):
            at_a = at_b = 1
            if a // TEAMS_PER_CONFERENCE == b // TEAMS_PER_CONFERENCE:
                at_a = at_b = 2
                if a // TEAMS_PER_DIVISION != b // TEAMS_PER_DIVISION:
                    # Three games against two teams of each other division: two at home against one of them.
                    offset = (b - a) % TEAMS_PER_DIVISION
                    at_a -= offset == 0
                    at_b -= offset == 1
            pairs += [(seat[a], seat[b])] * at_a + [(seat[b], seat[a])] * at_b
    return rng.permutation(np.array(pairs, dtype=np.int64))


class _Board:
    """State of the calendar while games are being placed: each team's days."""

    def __init__(self, rng: np.random.Generator, dates: Dates) -> None:
        self._rng = rng
        self._dates = dates
        self._capacity = self._draw_capacity()
        self._slate = np.zeros(N_DAYS, dtype=np.int64)
        self._busy = np.zeros((N_TEAMS, N_DAYS), dtype=bool)
        # Games of a team within three days of a day.
        self._crowd = np.zeros((N_TEAMS, N_DAYS), dtype=np.int64)
        self._meetings: dict[frozenset[int], list[int]] = {}
        self._displaced: set[int] = set()
        self.day_of = np.empty(0, dtype=np.int64)

    def place(self, pairings: NDArray[np.int64]) -> bool:
        """Draw a day for every game; return False if a game found none."""
        self.day_of = np.full(len(pairings), -1)
        self._place_last_day(pairings)
        for game in np.flatnonzero(self.day_of < 0):
            day = self._choose_day(pairings[game], self._capacity)
            if day is None:
                day = self._choose_day(pairings[game], np.where(self._capacity > 0, MAX_SLATE, 0))
            if day is None:
                return False
            self._put(int(game), pairings[game], day)
        return self._dissolve_single_games(pairings)

    def displace(self, pairings: NDArray[np.int64], count: int, *, only_later: bool) -> list[tuple[int, int]]:
        """Move `count` games to another day; return each game with its old day.

        Both teams stay free on the old day, so that a team never has two games, whichever rows are read.
        """
        moved: list[tuple[int, int]] = []
        for game in self._rng.permutation(len(pairings)):
            if len(moved) == count:
                break
            old = int(self.day_of[game])
            if old == self._dates.last or self._slate[old] < 3 or game in self._displaced:
                continue
            days = np.arange(N_DAYS)
            near = (days > old + 4) if only_later else (np.abs(days - old) <= 12)
            used = (self._slate > 1) & (days != self._dates.opening) & (days != self._dates.last)
            new = self._choose_day(pairings[game], np.where(near & used, MAX_SLATE, 0))
            if new is None:
                continue
            self._slate[old] -= 1
            self._put(int(game), pairings[game], new)
            self._displaced.add(int(game))
            moved.append((int(game), old))
        return moved

    def _draw_capacity(self) -> NDArray[np.int64]:
        dates, rng = self._dates, self._rng
        playable = dates.playable()
        weekday = (np.arange(N_DAYS) + dates.date(0).weekday()) % 7
        mean = np.array(_SLATE_BY_WEEKDAY)[weekday]
        capacity = np.clip(np.rint(mean * np.exp(rng.normal(0, 0.3, N_DAYS))), 2, 14).astype(np.int64)
        capacity[~playable] = 0
        ordinary = np.flatnonzero(playable)
        # Slightly more room than games: otherwise the last games find only days on which their teams play.
        while capacity.sum() < 1290:
            capacity[rng.choice(ordinary)] += 1
        capacity = np.minimum(capacity, MAX_SLATE - 1)
        capacity[dates.opening] = 2
        capacity[dates.opening + 1] = 11
        capacity[dates.idle[1] + 1] = 5  # Christmas
        capacity[dates.last] = MAX_SLATE
        return capacity

    def _place_last_day(self, pairings: NDArray[np.int64]) -> None:
        # Every team plays on the last day. Any two teams meet at least twice, so any draw works.
        for first, second in self._rng.permutation(N_TEAMS).reshape(-1, 2):
            meets = ((pairings == (first, second)) | (pairings == (second, first))).all(axis=1)
            game = int(np.flatnonzero(meets)[0])
            self._put(game, pairings[game], self._dates.last)

    def _choose_day(self, teams: NDArray[np.int64], capacity: NDArray[np.int64]) -> int | None:
        """Draw a day on which both teams are free, or None: never a third night in a row, rarely a second one."""
        room = (capacity - self._slate).astype(np.float64)
        weight = np.where(room > 0, room / np.maximum(capacity, 1), 0.0)
        for team in teams:
            busy = self._busy[team]
            # Padded by two days, so that the first and last days need no special case.
            wide = np.zeros(N_DAYS + 4, dtype=bool)
            wide[2:-2] = busy
            before, before2, after, after2 = wide[1:-3], wide[:-4], wide[3:-1], wide[4:]
            third_night = (before & before2) | (before & after) | (after & after2)
            weight[busy | third_night] = 0
            weight[before | after] *= 0.08
            weight *= 0.55 ** self._crowd[team]
        for met in self._meetings.get(frozenset(teams.tolist()), ()):
            weight[max(met - 7, 0) : met + 8] *= 0.1
        total = weight.cumsum()
        if total[-1] <= 0:
            return None
        return int(np.searchsorted(total, self._rng.random() * total[-1], side="right"))

    def _put(self, game: int, teams: NDArray[np.int64], day: int) -> None:
        self.day_of[game] = day
        self._slate[day] += 1
        self._meetings.setdefault(frozenset(teams.tolist()), []).append(day)
        for team in teams:
            self._busy[team, day] = True
            self._crowd[team, max(day - 3, 0) : day + 4] += 1

    def _dissolve_single_games(self, pairings: NDArray[np.int64]) -> bool:
        """Move the only game of a day to another day; return False if there is none."""
        for day in np.flatnonzero(self._slate == 1):
            game = int(np.flatnonzero(self.day_of == day)[0])
            new = self._choose_day(pairings[game], np.where(self._slate > 1, MAX_SLATE, 0))
            if new is None:
                return False
            self._slate[day] = 0
            for team in pairings[game]:
                self._busy[team, day] = False
                self._crowd[team, max(day - 3, 0) : day + 4] -= 1
            self._put(game, pairings[game], new)
        return True


def _exhibitions(rng: np.random.Generator, dates: Dates, id_prefix: str) -> list[SuperfluousRow]:
    """Draw pre-season games and the All-Star game, which are on the schedule without box scores."""
    teams = rng.permutation(N_TEAMS)
    days = np.sort(rng.integers(dates.opening - 14, dates.opening - 3, _PRE_SEASON_GAMES))
    ids = game_ids(dates.season_year, PRE_SEASON, range(1, _PRE_SEASON_GAMES + 1), id_prefix)
    rows = [
        SuperfluousRow(game_id, int(day), int(teams[2 * i]), int(teams[2 * i + 1]), FINAL, PRE_SEASON)
        for i, (game_id, day) in enumerate(zip(ids, days, strict=True))
    ]
    (all_star_id,) = game_ids(dates.season_year, ALL_STAR, [1], id_prefix)
    return [*rows, SuperfluousRow(all_star_id, dates.all_star, None, None, FINAL, ALL_STAR)]
