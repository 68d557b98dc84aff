"""Which rows may enter a window (contract, section 2a): each row set aside, with the one rule that does so."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from nba_precompute_tests.oracle.cleaning import Row, is_blank, season_of
from nba_precompute_tests.oracle.sources import Source

COUNTING_TYPES = ("regular_season", "play_in", "playoffs")
GAME_TYPES = (*COUNTING_TYPES, "preseason", "all_star", "cup_final")
"""The closed set."""
POSTPONED = 4

Finding = tuple[str, dt.date | None, str]
"""Source, date (None for rows without one) and kind."""
Findings = Counter[Finding]
"""How many rows; of `conflicts` and the two of identity: how many keys."""


def flaw(source: Source, row: Row) -> str | None:
    """Return what is wrong with a row whatever the schedule says."""
    if row["game_date"] is None or any(is_blank(row[column]) for column in (*source.key[1:], *source.codes)):
        return "blank_key"
    if row["season_year"] is not None and row["season_year"] != season_of(row["game_date"]):
        return "wrong_season"
    return None


def teams_of(game: Row) -> tuple[str, str]:
    """The two teams of a scheduled game."""
    return game["home_team_tricode"], game["away_team_tricode"]


def effective_schedule(rows: Iterable[Row]) -> list[Row]:
    """One row per game and season, whether it counts or not; the rows must be without flaw.

    Status 4 only where there is no other; then the furthest status, the latest date, the larger codes.
    """
    by_game: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        by_game[row["game_id"], season_of(row["game_date"])].append(row)

    def standing(row: Row) -> tuple[bool, int, dt.date, str, str, str]:
        status = -1 if row["game_status"] is None else row["game_status"]
        return status != POSTPONED, status, row["game_date"], *teams_of(row), row["game_type"] or ""

    return [max(candidates, key=standing) for candidates in by_game.values()]


def counts(game: Row) -> bool:
    """Return True if an effective row is a counting game."""
    return game["game_status"] != POSTPONED and game["game_type"] in COUNTING_TYPES


@dataclass(frozen=True)
class Calendar:
    """What the schedule says about one season.

    Attributes:
        game: game id -> its effective row.
        counting: (date, team) of the counting games.
        named: (date, team) of any row, of any type and status, superseded ones too.
        first_date: the date of the first counting game.
    """

    game: dict[str, Row]
    counting: frozenset[tuple[dt.date, str]]
    named: frozenset[tuple[dt.date, str]]
    first_date: dt.date | None

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Calendar:
        """Read the season's rows, which must be without flaw."""
        schedule = list(rows)
        effective = effective_schedule(schedule)
        counting = [game for game in effective if counts(game)]
        return cls(
            game={game["game_id"]: game for game in effective},
            counting=frozenset(_sides(counting)),
            named=frozenset(_sides(schedule)),
            first_date=min((game["game_date"] for game in counting), default=None),
        )

    @property
    def counting_games(self) -> list[Row]:
        """The games that count, one row each."""
        return [game for game in self.game.values() if counts(game)]

    def objection(self, date: dt.date, team: str | None, game_id: str | None) -> str | None:
        """Return the rule that sets a flawless row of that date and team aside."""
        game = self.game.get(game_id) if game_id is not None else None
        if game is not None and game["game_date"] != date:
            return "not_counting"  # it was moved, and what the row tells did not happen on this date
        if team is not None and (date, team) in self.counting:
            return None
        if team is not None and (date, team) in self.named:
            return "not_counting"
        if self.first_date is not None and date < self.first_date:
            return "not_counting"
        if game is None:
            return "off_schedule"
        return None if counts(game) else "not_counting"


def _sides(games: Iterable[Row]) -> set[tuple[dt.date, str]]:
    return {(game["game_date"], team) for game in games for team in teams_of(game)}
