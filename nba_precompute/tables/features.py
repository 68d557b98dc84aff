"""The feature registry: name, index, tiers, default, unit, range, required (contract, section 4.5).

The feature store's columns and its SQL are generated from `FEATURES`. Adding a feature is one entry (and, for a
calculated one, its formula in `sql/ml_feature_store_v2.sql`); a new set is a new `FEATURE_VERSION`.
"""

from __future__ import annotations

from dataclasses import dataclass

FEATURE_VERSION = "v1_baseline_25"

PHASE4, PHASE3, CALCULATED, DEFAULT = "phase4", "phase3", "calculated", "default"
TIER_SCORES = {PHASE4: 100, PHASE3: 75, CALCULATED: 100, DEFAULT: 40}
"""What a feature of each tier adds to `feature_quality_score`, which is the mean over the features."""

QUALITY_TIERS = (("gold", 95), ("silver", 85), ("bronze", 70), ("poor", 50), ("critical", 0))
"""Quality tiers with the lowest `feature_quality_score` of each, best first."""

READY_SCORE = 70
"""The lowest `feature_quality_score` of a row that is quality ready."""

_CACHE, _FACTORS = "player_daily_cache", "player_composite_factors"
_ZONES, _DEFENSE = "player_shot_zone_analysis", "team_defense_zone_analysis"
_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"


@dataclass(frozen=True)
class Feature:
    """One feature of the store.

    Attributes:
        default: what the array carries where the value is unknown.
        range: inclusive bounds, checked for rows with at least the minimum of games, never clamped to.
        phase4: the Phase 4 column that it is read from, as `table.column`.
        divisor: what the Phase 4 column is divided by.
        phase3: whether it is computed from Phase 3 where the Phase 4 row is absent.
        lineage: what a feature without a Phase 4 column is calculated from, as `table.column`.
        required: whether a default keeps the row from being quality ready.
    """

    name: str
    default: float
    range: tuple[float, float]
    description: str
    unit: str = ""
    phase4: str | None = None
    divisor: int = 1
    phase3: bool = False
    lineage: tuple[str, ...] = ()
    required: bool = True

    @property
    def phase4_table(self) -> str | None:
        return self.phase4.split(".")[0] if self.phase4 else None

    @property
    def phase4_column(self) -> str | None:
        return self.phase4.split(".")[1] if self.phase4 else None


