"""The facts of one season, and the view of them that a date may have (contract, section 1, as-of rule)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

from nba_precompute_tests.oracle.admission import Calendar, teams_of
from nba_precompute_tests.oracle.cleaning import Fact, Row, newest_fact
from nba_precompute_tests.oracle.coverage import Completeness, gaps_of
from nba_precompute_tests.oracle.identity import Person
from nba_precompute_tests.oracle.sources import PLAYER_GAMES
from nba_precompute_tests.oracle.windows import is_played, newest

_by_date = itemgetter("game_date")


def _lists() -> Any:
    return defaultdict(list)


def _sets() -> Any:
    return defaultdict(set)


@dataclass
class Season:
    """Indexes over the admitted rows of one season. `AsOf` hides what is not known yet; read through it.

    Attributes:
        slate: date -> the counting games on it.
        team_dates: team -> dates of its counting games.
        played: person -> the played games that their own date ascribes to him.
        ids: key -> id -> the first date on which a box score has both.
        keys: id -> the keys of its box scores.
        defense, offense: team -> its rows of that team table.
        context: date -> person -> the context row.
        context_ids: date -> key -> the ids of its context rows.
        gaps: (date, team) of the counting games -> source -> why that side is not covered.
        facts: the date of every row of the fact tables, set aside or not, and whether it is off schedule.
    """

    calendar: Calendar
    slate: dict[dt.date, list[Row]] = field(default_factory=_lists)
    team_dates: dict[str, list[dt.date]] = field(default_factory=dict)
    played: dict[Person, list[Fact]] = field(default_factory=_lists)
    ids: dict[str, dict[str, dt.date]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[str, set[str]] = field(default_factory=_sets)
    defense: dict[str, list[Fact]] = field(default_factory=_lists)
    offense: dict[str, list[Fact]] = field(default_factory=_lists)
    context: dict[dt.date, dict[Person, Fact]] = field(default_factory=lambda: defaultdict(dict))
    context_ids: dict[dt.date, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(_sets))
    gaps: dict[tuple[dt.date, str], dict[str, str]] = field(default_factory=dict)
    facts: list[tuple[dt.date, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dates: dict[str, set[dt.date]] = defaultdict(set)
        for game in self.calendar.counting_games:
            self.slate[game["game_date"]].append(game)
            for team in teams_of(game):
                dates[team].add(game["game_date"])
        self.team_dates = {team: sorted(days) for team, days in dates.items()}

    def add_player_game(self, person: Person, row: Fact) -> None:
        if is_played(row):
            self.played[person].append(row)

    def add_identity(self, key: str, id_: str, first: dt.date) -> None:
        self.ids[key][id_] = first
        self.keys[id_].add(key)

    def index(self) -> None:
        """Sort, and settle the coverage of every side: only facts of its own date enter."""
        players: dict[tuple[dt.date, str], list[Row]] = defaultdict(list)
        for games in self.played.values():
            games.sort(key=_by_date)
            for row in games:
                players[row["game_date"], row["team_abbr"]].append(row)
        offense = self._by_team_date(self.offense)
        defense = self._by_team_date(self.defense)
        for key in self.calendar.counting:
            self.gaps[key] = gaps_of(players.get(key, ()), offense.get(key), defense.get(key))
        self.facts.sort()

    @staticmethod
    def _by_team_date(games_of: dict[str, list[Fact]]) -> dict[tuple[dt.date, str], Fact]:
        found = {}
        for team, games in games_of.items():
            games.sort(key=_by_date)
            for row in games:
                found[row["game_date"], team] = row
        return found


@dataclass(frozen=True)
class AsOf:
    """Everything that a row for `date` may use: facts before it, the schedule, and the context of the date.

    Every list of games is newest first. A player is named by the key of his row.
    """

    season: Season
    date: dt.date

    def _before(self, games: list[Fact]) -> list[Fact]:
        return games[: bisect_left(games, self.date, key=_by_date)][::-1]

    # Teams' facts, strictly before the date.

    def defense_games(self, team: str) -> list[Fact]:
        return self._before(self.season.defense.get(team, []))

    def offense_games(self, team: str) -> list[Fact]:
        return self._before(self.season.offense.get(team, []))

    def all_defense_games(self) -> dict[str, list[Fact]]:
        return {team: self.defense_games(team) for team in self.season.defense}

    def all_offense_games(self) -> list[Fact]:
        return [row for team in self.season.offense for row in self.offense_games(team)]

    def expected_dates(self, team: str) -> list[dt.date]:
        """The dates of the team's scheduled games, final or not yet marked so."""
        dates = self.season.team_dates.get(team, [])
        return dates[: bisect_left(dates, self.date)][::-1]

    # Persons.

    def ids_under(self, key: str) -> set[str]:
        """What the key means on the date: the ids of its box scores before it, and of its context rows on it."""
        known = {id_ for id_, first in self.season.ids.get(key, {}).items() if first < self.date}
        return known | self.season.context_ids.get(self.date, {}).get(key, set())

    def person_under(self, key: str) -> Person | None:
        """The person of rows without an id; nobody if the key means several."""
        ids = self.ids_under(key)
        if len(ids) > 1:
            return None
        return Person.with_id(*ids) if ids else Person.named(key)

    def history(self, person: Person) -> list[Fact]:
        """The person's played games before the date, under whatever key."""
        games = self._before(self.season.played.get(person, []))
        if person.id is None:
            return games
        without_id = [
            game
            for key in self._keys_of(person.id)
            if Person.named(key) in self.season.played and self.person_under(key) == person
            for game in self._before(self.season.played[Person.named(key)])
        ]
        return self._one_per_date([*games, *without_id]) if without_id else games

    def _keys_of(self, id_: str) -> set[str]:
        """The keys that may mean the person."""
        return self.season.keys.get(id_, set()) | self._listed_keys.get(id_, set())

    @cached_property
    def _listed_keys(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for key, ids in self.season.context_ids.get(self.date, {}).items():
            for id_ in ids:
                found[id_].add(key)
        return found

    @staticmethod
    def _one_per_date(games: Iterable[Fact]) -> list[Fact]:
        rivals: dict[dt.date, list[Fact]] = defaultdict(list)
        for game in games:
            rivals[game["game_date"]].append(game)
        return [newest_fact(PLAYER_GAMES, rivals[date]) for date in sorted(rivals, reverse=True)]

    @cached_property
    def _listed(self) -> dict[str, dict[Person | None, Fact]]:
        """Key -> who is listed under it -> his row; nobody where the key of a row without an id means several."""
        found: dict[str, dict[Person | None, Fact]] = defaultdict(dict)
        for tag, row in self.season.context.get(self.date, {}).items():
            key = row["player_lookup"]
            found[key][self.person_under(key) if tag.id is None else tag] = row
        return found

    def listed_players(self) -> set[str]:
        """The keys of the context of the date."""
        return set(self._listed)

    def is_ambiguous(self, player: str) -> bool:
        """Return True if a listed key does not name exactly one person."""
        return len(self._listed[player]) > 1 or None in self._listed[player]

    def context_of(self, player: str) -> Fact:
        """The row of a listed key that is not ambiguous."""
        (row,) = self._listed[player].values()
        return row

    def player_games(self, player: str) -> list[Fact]:
        """The played games of the person under a listed key that is not ambiguous."""
        (person,) = self._listed[player]
        assert person is not None
        return self.history(person)

    def everybody(self) -> dict[str, set[Person | None]]:
        """Key -> who is listed under it, and who, of those that are not listed, played his newest game under it."""
        found: dict[str, set[Person | None]] = {key: set(persons) for key, persons in self._listed.items()}
        listed = {person for persons in self._listed.values() for person in persons}
        for person in self._persons_with_games() - listed:
            found.setdefault(self.history(person)[0]["player_lookup"], set()).add(person)
        return found

    def _persons_with_games(self) -> set[Person]:
        found = set()
        for tag, games in self.season.played.items():
            if games[0]["game_date"] < self.date:
                person = self.person_under(tag.key) if tag.key is not None else tag
                if person is not None:
                    found.add(person)
        return found

    # Coverage.

    def newest_completeness(self, team: str, n: int) -> Completeness:
        """Completeness over the team's newest n expected games."""
        return self._completeness(team, newest(self.expected_dates(team), n))

    def days_completeness(self, team: str, days: int) -> Completeness:
        """Completeness over the team's expected games in the last days."""
        first = self.date - dt.timedelta(days=days)
        return self._completeness(team, [date for date in self.expected_dates(team) if date >= first])

    def _completeness(self, team: str, dates: Sequence[dt.date]) -> Completeness:
        return Completeness(len(dates), sum(not self.season.gaps[date, team] for date in dates))

    # Known ahead: the schedule.

    @property
    def is_game_date(self) -> bool:
        return bool(self.season.slate.get(self.date))

    def season_teams(self) -> set[str]:
        return set(self.season.team_dates)

    def game_types(self, team: str) -> set[str]:
        """The types of the team's games on the date; empty if it has none."""
        return {game["game_type"] for game in self.season.slate.get(self.date, ()) if team in teams_of(game)}

    def rows_off_schedule(self) -> tuple[int, int]:
        """How many of the season's fact rows before the date are off schedule, and how many there are."""
        before = self.season.facts[: bisect_left(self.season.facts, (self.date, False))]
        return sum(is_off for _, is_off in before), len(before)
