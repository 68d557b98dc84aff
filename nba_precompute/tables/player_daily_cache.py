"""Declaration of `player_daily_cache` (contract, section 4.4)."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import (
    AMBIGUOUS_PLAYER,
    CONTEXT_INVALID,
    NO_PRIOR_GAMES,
    READY_COMPLETENESS,
    completeness_columns,
    version_column,
)
from nba_precompute.tables.player_shot_zone_analysis import PLAYER_SHOT_ZONE_ANALYSIS
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONES

WINDOW = 10
CACHE_VERSION = "v1"
COMPLETENESS_WINDOWS = ("l5", "l10", "l7d", "l14d")
SHOT_ZONE_COLUMNS = (
    "primary_scoring_zone",
    "paint_rate_last_10",
    "mid_range_rate_last_10",
    "three_pt_rate_last_10",
    "assisted_rate_last_10",
)
"""Copied from the player's row of player_shot_zone_analysis for the same date."""

_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"


def _mean(
    name: str, of: str, over: str, unit: str, bounds: tuple[float, float], table: str = _PGS, column: str = ""
) -> Column:
    return Column(
        name,
        "FLOAT64",
        f"mean of {of} over {over}, NULL values skipped",
        unit=unit,
        range=bounds,
        lineage=(f"{table}.{column or of}",),
    )


def _from_shot_zones(name: str) -> Column:
    origin = PLAYER_SHOT_ZONE_ANALYSIS.column(name)
    return Column(
        name,
        origin.type,
        f"{origin.description}; NULL without a row of player_shot_zone_analysis",
        unit=origin.unit,
        range=origin.range,
        values=origin.values,
        lineage=(f"{PLAYER_SHOT_ZONE_ANALYSIS.name}.{name}",),
    )


def _window_completeness(window: str) -> Column:
    span = f"the newest {window[1:]} games" if not window.endswith("d") else f"the last {window[1:-1]} days"
    return Column(
        f"{window}_completeness_pct",
        "FLOAT64",
        f"share of his team's games in {span} that are covered; 100 without a game",
        unit="percent",
        nullable=False,
        range=(0, 100),
        lineage=("nbac_schedule.game_date", f"{_PGS}.points", f"{_TOG}.points_scored"),
    )


PLAYER_DAILY_CACHE = Table(
    dataset="nba_precompute",
    name="player_daily_cache",
    description="Form, load and team environment of each player listed for a game on the date.",
    date_column="cache_date",
    entity_column="player_lookup",
    columns=(
        Column("cache_date", "DATE", "the game date that the row is for", nullable=False),
        listed.PLAYER_LOOKUP,
        *listed.TEAMS,
        _mean("points_avg_last_5", "points", "his newest 5 played games", "points", (0, 70)),
        _mean("points_avg_last_10", "points", "his newest 10 played games", "points", (0, 70)),
        _mean("points_avg_season", "points", "the season's played games", "points", (0, 70)),
        Column(
            "points_std_last_10",
            "FLOAT64",
            "sample standard deviation (n - 1) of points over his newest 10 played games; NULL below 2 games",
            unit="points",
            range=(0, 30),
            lineage=(f"{_PGS}.points",),
        ),
        _mean(
            "minutes_avg_last_10",
            "minutes",
            "his newest 10 played games",
            "minutes",
            (0, 63),
            _PGS,
            "minutes_played",
        ),
        _mean(
            "minutes_avg_season",
            "minutes",
            "the season's played games",
            "minutes",
            (0, 63),
            _PGS,
            "minutes_played",
        ),
        _mean("usage_rate_last_10", "usage_rate", "his newest 10 played games", "percent", (0, 100)),
        _mean("player_usage_rate_season", "usage_rate", "the season's played games", "percent", (0, 100)),
        _mean("ts_pct_last_10", "ts_pct", "his newest 10 played games", "fraction", (0, 1.5)),
        Column(
            "games_played_season",
            "INT64",
            "played games of the season before the date",
            unit="games",
            nullable=False,
            range=(1, 120),
            lineage=(f"{_PGS}.game_date",),
        ),
        _mean(
            "team_pace_last_10",
            "pace",
            "his team's newest 10 games",
            "possessions per 48 minutes",
            (85, 120),
            _TOG,
        ),
        _mean(
            "team_off_rating_last_10",
            "offensive_rating",
            "his team's newest 10 games",
            "points per 100 possessions",
            (80, 140),
            _TOG,
        ),
        listed.games_in_last(7),
        listed.games_in_last(14),
        listed.minutes_in_last(7),
        listed.minutes_in_last(14),
        listed.AVG_MINUTES_PER_GAME_LAST_7,
        listed.BACK_TO_BACKS_LAST_14_DAYS,
        listed.DAYS_REST,
        *(_from_shot_zones(name) for name in SHOT_ZONE_COLUMNS),
        Column(
            "shot_zone_data_available",
            "BOOL",
            "whether he has a row of player_shot_zone_analysis for the date",
            nullable=False,
            lineage=("player_shot_zone_analysis.player_lookup",),
        ),
        *(_window_completeness(window) for window in COMPLETENESS_WINDOWS),
        Column(
            "all_windows_complete",
            "BOOL",
            f"all four windows at {READY_COMPLETENESS} percent or more",
            nullable=False,
            lineage=("nbac_schedule.game_date", f"{_PGS}.points", f"{_TOG}.points_scored"),
        ),
        listed.PLAYER_AGE,
        version_column("cache_version", CACHE_VERSION),
        *completeness_columns(WINDOW, f"{_PGS}.game_date"),
    ),
    window=WINDOW,
    sources=listed.LISTED_SOURCES,
    upstreams=("player_shot_zone_analysis",),
    population="listed_players",
    reasons=(AMBIGUOUS_PLAYER, CONTEXT_INVALID, NO_PRIOR_GAMES),
    zone_rates=tuple(f"{zone}_rate_last_10" for zone in ZONES),
)
