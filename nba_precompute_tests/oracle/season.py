"""The facts of one season, and the view of them that a date may have (contract, section 1, as-of rule)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.coverage import Completeness, is_covered
from nba_precompute_tests.oracle.windows import is_played, newest

_by_date = itemgetter("game_date")


def _lists() -> Any:
    return defaultdict(list)


@dataclass
class Season:
    """Indexes over the cleaned sources of one season. `AsOf` hides what is not known yet; read through it.

    Attributes:
        slate: date -> the games scheduled for it.
        team_dates: team -> dates of its scheduled games.
        played: player -> his played games.
        defense, offense: team -> its rows of that team table.
        context: date -> player -> the context row.
        ambiguous_games: player -> (date, whether any row of the ambiguous key is a played one).
        ambiguous_context: date -> players whose context is two people.
    """

    slate: dict[dt.date, list[Row]] = field(default_factory=_lists)
    team_dates: dict[str, list[dt.date]] = field(default_factory=dict)
    played: dict[str, list[Row]] = field(default_factory=_lists)
    defense: dict[str, list[Row]] = field(default_factory=_lists)
    offense: dict[str, list[Row]] = field(default_factory=_lists)
    context: dict[dt.date, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    ambiguous_games: dict[str, list[tuple[dt.date, bool]]] = field(default_factory=_lists)
    ambiguous_context: dict[dt.date, set[str]] = field(default_factory=lambda: defaultdict(set))
    _covered: set[tuple[dt.date, str | None]] = field(default_factory=set)

    def add_schedule(self, games: Iterable[Row]) -> None:
        """The effective schedule; an unknown team of a play-off game is no team."""
        dates: dict[str, set[dt.date]] = defaultdict(set)
        for game in games:
            self.slate[game["game_date"]].append(game)
            for team in teams_of(game):
                dates[team].add(game["game_date"])
        self.team_dates = {team: sorted(days) for team, days in dates.items()}

    def add_player_games(self, rows: Iterable[Row], ambiguous: Iterable[list[Row]]) -> None:
        for row in rows:
            if is_played(row):
                self.played[row["player_lookup"]].append(row)
        for candidates in ambiguous:
            first = candidates[0]
            any_played = any(is_played(row) for row in candidates)
            self.ambiguous_games[first["player_lookup"]].append((first["game_date"], any_played))

    def add_team_games(self, defense: Iterable[Row], offense: Iterable[Row]) -> None:
        for row in defense:
            self.defense[row["defending_team_abbr"]].append(row)
        for row in offense:
            self.offense[row["team_abbr"]].append(row)

    def add_context(self, rows: Iterable[Row], ambiguous: Iterable[list[Row]]) -> None:
        for row in rows:
            self.context[row["game_date"]][row["player_lookup"]] = row
        for candidates in ambiguous:
            self.ambiguous_context[candidates[0]["game_date"]].add(candidates[0]["player_lookup"])

    def index(self) -> None:
        """Sort, and settle the coverage of every (date, team): only facts of its own date enter."""
        players: dict[tuple[dt.date, str], list[Row]] = defaultdict(list)
        for games in self.played.values():
            games.sort(key=_by_date)
            for row in games:
                players[row["game_date"], row["team_abbr"]].append(row)
        offense = self._by_team_date(self.offense)
        defense = self._by_team_date(self.defense)
        for key, rows in players.items():
            if is_covered(rows, offense.get(key), defense.get(key)):
                self._covered.add(key)

    @staticmethod
    def _by_team_date(games_of: dict[str, list[Row]]) -> dict[tuple[dt.date, str], Row]:
        found = {}
        for team, games in games_of.items():
            games.sort(key=_by_date)
            for row in games:
                found[row["game_date"], team] = row
        return found

    def covered(self, date: dt.date, team: str | None) -> bool:
        return (date, team) in self._covered


def teams_of(game: Row) -> list[str]:
    """The teams of a scheduled game that are known."""
    return [team for team in (game["home_team_tricode"], game["away_team_tricode"]) if team is not None]


@dataclass(frozen=True)
class AsOf:
    """Everything that a row for `date` may use: facts before it, the season's teams, its slate and its context.

    Every list of games is newest first.
    """

    season: Season
    date: dt.date

    def _before(self, games: list[Row]) -> list[Row]:
        return games[: bisect_left(games, self.date, key=_by_date)][::-1]

    # Facts, strictly before the date.

    def player_games(self, player: str) -> list[Row]:
        """The player's played games."""
        return self._before(self.season.played.get(player, []))

    def defense_games(self, team: str) -> list[Row]:
        return self._before(self.season.defense.get(team, []))

    def offense_games(self, team: str) -> list[Row]:
        return self._before(self.season.offense.get(team, []))

    def all_defense_games(self) -> dict[str, list[Row]]:
        return {team: self.defense_games(team) for team in self.season.defense}

    def all_offense_games(self) -> list[Row]:
        return [row for team in self.season.offense for row in self.offense_games(team)]

    def expected_dates(self, team: str | None) -> list[dt.date]:
        """The dates of the team's scheduled games, final or not yet marked so."""
        dates = self.season.team_dates.get(team, []) if team is not None else []
        return dates[: bisect_left(dates, self.date)][::-1]

    def players_who_played(self) -> set[str]:
        """Players with a played game before the date, including those who turn out to be two people."""
        known = {player for player, games in self.season.played.items() if games[0]["game_date"] < self.date}
        for player, keys in self.season.ambiguous_games.items():
            if any(date < self.date and any_played for date, any_played in keys):
                known.add(player)
        return known

    def is_two_people(self, player: str) -> bool:
        """In the context of the date, or in a box score of the season before it."""
        if player in self.season.ambiguous_context.get(self.date, ()):
            return True
        return any(date < self.date for date, _ in self.season.ambiguous_games.get(player, ()))

    # Coverage.

    def newest_completeness(self, team: str | None, n: int) -> Completeness:
        """Completeness over the team's newest n expected games."""
        return self._completeness(team, newest(self.expected_dates(team), n))

    def days_completeness(self, team: str | None, days: int) -> Completeness:
        """Completeness over the team's expected games in the last days."""
        first = self.date - dt.timedelta(days=days)
        return self._completeness(team, [date for date in self.expected_dates(team) if date >= first])

    def _completeness(self, team: str | None, dates: Sequence[dt.date]) -> Completeness:
        return Completeness(len(dates), sum(self.season.covered(date, team) for date in dates))

    # Known ahead: the schedule, and the context of the date.

    @property
    def is_game_date(self) -> bool:
        return bool(self.season.slate.get(self.date))

    def season_teams(self) -> set[str]:
        return set(self.season.team_dates)

    def game_types(self, team: str) -> set[str]:
        """The types of the team's games on the date; empty if it has none."""
        return {game["game_type"] for game in self.season.slate.get(self.date, ()) if team in teams_of(game)}

    def contexts(self) -> dict[str, Row]:
        return self.season.context.get(self.date, {})

    def listed_players(self) -> set[str]:
        """Everyone in the context of the date, also those who turn out to be two people."""
        return set(self.contexts()) | self.season.ambiguous_context.get(self.date, set())
