"""What the tables of listed players share: who plays for whom, his rest and load (contract, section 4.3)."""

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
"""What the SELECTs about listed players read."""

PLAYER_LOOKUP = Column("player_lookup", "STRING", "the player", nullable=False)
GAME_ID = Column("game_id", "STRING", "the game, as the context names it", lineage=(f"{_UPGC}.game_id",))
TEAMS = (
    Column("team_abbr", "STRING", "his team", nullable=False, lineage=(f"{_UPGC}.team_abbr",)),
    Column("opponent_team_abbr", "STRING", "the opponent", nullable=False, lineage=(f"{_UPGC}.opponent_team_abbr",)),
)
PLAYER_AGE = Column(
    "player_age",
    "INT64",
    "age in years, from the context",
    unit="years",
    range=(17, 50),
    lineage=(f"{_UPGC}.player_age",),
)


def games_in_last(days: int) -> Column:
    return Column(
        f"games_in_last_{days}_days",
        "INT64",
        f"games played in the {days} days before the date",
        unit="games",
        nullable=False,
        range=(0, days),
        lineage=(f"{_PGS}.game_date",),
    )


def minutes_in_last(days: int) -> Column:
    return Column(
        f"minutes_in_last_{days}_days",
        "FLOAT64",
        f"minutes played in the {days} days before the date; 0 without a game, NULL where all are unknown",
        unit="minutes",
        range=(0, 63 * days),
        lineage=(f"{_PGS}.minutes_played",),
    )


DAYS_REST = Column(
    "days_rest",
    "INT64",
    "days from his newest played game to the date; NULL without an earlier game",
    unit="days",
    range=(1, 270),
    lineage=(f"{_PGS}.game_date",),
)
AVG_MINUTES_PER_GAME_LAST_7 = Column(
    "avg_minutes_per_game_last_7",
    "FLOAT64",
    "mean minutes of the games in the last 7 days; NULL where none is known",
    unit="minutes",
    range=(0, 63),
    lineage=(f"{_PGS}.minutes_played",),
)
BACK_TO_BACKS_LAST_14_DAYS = Column(
    "back_to_backs_last_14_days",
    "INT64",
    "games played in the last 14 days whose previous played game was the day before",
    unit="games",
    nullable=False,
    range=(0, 13),
    lineage=(f"{_PGS}.game_date",),
)
