"""Rows that admission must set aside (contract, section 2a), drawn at random for any league.

Here: each kind as a function that returns rows to add to a clean league, none of which may change a published row.
Not here: rows that are wrong in themselves (`dirt.py`).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from typing import Any

from nba_precompute.calendar import season_of
from nba_precompute_tests.support.league import Rows

Row = dict[str, Any]

SCHEDULE, GAMES, CONTEXT = "nbac_schedule", "player_game_summary", "upcoming_player_game_context"
TEAM_COLUMN = {
    GAMES: "team_abbr",
    "team_defense_game_summary": "defending_team_abbr",
    "team_offense_game_summary": "team_abbr",
}
"""The fact sources, each with the column of the row's own team."""
COUNTING = ("regular_season", "play_in", "playoffs")
POINTS = 50
"""What everybody scores in games that do not count."""


class League:
    """A league's rows by date and team, for finding a place where nobody plays."""

    def __init__(self, rows: Rows, rng: random.Random) -> None:
        self.rows = rows
        self.rng = rng
        self.games = [game for game in rows[SCHEDULE] if game["game_status"] != 4 and game["game_type"] in COUNTING]
        self.named = {(game["game_date"], team) for game in rows[SCHEDULE] for team in _teams(game)}
        self.dates = sorted({game["game_date"] for game in self.games})
        self.last = max(row["game_date"] for row in rows[GAMES])
        self.teams = sorted({team for game in self.games for team in _teams(game)})

    def new_id(self) -> str:
        return f"X{self.rng.getrandbits(40):010x}"

    def date(self, *, with_games: bool | None = None) -> dt.date:
        """Return a date up to the last box score; with or without a counting game, if it is asked."""
        span = [self.dates[0] + dt.timedelta(days=n) for n in range((self.last - self.dates[0]).days + 1)]
        fitting = [date for date in span if with_games in (None, date in self.dates)]
        return self.rng.choice(fitting or [self.dates[-1] + dt.timedelta(days=1)])

    def idle(self, date: dt.date) -> list[str]:
        """Return two teams that the schedule does not name on the date; made up where all play."""
        idle = [team for team in self.teams if (date, team) not in self.named]
        return self.rng.sample(idle if len(idle) > 1 else ["XXX", "YYY"], 2)

    def facts(self, date: dt.date, teams: Iterable[str], game_id: str | None) -> Rows:
        """Return rows of all three fact sources as if the teams had played; newer than anything else."""
        found: Rows = {}
        for source, column in TEAM_COLUMN.items():
            found[source] = []
            for team in teams:
                for row in self._templates(source, team):
                    ids = {"universal_player_id": self._id(row)} if source == GAMES else {}
                    points = {name: POINTS for name in ("points", "points_scored", "points_allowed") if name in row}
                    found[source].append(self._stray(row, date, game_id) | {column: team} | ids | points)
        return found

    def listed(self, date: dt.date, teams: Iterable[str], game_id: str | None) -> Rows:
        """Return context rows of players of the teams."""
        rows = self.rng.sample(self.rows[CONTEXT], 4)
        return {CONTEXT: [self._stray(row, date, game_id) | {"team_abbr": team} for team in teams for row in rows]}

    def game(self, date: dt.date, teams: Iterable[str], **values: Any) -> Row:
        home, away = teams
        return {
            "game_id": self.new_id(),
            "game_date": date,
            "season_year": season_of(date),
            "home_team_tricode": home,
            "away_team_tricode": away,
            "game_status": 3,
            "game_type": "regular_season",
        } | values

    def _templates(self, source: str, team: str) -> list[Row]:
        """Some rows of one game of the team; of any game, if it plays none."""
        column = TEAM_COLUMN[source]
        own = [row for row in self.rows[source] if row[column] == team] or self.rows[source]
        date = self.rng.choice(own)["game_date"]
        return [row for row in own if row["game_date"] == date][:6]

    def _stray(self, row: Row, date: dt.date, game_id: str | None) -> Row:
        stray = row | {"game_date": date, "season_year": season_of(date), "game_id": game_id}
        return stray | {"processed_at": row["processed_at"] + dt.timedelta(days=400)}

    def _id(self, row: Row) -> str | None:
        """A row that is set aside tells nothing of who has the key."""
        return self.rng.choice((row["universal_player_id"], None, "", "somebody_else"))


def _teams(game: Row) -> tuple[str, str]:
    return game["home_team_tricode"], game["away_team_tricode"]


def preseason(league: League) -> Rows:
    return _off_season(league, scheduled=True)


def preseason_without_schedule(league: League) -> Rows:
    return _off_season(league, scheduled=False)


def _off_season(league: League, *, scheduled: bool) -> Rows:
    date = league.dates[0] - dt.timedelta(days=league.rng.randint(1, 14))
    teams = league.rng.sample(league.teams, 2)
    game = league.game(date, teams, game_type="preseason")
    rows = league.facts(date, teams, game["game_id"]) | league.listed(date, teams, game["game_id"])
    return rows | {SCHEDULE: [game]} if scheduled else rows


def all_star(league: League) -> Rows:
    date, teams = league.date(), ("EST", "WST")
    game = league.game(date, teams, game_type="all_star")
    return league.facts(date, teams, game["game_id"]) | {SCHEDULE: [game]}


