"""Files as the league's site answers and archives store them, of a small league with invented names.

A `Game` is a list of events; every form is counted or written from it, so all forms of a game agree with each other.
Team ids and codes are the league's, because files are read by them; people are invented.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEAM_IDS = {"BOS": 1610612738, "MIL": 1610612749, "NYK": 1610612752, "LAL": 1610612747}
NICKNAMES = {"BOS": "Celtics", "MIL": "Bucks", "NYK": "Knicks", "LAL": "Lakers"}
FIRST_NAMES = ("Ándris", "Bo", "Cato", "Duško", "Eli", "Finn", "Gus", "Hale", "Ivo")
FAMILY_NAMES = {
    "BOS": ("Vellin", "Carrow Jr.", "Ostrend", "Marić", "O'Teal", "Brackwell", "Sund", "Tarrow", "Wenn III"),
    "MIL": ("Quill", "Aldane", "Petrash", "Hollin", "Isker", "Jorund", "Kess", "Lomax", "Nerrick"),
    "NYK": ("Abren", "Bellor", "Corvin", "Dastan", "Ebner", "Fallow", "Grell", "Hyde", "Imber"),
    "LAL": ("Orsin", "Pallor", "Quade", "Rusk", "Selby", "Tamm", "Ulver", "Voss", "Wick"),
}
SECONDS = (2200, 2200, 2200, 2200, 2200, 1700, 1100, 600)
"""Seconds on the court of the eight who play, 240 minutes a team; the starters play every overtime."""

PERIOD_NAMES = ("1st", "2nd", "3rd", "4th", "1st OT", "2nd OT")


@dataclass(frozen=True)
class Person:
    person_id: int
    first: str
    family: str
    team: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.family}"

    @property
    def birth_date(self) -> dt.date:
        return dt.date(1990 + self.person_id % 10, 1 + self.person_id % 12, 1 + self.person_id % 28)


def roster(team: str) -> list[Person]:
    """Return the nine people of a team: five starters, three who come in, and one who never plays."""
    first_id = 9_000_000 + 100 * list(TEAM_IDS).index(team)
    return [
        Person(first_id + n, first, family, team)
        for n, (first, family) in enumerate(zip(FIRST_NAMES, FAMILY_NAMES[team], strict=True))
    ]


@dataclass(frozen=True)
class Event:
    """One event: `other` assisted a made shot, blocked a missed one, or stole the ball; a team's own has no person."""

    kind: str
    period: int
    seconds_left: int
    team: str
    person: Person | None = None
    is_made: bool = False
    value: int = 0
    x: int = 0
    y: int = 0
    is_offensive: bool = False
    other: Person | None = None


@dataclass(frozen=True)
class Game:
    game_id: str
    date: dt.date
    home: str
    away: str
    events: tuple[Event, ...]

    @property
    def teams(self) -> tuple[str, str]:
        return self.home, self.away

    @property
    def season_year(self) -> int:
        return 2000 + int(self.game_id[3:5])

    @property
    def overtimes(self) -> int:
        return max(event.period for event in self.events) - 4

    def seconds(self, person: Person) -> int:
        """Return the seconds of a person on the court, 0 for the one who does not play."""
        place = roster(person.team).index(person)
        return 0 if place == len(SECONDS) else SECONDS[place] + (300 * self.overtimes if place < 5 else 0)

    def counts(self, team: str, person: Person | None = None) -> Counter[str]:
        """Return the box score of a person, or of a team with its own rebounds and turnovers."""
        result: Counter[str] = Counter()
        for event in self.events:
            if event.team == team and (person is None or event.person == person):
                result.update(_counted(event))
            if event.other and event.other.team == team and (person is None or event.other == person):
                result[{"field_goal": "AST" if event.is_made else "BLK"}.get(event.kind, "STL")] += 1
        result["PTS"] = 2 * result["FGM"] + result["FG3M"] + result["FTM"]
        result["REB"] = result["OREB"] + result["DREB"]
        return result


