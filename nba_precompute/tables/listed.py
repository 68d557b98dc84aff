"""The columns that the tables of listed players share: teams, rest and load (contract, section 4.3)."""

from __future__ import annotations

from nba_precompute.tables.schema import Column

_PGS, _UPGC = "player_game_summary", "upcoming_player_game_context"

LISTED_SOURCES = (
    "nbac_schedule",
    "player_game_summary",
    "team_defense_game_summary",
    "team_offense_game_summary",
    "upcoming_player_game_context",
)
"""The sources that the SELECTs of listed players read."""

PLAYER_LOOKUP = Column(name="player_lookup", type="STRING", description="key of the player", nullable=False)
GAME_ID = Column(name="game_id", type="STRING", description="game id of the context row", lineage=(f"{_UPGC}.game_id",))
TEAMS = (
    Column(
        name="team_abbr",
        type="STRING",
        description="team of the player in the context row",
        nullable=False,
        lineage=(f"{_UPGC}.team_abbr",),
    ),
    Column(
        name="opponent_team_abbr",
        type="STRING",
        description="opponent in the context row",
        nullable=False,
        lineage=(f"{_UPGC}.opponent_team_abbr",),
    ),
)
PLAYER_AGE = Column(
    name="player_age",
    type="INT64",
    description="age in the context row",
    unit="years",
    range=(17, 50),
    lineage=(f"{_UPGC}.player_age",),
)


def games_in_last(days: int) -> Column:
    """Return the column of games in the last days."""
    return Column(
        name=f"games_in_last_{days}_days",
        type="INT64",
        description=f"played games in the {days} days before the date",
        unit="games",
        nullable=False,
        range=(0, days),
        lineage=(f"{_PGS}.game_date",),
    )


def minutes_in_last(days: int) -> Column:
    """Return the column of minutes in the last days."""
    return Column(
        name=f"minutes_in_last_{days}_days",
        type="FLOAT64",
        description=f"minutes played in the {days} days before the date; 0 without a game, NULL if all are unknown",
        unit="minutes",
        range=(0, 63 * days),
        lineage=(f"{_PGS}.minutes_played",),
    )


DAYS_REST = Column(
    name="days_rest",
    type="INT64",
    description="days from the newest played game to the date; NULL without an earlier game",
    unit="days",
    range=(1, 270),
    lineage=(f"{_PGS}.game_date",),
)
AVG_MINUTES_PER_GAME_LAST_7 = Column(
    name="avg_minutes_per_game_last_7",
    type="FLOAT64",
    description="mean minutes of the games in the last 7 days; NULL if none is known",
    unit="minutes",
    range=(0, 63),
    lineage=(f"{_PGS}.minutes_played",),
)
BACK_TO_BACKS_LAST_14_DAYS = Column(
    name="back_to_backs_last_14_days",
    type="INT64",
    description="played games in the last 14 days whose previous played game was the day before",
    unit="games",
    nullable=False,
    range=(0, 13),
    lineage=(f"{_PGS}.game_date",),
)
