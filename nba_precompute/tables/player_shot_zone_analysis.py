"""Declaration of `player_shot_zone_analysis` (contract, section 4.2)."""

from __future__ import annotations

from nba_precompute.tables import listed
from nba_precompute.tables.common import (
    AMBIGUOUS_PLAYER,
    NO_PRIOR_GAMES,
    completeness_columns,
    describe_tiers,
    tier_names,
)
from nba_precompute.tables.schema import Column, Table
from nba_precompute.tables.sources import ZONE_LABELS, ZONES

WINDOW = 10
LONG_WINDOW = 20
LONG_WINDOW_MINIMUM = 15
"""The smallest number of games in the long window for which its columns have a value."""

SAMPLE_QUALITY = (("excellent", WINDOW), ("good", WINDOW * 7 // 10), ("limited", WINDOW * 5 // 10), ("insufficient", 0))
"""Tiers of the games in the main window W: W, floor(.7 W), floor(.5 W) (contract, section 4.2)."""
LONG_SAMPLE_QUALITY = (("excellent", LONG_WINDOW), ("good", LONG_WINDOW_MINIMUM))
"""Tiers of the games in the long window; none below its minimum."""
DATA_QUALITY_TIERS = (("high", WINDOW), ("medium", 7), ("low", 0))
"""Tiers of the games in the sample."""

PRIMARY_ZONE_RATES = (("paint", 40), ("three_pt", 40), ("mid_range", 35))
"""Zones with the lowest rate (percent) that makes them primary; the first that is reached counts."""
SCORING_ZONES = (*(ZONE_LABELS[zone] for zone, _ in PRIMARY_ZONE_RATES), "balanced")

_PGS = "player_game_summary"
_SHOTS = tuple(f"{_PGS}.{zone}_attempts" for zone in ZONES)


def _zone_columns(zone: str) -> tuple[Column, ...]:
    return (
        Column(
            name=f"{zone}_rate_last_10",
            type="FLOAT64",
            description="100 * zone attempts / attempts in all three zones, over games where all zone counts are known",
            unit="percent",
            range=(0, 100),
            lineage=_SHOTS,
        ),
        Column(
            name=f"{zone}_pct_last_10",
            type="FLOAT64",
            description="zone makes / zone attempts",
            unit="fraction",
            range=(0, 1),
            lineage=(f"{_PGS}.{zone}_attempts", f"{_PGS}.{zone}_makes"),
        ),
        Column(
            name=f"{zone}_attempts_per_game",
            type="FLOAT64",
            description="zone attempts / zone_games_10",
            unit="shots",
            range=(0, 40),
            lineage=(f"{_PGS}.{zone}_attempts",),
        ),
    )


def _rate(name: str, what: str) -> Column:
    return Column(
        name=name,
        type="FLOAT64",
        description=f"100 * {what} field goals / field goals made, over games where both kinds and the total are known",
        unit="percent",
        range=(0, 100),
        lineage=tuple(f"{_PGS}.{column}" for column in ("fg_makes", "assisted_fg_makes", "unassisted_fg_makes")),
    )


PLAYER_SHOT_ZONE_ANALYSIS = Table(
    dataset="nba_precompute",
    name="player_shot_zone_analysis",
    description=f"Shooting of each player, by zone, over the newest {WINDOW} (and {LONG_WINDOW}) played games.",
    date_column="analysis_date",
    entity_column="player_lookup",
    columns=(
        Column(name="analysis_date", type="DATE", description="game date of the row", nullable=False),
        listed.PLAYER_LOOKUP,
        Column(
            name="team_abbr",
            type="STRING",
            description="team of the player in the newest played game",
            lineage=(f"{_PGS}.team_abbr",),
        ),
        Column(
            name="last_game_date",
            type="DATE",
            description="date of the newest played game",
            nullable=False,
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            name="days_since_last_game",
            type="INT64",
            description="days from the newest played game to the date",
            unit="days",
            nullable=False,
            range=(1, 270),
            lineage=(f"{_PGS}.game_date",),
        ),
        *(column for zone in ZONES for column in _zone_columns(zone)),
        Column(
            name="total_shots_last_10",
            type="INT64",
            description="attempts in all three zones; NULL if no game has known zone counts",
            unit="shots",
            range=(0, 400),
            lineage=_SHOTS,
        ),
        Column(
            name="zone_games_10",
            type="INT64",
            description="games in the sample whose zone counts are all known",
            unit="games",
            nullable=False,
            range=(0, WINDOW),
            lineage=_SHOTS,
        ),
        _rate("assisted_rate_last_10", "assisted"),
        _rate("unassisted_rate_last_10", "unassisted"),
        Column(
            name="paint_rate_last_20",
            type="FLOAT64",
            description=f"paint_rate_last_10 over {LONG_WINDOW} games; NULL with fewer than {LONG_WINDOW_MINIMUM} "
            "played games",
            unit="percent",
            range=(0, 100),
            lineage=_SHOTS,
        ),
        Column(
            name="paint_pct_last_20",
            type="FLOAT64",
            description=f"paint_pct_last_10 over {LONG_WINDOW} games; NULL with fewer than {LONG_WINDOW_MINIMUM} "
            "played games",
            unit="fraction",
            range=(0, 1),
            lineage=(f"{_PGS}.paint_attempts", f"{_PGS}.paint_makes"),
        ),
        Column(
            name="games_in_sample_10",
            type="INT64",
            description=f"played games, at most the newest {WINDOW}",
            unit="games",
            nullable=False,
            range=(0, WINDOW),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            name="games_in_sample_20",
            type="INT64",
            description=f"played games, at most the newest {LONG_WINDOW}; NULL with fewer than {LONG_WINDOW_MINIMUM}",
            unit="games",
            range=(LONG_WINDOW_MINIMUM, LONG_WINDOW),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            name="sample_quality_10",
            type="STRING",
            description=describe_tiers(SAMPLE_QUALITY, "games"),
            nullable=False,
            values=tier_names(SAMPLE_QUALITY),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            name="sample_quality_20",
            type="STRING",
            description=f"{describe_tiers(LONG_SAMPLE_QUALITY, 'games')}; NULL with fewer",
            values=tier_names(LONG_SAMPLE_QUALITY),
            lineage=(f"{_PGS}.game_date",),
        ),
        Column(
            name="primary_scoring_zone",
            type="STRING",
            description="; else ".join(
                f"{zone} rate >= {lowest}: {ZONE_LABELS[zone]}" for zone, lowest in PRIMARY_ZONE_RATES
            )
            + "; else balanced; NULL without shots",
            values=SCORING_ZONES,
            lineage=_SHOTS,
        ),
        Column(
            name="data_quality_tier",
            type="STRING",
            description=describe_tiers(DATA_QUALITY_TIERS, "games"),
            nullable=False,
            values=tier_names(DATA_QUALITY_TIERS),
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
