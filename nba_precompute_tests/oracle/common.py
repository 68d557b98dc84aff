"""The columns that every table ends with, and the reasons why a member gets no row (contract, section 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.season import AsOf

UpstreamRow = Mapping[str, Any] | None
"""A stored row of another Phase 4 table, or None."""
Rows = Mapping[str, Mapping[str, Any]]
"""Entity -> stored row."""
Result = tuple[dict[str, dict[str, Any]], dict[str, str]]
"""Entity -> row, and entity -> reason of those without a row."""

MINIMUM_GAMES = 5
STALE_DAYS = 30

ISSUES = (
    "incomplete_window",
    "below_minimum_games",
    "stale_player",
    "zone_data_missing",
    "upstream_player_shot_zone_not_ready",
    "upstream_team_defense_not_ready",
    "upstream_composite_not_ready",
    "upstream_daily_cache_not_ready",
    "upstream_context_not_ready",
    "missing_inputs",
)
"""The closed set of `data_quality_issues`, in the order in which a row lists them."""


def is_ready(row: UpstreamRow) -> bool:
    """Return True if an upstream row exists and is ready."""
    return row is not None and row["is_production_ready"]


def is_context_ready(context: Row) -> bool:
    """Return True unless the context row is explicitly not ready."""
    return context["is_production_ready"] is not False


def is_stale(games: Sequence[Row], date: dt.date) -> bool:
    """Return True if the newest played game is more than 30 days ago; a player without one is not stale."""
    return bool(games) and (date - games[0]["game_date"]).days > STALE_DAYS


def common_columns(
    view: AsOf,
    team: str,
    window: int,
    sample: Sequence[Row],
    issues: Iterable[tuple[str, bool]] = (),
    upstreams: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """The columns from `expected_games_count` to `is_production_ready`.

    Args:
        sample: the entity's own games in the main window.
        issues: further issues besides those of every table, each with True if it applies.
        upstreams: issue -> True if that upstream row exists and is ready.
    """
    upstreams = upstreams or {}
    completeness = view.newest_completeness(team, window)
    n = len(sample)
    found = {issue for issue, applies in issues if applies}
    found |= {issue for issue, ready in upstreams.items() if not ready}
    if completeness.missing:
        found.add("incomplete_window")
    if n < MINIMUM_GAMES:
        found.add("below_minimum_games")
    dates = [game["game_date"] for game in sample]
    return {
        "expected_games_count": completeness.expected,
        "actual_games_count": completeness.actual,
        "missing_games_count": completeness.missing,
        "completeness_percentage": completeness.percentage,
        "games_in_sample": n,
        "window_first_game_date": min(dates, default=None),
        "window_last_game_date": max(dates, default=None),
        "early_season_flag": n < window,
        "insufficient_data_reason": (
            f"{n} games in sample, the minimum is {MINIMUM_GAMES}" if n < MINIMUM_GAMES else None
        ),
        "data_quality_issues": [issue for issue in ISSUES if issue in found],
        "is_production_ready": (completeness.is_complete and n >= MINIMUM_GAMES and all(upstreams.values())),
    }


def context_failure(view: AsOf, player: str) -> str | None:
    """Return the reason why a listed player gets no row in the context tables; None if there is none."""
    if view.is_ambiguous(player):
        return "AMBIGUOUS_PLAYER"
    context = view.context_of(player)
    if not context["team_abbr"] or not context["opponent_team_abbr"]:
        return "CONTEXT_INVALID"
    return None if view.game_types(context["team_abbr"]) else "CONTEXT_INVALID"