def _counted(event: Event) -> dict[str, int]:
    made = int(event.is_made)
    three = int(event.value == 3)
    match event.kind:
        case "field_goal":
            return {"FGA": 1, "FGM": made, "FG3A": three, "FG3M": three * made}
        case "free_throw":
            return {"FTA": 1, "FTM": made}
        case "rebound":
            # The league's totals of rebounds leave out those that no player got.
            return {} if event.person is None else {"OREB" if event.is_offensive else "DREB": 1}
        case "turnover":
            return {"TOV": 1}
        case "foul":
            return {"PF": 1}
    return {}


COUNTS = ("FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS")


def season(
    count: int = 4,
    *,
    teams: Sequence[str] = ("BOS", "MIL"),
    first: dt.date = dt.date(2022, 10, 18),
    prefix: str = "002",
    season_year: int = 2022,
    overtimes: Mapping[int, int] | None = None,
    possessions: int = 8,
) -> list[Game]:
    """Play games every other day, the pairs of teams in turn, home and away in turn.

    Args:
        prefix: of the game ids, which tells the type of the games.
        overtimes: number of overtimes by the number of the game, from 1.
        possessions: of each team in a period.
    """
    pairs = list(itertools.combinations(teams, 2))
    games = []
    for n in range(count):
        one, other = pairs[n % len(pairs)]
        home, away = (one, other) if (n // len(pairs)) % 2 == 0 else (other, one)
        game_id = f"{prefix}{season_year % 100:02}{n + 1:05}"
        events = _play(random.Random(game_id), home, away, 4 + (overtimes or {}).get(n + 1, 0), possessions)
        games.append(Game(game_id, first + dt.timedelta(days=2 * n), home, away, tuple(events)))
    return games


def _play(rng: random.Random, home: str, away: str, periods: int, possessions: int) -> list[Event]:
    events: list[Event] = []
    for period in range(1, periods + 1):
        length = 720 if period <= 4 else 300
        for n in range(2 * possessions):
            left = length - 1 - n * (length - 20) // (2 * possessions)
            team, opponent = (home, away) if n % 2 == 0 else (away, home)
            events += _possession(rng, period, left, team, opponent)
    if _points(events, home) == _points(events, away):
        events.append(Event("free_throw", periods, 1, home, roster(home)[0], is_made=True))
    return events


def _points(events: Iterable[Event], team: str) -> int:
    return sum((event.value or 1) for event in events if event.team == team and event.is_made)


def _possession(rng: random.Random, period: int, left: int, team: str, opponent: str) -> list[Event]:
    mates, others = roster(team)[:8], roster(opponent)[:8]
    person, defender = rng.choice(mates), rng.choice(others)
    drawn = rng.random()
    if drawn < 0.10:
        return [Event("turnover", period, left, team, person, other=defender if rng.random() < 0.5 else None)]
    if drawn < 0.13:
        return [Event("turnover", period, left, team)]
    if drawn < 0.25:
        return [
            Event("foul", period, left, opponent, defender),
            *(Event("free_throw", period, left, team, person, is_made=rng.random() < 0.75) for _ in range(2)),
        ]
    x, y, value = rng.choice(((-31, 42, 2), (5, 0, 2), (120, 60, 2), (-70, 150, 2), (-225, 40, 3), (30, 250, 3)))
    if rng.random() < 0.48:
        mate = rng.choice([mate for mate in mates if mate != person])
        assister = mate if rng.random() < 0.6 else None
        return [
            Event("field_goal", period, left, team, person, is_made=True, value=value, x=x, y=y, other=assister),
        ]
    blocker = defender if rng.random() < 0.12 else None
    missed = Event("field_goal", period, left, team, person, value=value, x=x, y=y, other=blocker)
    drawn = rng.random()
    if drawn < 0.15:
        return [missed, Event("rebound", period, left, opponent)]
    if drawn < 0.35:
        return [missed, Event("rebound", period, left, team, rng.choice(mates), is_offensive=True)]
    return [missed, Event("rebound", period, left, opponent, defender)]


# V3


def box_score_v3(game: Game) -> dict[str, Any]:
    """Return an answer of `boxscoretraditionalv3`."""
    ids = {"homeTeamId": TEAM_IDS[game.home], "awayTeamId": TEAM_IDS[game.away]}
    teams = {"homeTeam": _team_v3(game, game.home), "awayTeam": _team_v3(game, game.away)}
    return {"meta": {"version": 1}, "boxScoreTraditional": {"gameId": game.game_id, **ids, **teams}}


def _team_v3(game: Game, team: str) -> dict[str, Any]:
    players = []
    for place, person in enumerate(roster(team)):
        seconds = game.seconds(person)
        players.append(
            {
                "personId": person.person_id,
                "firstName": person.first,
                "familyName": person.family,
                "nameI": f"{person.first[0]}. {person.family}",
                "position": "F" if place < 5 else "",
                "comment": "" if seconds else "DNP - Coach's Decision",
                "statistics": _statistics(game.counts(team, person), seconds) | {"plusMinusPoints": 0.0},
            }
        )
    total = sum(game.seconds(person) for person in roster(team))
    return {
        "teamId": TEAM_IDS[team],
        "teamName": NICKNAMES[team],
        "teamTricode": team,
        "players": players,
        "statistics": _statistics(game.counts(team), total),
    }


def _statistics(counts: Counter[str], seconds: int) -> dict[str, Any]:
    names = {
        "fieldGoalsMade": "FGM",
        "fieldGoalsAttempted": "FGA",
        "threePointersMade": "FG3M",
        "threePointersAttempted": "FG3A",
        "freeThrowsMade": "FTM",
        "freeThrowsAttempted": "FTA",
        "reboundsOffensive": "OREB",
        "reboundsDefensive": "DREB",
        "reboundsTotal": "REB",
        "assists": "AST",
        "steals": "STL",
        "blocks": "BLK",
        "turnovers": "TOV",
        "foulsPersonal": "PF",
        "points": "PTS",
    }
    minutes = f"{seconds // 60}:{seconds % 60:02}" if seconds else ""
    return {"minutes": minutes} | {name: counts[count] for name, count in names.items()}


def plays_v3(game: Game) -> dict[str, Any]:
    """Return an answer of `playbyplayv3`."""
    tally: Counter[tuple[int, str]] = Counter()
    actions: list[dict[str, Any]] = []

    def add(
        number: int, event: Event, action_type: str, person: Person | None, team: str, text: str, **more: Any
    ) -> None:
        actions.append(
            {
                "actionNumber": number,
                "clock": f"PT{event.seconds_left // 60:02}M{event.seconds_left % 60:02}.00S",
                "period": event.period,
                "teamId": TEAM_IDS[team] if person else 0,
                "teamTricode": team if person else "",
                "personId": person.person_id if person else TEAM_IDS.get(team, 0),
                "playerName": person.family if person else "",
                "xLegacy": 0,
                "yLegacy": 0,
                "shotResult": "",
                "isFieldGoal": 0,
                "description": text,
                "actionType": action_type,
                "subType": "",
                "shotValue": 0,
                "actionId": len(actions) + 1,
            }
            | more
        )

    for number, event in enumerate(_with_periods(game), 1):
        if event.kind == "period":
            add(number, event, "period", None, "", f"Start of {PERIOD_NAMES[event.period - 1]} Period")
            continue
        action_type, text = _described(event, tally)
        shot = {"isFieldGoal": 1, "shotValue": event.value, "xLegacy": event.x, "yLegacy": event.y}
        shot |= {"shotResult": "Made" if event.is_made else "Missed", "subType": "Jump Shot"}
        add(number, event, action_type, event.person, event.team, text, **(shot if event.kind == "field_goal" else {}))
        if event.other and not event.is_made:
            add(number, event, "", event.other, event.other.team, _by_other(event, tally))
    return {"meta": {"version": 1}, "game": {"gameId": game.game_id, "videoAvailable": 1, "actions": actions}}


def _with_periods(game: Game) -> list[Event]:
    """Return the events with the start of every period."""
    result: list[Event] = []
    for event in game.events:
        if not result or result[-1].period != event.period:
            result.append(Event("period", event.period, 720 if event.period <= 4 else 300, ""))
        result.append(event)
    return result


def _described(event: Event, tally: Counter[tuple[int, str]]) -> tuple[str, str]:
    """Return V3's type of action and the description, which counts up what the person did in the game."""
    if event.person is None:
        own = "Rebound" if event.kind == "rebound" else "Turnover: Shot Clock (T#1)"
        return event.kind.title(), f"{NICKNAMES[event.team]} {own}"
    person_id, name = event.person.person_id, event.person.family
    miss = "" if event.is_made else "MISS "
    tally[person_id, "PTS"] += (event.value or 1) if event.is_made else 0
    points = f" ({tally[person_id, 'PTS']} PTS)" if event.is_made else ""
    match event.kind:
        case "field_goal":
            assist = ""
            if event.is_made and event.other:
                tally[event.other.person_id, "AST"] += 1
                assist = f" ({event.other.family} {tally[event.other.person_id, 'AST']} AST)"
            three = " 3PT" if event.value == 3 else ""
            distance = f" {round((event.x**2 + event.y**2) ** 0.5 / 10)}'"
            return (
                "Made Shot" if event.is_made else "Missed Shot",
                f"{miss}{name}{distance}{three} Jump Shot{points}{assist}",
            )
        case "free_throw":
            return "Free Throw", f"{miss}{name} Free Throw 1 of 2{points}"
        case "rebound":
            tally[person_id, "Off" if event.is_offensive else "Def"] += 1
            return "Rebound", f"{name} REBOUND (Off:{tally[person_id, 'Off']} Def:{tally[person_id, 'Def']})"
        case "turnover":
            return "Turnover", f"{name} Bad Pass Turnover (P1.T1)"
    return "Foul", f"{name} P.FOUL (P1.T1)"


def _by_other(event: Event, tally: Counter[tuple[int, str]]) -> str:
    assert event.other
    what = "BLOCK ({} BLK)" if event.kind == "field_goal" else "STEAL ({} STL)"
    tally[event.other.person_id, what] += 1
    return f"{event.other.family} {what.format(tally[event.other.person_id, what])}"


def schedule_game(
    game_id: str,
    date: dt.date,
    home: str | None,
    away: str | None,
    *,
    status: int = 3,
    text: str = "Final",
    if_necessary: bool | str = False,
    scores: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """Return a game of the schedule, which tips off in the evening, on the next day in UTC; an undrawn team is None."""
    next_day = date + dt.timedelta(days=1)

    def side(team: str | None, score: int) -> dict[str, Any]:
        known = {"teamId": TEAM_IDS[team], "teamTricode": team} if team else {"teamId": 0, "teamTricode": None}
        return known | {"score": score}

    return {
        "gameId": game_id,
        "gameStatus": status,
        "gameStatusText": text,
        "gameDateEst": f"{date}T00:00:00Z",
        "gameDateTimeEst": f"{date}T19:30:00Z",
        "gameDateUTC": f"{next_day}T00:00:00Z",
        "gameDateTimeUTC": f"{next_day}T00:30:00Z",
        "ifNecessary": if_necessary,
        "postponedStatus": "A",
        "homeTeam": side(home, scores[0]),
        "awayTeam": side(away, scores[1]),
    }


def schedule_v2(games: Iterable[Game], others: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return an answer of `scheduleleaguev2`; `others` are rows of `schedule_game`."""
    rows = [
        schedule_game(
            game.game_id,
            game.date,
            game.home,
            game.away,
            scores=(game.counts(game.home)["PTS"], game.counts(game.away)["PTS"]),
        )
        for game in games
    ]
    dates = [{"gameDate": row["gameDateEst"], "games": [row]} for row in [*rows, *others]]
    return {"meta": {"version": 1}, "leagueSchedule": {"seasonYear": "2022-23", "leagueId": "00", "gameDates": dates}}


def write_v3(folder: Path, games: Sequence[Game], others: Iterable[Mapping[str, Any]] = ()) -> Path:
    """Write what V3 answers for the games: box scores, play-by-play and the schedule."""
    for game in games:
        write_json(folder / "boxscoretraditionalv3" / f"{game.game_id}.json", box_score_v3(game))
        write_json(folder / "playbyplayv3" / f"{game.game_id}.json", plays_v3(game))
    write_json(folder / "scheduleleaguev2" / f"{games[0].season_year}.json", schedule_v2(games, others))
    return folder


# Result sets and CSV

Rows = tuple[list[str], list[list[Any]]]
"""The headers and the rows of a result set, or of a CSV file."""


def player_log(games: Iterable[Game]) -> Rows:
    """Return the player rows of `leaguegamelog`: those who played, whole minutes, rounded."""
    headers = ["SEASON_ID", "PLAYER_ID", "PLAYER_NAME", *_LOG, "MIN", *COUNTS, "PLUS_MINUS"]
    rows = []
    for game in games:
        for team in game.teams:
            for person in roster(team):
                if seconds := game.seconds(person):
                    counts = game.counts(team, person)
                    own = [f"2{game.season_year}", person.person_id, person.name, *_log(game, team)]
                    rows.append([*own, round(seconds / 60), *(counts[name] for name in COUNTS), 0])
    return headers, rows


def team_log(games: Iterable[Game]) -> Rows:
    """Return the team rows of `leaguegamelog`."""
    rows = []
    for game in games:
        for team in game.teams:
            counts = game.counts(team)
            minutes = 240 + 25 * game.overtimes
            rows.append([f"2{game.season_year}", *_log(game, team), minutes, *(counts[name] for name in COUNTS), 0])
    return ["SEASON_ID", *_LOG, "MIN", *COUNTS, "PLUS_MINUS"], rows


_LOG = ("TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME", "GAME_ID", "GAME_DATE", "MATCHUP", "WL")


def _log(game: Game, team: str) -> list[Any]:
    opponent = game.away if team == game.home else game.home
    matchup = f"{team} {'vs.' if team == game.home else '@'} {opponent}"
    won = game.counts(team)["PTS"] > game.counts(opponent)["PTS"]
    return [TEAM_IDS[team], team, NICKNAMES[team], game.game_id, str(game.date), matchup, "W" if won else "L"]


def shots(games: Iterable[Game]) -> Rows:
    """Return the shots of `shotchartdetail`."""
    headers = ["GAME_ID", "GAME_EVENT_ID", "PLAYER_ID", "PLAYER_NAME", "TEAM_ID", "TEAM_NAME", "PERIOD"]
    headers += ["EVENT_TYPE", "SHOT_TYPE", "LOC_X", "LOC_Y", "SHOT_ATTEMPTED_FLAG", "SHOT_MADE_FLAG", "GAME_DATE"]
    rows: list[list[Any]] = []
    for game in games:
        for number, event in enumerate(_with_periods(game), 1):
            if event.kind == "field_goal":
                assert event.person
                own = [event.person.person_id, event.person.name, TEAM_IDS[event.team], NICKNAMES[event.team]]
                kind = ["Made Shot" if event.is_made else "Missed Shot", f"{event.value}PT Field Goal"]
                made = [event.x, event.y, 1, int(event.is_made), f"{game.date:%Y%m%d}"]
                rows.append([game.game_id, number, *own, event.period, *kind, *made])
    return headers, rows


_TYPES_V2 = {"free_throw": 3, "rebound": 4, "turnover": 5, "foul": 6, "period": 12}


def plays_v2(game: Game) -> Rows:
    """Return the play-by-play of a game as `playbyplayv2` answered and archives hold it."""
    headers = ["GAME_ID", "EVENTNUM", "EVENTMSGTYPE", "EVENTMSGACTIONTYPE", "PERIOD", "PCTIMESTRING"]
    headers += ["HOMEDESCRIPTION", "NEUTRALDESCRIPTION", "VISITORDESCRIPTION"]
    for n in (1, 2, 3):
        headers += [f"PERSON{n}TYPE", f"PLAYER{n}_ID", f"PLAYER{n}_NAME", f"PLAYER{n}_TEAM_ID"]
    tally: Counter[tuple[int, str]] = Counter()
    rows = []
    for number, event in enumerate(_with_periods(game), 1):
        made = {True: 1, False: 2}[event.is_made]
        clock = f"{event.seconds_left // 60}:{event.seconds_left % 60:02}"
        texts: dict[str, str | None] = {"home": None, "neutral": None, "away": None}
        if event.kind == "period":
            texts["neutral"] = f"Start of {PERIOD_NAMES[event.period - 1]} Period"
        else:
            texts["home" if event.team == game.home else "away"] = _described(event, tally)[1]
            if event.other and not event.is_made:
                texts["home" if event.other.team == game.home else "away"] = _by_other(event, tally)
        people = [_nobody(), _nobody(), _nobody()]
        if event.person:
            people[0] = _somebody(game, event.person)
        elif event.team:
            people[0] = [2 if event.team == game.home else 3, TEAM_IDS[event.team], None, None]
        if event.other:
            blocked = event.kind == "field_goal" and not event.is_made
            people[2 if blocked else 1] = _somebody(game, event.other)
        kind = [_TYPES_V2.get(event.kind, made), 1, event.period, clock]
        rows.append([game.game_id, number, *kind, *texts.values(), *itertools.chain(*people)])
    return headers, rows


def _nobody() -> list[Any]:
    return [0, 0, None, None]


def _somebody(game: Game, person: Person) -> list[Any]:
    return [4 if person.team == game.home else 5, person.person_id, person.name, TEAM_IDS[person.team]]


def team_roster(team: str, season_year: int = 2022) -> Rows:
    """Return the players of `commonteamroster`, with birth dates."""
    headers = ["TeamID", "SEASON", "LeagueID", "PLAYER", "BIRTH_DATE", "AGE", "PLAYER_ID"]
    return headers, [
        [TEAM_IDS[team], str(season_year), "00", person.name, _birthday(person.birth_date), 25.0, person.person_id]
        for person in roster(team)
    ]


def _birthday(date: dt.date) -> str:
    return f"{date:%b %d, %Y}".upper()


def player_index(teams: Iterable[str] = ("BOS", "MIL")) -> Rows:
    """Return the players of `playerindex`, without birth dates."""
    headers = ["PERSON_ID", "PLAYER_LAST_NAME", "PLAYER_FIRST_NAME", "TEAM_ID", "TEAM_ABBREVIATION"]
    people = [person for team in teams for person in roster(team)]
    return headers, [[p.person_id, p.family, p.first, TEAM_IDS[p.team], p.team] for p in people]


def result_set(name: str, rows: Rows, **parameters: Any) -> dict[str, Any]:
    """Return an answer with one result set, such as `result_set("LeagueGameLog", player_log(games))`."""
    headers, row_set = rows
    sets = [{"name": name, "headers": headers, "rowSet": row_set}]
    return {"resource": name.lower().replace("_", ""), "parameters": parameters, "resultSets": sets}


def as_csv(rows: Rows, *, index: bool = False) -> str:
    """Return the rows as CSV, with pandas' index column if wanted."""
    headers, row_set = rows
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["", *headers] if index else headers)
    writer.writerows([n, *row] if index else row for n, row in enumerate(row_set))
    return text.getvalue()


def write_csv(path: Path, rows: Rows, *, index: bool = False) -> Path:
    return write_text(path, as_csv(rows, index=index))


def write_json(path: Path, answer: object) -> Path:
    return write_text(path, json.dumps(answer))


def write_text(path: Path, text: str) -> Path:
    """Write a file and the folders that it needs, compressed if its name ends in `.gz`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_light(folder: Path, games: Sequence[Game]) -> Path:
    """Write the light form: one season log of players and one of teams, without shots."""
    write_csv(folder / "player_log.csv", player_log(games))
    write_csv(folder / "team_log.csv", team_log(games))
    return folder


def write_archive(folder: Path, games: Sequence[Game]) -> Path:
    """Write what archives of past seasons hold: season logs, shots, and play-by-play V2, one CSV a game."""
    write_light(folder, games)
    write_csv(folder / "shots.csv.gz", shots(games))
    for game in games:
        write_csv(folder / "plays" / f"{game.game_id}.csv.gz", plays_v2(game))
    return folder


def write_people(folder: Path, teams: Iterable[str] = ("BOS", "MIL"), season_year: int = 2022) -> Path:
    """Write the rosters of the teams."""
    for team in teams:
        write_json(folder / f"roster_{team}.json", result_set("CommonTeamRoster", team_roster(team, season_year)))
    return folder


def write_availability(path: Path, rows: Iterable[tuple[dt.date, Person, str, str]]) -> Path:
    """Write an availability file: date, person, status and reason."""
    headers = ["game_date", "player", "status", "reason"]
    return write_csv(path, (headers, [[str(date), person.name, status, why] for date, person, status, why in rows]))
