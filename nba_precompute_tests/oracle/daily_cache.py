"""`player_daily_cache` (contract, section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nba_precompute_tests.oracle.arithmetic import mean, sample_std
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
from nba_precompute_tests.oracle.load import load_of
from nba_precompute_tests.oracle.rounding import exact, stored_row
from nba_precompute_tests.oracle.season import AsOf
from nba_precompute_tests.oracle.windows import newest

NAME = "player_daily_cache"
WINDOW = 10
TEAM_WINDOW = 10
CACHE_VERSION = "v1"


def compute(view: AsOf, shot_zones: Rows) -> Result:
    """Rows and failures of the context of the date."""
    rows, failures = {}, {}
    for player in sorted(view.listed_players()):
        reason = context_failure(view, player)
        games = [] if reason else view.player_games(player)
        if not games:
            failures[player] = reason or "NO_PRIOR_GAMES"
        else:
            rows[player] = _row(view, player, view.context_of(player), games, shot_zones.get(player))
    return rows, failures


def _row(view: AsOf, player: str, context: Row, games: Sequence[Row], shots: UpstreamRow) -> dict[str, Any]:
    team = context["team_abbr"]
    window = newest(games, WINDOW)
    team_games = newest(view.offense_games(team), TEAM_WINDOW)
    load = load_of(games, view.date)
    completeness = {
        "l5_completeness_pct": view.newest_completeness(team, 5),
        "l10_completeness_pct": view.newest_completeness(team, 10),
        "l7d_completeness_pct": view.days_completeness(team, 7),
        "l14d_completeness_pct": view.days_completeness(team, 14),
    }
    row = {
        "cache_date": view.date,
        "player_lookup": player,
        "team_abbr": team,
        "opponent_team_abbr": context["opponent_team_abbr"],
        "points_avg_last_5": _mean(newest(games, 5), "points"),
        "points_avg_last_10": _mean(window, "points"),
        "points_avg_season": _mean(games, "points"),
        "points_std_last_10": sample_std(game["points"] for game in window),
        "minutes_avg_last_10": _mean(window, "minutes_played"),
        "minutes_avg_season": _mean(games, "minutes_played"),
        "usage_rate_last_10": _mean(window, "usage_rate"),
        "player_usage_rate_season": _mean(games, "usage_rate"),
        "ts_pct_last_10": _mean(window, "ts_pct"),
        "games_played_season": len(games),
        "team_pace_last_10": _mean(team_games, "pace"),
        "team_off_rating_last_10": _mean(team_games, "offensive_rating"),
        "games_in_last_7_days": load.games_7,
        "games_in_last_14_days": load.games_14,
        "minutes_in_last_7_days": load.minutes_7,
        "minutes_in_last_14_days": load.minutes_14,
        "avg_minutes_per_game_last_7": load.minutes_per_game_7,
        "back_to_backs_last_14_days": load.back_to_backs_14,
        "days_rest": load.days_rest,
        "primary_scoring_zone": shots["primary_scoring_zone"] if shots else None,
        "paint_rate_last_10": _stored(shots, "paint_rate_last_10"),
        "mid_range_rate_last_10": _stored(shots, "mid_range_rate_last_10"),
        "three_pt_rate_last_10": _stored(shots, "three_pt_rate_last_10"),
        "assisted_rate_last_10": _stored(shots, "assisted_rate_last_10"),
        # A row of nothing but NULLs is no zone data.
        "shot_zone_data_available": shots is not None,
    }
    row |= {column: window_.percentage for column, window_ in completeness.items()}
    row |= {
        "all_windows_complete": all(window_.is_complete for window_ in completeness.values()),
        "player_age": context["player_age"],
        "cache_version": CACHE_VERSION,
    }
    upstreams = {
        "upstream_player_shot_zone_not_ready": is_ready(shots),
        "upstream_context_not_ready": is_context_ready(context),
    }
    row |= common_columns(view, team, WINDOW, window, [("stale_player", is_stale(games, view.date))], upstreams)
    return stored_row(row)


def _mean(games: Sequence[Row], column: str) -> Any:
    return mean(game[column] for game in games)


def _stored(row: UpstreamRow, column: str) -> Any:
    return exact(row[column]) if row else None
