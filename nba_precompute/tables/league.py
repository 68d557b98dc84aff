"""Declarations of the raw tables of the league's public files, from which the five sources are derived.

Here: one table per kind of record, as the files have it (unknown is NULL, ids are text), and the constants of the
derivation. The first import creates the tables; a warehouse without imports has none. Not here: parsing files
(`sources/league_files/`), the derivation (`sql/derive/`).
"""

from __future__ import annotations

import unicodedata

from nba_precompute.tables.schema import Column, Source, columns_of

PLAY_KINDS = (
    "field_goal",
    "free_throw",
    "rebound",
    "turnover",
    "block",
    "steal",
    "foul",
    "substitution",
    "other",
)
"""The closed set of `league_plays.kind`."""

GAME_TYPE_OF_PREFIX = {
    "001": "preseason",
    "002": "regular_season",
    "003": "all_star",
    "004": "playoffs",
    "005": "play_in",
    "006": "cup_final",
}
"""The type of a game by the first three digits of its id, whatever a file calls it."""

CORNER_X, CORNER_Y = 220, 92
ARC = 237.5
PAINT_X, PAINT_Y = 80, 138
"""The court in tenths of a foot from the hoop: a shot is a three from the corner (|x| >= `CORNER_X`, y <= `CORNER_Y`)
or from `ARC` and beyond, else from the paint (|x| <= `PAINT_X`, y <= `PAINT_Y`), else from mid-range."""

FREE_THROW_WEIGHT = 0.44
"""The possessions of a free throw attempt."""

CONTEXT_DAYS = 14
"""Days before a date whose newest game tells a player's team."""


