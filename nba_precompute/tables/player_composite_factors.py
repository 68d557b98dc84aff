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
"""The closed set of `missing_inputs`; a missing `player_age` alone raises no quality issue."""

FATIGUE_STEPS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "days_rest": (("=", 1, -15), (">=", 3, 5)),
    "games_in_last_7_days": ((">=", 4, -10),),
    "minutes_in_last_7_days": ((">", 150, -10),),
    "avg_minutes_per_game_last_7": ((">", 35, -8),),
    "back_to_backs_last_14_days": ((">=", 2, -12), ("=", 1, -5)),
    "player_age": ((">=", 35, -10), (">=", 30, -5)),
}
"""The steps of `fatigue_score` by column: comparison, threshold, change. Per column, the first that holds counts."""

FULL_ZONE_RATE = 50
"""The rate (percent) in the primary zone at which the opponent's delta counts in full."""
STRONG_MISMATCH, STRONG_MISMATCH_FACTOR = 5, 1.2
"""The factor of a mismatch beyond the threshold, in either direction."""

RECENT_USAGE_GAMES = 5
"""The newest games whose mean usage stands in for a missing projection."""
USAGE_WEIGHT = 0.3
STAR_FACTORS = ((2, 1.3), (1, 1.15))
"""The factor of a positive usage spike by the minimum number of star teammates out, highest first."""

EXTREME_FATIGUE, EXTREME_MATCHUP, EXTREME_ADJUSTMENT = 50, 8, 12
"""The thresholds of the `warnings` of those names."""

_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"
_PSZA, _TDZA = "player_shot_zone_analysis", "team_defense_zone_analysis"
_DELTAS = tuple(f"{_TDZA}.{zone}_defense_vs_league_avg" for zone in ZONES)
_RATES = (f"{_PSZA}.primary_scoring_zone", *(f"{_PSZA}.{zone}_rate_last_10" for zone in ZONES))
_USAGE = (f"{_PGS}.usage_rate", f"{_UPGC}.projected_usage_rate")
_FATIGUE = (f"{_PGS}.game_date", f"{_PGS}.minutes_played", f"{_UPGC}.player_age")
_PACE = (f"{_TOG}.pace",)


def _fatigue_in_words() -> str:
    columns = "; ".join(
        f"{name} " + ", ".join(f"{comparison} {threshold}: {change:+}" for comparison, threshold, change in steps)
        for name, steps in FATIGUE_STEPS.items()
    )
    return (
        f"100 (fresh), plus, for each column, the first step that holds: {columns}; clamped to 0-100; NULL without an "
        "earlier game"
    )


def _pace(name: str, description: str) -> Column:
    return Column(
        name=name,
        type="FLOAT64",
        description=description,
        unit="possessions per 48 minutes",
        range=(85, 120),
        lineage=_PACE,
    )


def _usage(name: str, description: str, lineage: tuple[str, ...]) -> Column:
    return Column(name=name, type="FLOAT64", description=description, unit="percent", range=(0, 100), lineage=lineage)


def _score(name: str, description: str, bound: float, lineage: tuple[str, ...]) -> Column:
    return Column(
        name=name, type="FLOAT64", description=description, unit="score", range=(-bound, bound), lineage=lineage
    )


def _ready(name: str, description: str, *lineage: str) -> Column:
    return Column(name=name, type="BOOL", description=description, nullable=False, lineage=lineage)


