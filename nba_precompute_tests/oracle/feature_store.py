"""`ml_feature_store_v2`, feature set `v1_baseline_25` (contract, section 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nba_precompute_tests.oracle import formulas
from nba_precompute_tests.oracle.arithmetic import mean
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.common import (
    Result,
    Rows,
    UpstreamRow,
    common_columns,
    context_failure,
    is_context_ready,
    is_ready,
    is_stale,
)
from nba_precompute_tests.oracle.load import Load, days_since, load_of
from nba_precompute_tests.oracle.rounding import Number, exact, nine, stored_row
from nba_precompute_tests.oracle.season import AsOf
from nba_precompute_tests.oracle.windows import newest

NAME = "ml_feature_store_v2"
WINDOW = 10
TEAM_WINDOW = 10
FEATURE_VERSION = "v1_baseline_25"

DEFAULTS: dict[str, Fraction] = {
    name: Fraction(default)
    for name, default in (
        ("points_avg_last_5", 10),
        ("points_avg_last_10", 10),
        ("points_avg_season", 10),
        ("points_std_last_10", 5),
        ("games_in_last_7_days", 3),
        ("fatigue_score", 50),
        ("shot_zone_mismatch_score", 0),
        ("pace_score", 0),
        ("usage_spike_score", 0),
        ("rest_advantage", 0),
        ("injury_risk", 0),
        ("recent_trend", 0),
        ("minutes_change", 0),
        ("opponent_def_rating", 112),
        ("opponent_pace", 100),
        ("home_away", 0),
        ("back_to_back", 0),
        ("playoff_game", 0),
        ("pct_paint", "0.30"),
        ("pct_mid_range", "0.20"),
        ("pct_three", "0.35"),
        ("pct_free_throw", "0.15"),
        ("team_pace", 100),
        ("team_off_rating", 112),
        ("team_win_pct", "0.5"),
    )
}
"""The features in index order, each with its default."""

NAMES = list(DEFAULTS)
OPTIONAL = ("injury_risk", "playoff_game")
"""Every other feature is required."""
CALCULATED = (*NAMES[9:13], *NAMES[15:18], "pct_free_throw", "team_win_pct")
"""Never phase4; all others can be."""


@dataclass(frozen=True)
class Feature:
    """A value (NULL for a default) and its tier."""

    value: Fraction | None
    source: str


@dataclass(frozen=True)
class Upstreams:
    """The Phase 4 rows that one feature row reads, as stored; NULL if there is none."""

    shots: UpstreamRow
    defense: UpstreamRow
    composite: UpstreamRow
    cache: UpstreamRow


def compute(view: AsOf, shot_zones: Rows, team_defense: Rows, composite: Rows, daily_cache: Rows) -> Result:
    """Rows and failures of the context of the date; a player without a prior game has a row, too."""
    rows, failures = {}, {}
    for player in sorted(view.listed_players()):
        reason = context_failure(view, player)
        if reason:
            failures[player] = reason
            continue
        context = view.context_of(player)
        upstreams = Upstreams(
            shots=shot_zones.get(player),
            defense=team_defense.get(context["opponent_team_abbr"]),
            composite=composite.get(player),
            cache=daily_cache.get(player),
        )
        rows[player] = _row(view, player, context, upstreams)
    return rows, failures


def _row(view: AsOf, player: str, context: Row, upstreams: Upstreams) -> dict[str, Any]:
    team = context["team_abbr"]
    games = view.player_games(player)
    load = load_of(games, view.date)
    found = _from_phase4(view, team, load, upstreams) | _calculated(view, context, games, load)
    features = [found[name] for name in NAMES]
    sources = [feature.source for feature in features]
    defaults = [name for name in NAMES if found[name].source == "default"]
    required_defaults = [name for name in defaults if name not in OPTIONAL]
    score = formulas.quality_score(sources)

    common = common_columns(
        view,
        team,
        WINDOW,
        newest(games, WINDOW),
        [("stale_player", is_stale(games, view.date))],
        {
            "upstream_player_shot_zone_not_ready": is_ready(upstreams.shots),
            "upstream_team_defense_not_ready": is_ready(upstreams.defense),
            "upstream_composite_not_ready": is_ready(upstreams.composite),
            "upstream_daily_cache_not_ready": is_ready(upstreams.cache),
            "upstream_context_not_ready": is_context_ready(context),
        },
    )
    row = {
        "game_date": view.date,
        "player_lookup": player,
        "game_id": context["game_id"],
        "team_abbr": team,
        "opponent_team_abbr": context["opponent_team_abbr"],
        "is_home": context["home_game"],
        "days_rest": load.days_rest,
    }
    row |= {name: found[name].value for name in NAMES}
    row |= {
        "features": [DEFAULTS[name] if found[name].value is None else found[name].value for name in NAMES],
        "feature_names": list(NAMES),
        "feature_sources": sources,
        "feature_count": len(NAMES),
        "feature_version": FEATURE_VERSION,
        "default_count": len(defaults),
        "required_default_count": len(required_defaults),
        "feature_quality_score": score,
        "quality_tier": formulas.quality_tier(score),
        "is_quality_ready": nine(score) >= 70 and not required_defaults and common["is_production_ready"],
        "data_source": formulas.data_source(
            common["early_season_flag"], sources.count("phase4"), len(NAMES) - len(CALCULATED)
        ),
    }
    return stored_row(row | common)


def _phase4(row: UpstreamRow, column: str) -> Feature:
    """The value of the Phase 4 row; the default if there is no row or the value is NULL."""
    return _labeled(exact(row[column]) if row else None, "phase4")


def _labeled(value: Number | None, source: str) -> Feature:
    return Feature(None, "default") if value is None else Feature(Fraction(value), source)


def _from_phase4(view: AsOf, team: str, load: Load, upstreams: Upstreams) -> dict[str, Feature]:
    """Features 0-8, 13-14, 18-20 and 22-23."""
    cache, composite = upstreams.cache, upstreams.composite
    found = {name: _phase4(cache, name) for name in NAMES[0:5]}
    found |= {name: _phase4(composite, name) for name in NAMES[5:9]}
    found |= {
        "opponent_def_rating": _phase4(upstreams.defense, "defensive_rating_last_15"),
        "opponent_pace": _phase4(upstreams.defense, "opponent_pace"),
        "pct_paint": _share(upstreams.shots, "paint_rate_last_10"),
        "pct_mid_range": _share(upstreams.shots, "mid_range_rate_last_10"),
        "pct_three": _share(upstreams.shots, "three_pt_rate_last_10"),
        "team_pace": _phase4(cache, "team_pace_last_10"),
        "team_off_rating": _phase4(cache, "team_off_rating_last_10"),
    }
    if cache is None:  # Phase 3 steps in for an absent row only, never for a NULL in one
        team_games = newest(view.offense_games(team), TEAM_WINDOW)
        found |= {
            "games_in_last_7_days": _labeled(load.games_7, "phase3"),
            "team_pace": _labeled(mean(game["pace"] for game in team_games), "phase3"),
            "team_off_rating": _labeled(mean(game["offensive_rating"] for game in team_games), "phase3"),
        }
    return found


def _share(row: UpstreamRow, column: str) -> Feature:
    """A stored rate as a fraction."""
    rate = _phase4(row, column)
    return rate if rate.value is None else Feature(rate.value / 100, rate.source)


def _calculated(view: AsOf, context: Row, games: Sequence[Row], load: Load) -> dict[str, Feature]:
    """Features 9-12, 15-17, 21 and 24: from Phase 3, the context and the schedule."""
    team, window = context["team_abbr"], newest(games, WINDOW)
    opponent_days_rest = days_since(view.expected_dates(context["opponent_team_abbr"]), view.date)
    values: dict[str, Number | None] = {
        "rest_advantage": formulas.rest_advantage(load.days_rest, opponent_days_rest),
        "injury_risk": formulas.injury_risk(context["player_status"]),
        "recent_trend": formulas.recent_trend([game["points"] for game in newest(games, 5)]),
        "minutes_change": formulas.minutes_change(
            mean(game["minutes_played"] for game in window), mean(game["minutes_played"] for game in games)
        ),
        "home_away": _flag(context["home_game"]),
        "back_to_back": _flag(load.back_to_back),
        "playoff_game": _flag("playoffs" in view.game_types(team)),
        "pct_free_throw": formulas.free_throw_share([(game["ft_makes"], game["points"]) for game in window]),
        "team_win_pct": formulas.win_share(game["win_flag"] for game in view.offense_games(team)),
    }
    return {name: _labeled(value, "calculated") for name, value in values.items()}


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)
