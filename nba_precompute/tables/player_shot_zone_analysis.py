"""Declaration of `player_shot_zone_analysis` (contract, section 4.2)."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import AMBIGUOUS_PLAYER, NO_PRIOR_GAMES, completeness_columns
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONES

WINDOW = 10
LONG_WINDOW = 20
LONG_WINDOW_MINIMUM = 15
SCORING_ZONES = ("paint", "perimeter", "mid_range", "balanced")
_PGS = "player_game_summary"
_SHOTS = tuple(f"{_PGS}.{zone}_attempts" for zone in ZONES)


def _zone_columns(zone: str) -> tuple[Column, ...]:
    return (
        Column(
            f"{zone}_rate_last_10",
            "FLOAT64",
            "100 * zone attempts / attempts in all three zones, over games where all zone counts are known",
            unit="percent",
            range=(0, 100),
            lineage=_SHOTS,
        ),
        Column(
            f"{zone}_pct_last_10",
            "FLOAT64",
            "zone makes / zone attempts",
            unit="fraction",
            range=(0, 1),
            lineage=(f"{_PGS}.{zone}_attempts", f"{_PGS}.{zone}_makes"),
        ),
        Column(
            f"{zone}_attempts_per_game",
            "FLOAT64",
            "zone attempts / zone_games_10",
            unit="shots",
            range=(0, 40),
            lineage=(f"{_PGS}.{zone}_attempts",),
        ),
    )


def _rate(name: str, what: str) -> Column:
    return Column(
        name,
        "FLOAT64",
        f"100 * {what} field goals / field goals made, over games where both kinds and the total are known",
        unit="percent",
        range=(0, 100),
        lineage=tuple(f"{_PGS}.{column}" for column in ("fg_makes", "assisted_fg_makes", "unassisted_fg_makes")),
    )


PLAYER_SHOT_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="player_shot_zone_analysis",
    description="Where each player shot from and how well, over his newest 10 (and 20) played games.",
    date_column="analysis_date",
    entity_column="player_lookup",
    columns=(
        Column("analysis_date", "DATE", "the game date that the row is for", nullable=False),
        listed.PLAYER_LOOKUP,
        Column(
            "team_abbr",
            "STRING",
            "his team in his newest played game",
            lineage=(f"{_PGS}.team_abbr",),
        ),
        Column(
            "last_game_date",
            "DATE",
            "his newest played game",
            nullable=False,
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            "days_since_last_game",
            "INT64",
            "days from his newest played game to the date",
            unit="days",
            nullable=False,
            range=(1, 270),
            lineage=(f"{_PGS}.game_date",),
        ),
        *(column for zone in ZONES for column in _zone_columns(zone)),
        Column(
            "total_shots_last_10",
            "INT64",
            "attempts in all three zones; NULL where no game has known zones",
            unit="shots",
            range=(0, 400),
            lineage=_SHOTS,
        ),
        Column(
            "zone_games_10",
            "INT64",
            "games of the ten whose zone counts are all known",
            unit="games",
            nullable=False,
            range=(0, WINDOW),
            lineage=_SHOTS,
        ),
        _rate("assisted_rate_last_10", "assisted"),
        _rate("unassisted_rate_last_10", "unassisted"),
        Column(
            "paint_rate_last_20",
            "FLOAT64",
            "as paint_rate_last_10 on 20 games; NULL below 15 played games",
            unit="percent",
            range=(0, 100),
            lineage=_SHOTS,
        ),
        Column(
            "paint_pct_last_20",
            "FLOAT64",
            "as paint_pct_last_10 on 20 games; NULL below 15 played games",
            unit="fraction",
            range=(0, 1),
            lineage=(f"{_PGS}.paint_attempts", f"{_PGS}.paint_makes"),
        ),
        Column(
            "games_in_sample_10",
            "INT64",
            "played games among the newest 10",
            unit="games",
            nullable=False,
            range=(0, WINDOW),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            "games_in_sample_20",
            "INT64",
            "played games among the newest 20; NULL below 15",
            unit="games",
            range=(LONG_WINDOW_MINIMUM, LONG_WINDOW),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            "sample_quality_10",
            "STRING",
            "excellent from 10 games, good from 7, limited from 5, else insufficient",
            nullable=False,
            values=("excellent", "good", "limited", "insufficient"),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            "sample_quality_20",
            "STRING",
            "excellent from 20 games, good from 15; NULL below",
            values=("excellent", "good"),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            "primary_scoring_zone",
            "STRING",
            "paint rate >= 40: paint; else three rate >= 40: perimeter; else mid-range rate >= 35: mid_range; else "
            "balanced; NULL without shots",
            values=SCORING_ZONES,
            lineage=_SHOTS,
        ),
        Column(
            "data_quality_tier",
            "STRING",
            "high from 10 games, medium from 7, else low",
            nullable=False,
            values=("high", "medium", "low"),
            lineage=(f"{_PGS}.game_date",),
        ),
        *completeness_columns(WINDOW, f"{_PGS}.game_date"),
    ),
    window=WINDOW,
    sources=listed.LISTED_SOURCES,
    population="known_players",
    reasons=(AMBIGUOUS_PLAYER, NO_PRIOR_GAMES),
    zone_rates=tuple(f"{zone}_rate_last_10" for zone in ZONES),
)
