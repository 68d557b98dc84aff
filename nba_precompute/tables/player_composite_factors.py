"""Declaration of `player_composite_factors` (contract, section 4.3)."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import (
    AMBIGUOUS_PLAYER,
    CONTEXT_INVALID,
    completeness_columns,
    version_column,
)
from nba_precompute.tables.player_shot_zone_analysis import SCORING_ZONES
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONES

WINDOW = 10
CALCULATION_VERSION = "v1"
INPUTS = ("player_age", "usage", "pace", "shot_zones", "team_defense")
"""The closed set of `missing_inputs`; without `player_age` alone no quality issue is raised."""

_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"
_PSZA, _TDZA = "player_shot_zone_analysis", "team_defense_zone_analysis"
_DELTAS = tuple(f"{_TDZA}.{zone}_defense_vs_league_avg" for zone in ZONES)
_RATES = (f"{_PSZA}.primary_scoring_zone", *(f"{_PSZA}.{zone}_rate_last_10" for zone in ZONES))
_USAGE = (f"{_PGS}.usage_rate", f"{_UPGC}.projected_usage_rate")
_FATIGUE = (f"{_PGS}.game_date", f"{_PGS}.minutes_played", f"{_UPGC}.player_age")
_PACE = (f"{_TOG}.pace",)


def _pace(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="possessions per 48 minutes", range=(80, 125), lineage=_PACE)


def _usage(name: str, description: str, lineage: tuple[str, ...]) -> Column:
    return Column(name, "FLOAT64", description, unit="percent", range=(0, 100), lineage=lineage)


def _score(name: str, description: str, bound: float, lineage: tuple[str, ...]) -> Column:
    return Column(name, "FLOAT64", description, unit="score", range=(-bound, bound), lineage=lineage)


def _ready(name: str, description: str, *lineage: str) -> Column:
    return Column(name, "BOOL", description, nullable=False, lineage=lineage)


PLAYER_COMPOSITE_FACTORS = Table(
    dataset="nba_precompute",
    name="player_composite_factors",
    description="Fatigue, matchup, pace and usage adjustments for each player listed for a game on the date.",
    date_column="game_date",
    entity_column="player_lookup",
    columns=(
        Column("game_date", "DATE", "the game date that the row is for", nullable=False),
        listed.PLAYER_LOOKUP,
        listed.GAME_ID,
        *listed.TEAMS,
        listed.DAYS_REST,
        Column(
            "opponent_days_rest",
            "INT64",
            "days from the opponent's newest scheduled game to the date",
            unit="days",
            range=(1, 270),
            lineage=("nbac_schedule.game_date",),
        ),
        Column(
            "back_to_back",
            "BOOL",
            "days_rest = 1; NULL without an earlier game",
            lineage=(f"{_PGS}.game_date",),
        ),
        listed.games_in_last(7),
        listed.minutes_in_last(7),
        listed.AVG_MINUTES_PER_GAME_LAST_7,
        listed.BACK_TO_BACKS_LAST_14_DAYS,
        listed.PLAYER_AGE,
        Column(
            "fatigue_score",
            "INT64",
            "100 is fresh: back to back -15, else 3 or more days of rest +5; 4 or more games in 7 days -10; more than "
            "150 minutes in 7 days -10; more than 35 minutes a game in 7 days -8; back-to-backs in 14 days: 2 or more "
            "-12, one -5; age 35 or more -10, 30 or more -5; clamped to 0-100; NULL without an earlier game",
            unit="score",
            range=(0, 100),
            lineage=_FATIGUE,
        ),
        Column(
            "fatigue_adjustment",
            "FLOAT64",
            "(fatigue_score - 100) / 20",
            unit="score",
            range=(-5, 0),
            lineage=_FATIGUE,
        ),
        Column(
            "primary_scoring_zone",
            "STRING",
            "the player's, from player_shot_zone_analysis",
            values=SCORING_ZONES,
            lineage=_RATES[:1],
        ),
        Column(
            "zone_rate",
            "FLOAT64",
            "his rate in that zone (balanced counts as paint)",
            unit="percent",
            range=(0, 100),
            lineage=_RATES,
        ),
        Column(
            "opponent_zone_delta",
            "FLOAT64",
            "the opponent's defense against the league's average in that zone; NULL where the zone is unknown",
            unit="pp",
            range=(-60, 60),
            lineage=(_RATES[0], *_DELTAS),
        ),
        _score(
            "shot_zone_mismatch_score",
            "w = delta * min(rate / 50, 1); times 1.2 where |w| > 5; clamped; positive: good for the player",
            10,
            (*_RATES, *_DELTAS),
        ),
        _pace("team_pace_last_10", "mean pace of his team's newest 10 games"),
        _pace("opponent_pace_last_10", "mean pace of the opponent's newest 10 games"),
        _pace("league_pace", "mean pace of all team games of the season before the date"),
        Column(
            "pace_differential",
            "FLOAT64",
            "mean of both teams' pace less league_pace; NULL where either team has no game",
            unit="possessions per 48 minutes",
            range=(-25, 25),
            lineage=_PACE,
        ),
        _score("pace_score", "pace_differential / 2, clamped", 3, _PACE),
        _usage(
            "recent_usage_rate",
            "p: the context's projection, else the mean usage of the newest 5 games",
            _USAGE,
        ),
        _usage("baseline_usage_rate", "b: the season's mean usage before the date", _USAGE[:1]),
        Column(
            "star_teammates_out",
            "INT64",
            "from the context",
            unit="players",
            range=(0, 15),
            lineage=(f"{_UPGC}.star_teammates_out",),
        ),
        _score(
            "usage_spike_score",
            "s = 0.3 * (p - b); where s > 0: one star teammate out * 1.15, two or more * 1.30; clamped",
            3,
            (*_USAGE, f"{_UPGC}.star_teammates_out"),
        ),
        _score(
            "total_composite_adjustment",
            "fatigue_adjustment and the three scores, NULL counted as 0; NULL where all four are",
            21,
            (*_FATIGUE, *_RATES, *_DELTAS, *_PACE, *_USAGE),
        ),
        Column(
            "missing_inputs",
            "ARRAY<STRING>",
            "inputs that are unknown; an unknown scoring zone leaves shot_zones and team_defense unknown",
            nullable=False,
            values=INPUTS,
            lineage=(f"{_UPGC}.player_age", *_USAGE, *_PACE, *_RATES, *_DELTAS),
        ),
        Column(
            "input_completeness_percentage",
            "FLOAT64",
            "100 * known inputs / 5",
            unit="percent",
            nullable=False,
            range=(0, 100),
            lineage=(f"{_UPGC}.player_age", *_USAGE, *_PACE, *_RATES, *_DELTAS),
        ),
        Column(
            "warnings",
            "ARRAY<STRING>",
            "EXTREME_FATIGUE: score < 50; EXTREME_MATCHUP: |mismatch| > 8; EXTREME_ADJUSTMENT: |total| > 12",
            nullable=False,
            values=("EXTREME_FATIGUE", "EXTREME_MATCHUP", "EXTREME_ADJUSTMENT"),
            lineage=(*_FATIGUE, *_RATES, *_DELTAS),
        ),
        _ready(
            "upstream_player_shot_ready",
            "his row of player_shot_zone_analysis exists and is ready",
            f"{_PSZA}.is_production_ready",
        ),
        _ready(
            "upstream_team_defense_ready",
            "the opponent's row of team_defense_zone_analysis exists and is ready",
            f"{_TDZA}.is_production_ready",
        ),
        _ready(
            "all_upstreams_ready",
            "both, and the context row is ready",
            f"{_PSZA}.is_production_ready",
            f"{_TDZA}.is_production_ready",
            f"{_UPGC}.is_production_ready",
        ),
        version_column("calculation_version", CALCULATION_VERSION),
        *completeness_columns(WINDOW, f"{_PGS}.game_date"),
    ),
    window=WINDOW,
    sources=listed.LISTED_SOURCES,
    upstreams=("team_defense_zone_analysis", "player_shot_zone_analysis"),
    population="listed_players",
    reasons=(AMBIGUOUS_PLAYER, CONTEXT_INVALID),
)