def all_star_under_other_codes(league: League) -> Rows:
    """The schedule does not name the teams, but the game."""
    date = league.date()
    game = league.game(date, ("EST", "WST"), game_type="all_star")
    return league.facts(date, ("EAST", "WEST"), game["game_id"]) | {SCHEDULE: [game]}


def cup_final(league: League) -> Rows:
    return _beside(league, league.date(), game_type="cup_final")


def cup_final_alone(league: League) -> Rows:
    """On a day without another game, its context does not count either."""
    return _beside(league, league.date(with_games=False), game_type="cup_final")


def postponed(league: League) -> Rows:
    return _beside(league, league.date(), game_status=4)


def unknown_type(league: League) -> Rows:
    return _beside(league, league.date(), game_type=league.rng.choice((None, "", "exhibition")))


def _beside(league: League, date: dt.date, **values: Any) -> Rows:
    """A game that does not count, of two teams that have no other on the date."""
    teams = league.idle(date)
    game = league.game(date, teams, **values)
    rows = league.facts(date, teams, league.rng.choice((game["game_id"], None, "?"))) | {SCHEDULE: [game]}
    return rows if date in league.dates else rows | league.listed(date, teams, game["game_id"])


def moved(league: League) -> Rows:
    """Rows of a game under its id on another date, also where the team has a game."""
    game = league.rng.choice(league.games)
    date = league.date()
    if date == game["game_date"]:
        date += dt.timedelta(days=1)
    return league.facts(date, _teams(game), game["game_id"])


def superseded(league: League) -> Rows:
    """A row of the schedule where a game was before it moved, and rows of that date under another id."""
    game = league.rng.choice([game for game in league.games if game["game_date"] > league.dates[0]])
    earlier = [
        date
        for date in (game["game_date"] - dt.timedelta(days=n) for n in range(1, 15))
        if date > league.dates[0] and all((date, team) not in league.named for team in _teams(game))
    ]
    if not earlier:
        return {}
    date = league.rng.choice(earlier)
    left = game | {"game_date": date, "game_status": league.rng.choice((1, 4))}
    return league.facts(date, _teams(game), "?") | {SCHEDULE: [left]}


def unscheduled(league: League) -> Rows:
    """A date of games, a team without one, a game that nobody knows."""
    return _one_of_each(league, league.date(with_games=True))


def unscheduled_day(league: League) -> Rows:
    """The same on a day without games, which is refused."""
    return _one_of_each(league, league.date(with_games=False))


def _one_of_each(league: League, date: dt.date) -> Rows:
    facts = league.facts(date, league.idle(date)[:1], league.rng.choice((None, "?")))
    return {source: rows[:1] for source, rows in facts.items()}


def wrong_season(league: League) -> Rows:
    return _spoiled(league, lambda row: {"season_year": row["season_year"] + league.rng.choice((-1, 1, 20000))})


def blank_key(league: League) -> Rows:
    def blank(row: Row) -> Row:
        keys = ("player_lookup", "team_abbr", "defending_team_abbr", "home_team_tricode", "away_team_tricode")
        own = [name for name in keys if name in row]
        if "player_status" in row:
            own = ["player_lookup"]  # a context row without a team is a failure of its player
        elif "home_team_tricode" in row:
            own.append("game_id")
        return {league.rng.choice([*own, "game_date"]): None} | {league.rng.choice(own): league.rng.choice(("", " "))}

    return _spoiled(league, blank)


def _spoiled(league: League, change: Callable[[Row], Row]) -> Rows:
    """A row of each source, newer and with other numbers, and a game that would be new."""
    found: Rows = {}
    for source, rows in league.rows.items():
        row = league.rng.choice(rows)
        if source == SCHEDULE:
            new = league.game(league.date(), league.rng.sample(league.teams, 2))
        else:
            new = row | {"processed_at": row["processed_at"] + dt.timedelta(days=400)}
        new |= {name: POINTS for name in ("points", "points_scored", "player_age", "opponent_pace") if name in row}
        found[source] = [new | change(new)]
    return found


def namesake(league: League) -> Rows:
    """Another person with the key of a player, who is only on the active list: his row counts for nobody else."""
    row = league.rng.choice(league.rows[GAMES])
    return {GAMES: [row | {"universal_player_id": "somebody_else", "is_dnp": True, "points": POINTS}]}


KINDS: dict[str, Callable[[League], Rows]] = {
    kind.__name__: kind
    for kind in (
        preseason,
        preseason_without_schedule,
        all_star,
        all_star_under_other_codes,
        cup_final,
        cup_final_alone,
        postponed,
        unknown_type,
        moved,
        superseded,
        unscheduled,
        unscheduled_day,
        wrong_season,
        blank_key,
        namesake,
    )
}


def with_strangers(rows: Rows, kinds: Iterable[str], rng: random.Random) -> Rows:
    """Return the league with rows of each of the kinds, in any order."""
    league = League(rows, rng)
    result = {source: list(lines) for source, lines in rows.items()}
    for kind in kinds:
        for source, lines in KINDS[kind](league).items():
            result[source] += lines
    for lines in result.values():
        rng.shuffle(lines)
    return result
