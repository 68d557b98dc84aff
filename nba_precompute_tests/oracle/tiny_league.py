"""A league of two teams with five players each, whose numbers can be checked by eye."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from nba_precompute_tests.oracle.cleaning import season_of
from nba_precompute_tests.oracle.sources import ZONES

Row = dict[str, Any]
Phase3 = dict[str, list[Row]]

TEAMS = ("AAA", "BBB")
STAR = "aaa1"


def tiny_league(game_dates: Sequence[dt.date], tonight: dt.date) -> Phase3:
    """AAA hosts BBB on every game date and tonight; every player plays 48 minutes, every source is complete.

    `aaa1` scores 10 in the first game and 2 more in each that follows; every other player scores 20. Every player
    shoots 8 in the paint (4 made), 4 from mid-range (2) and 8 threes (2) a game; 6 makes are assisted.
    """
    league: Phase3 = {
        "nbac_schedule": [game(date) for date in (*game_dates, tonight)],
        "player_game_summary": [],
        "team_defense_game_summary": [],
        "team_offense_game_summary": [],
        "upcoming_player_game_context": [context(tonight, team, number) for team in TEAMS for number in range(1, 6)],
    }
    for i, date in enumerate(game_dates):
        points = {"AAA": 10 + 2 * i + 80, "BBB": 100}
        for team in TEAMS:
            for number in range(1, 6):
                scored = 10 + 2 * i if f"{team.lower()}{number}" == STAR else 20
                league["player_game_summary"].append(box_score(date, team, number, scored))
            league["team_offense_game_summary"].append(offense(date, team, points))
            league["team_defense_game_summary"].append(defense(date, team, points))
    return league


def change(rows: list[Row], where: Callable[[Row], bool], **values: Any) -> list[Row]:
    """Set the values in the rows that match; at least one must."""
    matches = [row for row in rows if where(row)]
    assert matches, "no row matches"
    for row in matches:
        row.update(values)
    return matches


def opponent(team: str) -> str:
    """The other team."""
    return TEAMS[1 - TEAMS.index(team)]


def game(date: dt.date, **values: Any) -> Row:
    """A scheduled game."""
    return {
        "game_id": f"game-{date}",
        "game_date": date,
        "season_year": season_of(date),
        "home_team_tricode": "AAA",
        "away_team_tricode": "BBB",
        "game_status": 3,
        "game_type": "regular_season",
    } | values


def box_score(date: dt.date, team: str, number: int, points: int, /, **values: Any) -> Row:
    """One player's game."""
    made = {"paint": 4, "mid_range": 2, "three_pt": 2}
    attempted = {"paint": 8, "mid_range": 4, "three_pt": 8}
    row = {
        "player_lookup": f"{team.lower()}{number}",
        "universal_player_id": f"{team.lower()}{number}-id",
        "game_id": f"game-{date}",
        "game_date": date,
        "season_year": season_of(date),
        "team_abbr": team,
        "opponent_team_abbr": opponent(team),
        "home_game": team == "AAA",
        "is_active": True,
        "is_dnp": False,
        "minutes_played": 48.0,
        "points": points,
        "fg_attempts": 20,
        "fg_makes": 8,
        "ft_attempts": 4,
        "ft_makes": 2,
        "assisted_fg_makes": 6,
        "unassisted_fg_makes": 2,
        "usage_rate": 20.0,
        "ts_pct": 0.5,
        "processed_at": _processed(date),
    }
    row |= {f"{zone}_attempts": attempted[zone] for zone in ZONES}
    row |= {f"{zone}_makes": made[zone] for zone in ZONES}
    return row | values


def offense(date: dt.date, team: str, points: dict[str, int]) -> Row:
    """One team's game on offense."""
    return {
        "team_abbr": team,
        "opponent_team_abbr": opponent(team),
        "game_id": f"game-{date}",
        "game_date": date,
        "season_year": season_of(date),
        "points_scored": points[team],
        "possessions": 100.0,
        "pace": 98.0 if team == "AAA" else 102.0,
        "offensive_rating": float(points[team]),
        "win_flag": points[team] > points[opponent(team)],
        "processed_at": _processed(date),
    }


def defense(date: dt.date, team: str, points: dict[str, int]) -> Row:
    """One team's game on defense: 40 of 20, 20 of 10 and 40 of 10 in the three zones."""
    return {
        "defending_team_abbr": team,
        "opponent_team_abbr": opponent(team),
        "game_id": f"game-{date}",
        "game_date": date,
        "season_year": season_of(date),
        "opp_paint_attempts": 40,
        "opp_paint_makes": 20,
        "opp_mid_range_attempts": 20,
        "opp_mid_range_makes": 10,
        "opp_three_pt_attempts": 40,
        "opp_three_pt_makes": 10,
        "points_in_paint_allowed": 40,
        "mid_range_points_allowed": 20,
        "three_pt_points_allowed": 30,
        "blocks_paint": 4,
        "blocks_mid_range": 1,
        "blocks_three_pt": 0,
        "points_allowed": points[opponent(team)],
        "defensive_rating": 110.0,
        "opponent_pace": 101.0,
        "processed_at": _processed(date),
    }


def context(date: dt.date, team: str, number: int, **values: Any) -> Row:
    """One player listed for a game."""
    return {
        "player_lookup": f"{team.lower()}{number}",
        "universal_player_id": f"{team.lower()}{number}-id",
        "game_id": f"game-{date}",
        "game_date": date,
        "season_year": season_of(date),
        "team_abbr": team,
        "opponent_team_abbr": opponent(team),
        "home_game": team == "AAA",
        "player_status": "Available",
        "player_age": 28,
        "projected_usage_rate": None,
        "star_teammates_out": 0,
        "is_production_ready": True,
        "processed_at": dt.datetime(date.year, date.month, date.day, 12, tzinfo=dt.UTC),
    } | values


def _processed(date: dt.date) -> dt.datetime:
    return dt.datetime(date.year, date.month, date.day, 10, tzinfo=dt.UTC) + dt.timedelta(days=1)
