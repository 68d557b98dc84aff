"""The feature registry: name, index, tiers, default, unit, range, required (contract, section 4.5).

Here: `FEATURES`, from which the columns, the SQL, the checks and the docs of the feature store are generated, and the
constants of calculated features. Not here: their formulas (`sql/tables/ml_feature_store_v2.sql`). A new set of features
is a new `FEATURE_VERSION`.
"""

from __future__ import annotations

from dataclasses import dataclass

FEATURE_VERSION = "v1_baseline_25"

PHASE4, PHASE3, CALCULATED, DEFAULT = "phase4", "phase3", "calculated", "default"
TIER_SCORES = {PHASE4: 100, PHASE3: 75, CALCULATED: 100, DEFAULT: 40}
"""The score of each tier; `feature_quality_score` is the mean over the features."""

QUALITY_TIERS = (("gold", 95), ("silver", 85), ("bronze", 70), ("poor", 50), ("critical", 0))
"""Tiers of `feature_quality_score`."""

READY_SCORE = 70
"""The lowest `feature_quality_score` of a row that is quality ready."""

PHASE4_SHARES = (("phase4", 0.9), ("phase4_partial", 0.5))
"""Values of `data_source` with the lowest share of tier phase4 among the features that can have it."""

CALCULATED_MINIMUM_GAMES = 5
"""The smallest number of games with which `recent_trend`, `pct_free_throw` and `team_win_pct` have a value."""
TREND_GAMES = (2, 3)
"""The newest games of `recent_trend`, and the games before them."""
TREND_STEPS = (5, 2)
"""The changes in points at which `recent_trend` becomes 2 and 1."""
MINUTES_STEPS = (0.2, 0.1)
"""The relative changes at which `minutes_change` becomes 2 and 1."""
INJURY_RISK = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}
"""The `injury_risk` of each `player_status`, in lower case; of any other status it is unknown."""

_CACHE, _FACTORS = "player_daily_cache", "player_composite_factors"
_ZONES, _DEFENSE = "player_shot_zone_analysis", "team_defense_zone_analysis"
_PGS, _TOG, _UPGC = "player_game_summary", "team_offense_game_summary", "upcoming_player_game_context"


