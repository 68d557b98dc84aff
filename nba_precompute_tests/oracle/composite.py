"""`player_composite_factors` (contract, section 4.3)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from nba_precompute_tests.oracle import formulas
from nba_precompute_tests.oracle.arithmetic import mean, total
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
from nba_precompute_tests.oracle.load import days_since, load_of
from nba_precompute_tests.oracle.rounding import exact, stored_row
from nba_precompute_tests.oracle.season import AsOf
from nba_precompute_tests.oracle.windows import newest

NAME = "player_composite_factors"
WINDOW = 10
TEAM_WINDOW = 10
USAGE_WINDOW = 5
CALCULATION_VERSION = "v1"

INPUTS = ("player_age", "usage", "pace", "shot_zones", "team_defense")
_ZONE_OF_LABEL = {"paint": "paint", "balanced": "paint", "mid_range": "mid_range", "perimeter": "three_pt"}


def compute(view: AsOf, shot_zones: Rows, team_defense: Rows) -> Result:
    """Rows and failures of the context of the date; a player without a prior game has a row, too."""
    league_pace = mean(game["pace"] for game in view.all_offense_games())
    rows, failures = {}, {}
    for player in sorted(view.listed_players()):
        reason = context_failure(view, player)
        if reason:
            failures[player] = reason
            continue
        context = view.context_of(player)
        opponent = team_defense.get(context["opponent_team_abbr"])
        rows[player] = _row(view, player, context, shot_zones.get(player), opponent, league_pace)
    return rows, failures


def _row(
    view: AsOf,
    player: str,
    context: Row,
    shots: UpstreamRow,
    defense: UpstreamRow,
    league_pace: Fraction | None,
) -> dict[str, Any]:
    team, opponent = context["team_abbr"], context["opponent_team_abbr"]
    games = view.player_games(player)
    load = load_of(games, view.date)
    age = context["player_age"]
    fatigue = formulas.fatigue_score(
        load.days_rest, load.games_7, load.minutes_7, load.minutes_per_game_7, load.back_to_backs_14, age
    )
    adjustment = formulas.fatigue_adjustment(fatigue)

    zone_label, rate, delta = _matchup(shots, defense)
    mismatch = formulas.mismatch_score(rate, delta)

    team_pace, opponent_pace = _pace(view, team), _pace(view, opponent)
    differential = formulas.pace_differential(team_pace, opponent_pace, league_pace)
    pace = formulas.pace_score(differential)

    recent = context["projected_usage_rate"]
    if recent is None:
        recent = mean(game["usage_rate"] for game in newest(games, USAGE_WINDOW))
    baseline = mean(game["usage_rate"] for game in games)
    spike = formulas.usage_spike_score(recent, baseline, context["star_teammates_out"])

    composite = total([adjustment, mismatch, pace, spike])
    known = {
        "player_age": age is not None,
        "usage": recent is not None and baseline is not None,
        "pace": differential is not None,
        "shot_zones": rate is not None,
        "team_defense": delta is not None,
    }
    missing = [name for name in INPUTS if not known[name]]
    upstreams = {
        "upstream_player_shot_zone_not_ready": is_ready(shots),
        "upstream_team_defense_not_ready": is_ready(defense),
        "upstream_context_not_ready": is_context_ready(context),
    }
    issues = [
        ("stale_player", is_stale(games, view.date)),
        ("missing_inputs", any(name != "player_age" for name in missing)),  # age alone is no issue
    ]
    row = {
        "game_date": view.date,
        "player_lookup": player,
        "game_id": context["game_id"],
        "team_abbr": team,
        "opponent_team_abbr": opponent,
        "days_rest": load.days_rest,
        "opponent_days_rest": days_since(view.expected_dates(opponent), view.date),
        "back_to_back": load.back_to_back,
        "games_in_last_7_days": load.games_7,
        "minutes_in_last_7_days": load.minutes_7,
        "avg_minutes_per_game_last_7": load.minutes_per_game_7,
        "back_to_backs_last_14_days": load.back_to_backs_14,
        "player_age": age,
        "fatigue_score": fatigue,
        "fatigue_adjustment": adjustment,
        "primary_scoring_zone": zone_label,
        "zone_rate": rate,
        "opponent_zone_delta": delta,
        "shot_zone_mismatch_score": mismatch,
        "team_pace_last_10": team_pace,
        "opponent_pace_last_10": opponent_pace,
        "league_pace": league_pace,
        "pace_differential": differential,
        "pace_score": pace,
        "recent_usage_rate": recent,
        "baseline_usage_rate": baseline,
        "star_teammates_out": context["star_teammates_out"],
        "usage_spike_score": spike,
        "total_composite_adjustment": composite,
        "missing_inputs": missing,
        "input_completeness_percentage": Fraction(100 * (len(INPUTS) - len(missing)), len(INPUTS)),
        "warnings": formulas.composite_warnings(fatigue, mismatch, composite),
        "upstream_player_shot_ready": upstreams["upstream_player_shot_zone_not_ready"],
        "upstream_team_defense_ready": upstreams["upstream_team_defense_not_ready"],
        "all_upstreams_ready": all(upstreams.values()),
        "calculation_version": CALCULATION_VERSION,
    }
    row |= common_columns(view, team, WINDOW, newest(games, WINDOW), issues, upstreams)
    return stored_row(row)


def _matchup(shots: UpstreamRow, defense: UpstreamRow) -> tuple[str | None, Decimal | None, Decimal | None]:
    """The player's primary zone, his rate there and the opponent's delta there, as those rows store them."""
    label = shots["primary_scoring_zone"] if shots else None
    if shots is None or label is None:
        return None, None, None  # without a zone nobody can say which delta matters
    zone = _ZONE_OF_LABEL[label]
    delta = exact(defense[f"{zone}_defense_vs_league_avg"]) if defense else None
    return label, exact(shots[f"{zone}_rate_last_10"]), delta


def _pace(view: AsOf, team: str) -> Fraction | None:
    return mean(game["pace"] for game in newest(view.offense_games(team), TEAM_WINDOW))
