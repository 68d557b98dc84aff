"""`team_defense_zone_analysis` (contract, section 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nba_precompute_tests.oracle import formulas
from nba_precompute_tests.oracle.arithmetic import mean, ratio
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.common import Result, common_columns
from nba_precompute_tests.oracle.rounding import stored, stored_row
from nba_precompute_tests.oracle.season import AsOf
from nba_precompute_tests.oracle.sources import ZONES
from nba_precompute_tests.oracle.windows import last_days, newest

NAME = "team_defense_zone_analysis"
WINDOW = 15
LEAGUE_DAYS = 30
LEAGUE_GAMES = 10
LEAGUE_TEAMS = 10
LEAGUE_DEFAULTS = {
    "paint": Fraction(580, 1000),
    "mid_range": Fraction(410, 1000),
    "three_pt": Fraction(355, 1000),
}


@dataclass(frozen=True)
class League:
    """The league's percentages by zone, and their origin."""

    pct: Mapping[str, Fraction | None]
    source: str


def compute(view: AsOf) -> Result:
    """Rows and failures: every team on the season's schedule has one or the other."""
    league = league_average(view)
    rows, failures = {}, {}
    for team in sorted(view.season_teams()):
        games = view.defense_games(team)
        if games:
            rows[team] = _row(view, team, newest(games, WINDOW), league)
        else:
            failures[team] = "NO_PRIOR_GAMES"
    return rows, failures


def league_average(view: AsOf) -> League:
    """The last 30 days, else the season so far, else the defaults."""
    season = view.all_defense_games()
    month = {team: last_days(games, view.date, LEAGUE_DAYS) for team, games in season.items()}
    for source, span in (("computed", month), ("season", season)):
        teams = [games for games in span.values() if len(games) >= LEAGUE_GAMES]
        if len(teams) >= LEAGUE_TEAMS:
            return League({zone: mean(zone_pct(games, zone) for games in teams) for zone in ZONES}, source)
    return League(LEAGUE_DEFAULTS, "default")


def zone_games(games: Sequence[Row], zone: str) -> list[Row]:
    """The games that enter the zone's sums: both its attempts and its makes are known."""
    return [
        game for game in games if game[f"opp_{zone}_attempts"] is not None and game[f"opp_{zone}_makes"] is not None
    ]


def zone_pct(games: Sequence[Row], zone: str) -> Fraction | None:
    """Sum of makes over sum of attempts."""
    entered = zone_games(games, zone)
    return ratio(
        sum(game[f"opp_{zone}_makes"] for game in entered),
        sum(game[f"opp_{zone}_attempts"] for game in entered),
    )


def _row(view: AsOf, team: str, games: Sequence[Row], league: League) -> dict[str, Any]:
    pct = {zone: zone_pct(games, zone) for zone in ZONES}
    deltas = {zone: _points_apart(pct[zone], league.pct[zone]) for zone in ZONES}
    strongest, weakest = formulas.strongest_and_weakest({zone: stored(delta) for zone, delta in deltas.items()})

    row: dict[str, Any] = {"analysis_date": view.date, "team_abbr": team}
    row |= {f"{zone}_pct_allowed_last_15": pct[zone] for zone in ZONES}
    row |= {
        f"{zone}_attempts_allowed_per_game": mean(game[f"opp_{zone}_attempts"] for game in zone_games(games, zone))
        for zone in ZONES
    }
    row |= {f"{zone}_blocks_per_game": mean(game[f"blocks_{zone}"] for game in games) for zone in ZONES}
    row |= {
        "paint_points_allowed_per_game": mean(game["points_in_paint_allowed"] for game in games),
        "opponent_points_per_game": mean(game["points_allowed"] for game in games),
        "defensive_rating_last_15": mean(game["defensive_rating"] for game in games),
        "opponent_pace": mean(game["opponent_pace"] for game in games),
    }
    row |= {f"{zone}_defense_vs_league_avg": deltas[zone] for zone in ZONES}
    row |= {
        "strongest_zone": strongest,
        "weakest_zone": weakest,
        "data_quality_tier": formulas.team_tier(len(games)),
        "league_avg_source": league.source,
    }
    zones_missing = any(len(zone_games(games, zone)) < len(games) for zone in ZONES)
    row |= common_columns(view, team, WINDOW, games, issues=[("zone_data_missing", zones_missing)])
    return stored_row(row)


def _points_apart(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """Percentage points between two fractions."""
    return None if a is None or b is None else 100 * (a - b)