@dataclass(frozen=True)
class Feature:
    """One feature of the store.

    Attributes:
        default: the element of the features array if the value is unknown.
        range: plausible inclusive bounds, checked for rows with at least the minimum of games; values are not clamped
            to it unless the description says so.
        phase4: the Phase 4 column from which it is read, as `table.column`.
        divisor: the divisor of the Phase 4 column.
        phase3: True if it is computed from Phase 3 when the Phase 4 row is absent.
        lineage: the columns from which a feature is calculated, as `table.column`.
        required: True if a row with its default is not quality ready.
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
        """The table of the Phase 4 column."""
        return self.phase4.split(".")[0] if self.phase4 else None

    @property
    def phase4_column(self) -> str | None:
        """The name of the Phase 4 column."""
        return self.phase4.split(".")[1] if self.phase4 else None


def _steps_in_words(steps: tuple[float, float]) -> str:
    large, small = steps
    return f"2 from {large} up, 1 from {small} up, -1 from -{small} down, -2 from -{large} down, else 0"


FEATURES: tuple[Feature, ...] = (
    *(
        Feature(
            name=name,
            default=10,
            range=(0, 70),
            description=f"mean points of {span}",
            unit="points",
            phase4=f"{_CACHE}.{name}",
        )
        for name, span in (
            ("points_avg_last_5", "the newest 5 games"),
            ("points_avg_last_10", "the newest 10 games"),
            ("points_avg_season", "the season"),
        )
    ),
    Feature(
        name="points_std_last_10",
        default=5,
        range=(0, 30),
        description="sample standard deviation of points over the newest 10 games",
        unit="points",
        phase4=f"{_CACHE}.points_std_last_10",
    ),
    Feature(
        name="games_in_last_7_days",
        default=3,
        range=(0, 7),
        description="played games in the last 7 days; 0 without a game",
        unit="games",
        phase4=f"{_CACHE}.games_in_last_7_days",
        phase3=True,
        lineage=(f"{_PGS}.game_date",),
    ),
    Feature(
        name="fatigue_score",
        default=50,
        range=(0, 100),
        description="fatigue score; 100 is fresh",
        unit="score",
        phase4=f"{_FACTORS}.fatigue_score",
    ),
    *(
        Feature(
            name=name,
            default=0,
            range=(-bound, bound),
            description=description,
            unit="score",
            phase4=f"{_FACTORS}.{name}",
        )
        for name, bound, description in (
            ("shot_zone_mismatch_score", 10, "player's primary zone compared with the opponent's defense of that zone"),
            ("pace_score", 3, "pace of both teams compared with the league's"),
            ("usage_spike_score", 3, "expected usage compared with the usage of the season"),
        )
    ),
    Feature(
        name="rest_advantage",
        default=0,
        range=(-2, 2),
        description="days_rest - opponent_days_rest, clamped to the range",
        unit="days",
        lineage=(f"{_PGS}.game_date", "nbac_schedule.game_date"),
    ),
    Feature(
        name="injury_risk",
        default=0,
        range=(0, 3),
        description=", ".join(f"{status} {risk}" for status, risk in INJURY_RISK.items())
        + ", in upper or lower case; unknown for any other status",
        lineage=(f"{_UPGC}.player_status",),
        required=False,
    ),
    Feature(
        name="recent_trend",
        default=0,
        range=(-2, 2),
        description=f"mean points of the {TREND_GAMES[0]} newest games - mean points of the {TREND_GAMES[1]} before, "
        f"in steps: {_steps_in_words(TREND_STEPS)}; needs {CALCULATED_MINIMUM_GAMES} games",
        lineage=(f"{_PGS}.points",),
    ),
    Feature(
        name="minutes_change",
        default=0,
        range=(-2, 2),
        description="(minutes_avg_last_10 - minutes_avg_season) / minutes_avg_season, in steps: "
        f"{_steps_in_words(MINUTES_STEPS)}",
        lineage=(f"{_PGS}.minutes_played",),
    ),
    Feature(
        name="opponent_def_rating",
        default=112,
        range=(80, 140),
        description="defensive rating of the opponent over its newest 15 games",
        unit="points per 100 possessions",
        phase4=f"{_DEFENSE}.defensive_rating_last_15",
    ),
    Feature(
        name="opponent_pace",
        default=100,
        range=(85, 120),
        description="pace of the opponent's opponents over its newest 15 games",
        unit="possessions per 48 minutes",
        phase4=f"{_DEFENSE}.opponent_pace",
    ),
    Feature(
        name="home_away", default=0, range=(0, 1), description="1 at home, 0 away", lineage=(f"{_UPGC}.home_game",)
    ),
    Feature(
        name="back_to_back",
        default=0,
        range=(0, 1),
        description="1 if the player played the day before, else 0; unknown without an earlier game",
        lineage=(f"{_PGS}.game_date",),
    ),
    Feature(
        name="playoff_game",
        default=0,
        range=(0, 1),
        description="1 if the schedule's game type is playoffs, else 0 (also for a play-in game)",
        lineage=("nbac_schedule.game_type",),
        required=False,
    ),
    *(
        Feature(
            name=name,
            default=default,
            range=(0, 1),
            description=f"share of the player's attempts {zone}",
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
        name="pct_free_throw",
        default=0.15,
        range=(0, 0.5),
        description="free throws made / points over the newest 10 games in which both are known, clamped to the range; "
        f"needs {CALCULATED_MINIMUM_GAMES} games and points > 0",
        unit="fraction",
        lineage=(f"{_PGS}.ft_makes", f"{_PGS}.points"),
    ),
    Feature(
        name="team_pace",
        default=100,
        range=(85, 120),
        description="mean pace of the newest 10 games of the team",
        unit="possessions per 48 minutes",
        phase4=f"{_CACHE}.team_pace_last_10",
        phase3=True,
        lineage=(f"{_TOG}.pace",),
    ),
    Feature(
        name="team_off_rating",
        default=112,
        range=(80, 140),
        description="mean offensive rating of the newest 10 games of the team",
        unit="points per 100 possessions",
        phase4=f"{_CACHE}.team_off_rating_last_10",
        phase3=True,
        lineage=(f"{_TOG}.offensive_rating",),
    ),
    Feature(
        name="team_win_pct",
        default=0.5,
        range=(0, 1),
        description="wins / games of the team earlier in the season, over games with a known result; needs "
        f"{CALCULATED_MINIMUM_GAMES} games",
        unit="fraction",
        lineage=(f"{_TOG}.win_flag",),
    ),
)
"""The features in order; the index of a feature is its position."""


def required_columns(table: str) -> tuple[str, ...]:
    """Return the columns of a Phase 4 table that required features read; for the feature store, those features."""
    if table == "ml_feature_store_v2":
        return tuple(feature.name for feature in FEATURES if feature.required)
    columns = (feature.phase4_column for feature in FEATURES if feature.required and feature.phase4_table == table)
    return tuple(column for column in columns if column)