PLAYER_COMPOSITE_FACTORS = Table(
    dataset="nba_precompute",
    name="player_composite_factors",
    description="Fatigue, matchup, pace and usage adjustments for each player listed for a game on the date.",
    date_column="game_date",
    entity_column="player_lookup",
    columns=(
        Column(name="game_date", type="DATE", description="game date of the row", nullable=False),
        listed.PLAYER_LOOKUP,
        listed.GAME_ID,
        *listed.TEAMS,
        listed.DAYS_REST,
        Column(
            name="opponent_days_rest",
            type="INT64",
            description="days from the opponent's newest scheduled game to the date; NULL without an earlier game",
            unit="days",
            range=(1, 270),
            lineage=("nbac_schedule.game_date",),
        ),
        Column(
            name="back_to_back",
            type="BOOL",
            description="TRUE if days_rest is 1; NULL without an earlier game",
            lineage=(f"{_PGS}.game_date",),
        ),
        listed.games_in_last(7),
        listed.minutes_in_last(7),
        listed.AVG_MINUTES_PER_GAME_LAST_7,
        listed.BACK_TO_BACKS_LAST_14_DAYS,
        listed.PLAYER_AGE,
        Column(
            name="fatigue_score",
            type="INT64",
            description=_fatigue_in_words(),
            unit="score",
            range=(0, 100),
            lineage=_FATIGUE,
        ),
        Column(
            name="fatigue_adjustment",
            type="FLOAT64",
            description="(fatigue_score - 100) / 20",
            unit="score",
            range=(-5, 0),
            lineage=_FATIGUE,
        ),
        Column(
            name="primary_scoring_zone",
            type="STRING",
            description="primary scoring zone of the player, from player_shot_zone_analysis",
            values=SCORING_ZONES,
            lineage=_RATES[:1],
        ),
        Column(
            name="zone_rate",
            type="FLOAT64",
            description="rate of the player in that zone (balanced counts as paint)",
            unit="percent",
            range=(0, 100),
            lineage=_RATES,
        ),
        Column(
            name="opponent_zone_delta",
            type="FLOAT64",
            description="{zone}_defense_vs_league_avg of the opponent in that zone; NULL if the zone is unknown",
            unit="pp",
            range=(-60, 60),
            lineage=(_RATES[0], *_DELTAS),
        ),
        _score(
            "shot_zone_mismatch_score",
            f"w = opponent_zone_delta * min(zone_rate / {FULL_ZONE_RATE}, 1); times {STRONG_MISMATCH_FACTOR} if |w| > "
            f"{STRONG_MISMATCH}; clamped; positive is good for the player",
            10,
            (*_RATES, *_DELTAS),
        ),
        _pace("team_pace_last_10", "mean pace of the newest 10 games of the team"),
        _pace("opponent_pace_last_10", "mean pace of the newest 10 games of the opponent"),
        _pace("league_pace", "mean pace of all team games earlier in the season"),
        Column(
            name="pace_differential",
            type="FLOAT64",
            description="mean of both teams' pace - league_pace; NULL if either team has no game",
            unit="possessions per 48 minutes",
            range=(-25, 25),
            lineage=_PACE,
        ),
        _score("pace_score", "pace_differential / 2, clamped", 3, _PACE),
        _usage(
            "recent_usage_rate",
            "p: projected_usage_rate of the context, else the mean usage rate of the newest "
            f"{RECENT_USAGE_GAMES} games",
            _USAGE,
        ),
        _usage("baseline_usage_rate", "b: mean usage rate of the player's games earlier in the season", _USAGE[:1]),
        Column(
            name="star_teammates_out",
            type="INT64",
            description="star teammates who miss the game, from the context",
            unit="players",
            range=(0, 15),
            lineage=(f"{_UPGC}.star_teammates_out",),
        ),
        _score(
            "usage_spike_score",
            f"s = {USAGE_WEIGHT} * (p - b); if s > 0, times "
            + ", else ".join(f"{factor} with {stars} or more star teammates out" for stars, factor in STAR_FACTORS)
            + "; clamped",
            3,
            (*_USAGE, f"{_UPGC}.star_teammates_out"),
        ),
        _score(
            "total_composite_adjustment",
            "sum of fatigue_adjustment and the three scores, NULL counted as 0; NULL if all four are NULL",
            21,
            (*_FATIGUE, *_RATES, *_DELTAS, *_PACE, *_USAGE),
        ),
        Column(
            name="missing_inputs",
            type="ARRAY<STRING>",
            description="inputs that are unknown; an unknown scoring zone makes shot_zones and team_defense unknown",
            nullable=False,
            values=INPUTS,
            lineage=(f"{_UPGC}.player_age", *_USAGE, *_PACE, *_RATES, *_DELTAS),
        ),
        Column(
            name="input_completeness_percentage",
            type="FLOAT64",
            description=f"100 * known inputs / {len(INPUTS)}",
            unit="percent",
            nullable=False,
            range=(0, 100),
            lineage=(f"{_UPGC}.player_age", *_USAGE, *_PACE, *_RATES, *_DELTAS),
        ),
        Column(
            name="warnings",
            type="ARRAY<STRING>",
            description=f"EXTREME_FATIGUE: fatigue_score < {EXTREME_FATIGUE}; EXTREME_MATCHUP: "
            "|shot_zone_mismatch_score| > "
            f"{EXTREME_MATCHUP}; EXTREME_ADJUSTMENT: |total_composite_adjustment| > {EXTREME_ADJUSTMENT}",
            nullable=False,
            values=("EXTREME_FATIGUE", "EXTREME_MATCHUP", "EXTREME_ADJUSTMENT"),
            lineage=(*_FATIGUE, *_RATES, *_DELTAS),
        ),
        _ready(
            "upstream_player_shot_ready",
            "TRUE if the player's row of player_shot_zone_analysis exists and is ready",
            f"{_PSZA}.is_production_ready",
        ),
        _ready(
            "upstream_team_defense_ready",
            "TRUE if the opponent's row of team_defense_zone_analysis exists and is ready",
            f"{_TDZA}.is_production_ready",
        ),
        _ready(
            "all_upstreams_ready",
            "TRUE if both of these rows and the context row are ready",
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
