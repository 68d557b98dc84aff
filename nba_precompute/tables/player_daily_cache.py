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
GAME_WINDOWS = (5, 10)
"""The numbers of team games whose completeness has a column."""
DAY_WINDOWS = (7, 14)
"""The numbers of days whose load and completeness have columns."""
_SPANS = {
    **{f"l{n}": f"newest {n} games" for n in GAME_WINDOWS},
    **{f"l{n}d": f"games in the last {n} days" for n in DAY_WINDOWS},
}
COMPLETENESS_COLUMNS = tuple(f"{span}_completeness_pct" for span in _SPANS)
SHOT_ZONE_COLUMNS = (
    "primary_scoring_zone",
    "paint_rate_last_10",
    "mid_range_rate_last_10",
    "three_pt_rate_last_10",
    "assisted_rate_last_10",
)
"""The columns copied from the player's row of player_shot_zone_analysis for the same date."""

_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"


def _mean(
    name: str, of: str, over: str, unit: str, bounds: tuple[float, float], table: str = _PGS, column: str = ""
) -> Column:
    return Column(
        name=name,
        type="FLOAT64",
        description=f"mean of {of} over {over}, NULL values skipped",
        unit=unit,
        range=bounds,
        lineage=(f"{table}.{column or of}",),
    )


def _from_shot_zones(name: str) -> Column:
    origin = PLAYER_SHOT_ZONE_ANALYSIS.column(name)
    return Column(
        name=name,
        type=origin.type,
        description=f"copied from player_shot_zone_analysis: {origin.description}; NULL without a row there",
        unit=origin.unit,
        range=origin.range,
        values=origin.values,
        lineage=(f"{PLAYER_SHOT_ZONE_ANALYSIS.name}.{name}",),
    )


def _completeness(name: str, span: str) -> Column:
    return Column(
        name=name,
        type="FLOAT64",
        description=f"percentage of the team's {span} that are covered; 100 without a game",
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
        Column(name="cache_date", type="DATE", description="game date of the row", nullable=False),
        listed.PLAYER_LOOKUP,
        *listed.TEAMS,
        _mean("points_avg_last_5", "points", "the newest 5 played games", "points", (0, 70)),
        _mean("points_avg_last_10", "points", "the newest 10 played games", "points", (0, 70)),
        _mean("points_avg_season", "points", "the played games of the season", "points", (0, 70)),
        Column(
            name="points_std_last_10",
            type="FLOAT64",
            description="sample standard deviation (n - 1) of points over the newest 10 played games; NULL with fewer "
            "than 2",
            unit="points",
            range=(0, 30),
            lineage=(f"{_PGS}.points",),
        ),
        _mean(
            "minutes_avg_last_10",
            "minutes",
            "the newest 10 played games",
            "minutes",
            (0, 63),
            _PGS,
            "minutes_played",
        ),
        _mean(
            "minutes_avg_season",
            "minutes",
            "the played games of the season",
            "minutes",
            (0, 63),
            _PGS,
            "minutes_played",
        ),
        _mean("usage_rate_last_10", "usage_rate", "the newest 10 played games", "percent", (0, 100)),
        _mean("player_usage_rate_season", "usage_rate", "the played games of the season", "percent", (0, 100)),
        _mean("ts_pct_last_10", "ts_pct", "the newest 10 played games", "fraction", (0, 1.5)),
        Column(
            name="games_played_season",
            type="INT64",
            description="played games earlier in the season",
            unit="games",
            nullable=False,
            range=(1, 120),
            lineage=(f"{_PGS}.game_date",),
        ),
        _mean(
            "team_pace_last_10",
            "pace",
            "the newest 10 games of the team",
            "possessions per 48 minutes",
            (85, 120),
            _TOG,
        ),
        _mean(
            "team_off_rating_last_10",
            "offensive_rating",
            "the newest 10 games of the team",
            "points per 100 possessions",
            (80, 140),
            _TOG,
        ),
        *(listed.games_in_last(days) for days in DAY_WINDOWS),
        *(listed.minutes_in_last(days) for days in DAY_WINDOWS),
        listed.AVG_MINUTES_PER_GAME_LAST_7,
        listed.BACK_TO_BACKS_LAST_14_DAYS,
        listed.DAYS_REST,
        *(_from_shot_zones(name) for name in SHOT_ZONE_COLUMNS),
        Column(
            name="shot_zone_data_available",
            type="BOOL",
            description="TRUE if the player has a row of player_shot_zone_analysis for the date",
            nullable=False,
            lineage=("player_shot_zone_analysis.player_lookup",),
        ),
        *map(_completeness, COMPLETENESS_COLUMNS, _SPANS.values()),
        Column(
            name="all_windows_complete",
            type="BOOL",
            description=f"TRUE if all {len(COMPLETENESS_COLUMNS)} completeness percentages are at least "
            f"{READY_COMPLETENESS}",
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