FEATURES: tuple[Feature, ...] = (
    *(
        Feature(name, 10, (0, 70), f"mean points of {span}", unit="points", phase4=f"{_CACHE}.{name}")
        for name, span in (
            ("points_avg_last_5", "the newest 5 games"),
            ("points_avg_last_10", "the newest 10 games"),
            ("points_avg_season", "the season"),
        )
    ),
    Feature(
        "points_std_last_10",
        5,
        (0, 30),
        "sample standard deviation of points over the newest 10 games",
        unit="points",
        phase4=f"{_CACHE}.points_std_last_10",
    ),
    Feature(
        "games_in_last_7_days",
        3,
        (0, 7),
        "games played in the last 7 days; 0 without a game",
        unit="games",
        phase4=f"{_CACHE}.games_in_last_7_days",
        phase3=True,
        lineage=(f"{_PGS}.game_date",),
    ),
    Feature("fatigue_score", 50, (0, 100), "100 is fresh", unit="score", phase4=f"{_FACTORS}.fatigue_score"),
    *(
        Feature(name, 0, (-bound, bound), description, unit="score", phase4=f"{_FACTORS}.{name}")
        for name, bound, description in (
            ("shot_zone_mismatch_score", 10, "his zone against the opponent's defense of it"),
            ("pace_score", 3, "both teams' pace against the league's"),
            ("usage_spike_score", 3, "expected usage against the season's"),
        )
    ),
    Feature(
        "rest_advantage",
        0,
        (-2, 2),
        "days_rest - opponent_days_rest, clamped to +-2",
        unit="days",
        lineage=(f"{_PGS}.game_date", "nbac_schedule.game_date"),
    ),
    Feature(
        "injury_risk",
        0,
        (0, 3),
        "available 0, probable 1, questionable 2, doubtful or out 3, in any case; anything else is unknown",
        lineage=(f"{_UPGC}.player_status",),
        required=False,
    ),
    Feature(
        "recent_trend",
        0,
        (-2, 2),
        "d = mean points of the 2 newest games - mean of the 3 before; d >= 5: 2, >= 2: 1, <= -5: -2, <= -2: -1, "
        "else 0; needs 5 games",
        lineage=(f"{_PGS}.points",),
    ),
    Feature(
        "minutes_change",
        0,
        (-2, 2),
        "r = (mean minutes of 10 games - season) / season; r >= .20: 2, >= .10: 1, <= -.20: -2, <= -.10: -1, else 0",
        lineage=(f"{_PGS}.minutes_played",),
    ),
    Feature(
        "opponent_def_rating",
        112,
        (90, 130),
        "the opponent's defensive rating over 15 games",
        unit="points per 100 possessions",
        phase4=f"{_DEFENSE}.defensive_rating_last_15",
    ),
    Feature(
        "opponent_pace",
        100,
        (85, 120),
        "the pace of the opponent's opponents over 15 games",
        unit="possessions per 48 minutes",
        phase4=f"{_DEFENSE}.opponent_pace",
    ),
    Feature("home_away", 0, (0, 1), "1 at home", lineage=(f"{_UPGC}.home_game",)),
    Feature(
        "back_to_back",
        0,
        (0, 1),
        "1 where he played the day before; unknown without an earlier game",
        lineage=(f"{_PGS}.game_date",),
    ),
    Feature(
        "playoff_game",
        0,
        (0, 1),
        "1 where the schedule's game type is playoffs (a play-in game is 0)",
        lineage=("nbac_schedule.game_type",),
        required=False,
    ),
    *(
        Feature(
            name,
            default,
            (0, 1),
            f"share of his attempts {zone}",
            unit="fraction",
            phase4=f"{_ZONES}.{column}",
            divisor=100,
        )
        for name, default, zone, column in (
            ("pct_paint", 0.30, "in the paint", "paint_rate_last_10"),
            ("pct_mid_range", 0.20, "from mid-range", "mid_range_rate_last_10"),
            ("pct_three", 0.35, "from three", "three_pt_rate_last_10"),
        )
    ),
    Feature(
        "pct_free_throw",
        0.15,
        (0, 0.5),
        "free throws made / points over the newest 10 games where both are known, clamped to 0-.5; needs 5 games and "
        "points > 0",
        unit="fraction",
        lineage=(f"{_PGS}.ft_makes", f"{_PGS}.points"),
    ),
    Feature(
        "team_pace",
        100,
        (85, 120),
        "mean pace of his team's newest 10 games",
        unit="possessions per 48 minutes",
        phase4=f"{_CACHE}.team_pace_last_10",
        phase3=True,
        lineage=(f"{_TOG}.pace",),
    ),
    Feature(
        "team_off_rating",
        112,
        (80, 140),
        "mean offensive rating of his team's newest 10 games",
        unit="points per 100 possessions",
        phase4=f"{_CACHE}.team_off_rating_last_10",
        phase3=True,
        lineage=(f"{_TOG}.offensive_rating",),
    ),
    Feature(
        "team_win_pct",
        0.5,
        (0, 1),
        "wins / games of his team before the date whose result is known; needs 5",
        unit="fraction",
        lineage=(f"{_TOG}.win_flag",),
    ),
)
"""The features in order: a feature's index is its position here."""


def required_columns(table: str) -> tuple[str, ...]:
    """The columns of a Phase 4 table that a required feature is read from; of the feature store, those features."""
    if table == "ml_feature_store_v2":
        return tuple(feature.name for feature in FEATURES if feature.required)
    columns = (feature.phase4_column for feature in FEATURES if feature.required and feature.phase4_table == table)
    return tuple(column for column in columns if column)
