"""Declaration of `ml_feature_store_v2` (contract, section 4.5); its feature columns come from the registry."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import (
    AMBIGUOUS_PLAYER,
    CONTEXT_INVALID,
    completeness_columns,
    describe_tiers,
    tier_names,
)
from nba_precompute.tables.features import (
    DEFAULT,
    FEATURE_VERSION,
    FEATURES,
    PHASE4_SHARES,
    QUALITY_TIERS,
    READY_SCORE,
    TIER_SCORES,
    Feature,
)
from nba_precompute.tables.schema import Column, Table

WINDOW = 10

_PGS, _UPGC = "player_game_summary", "upcoming_player_game_context"


def _lineage(feature: Feature) -> tuple[str, ...]:
    return (*((feature.phase4,) if feature.phase4 else ()), *feature.lineage)


_ALL = tuple(dict.fromkeys(column for feature in FEATURES for column in _lineage(feature)))


ML_FEATURE_STORE_V2 = Table(
    dataset="nba_predictions",
    name="ml_feature_store_v2",
    description=f"The {len(FEATURES)} features of {FEATURE_VERSION} for each player listed for a game on the date.",
    date_column="game_date",
    entity_column="player_lookup",
    columns=(
        Column(name="game_date", type="DATE", description="game date of the row", nullable=False),
        listed.PLAYER_LOOKUP,
        listed.GAME_ID,
        *listed.TEAMS,
        Column(
            name="is_home",
            type="BOOL",
            description="TRUE if the team of the player is at home",
            lineage=(f"{_UPGC}.home_game",),
        ),
        listed.DAYS_REST,
        *(
            Column(
                name=feature.name,
                type="FLOAT64",
                description=f"{feature.description}; NULL if the features array has the default {feature.default:g}",
                unit=feature.unit,
                range=feature.range,
                lineage=_lineage(feature),
            )
            for feature in FEATURES
        ),
        Column(
            name="features",
            type="ARRAY<FLOAT64>",
            description="values of the features in order, with defaults filled in; never NULL or NaN",
            nullable=False,
            lineage=_ALL,
            hashed=False,
        ),
        Column(
            name="feature_names",
            type="ARRAY<STRING>",
            description="names of the features, in the same order",
            nullable=False,
            values=tuple(feature.name for feature in FEATURES),
        ),
        Column(
            name="feature_sources",
            type="ARRAY<STRING>",
            description="tiers of the features, in the same order",
            nullable=False,
            values=tuple(TIER_SCORES),
            lineage=_ALL,
        ),
        Column(name="feature_count", type="INT64", description="number of features", unit="features", nullable=False),
        Column(
            name="feature_version",
            type="STRING",
            description="name of the set and order of the features",
            nullable=False,
            values=(FEATURE_VERSION,),
        ),
        Column(
            name="default_count",
            type="INT64",
            description="number of features with a default",
            unit="features",
            nullable=False,
            range=(0, len(FEATURES)),
            lineage=_ALL,
        ),
        Column(
            name="required_default_count",
            type="INT64",
            description="number of required features with a default",
            unit="features",
            nullable=False,
            range=(0, sum(feature.required for feature in FEATURES)),
            lineage=_ALL,
        ),
        Column(
            name="feature_quality_score",
            type="FLOAT64",
            description="mean over the features of "
            + ", ".join(f"{tier} {score}" for tier, score in TIER_SCORES.items()),
            nullable=False,
            range=(TIER_SCORES[DEFAULT], 100),
            lineage=_ALL,
        ),
        Column(
            name="quality_tier",
            type="STRING",
            description=f"by feature_quality_score: {describe_tiers(QUALITY_TIERS)}",
            nullable=False,
            values=tier_names(QUALITY_TIERS),
            lineage=_ALL,
        ),
        Column(
            name="is_quality_ready",
            type="BOOL",
            description=f"TRUE with a feature_quality_score of at least {READY_SCORE}, no required default, and "
            "is_production_ready",
            nullable=False,
            lineage=_ALL,
        ),
        Column(
            name="data_source",
            type="STRING",
            description="early_season if flagged; else by the share of tier phase4 among the features that can have "
            "it: "
            f"{describe_tiers(PHASE4_SHARES)}, else mixed",
            nullable=False,
            values=("early_season", *tier_names(PHASE4_SHARES), "mixed"),
            lineage=_ALL,
        ),
        *completeness_columns(WINDOW, f"{_PGS}.game_date"),
    ),
    window=WINDOW,
    sources=listed.LISTED_SOURCES,
    upstreams=(
        "team_defense_zone_analysis",
        "player_shot_zone_analysis",
        "player_composite_factors",
        "player_daily_cache",
    ),
    population="listed_players",
    reasons=(AMBIGUOUS_PLAYER, CONTEXT_INVALID),
    zone_rates=("pct_paint", "pct_mid_range", "pct_three"),
)