def _folded() -> tuple[str, str]:
    """Return the lower-case Latin letters with a mark, and the letters of a key that stand for them."""
    letters = dict(zip("đðħıłøŧßæœ", "ddhilotsao", strict=True))
    for code in (*range(0xDF, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.islower():
            letters[chr(code)] = base
    return "".join(letters), "".join(letters.values())


FOLDED = _folded()
"""Letters with a mark, and the plain letters that stand for them in a `player_lookup`."""


def _raw(name: str, description: str, key: tuple[str, ...], *columns: Column) -> Source:
    return Source(
        dataset="nba_raw",
        name=name,
        description=description,
        columns=(*columns, *_ORIGIN),
        key=key,
        placing_columns=key,
        is_partitioned=False,
    )


_ORIGIN = (
    *columns_of("STRING", file="the file, relative to the folder that was imported"),
    *columns_of("TIMESTAMP", processed_at="time of the import (UTC)"),
)
_GAME_ID = columns_of("STRING", game_id="the league's game id, 10 digits")
_TEAM = columns_of("STRING", team_id="the league's team id", team_tricode="the league's team code")
_IS_HOME = columns_of("BOOL", is_home="TRUE if the team was at home")
_COUNTS = columns_of(
    "INT64",
    points="points scored",
    fg_makes="field goals made",
    fg_attempts="field goals attempted",
    three_pt_makes="threes made, by the box score",
    three_pt_attempts="threes attempted, by the box score",
    ft_makes="free throws made",
    ft_attempts="free throws attempted",
    offensive_rebounds="offensive rebounds",
    defensive_rebounds="defensive rebounds",
    assists="assists",
    steals="steals",
    blocks="blocks",
    turnovers="turnovers",
    personal_fouls="personal fouls",
)

LEAGUE_GAMES = _raw(
    "league_games",
    "One row per game of the league's schedule, or of a log where no schedule is there.",
    ("game_id",),
    *_GAME_ID,
    *columns_of("DATE", game_date="the schedule's Eastern date"),
    *columns_of("INT64", season_year="the year in which the season starts, from the digits 4 and 5 of the id"),
    *columns_of(
        "STRING",
        home_team_id="home team's id; NULL until it is drawn",
        home_team_tricode="home team; NULL until it is drawn",
        away_team_id="visiting team's id; NULL until it is drawn",
        away_team_tricode="visiting team; NULL until it is drawn",
    ),
    *columns_of(
        "INT64",
        game_status="1 scheduled, 2 live, 3 final; 4 postponed, canceled, or an if-necessary game that was not played",
    ),
    Column(
        name="game_type",
        type="STRING",
        description="type by the prefix of the game id",
        values=tuple(GAME_TYPE_OF_PREFIX.values()),
    ),
)

LEAGUE_PLAYER_GAMES = _raw(
    "league_player_games",
    "One row per person listed in the box score of a game.",
    ("game_id", "person_id"),
    *_GAME_ID,
    *columns_of("STRING", person_id="the league's PERSON_ID", player_name="name as the file spells it"),
    *_TEAM,
    *_IS_HOME,
    *columns_of("BOOL", did_play="FALSE if listed with a reason for not playing"),
    *columns_of("STRING", comment="reason for not playing"),
    Column(name="minutes", type="FLOAT64", description="minutes on the court", unit="minutes"),
    *columns_of("BOOL", has_seconds="TRUE if the minutes are known to the second"),
    *_COUNTS,
    *columns_of("INT64", plus_minus="score margin while on the court"),
)

LEAGUE_TEAM_GAMES = _raw(
    "league_team_games",
    "One row per team of a game, where a file has the team's totals, with its own rebounds and turnovers.",
    ("game_id", "team_id"),
    *_GAME_ID,
    *_TEAM,
    *_IS_HOME,
    Column(name="minutes", type="FLOAT64", description="minutes of all players, 240 + 25 per overtime", unit="minutes"),
    *_COUNTS,
)

LEAGUE_PLAYS = _raw(
    "league_plays",
    "One row per event of a game's play-by-play.",
    ("game_id", "action_number", "row_number"),
    *_GAME_ID,
    *columns_of(
        "INT64",
        action_number="number of the action; a block shares that of the missed shot",
        row_number="place in the file",
        period="period, overtimes from 5",
    ),
    Column(name="seconds_left", type="FLOAT64", description="time left in the period", unit="seconds"),
    *columns_of(
        "STRING",
        team_id="team of the event",
        person_id="person of the event; NULL for a team's own rebound or turnover",
    ),
    Column(name="kind", type="STRING", description="kind of the event", values=PLAY_KINDS),
    *columns_of("BOOL", is_made="TRUE if the field goal or free throw was made"),
    *columns_of("INT64", value="2 or 3 for a field goal"),
    *columns_of(
        "BOOL",
        is_offensive="TRUE for an offensive rebound, where the file tells",
        is_assisted="TRUE for a made field goal off an assist",
        is_blocked="TRUE for a missed field goal that was blocked",
    ),
    *columns_of(
        "STRING",
        blocker_id="person who blocked the shot, where the file names him",
        assister_id="person who assisted, where the file names him",
    ),
    *columns_of(
        "INT64",
        x="tenths of a foot from the hoop, along the baseline; NULL without coordinates",
        y="tenths of a foot from the hoop, toward midcourt",
    ),
    *columns_of("STRING", description="the league's description"),
)

LEAGUE_SHOTS = _raw(
    "league_shots",
    "One row per field goal attempt of a file of shots.",
    ("game_id", "event_id"),
    *_GAME_ID,
    *columns_of("INT64", event_id="number of the action in the play-by-play"),
    *columns_of("STRING", person_id="shooter", team_id="team of the shooter"),
    *columns_of(
        "INT64",
        period="period, overtimes from 5",
        x="tenths of a foot from the hoop, along the baseline",
        y="tenths of a foot from the hoop, toward midcourt",
    ),
    *columns_of("BOOL", is_made="TRUE if the shot was made"),
    *columns_of("INT64", value="2 or 3, where the file tells"),
    *columns_of("DATE", game_date="date of the game, where the file tells"),
)

LEAGUE_PEOPLE = _raw(
    "league_people",
    "One row per person of a roster or a player index.",
    ("person_id", "season_year"),
    *columns_of("STRING", person_id="the league's PERSON_ID"),
    *columns_of("INT64", season_year="season of the roster, where the file tells"),
    *columns_of("STRING", player_name="name as the file spells it"),
    *columns_of("DATE", birth_date="date of birth, where the file tells"),
    *columns_of("STRING", roster_team_id="id of the team whose roster it is"),
)

LEAGUE_AVAILABILITY = _raw(
    "league_availability",
    "One row per player and game date of an availability file.",
    ("game_date", "player"),
    *columns_of("DATE", game_date="date of the game"),
    *columns_of(
        "STRING",
        player="player as the file spells the name",
        person_id="the league's PERSON_ID, where the file tells",
        status="status before tip-off",
        reason="reason of the status",
    ),
)

LEAGUE_TABLES: dict[str, Source] = {
    table.name: table
    for table in (
        LEAGUE_GAMES,
        LEAGUE_PLAYER_GAMES,
        LEAGUE_TEAM_GAMES,
        LEAGUE_PLAYS,
        LEAGUE_SHOTS,
        LEAGUE_PEOPLE,
        LEAGUE_AVAILABILITY,
    )
}
"""The raw tables, by name."""

IMPORT_UNITS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(LEAGUE_TABLES, ("game_id",)),
    LEAGUE_SHOTS.name: ("game_id", "person_id"),  # a file may have the shots of one player alone
    LEAGUE_PEOPLE.name: ("roster_team_id", "season_year"),
    LEAGUE_AVAILABILITY.name: ("game_date",),
}
"""By raw table, the columns of what an import replaces as a whole: a game, a roster, a date."""

HISTORIES = (LEAGUE_PEOPLE.name,)
"""The raw tables in which a changed unit is added; the former one stays, for the dates on which it was the newest."""

RICHER_ROWS: dict[str, str] = {
    LEAGUE_PLAYER_GAMES.name: "COALESCE(has_seconds, FALSE)",
    LEAGUE_PLAYS.name: "x IS NOT NULL",
}
"""By raw table, the condition of rows of the richer form: what has some is not replaced by what has none."""

_BOX_SCORES = (
    LEAGUE_GAMES.name,
    LEAGUE_PLAYER_GAMES.name,
    LEAGUE_TEAM_GAMES.name,
    LEAGUE_PLAYS.name,
    LEAGUE_SHOTS.name,
)

DERIVED_FROM: dict[str, tuple[str, ...]] = {
    "nbac_schedule": (LEAGUE_GAMES.name,),
    "player_game_summary": (*_BOX_SCORES, LEAGUE_PEOPLE.name),
    "team_defense_game_summary": (*_BOX_SCORES, LEAGUE_PEOPLE.name),
    "team_offense_game_summary": (*_BOX_SCORES, LEAGUE_PEOPLE.name),
    "upcoming_player_game_context": (
        LEAGUE_GAMES.name,
        LEAGUE_PLAYER_GAMES.name,
        LEAGUE_PEOPLE.name,
        LEAGUE_AVAILABILITY.name,
    ),
}
"""By source, the raw tables from which an import derives it."""
