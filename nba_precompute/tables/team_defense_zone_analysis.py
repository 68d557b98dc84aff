"""Declaration of `team_defense_zone_analysis` (contract, section 4.1)."""

from __future__ import annotations

from nba_precompute.tables.common import NO_PRIOR_GAMES, completeness_columns
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONES

WINDOW = 15
_TDG = "team_defense_game_summary"
_LABELS = ("paint", "mid_range", "perimeter")


def _zone_columns(zone: str) -> tuple[Column, ...]:
    shots = (f"{_TDG}.opp_{zone}_attempts", f"{_TDG}.opp_{zone}_makes")
    return (
        Column(
            f"{zone}_pct_allowed_last_15",
            "FLOAT64",
            "makes / attempts allowed, over games where both are known",
            unit="fraction",
            range=(0, 1),
            lineage=shots,
        ),
        Column(
            f"{zone}_attempts_allowed_per_game",
            "FLOAT64",
            "attempts allowed a game, over games where attempts and makes are known",
            unit="shots",
            range=(0, 80),
            lineage=shots,
        ),
        Column(
            f"{zone}_blocks_per_game",
            "FLOAT64",
            "blocks a game, over games with a value",
            unit="blocks",
            range=(0, 15),
            lineage=(f"{_TDG}.blocks_{zone}",),
        ),
        Column(
            f"{zone}_defense_vs_league_avg",
            "FLOAT64",
            "(team pct - league pct) * 100; positive: the team allows more",
            unit="pp",
            range=(-60, 60),
            lineage=shots,
        ),
    )


TEAM_DEFENSE_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="team_defense_zone_analysis",
    description="What each team allowed by shot zone over its newest 15 games, against the league's average.",
    date_column="analysis_date",
    entity_column="team_abbr",
    columns=(
        Column("analysis_date", "DATE", "the game date that the row is for", nullable=False),
        Column("team_abbr", "STRING", "the defending team", nullable=False),
        *(column for zone in ZONES for column in _zone_columns(zone)),
        Column(
            "paint_points_allowed_per_game",
            "FLOAT64",
            "points in the paint allowed a game, over games with a value",
            unit="points",
            range=(0, 120),
            lineage=(f"{_TDG}.points_in_paint_allowed",),
        ),
        Column(
            "opponent_points_per_game",
            "FLOAT64",
            "points allowed a game, over games with a value",
            unit="points",
            range=(70, 170),
            lineage=(f"{_TDG}.points_allowed",),
        ),
        Column(
            "defensive_rating_last_15",
            "FLOAT64",
            "mean of the games' defensive ratings",
            unit="points per 100 possessions",
            range=(80, 150),
            lineage=(f"{_TDG}.defensive_rating",),
        ),
        Column(
            "opponent_pace",
            "FLOAT64",
            "mean of the games' opponent pace",
            unit="possessions per 48 minutes",
            range=(80, 125),
            lineage=(f"{_TDG}.opponent_pace",),
        ),
        *(
            Column(
                name,
                "STRING",
                f"the zone with the {which} stored delta; ties: paint, mid_range, perimeter",
                values=_LABELS,
                lineage=tuple(f"{_TDG}.opp_{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")),
            )
            for name, which in (("strongest_zone", "smallest"), ("weakest_zone", "largest"))
        ),
        Column(
            "data_quality_tier",
            "STRING",
            "high from 15 games, medium from 10, else low",
            nullable=False,
            values=("high", "medium", "low"),
            lineage=(f"{_TDG}.game_date",),
        ),
        Column(
            "league_avg_source",
            "STRING",
            "computed: the last 30 days; season: the season so far; default: fewer than 10 teams with 10 games",
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
