"""A player's rest and load: columns that composite factors and the daily cache share (contract, section 4.3)."""

from __future__ import annotations

from nba_precompute.tables.schema import Column

_PGS = "player_game_summary"


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
