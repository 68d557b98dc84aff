"""Declaration of `ml_feature_store_v2` (contract, section 4.5); its feature columns come from the registry."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import AMBIGUOUS_PLAYER, CONTEXT_INVALID, completeness_columns
from nba_precompute.tables.features import (
    DEFAULT,
    FEATURE_VERSION,
    FEATURES,
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
        Column("game_date", "DATE", "the game date that the row is for", nullable=False),
        listed.PLAYER_LOOKUP,
        listed.GAME_ID,
        *listed.TEAMS,
        Column("is_home", "BOOL", "whether his team is at home", lineage=(f"{_UPGC}.home_game",)),
        listed.DAYS_REST,
        *(
            Column(
                feature.name,
                "FLOAT64",
                f"{feature.description}; NULL where the array carries the default {feature.default:g}",
                unit=feature.unit,
                range=feature.range,
                lineage=_lineage(feature),
            )
            for feature in FEATURES
        ),
        Column(
            "features",
            "ARRAY<FLOAT64>",
            "the features in order, defaults filled in; never NULL",
            nullable=False,
            lineage=_ALL,
            hashed=False,
        ),
        Column(
            "feature_names",
            "ARRAY<STRING>",
            "their names, in the same order",
            nullable=False,
            values=tuple(feature.name for feature in FEATURES),
        ),
        Column(
            "feature_sources",
            "ARRAY<STRING>",
            "the tier of each, in the same order",
            nullable=False,
            values=tuple(TIER_SCORES),
            lineage=_ALL,
        ),
        Column("feature_count", "INT64", "the number of features", unit="features", nullable=False),
        Column(
            "feature_version",
            "STRING",
            "names the set and order of features",
            nullable=False,
            values=(FEATURE_VERSION,),
        ),
        Column(
            "default_count",
            "INT64",
            "features whose value is a default",
            unit="features",
            nullable=False,
            range=(0, len(FEATURES)),
            lineage=_ALL,
        ),
        Column(
            "required_default_count",
            "INT64",
            "required features whose value is a default",
            unit="features",
            nullable=False,
            range=(0, sum(feature.required for feature in FEATURES)),
            lineage=_ALL,
        ),
        Column(
            "feature_quality_score",
            "FLOAT64",
            "mean over features of " + ", ".join(f"{tier} {score}" for tier, score in TIER_SCORES.items()),
            nullable=False,
            range=(TIER_SCORES[DEFAULT], 100),
            lineage=_ALL,
        ),
        Column(
            "quality_tier",
            "STRING",
            ", ".join(f"{tier} from {lowest}" for tier, lowest in QUALITY_TIERS),
            nullable=False,
            values=tuple(tier for tier, _ in QUALITY_TIERS),
            lineage=_ALL,
        ),
        Column(
            "is_quality_ready",
            "BOOL",
            f"score of at least {READY_SCORE}, no required default, and is_production_ready",
            nullable=False,
            lineage=_ALL,
        ),
        Column(
            "data_source",
            "STRING",
            "early_season where flagged; else by the share of phase4 among the features that can be: phase4 from .9, "
            "phase4_partial from .5, else mixed",
            nullable=False,
            values=("early_season", "phase4", "phase4_partial", "mixed"),
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
