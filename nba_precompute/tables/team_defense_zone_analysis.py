"""Declaration of `team_defense_zone_analysis` (contract, section 4.1)."""

from __future__ import annotations

from nba_precompute.tables.common import NO_PRIOR_GAMES, completeness_columns, describe_tiers, tier_names
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONE_LABELS, ZONES

WINDOW = 15
DATA_QUALITY_TIERS = (("high", WINDOW), ("medium", 10), ("low", 0))
"""Tiers of the games in the sample."""

LEAGUE_DAYS = 30
"""The days before the date whose games make up the league's percentages."""
LEAGUE_GAMES = 10
"""The smallest number of games of a team that enters the league's percentages."""
LEAGUE_TEAMS = 10
"""The smallest number of such teams; with fewer, the season so far is used instead, then the defaults."""
LEAGUE_DEFAULTS = {"paint": 0.58, "mid_range": 0.41, "three_pt": 0.355}

_TDG = "team_defense_game_summary"


def _zone_columns(zone: str) -> tuple[Column, ...]:
    shots = (f"{_TDG}.opp_{zone}_attempts", f"{_TDG}.opp_{zone}_makes")
    return (
        Column(
            name=f"{zone}_pct_allowed_last_15",
            type="FLOAT64",
            description="makes allowed / attempts allowed, over games where both are known",
            unit="fraction",
            range=(0, 1),
            lineage=shots,
        ),
        Column(
            name=f"{zone}_attempts_allowed_per_game",
            type="FLOAT64",
            description="attempts allowed per game, over games where attempts and makes are known",
            unit="shots",
            range=(0, 80),
            lineage=shots,
        ),
        Column(
            name=f"{zone}_blocks_per_game",
            type="FLOAT64",
            description="blocks per game, over games with a value",
            unit="blocks",
            range=(0, 15),
            lineage=(f"{_TDG}.blocks_{zone}",),
        ),
        Column(
            name=f"{zone}_defense_vs_league_avg",
            type="FLOAT64",
            description="(team pct - league pct) * 100; positive if the team allows more",
            unit="pp",
            range=(-60, 60),
            lineage=shots,
        ),
    )


TEAM_DEFENSE_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="team_defense_zone_analysis",
    description=f"Shooting allowed by each team, by zone, over its newest {WINDOW} games, compared with the league's "
    "average.",
    date_column="analysis_date",
    entity_column="team_abbr",
    columns=(
        Column(name="analysis_date", type="DATE", description="game date of the row", nullable=False),
        Column(name="team_abbr", type="STRING", description="defending team", nullable=False),
        *(column for zone in ZONES for column in _zone_columns(zone)),
        Column(
            name="paint_points_allowed_per_game",
            type="FLOAT64",
            description="points in the paint allowed per game, over games with a value",
            unit="points",
            range=(0, 120),
            lineage=(f"{_TDG}.points_in_paint_allowed",),
        ),
        Column(
            name="opponent_points_per_game",
            type="FLOAT64",
            description="points allowed per game, over games with a value",
            unit="points",
            range=(70, 170),
            lineage=(f"{_TDG}.points_allowed",),
        ),
        Column(
            name="defensive_rating_last_15",
            type="FLOAT64",
            description="mean of the defensive ratings of the games",
            unit="points per 100 possessions",
            range=(80, 140),
            lineage=(f"{_TDG}.defensive_rating",),
        ),
        Column(
            name="opponent_pace",
            type="FLOAT64",
            description="mean of the opponents' pace in the games",
            unit="possessions per 48 minutes",
            range=(85, 120),
            lineage=(f"{_TDG}.opponent_pace",),
        ),
        *(
            Column(
                name=name,
                type="STRING",
                description=f"zone with the {which} {{zone}}_defense_vs_league_avg; of equal zones, the first of "
                + ", ".join(ZONE_LABELS.values()),
                values=tuple(ZONE_LABELS.values()),
                lineage=tuple(f"{_TDG}.opp_{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")),
            )
            for name, which in (("strongest_zone", "smallest"), ("weakest_zone", "largest"))
        ),
        Column(
            name="data_quality_tier",
            type="STRING",
            description=describe_tiers(DATA_QUALITY_TIERS, "games"),
            nullable=False,
            values=tier_names(DATA_QUALITY_TIERS),
            lineage=(f"{_TDG}.game_date",),
        ),
        Column(
            name="league_avg_source",
            type="STRING",
            description=f"computed: over the last {LEAGUE_DAYS} days; season: over the season so far; default: "
            "constants, as fewer "
            f"than {LEAGUE_TEAMS} teams have {LEAGUE_GAMES} games",
            nullable=False,
            values=("computed", "season", "default"),
            lineage=(f"{_TDG}.game_date",),
        ),
        *completeness_columns(WINDOW, f"{_TDG}.game_date"),
    ),
    window=WINDOW,
    sources=(
        "nbac_schedule",
        "player_game_summary",
        "team_defense_game_summary",
        "team_offense_game_summary",
    ),
    population="scheduled_teams",
    reasons=(NO_PRIOR_GAMES,),
)
