"""The oracle against numbers worked out by hand: the contract's section 5, a tiny league, and real dates."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import os
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from nba_precompute_tests.oracle import TABLES, Day, Oracle, formulas
from nba_precompute_tests.oracle.arithmetic import mean, sample_std, total
from nba_precompute_tests.oracle.cleaning import keep_newest, season_of, tidy
from nba_precompute_tests.oracle.coverage import Completeness, gaps_of
from nba_precompute_tests.oracle.hashing import data_hash, row_hash
from nba_precompute_tests.oracle.rounding import exact, four, nine, stored
from nba_precompute_tests.oracle.shot_zones import ZoneSums
from nba_precompute_tests.oracle.sources import PLAYER_GAMES
from nba_precompute_tests.oracle.tiny_league import (
    STAR,
    Phase3,
    Row,
    box_score,
    change,
    context,
    game,
    tiny_league,
)
from nba_precompute_tests.oracle.windows import is_played

DEFENSE, SHOTS, COMPOSITE, CACHE, FEATURES = TABLES

TONIGHT = dt.date(2021, 12, 1)
DAYS_AGO = [TONIGHT - dt.timedelta(days=days) for days in range(30)]
EVERY_OTHER_DAY = sorted(DAYS_AGO[days] for days in range(2, 22, 2))
"""Ten games, the newest two days before tonight."""


def d(number: str) -> Decimal:
    return Decimal(number)


# --- Contract, section 5 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "games", "minutes", "per_game", "back_to_backs", "age", "score"),
    [
        pytest.param(1, 4, d("160"), d("40"), 2, 35, 35, id="everything at once"),
        pytest.param(2, 4, d("140"), d("35.0"), 1, 29, 85, id="strict > not met"),
        pytest.param(3, 4, d("150.4"), d("37.6"), 1, 30, 67, id="rested but loaded"),
        pytest.param(3, 0, d("0"), None, 0, None, 100, id="clamped to 100; unknown age changes nothing"),
        pytest.param(None, 0, d("0"), None, 0, 35, None, id="no prior game"),
        pytest.param(2, 3, None, None, 0, 29, 100, id="unknown minutes change nothing"),
    ],
)
def test_fatigue_score(
    rest: int | None,
    games: int,
    minutes: Decimal | None,
    per_game: Decimal | None,
    back_to_backs: int,
    age: int | None,
    score: int | None,
) -> None:
    assert formulas.fatigue_score(rest, games, minutes, per_game, back_to_backs, age) == score


def test_fatigue_adjustment() -> None:
    assert stored(formulas.fatigue_adjustment(35)) == -3.25
    assert formulas.fatigue_adjustment(None) is None


@pytest.mark.parametrize(
    ("rate", "delta", "score"),
    [("45", "6.5", 7.02), ("60", "-9", -10), ("40", "3.0", 2.4), ("50", "5.0", 5.0), ("50", "5.01", 6.012)],
)
def test_mismatch_score(rate: str, delta: str, score: float) -> None:
    assert stored(formulas.mismatch_score(d(rate), d(delta))) == score


def test_usage_spike_score() -> None:
    assert stored(formulas.usage_spike_score(d("28"), d("25"), 1)) == 1.035
    assert stored(formulas.usage_spike_score(d("20"), d("25"), 2)) == -1.5
    assert stored(formulas.usage_spike_score(d("28"), d("25"), 2)) == 1.17
    assert stored(formulas.usage_spike_score(d("28"), d("25"), None)) == 0.9
    assert stored(formulas.usage_spike_score(d("45"), d("25"), None)) == 3
    assert formulas.usage_spike_score(None, d("25"), 0) is None


def test_pace_score() -> None:
    assert [stored(formulas.pace_score(d(x))) for x in ("4.3", "8", "-8")] == [2.15, 3, -3]


def test_sample_std() -> None:
    assert stored(sample_std(range(10, 30, 2))) == 6.0553
    assert sample_std([10, None]) is None


def test_recent_trend() -> None:
    assert formulas.recent_trend([30, 28, 12, 10, 14]) == 2
    assert formulas.recent_trend([12, 12, 10, 10, 10]) == 1
    assert formulas.recent_trend([10, 10, 10, 10, 10]) == 0
    assert formulas.recent_trend([10, 10, 12, 12, 12]) == -1
    assert formulas.recent_trend([10, 10, 15, 15, 15]) == -2
    assert formulas.recent_trend([30, 28, 12, 10]) is None
    assert formulas.recent_trend([None, None, 12, 10, 14]) is None


def test_zone_rates_and_primary_zone() -> None:
    sums = ZoneSums([box_score(date, "AAA", 1, 20) for date in EVERY_OTHER_DAY])  # 80 / 40 / 80 attempts
    assert [sums.rate(zone) for zone in ("paint", "mid_range", "three_pt")] == [40, 20, 40]
    assert formulas.primary_zone(d("40"), d("20"), d("40")) == "paint"
    assert formulas.primary_zone(d("39.9"), d("20"), d("40.1")) == "perimeter"
    assert formulas.primary_zone(d("30"), d("35"), d("35")) == "mid_range"
    assert formulas.primary_zone(d("35"), d("30"), d("35")) == "balanced"
    assert formulas.primary_zone(None, None, None) is None


def test_completeness() -> None:
    nine_of_ten = Completeness(expected=10, actual=9)
    assert (stored(nine_of_ten.percentage), nine_of_ten.is_complete) == (90.0, True)
    assert not Completeness(expected=10, actual=8).is_complete
    assert Completeness(expected=0, actual=0).percentage == 100


def test_feature_quality() -> None:
    assert stored(formulas.quality_score(["phase4"] * 16 + ["calculated"] * 9)) == 100
    assert stored(formulas.quality_score(["phase4"] * 13 + ["default"] * 3 + ["calculated"] * 9)) == 92.8
    tiers = {95: "gold", 85: "silver", 70: "bronze", 50: "poor", 49: "critical"}
    assert {score: formulas.quality_tier(score) for score in tiers} == tiers


# --- Formulas beyond section 5: the closed sets and the edges ---------------------------------------------


def test_minutes_change_meets_its_thresholds_at_nine_decimals() -> None:
    assert formulas.minutes_change(d("33"), d("30")) == 1  # exactly .10
    assert formulas.minutes_change(d("36"), d("30")) == 2
    assert formulas.minutes_change(d("27"), d("30")) == -1
    assert formulas.minutes_change(d("24"), d("30")) == -2
    assert formulas.minutes_change(d("30.5"), d("30")) == 0
    assert formulas.minutes_change(d("30"), d("0")) is None


def test_free_throw_share() -> None:
    assert formulas.free_throw_share([(2, 20)] * 5) == Fraction(1, 10)
    assert formulas.free_throw_share([(2, 20)] * 4) is None
    assert formulas.free_throw_share([(9, 10)] * 5) == Fraction(1, 2)
    assert formulas.free_throw_share([(0, 0)] * 5) is None
    assert formulas.free_throw_share([(2, 20)] * 4 + [(None, 40)]) == Fraction(1, 10)


def test_injury_risk_and_rest_advantage() -> None:
    statuses = ("Available", "PROBABLE", "questionable", "Doubtful", "out", "day to day", None)
    assert [formulas.injury_risk(status) for status in statuses] == [0, 1, 2, 3, 3, None, None]
    assert [formulas.rest_advantage(a, b) for a, b in ((5, 1), (1, 2), (1, 4))] == [2, -1, -2]
    assert formulas.rest_advantage(None, 1) is None


def test_win_share_needs_five_known_results() -> None:
    assert formulas.win_share([True, True, True, False, None]) is None
    assert formulas.win_share([True, True, True, False, None, False]) == Fraction(3, 5)


def test_closed_sets() -> None:
    assert [formulas.sample_quality(n, 10) for n in (10, 7, 5, 4)] == [
        "excellent",
        "good",
        "limited",
        "insufficient",
    ]
    assert [formulas.sample_quality(n, 20) for n in (20, 14, 10, 9)] == [
        "excellent",
        "good",
        "limited",
        "insufficient",
    ]
    assert [formulas.team_tier(n) for n in (15, 10, 9)] == ["high", "medium", "low"]
    assert [formulas.player_tier(n) for n in (10, 7, 6)] == ["high", "medium", "low"]
    assert [formulas.data_source(False, n, 16) for n in (15, 14, 8, 7)] == [
        "phase4",
        "phase4_partial",
        "phase4_partial",
        "mixed",
    ]
    assert formulas.data_source(True, 16, 16) == "early_season"
    assert formulas.composite_warnings(49, d("-8.1"), d("12.1")) == [
        "EXTREME_FATIGUE",
        "EXTREME_MATCHUP",
        "EXTREME_ADJUSTMENT",
    ]
    assert formulas.composite_warnings(50, d("8"), d("12")) == []


def test_strongest_and_weakest_zone() -> None:
    deltas: dict[str, float | None] = {"paint": 1.0, "mid_range": 1.0, "three_pt": 1.0}
    assert formulas.strongest_and_weakest(deltas) == ("paint", "paint")
    assert formulas.strongest_and_weakest(deltas | {"three_pt": 2.0}) == ("paint", "perimeter")
    assert formulas.strongest_and_weakest(deltas | {"paint": None}) == ("mid_range", "mid_range")
    assert formulas.strongest_and_weakest(dict.fromkeys(deltas)) == (None, None)


# --- Section 1: numbers -----------------------------------------------------------------------------------


def test_rounding_is_half_away_from_zero_at_nine_decimals_first() -> None:
    assert four(Fraction(1, 20000)) == 0.0001
    assert four(Fraction(-1, 20000)) == -0.0001
    assert four(d("0.00004999999996")) == 0.0001  # 0.000050000 at 9 decimals
    assert four(Fraction(2, 3)) == 0.6667
    assert str(four(d("-0.00001"))) == "0.0"
    assert nine(d("0.0999999999999")) == d("0.1")


def test_null_is_never_zero() -> None:
    assert (exact(float("nan")), exact(float("inf")), exact(None)) == (None, None, None)
    assert (total([None, None]), mean([None]), mean([None, 4, 5])) == (None, None, d("4.5"))


def test_sums_of_floats_are_exact() -> None:
    assert total(exact(x) for x in (0.1, 0.2, 0.3)) == Fraction(6, 10)


def test_season_of() -> None:
    assert [season_of(dt.date(2022, month, 1)) for month in (1, 6, 7, 10)] == [2021, 2021, 2022, 2022]


@pytest.mark.parametrize(
    ("values", "played"),
    [
        ({}, True),
        ({"is_dnp": True}, False),
        ({"is_active": False}, False),
        ({"is_dnp": None, "is_active": None}, True),
        ({"minutes_played": 0}, False),
        ({"minutes_played": None}, True),
        ({"minutes_played": None, "points": None, "fg_attempts": 0, "ft_attempts": None}, False),
    ],
)
def test_played(values: Row, played: bool) -> None:
    assert is_played(box_score(TONIGHT, "AAA", 1, 20, **values)) is played


# --- Section 2: imperfect sources -------------------------------------------------------------------------


def kept(*rows: Row) -> list[Row]:
    """One row per player."""
    tidied = [tidy(PLAYER_GAMES, row) for row in rows]
    return list(keep_newest(PLAYER_GAMES, tidied, itemgetter("player_lookup")).rows.values())


def test_newest_row_wins_then_the_larger_hash() -> None:
    old = box_score(TONIGHT, "AAA", 1, 20, processed_at=None)
    new = [box_score(TONIGHT, "AAA", 1, points) for points in (21, 22, 23)]
    (row,) = kept(old, *new, *new)
    winner = max(new, key=lambda row: row_hash(row, PLAYER_GAMES.columns))
    assert row["points"] == winner["points"]
    assert kept(*reversed(new), old) == [row], "the order of arrival must not matter"

    later = box_score(TONIGHT, "AAA", 1, 30, processed_at=dt.datetime(2022, 1, 1, tzinfo=dt.UTC))
    assert [row["points"] for row in kept(later, *new)] == [30]


def test_nan_is_null() -> None:
    (row,) = kept(box_score(TONIGHT, "AAA", 3, 20, usage_rate=float("nan"), ts_pct=-0.0, points=20.0))
    assert (row["usage_rate"], str(row["ts_pct"]), row["points"]) == (None, "0E-9", 20)


def test_data_hash_is_the_contracts_text() -> None:
    columns = [
        ("game_date", "DATE"),
        ("team_abbr", "STRING"),
        ("days_rest", "INT64"),
        ("pace_score", "FLOAT64"),
        ("is_home", "BOOL"),
        ("warnings", "ARRAY<STRING>"),
        ("features", "ARRAY<FLOAT64>"),
        ("data_hash", "STRING"),
        ("created_at", "TIMESTAMP"),
    ]
    row: Row = {
        "game_date": TONIGHT,
        "team_abbr": None,
        "days_rest": 2,
        "pace_score": -1.23455,
        "is_home": True,
    }
    row |= {"warnings": ["A", "B"], "features": [1.0], "created_at": dt.datetime(2021, 12, 1, tzinfo=dt.UTC)}
    assert data_hash(row, columns) == hashlib.md5(b"2021-12-01|~|2|-12346|true|A,B").hexdigest()


# --- A league whose numbers can be checked by eye ---------------------------------------------------------


@pytest.fixture
def league() -> Phase3:
    return tiny_league(EVERY_OTHER_DAY, TONIGHT)


def tonight(league: Phase3) -> Day:
    return Oracle(league).day(TONIGHT)


def of_star(row: Row) -> bool:
    return row["player_lookup"] == STAR


def has(expected: dict[str, Any], row: dict[str, Any]) -> None:
    """The row has these values."""
    assert {column: row[column] for column in expected} == expected


def test_team_defense_by_eye(league: Phase3) -> None:
    has(
        {
            "paint_pct_allowed_last_15": 0.5,
            "mid_range_pct_allowed_last_15": 0.5,
            "three_pt_pct_allowed_last_15": 0.25,
            "paint_attempts_allowed_per_game": 40.0,
            "paint_blocks_per_game": 4.0,
            "three_pt_blocks_per_game": 0.0,
            "paint_points_allowed_per_game": 40.0,
            "opponent_points_per_game": 100.0,
            "defensive_rating_last_15": 110.0,
            "opponent_pace": 101.0,
            # Two teams are no league: .500 - .580, .500 - .410, .250 - .355 in percentage points.
            "league_avg_source": "default",
            "paint_defense_vs_league_avg": -8.0,
            "mid_range_defense_vs_league_avg": 9.0,
            "three_pt_defense_vs_league_avg": -10.5,
            "strongest_zone": "perimeter",
            "weakest_zone": "mid_range",
            "data_quality_tier": "medium",
            "expected_games_count": 10,
            "actual_games_count": 10,
            "missing_games_count": 0,
            "completeness_percentage": 100.0,
            "games_in_sample": 10,
            "window_first_game_date": EVERY_OTHER_DAY[0],
            "window_last_game_date": EVERY_OTHER_DAY[-1],
            "early_season_flag": True,
            "insufficient_data_reason": None,
            "data_quality_issues": [],
            "is_production_ready": True,
        },
        tonight(league).rows[DEFENSE]["AAA"],
    )


def test_shot_zones_by_eye(league: Phase3) -> None:
    has(
        {
            "paint_rate_last_10": 40.0,
            "mid_range_rate_last_10": 20.0,
            "three_pt_rate_last_10": 40.0,
            "paint_pct_last_10": 0.5,
            "three_pt_pct_last_10": 0.25,
            "paint_attempts_per_game": 8.0,
            "zone_games_10": 10,
            "total_shots_last_10": 200,
            "assisted_rate_last_10": 75.0,
            "unassisted_rate_last_10": 25.0,
            "paint_rate_last_20": None,
            "games_in_sample_20": None,
            "sample_quality_20": None,
            "games_in_sample_10": 10,
            "sample_quality_10": "excellent",
            "primary_scoring_zone": "paint",
            "team_abbr": "AAA",
            "last_game_date": EVERY_OTHER_DAY[-1],
            "days_since_last_game": 2,
            "data_quality_tier": "high",
            "early_season_flag": False,
            "is_production_ready": True,
        },
        tonight(league).rows[SHOTS][STAR],
    )


def test_composite_by_eye(league: Phase3) -> None:
    change(league["upcoming_player_game_context"], of_star, projected_usage_rate=22.0, star_teammates_out=2)
    has(
        {
            "team_abbr": "AAA",
            "opponent_team_abbr": "BBB",
            "days_rest": 2,
            "opponent_days_rest": 2,
            "back_to_back": False,
            "games_in_last_7_days": 3,
            "minutes_in_last_7_days": 144.0,
            "avg_minutes_per_game_last_7": 48.0,
            "back_to_backs_last_14_days": 0,
            "player_age": 28,
            "fatigue_score": 92,  # 48 minutes a game: -8
            "fatigue_adjustment": -0.4,
            "primary_scoring_zone": "paint",
            "zone_rate": 40.0,
            "opponent_zone_delta": -8.0,
            "shot_zone_mismatch_score": -7.68,  # -8 * 40 / 50 = -6.4, times 1.2
            "team_pace_last_10": 98.0,
            "opponent_pace_last_10": 102.0,
            "league_pace": 100.0,
            "pace_differential": 0.0,
            "pace_score": 0.0,
            "recent_usage_rate": 22.0,
            "baseline_usage_rate": 20.0,
            "usage_spike_score": 0.78,  # 0.3 * 2 * 1.3
            "total_composite_adjustment": -7.3,
            "missing_inputs": [],
            "input_completeness_percentage": 100.0,
            "warnings": [],
            "all_upstreams_ready": True,
            "is_production_ready": True,
        },
        tonight(league).rows[COMPOSITE][STAR],
    )


def test_daily_cache_by_eye(league: Phase3) -> None:
    has(
        {
            "points_avg_last_5": 24.0,
            "points_avg_last_10": 19.0,
            "points_avg_season": 19.0,
            "points_std_last_10": 6.0553,
            "minutes_avg_last_10": 48.0,
            "usage_rate_last_10": 20.0,
            "ts_pct_last_10": 0.5,
            "games_played_season": 10,
            "team_pace_last_10": 98.0,
            "team_off_rating_last_10": 99.0,
            "games_in_last_7_days": 3,
            "games_in_last_14_days": 7,
            "minutes_in_last_14_days": 336.0,
            "paint_rate_last_10": 40.0,
            "assisted_rate_last_10": 75.0,
            "shot_zone_data_available": True,
            "l5_completeness_pct": 100.0,
            "l14d_completeness_pct": 100.0,
            "all_windows_complete": True,
            "is_production_ready": True,
        },
        tonight(league).rows[CACHE][STAR],
    )


def test_features_by_eye(league: Phase3) -> None:
    row = tonight(league).rows[FEATURES][STAR]
    has(
        {
            "is_home": True,
            "days_rest": 2,
            "rest_advantage": 0.0,
            "injury_risk": 0.0,
            "recent_trend": 2.0,  # (28 + 26) / 2 - (24 + 22 + 20) / 3 = 5
            "minutes_change": 0.0,
            "home_away": 1.0,
            "back_to_back": 0.0,
            "playoff_game": 0.0,
            "pct_paint": 0.4,
            "pct_free_throw": 0.1053,  # 20 of 190
            "team_win_pct": 0.4,  # 90 to 108 against 100: a draw is no win
            "feature_count": 25,
            "default_count": 0,
            "required_default_count": 0,
            "feature_quality_score": 100.0,
            "quality_tier": "gold",
            "is_quality_ready": True,
            "data_source": "phase4",
        },
        row,
    )
    assert [
        name
        for name, source in zip(row["feature_names"], row["feature_sources"], strict=True)
        if source == "calculated"
    ] == [
        "rest_advantage",
        "injury_risk",
        "recent_trend",
        "minutes_change",
        "home_away",
        "back_to_back",
        "playoff_game",
        "pct_free_throw",
        "team_win_pct",
    ]
    assert row["features"] == [row[name] for name in row["feature_names"]]


def test_first_night(league: Phase3) -> None:
    """Nobody has played: composite and features are written, with defaults; the others say why not."""
    day = Oracle(tiny_league([], TONIGHT)).day(TONIGHT)
    assert day.failures[DEFENSE] == {"AAA": "NO_PRIOR_GAMES", "BBB": "NO_PRIOR_GAMES"}
    assert set(day.failures[SHOTS].values()) == set(day.failures[CACHE].values()) == {"NO_PRIOR_GAMES"}
    has(
        {
            "days_rest": None,
            "opponent_days_rest": None,
            "back_to_back": None,
            "games_in_last_7_days": 0,
            "minutes_in_last_7_days": 0.0,
            "fatigue_score": None,
            "total_composite_adjustment": None,
            "missing_inputs": ["usage", "pace", "shot_zones", "team_defense"],
            "input_completeness_percentage": 20.0,
            "completeness_percentage": 100.0,
            "games_in_sample": 0,
            "window_first_game_date": None,
            "insufficient_data_reason": "0 games in sample, the minimum is 5",
            "data_quality_issues": [
                "below_minimum_games",
                "upstream_player_shot_zone_not_ready",
                "upstream_team_defense_not_ready",
                "missing_inputs",
            ],
            "is_production_ready": False,
        },
        day.rows[COMPOSITE][STAR],
    )
    has(
        {
            "games_in_last_7_days": 0.0,  # counted from Phase 3, never a default
            "points_avg_last_5": None,
            "default_count": 21,
            # 1 * 75 (games), 3 * 100 (status, home, play-off) and 21 * 40, over 25
            "feature_quality_score": 48.6,
            "quality_tier": "critical",
            "is_quality_ready": False,
            "data_source": "early_season",
        },
        day.rows[FEATURES][STAR],
    )
    assert day.rows[FEATURES][STAR]["features"][:6] == [10.0, 10.0, 10.0, 5.0, 0.0, 50.0]


def test_a_date_without_a_game_is_empty(league: Phase3) -> None:
    day = Oracle(league).day(TONIGHT - dt.timedelta(days=1))
    assert day.rows == {table: {} for table in TABLES} == day.failures
    assert day.refusal is None


def test_another_season_is_another_world(league: Phase3) -> None:
    """No window crosses seasons (section 1)."""
    first_night = dt.date(2022, 10, 18)
    league["nbac_schedule"].append(game(first_night))
    league["upcoming_player_game_context"].append(context(first_night, "AAA", 1))
    day = Oracle(league).day(first_night)
    assert day.rows[DEFENSE] == {}
    assert day.failures[SHOTS] == {STAR: "NO_PRIOR_GAMES"}
    assert day.rows[COMPOSITE][STAR]["days_rest"] is None


def test_back_to_backs() -> None:
    """Games 1, 2, 5, 14 and 15 days ago: two back-to-backs, one of which began before the 14 days."""
    days = tiny_league(sorted(DAYS_AGO[n] for n in (1, 2, 5, 14, 15)), TONIGHT)
    has(
        {"days_rest": 1, "back_to_back": True, "games_in_last_7_days": 3, "back_to_backs_last_14_days": 2},
        tonight(days).rows[COMPOSITE][STAR],
    )


def test_a_scoreless_sum_is_not_an_unknown_one(league: Phase3) -> None:
    change(league["player_game_summary"], of_star, minutes_played=None)
    row = tonight(league).rows[COMPOSITE][STAR]
    has({"games_in_last_7_days": 3, "minutes_in_last_7_days": None, "avg_minutes_per_game_last_7": None}, row)
    assert row["completeness_percentage"] == 100.0, "the 235 minutes are not asked for where some are unknown"


def test_null_zone_counts(league: Phase3) -> None:
    newest = EVERY_OTHER_DAY[-1]
    change(
        league["player_game_summary"],
        lambda row: of_star(row) and row["game_date"] == newest,
        three_pt_makes=None,
        paint_attempts=100,
    )
    change(
        league["team_defense_game_summary"],
        lambda row: row["defending_team_abbr"] == "AAA" and row["game_date"] == newest,
        opp_paint_attempts=None,
        opp_paint_makes=40,
        blocks_paint=14,
    )
    day = tonight(league)
    has(
        {"zone_games_10": 9, "total_shots_last_10": 180, "paint_attempts_per_game": 8.0}
        | {"data_quality_issues": ["zone_data_missing"]},
        day.rows[SHOTS][STAR],
    )
    has(
        {
            "paint_pct_allowed_last_15": 0.5,
            "paint_attempts_allowed_per_game": 40.0,
            "paint_blocks_per_game": 5.0,
        }
        | {"data_quality_issues": ["zone_data_missing"]},
        day.rows[DEFENSE]["AAA"],
    )


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"points": 21}, id="points differ from the team's"),
        pytest.param({"minutes_played": 42.0}, id="234 minutes"),
        pytest.param({"is_dnp": True}, id="four players"),
        pytest.param({"game_date": None}, id="a row without a date"),
        pytest.param({"team_abbr": " "}, id="a row without a team"),
        pytest.param({"team_abbr": "CCC"}, id="another team's row"),
    ],
)
def test_coverage_asks_for_a_whole_box_score(league: Phase3, damage: Row) -> None:
    def row_of_oldest(row: Row) -> bool:
        return row["player_lookup"] == "aaa2" and row["game_date"] == EVERY_OTHER_DAY[0]

    change(league["player_game_summary"], row_of_oldest, **damage)
    day = tonight(league)
    has(
        {
            "expected_games_count": 10,
            "actual_games_count": 9,
            "missing_games_count": 1,
            "completeness_percentage": 90.0,
            "data_quality_issues": ["incomplete_window"],
            "is_production_ready": True,
        },
        day.rows[CACHE][STAR],
    )
    assert day.rows[CACHE]["bbb1"]["actual_games_count"] == 10
    assert day.rows[CACHE][STAR]["l5_completeness_pct"] == 100.0, "the newest five are whole"


@pytest.mark.parametrize(
    ("minutes", "scored", "gap"),
    [
        ([48.0] * 5, 100, None),
        ([], 100, "no box score"),
        ([240.0], 100, "1 player"),
        ([60.0] * 4, 90, "4 players"),
        ([47.0] * 5, 100, None),
        ([46.9] * 5, 100, "minutes 234 of 235"),
        ([46.9] * 5, 103, "points 100 of 103"),
        ([1.0] * 4 + [None], 100, None),
    ],
)
def test_gaps(minutes: list[float | None], scored: int, gap: str | None) -> None:
    """At least 5 players and 235 minutes, unless some are unknown, and the team's points; the first gap is named."""
    rows = [box_score(TONIGHT, "AAA", i, 20, minutes_played=exact(m)) for i, m in enumerate(minutes)]
    in_box_scores = {"player_game_summary": gap} if gap else {}
    assert gaps_of(rows, {"points_scored": scored}, {}) == in_box_scores


def test_gaps_of_the_team_tables() -> None:
    rows = [box_score(TONIGHT, "AAA", i, 20) for i in range(5)]
    assert gaps_of(rows, None, None) == {
        "team_offense_game_summary": "no team offense row",
        "team_defense_game_summary": "no team defense row",
    }
    assert gaps_of(rows, {"points_scored": None}, {}) == {"team_offense_game_summary": "team points unknown"}
    unknown = [row | {"points": None} for row in rows]
    assert gaps_of(unknown, {"points_scored": 100}, {}) == {"player_game_summary": "points unknown"}


def test_coverage_asks_for_both_team_tables(league: Phase3) -> None:
    league["team_offense_game_summary"] = [
        row for row in league["team_offense_game_summary"] if row["game_date"] > EVERY_OTHER_DAY[0]
    ]
    league["team_defense_game_summary"] = [
        row for row in league["team_defense_game_summary"] if row["game_date"] != EVERY_OTHER_DAY[1]
    ]
    row = tonight(league).rows[CACHE][STAR]
    has({"actual_games_count": 8, "is_production_ready": False}, row)
    assert row["data_quality_issues"] == ["incomplete_window", "upstream_player_shot_zone_not_ready"]


@pytest.mark.parametrize("damage", [{"team_abbr": None}, {"opponent_team_abbr": ""}, {"team_abbr": "CCC"}], ids=str)
def test_invalid_context(league: Phase3, damage: Row) -> None:
    change(league["upcoming_player_game_context"], of_star, **damage)
    day = tonight(league)
    for table in (COMPOSITE, CACHE, FEATURES):
        assert day.failures[table] == {STAR: "CONTEXT_INVALID"}
    assert day.rows[SHOTS][STAR]["team_abbr"] == "AAA", "shot zones ignore the context's team"


def test_a_context_that_is_not_ready(league: Phase3) -> None:
    change(league["upcoming_player_game_context"], of_star, is_production_ready=False)
    day = tonight(league)
    has(
        {"is_production_ready": False, "all_upstreams_ready": False, "upstream_player_shot_ready": True}
        | {"data_quality_issues": ["upstream_context_not_ready"]},
        day.rows[COMPOSITE][STAR],
    )
    has(
        {
            "is_quality_ready": False,
            "data_quality_issues": [
                "upstream_composite_not_ready",
                "upstream_daily_cache_not_ready",
                "upstream_context_not_ready",
            ],
        },
        day.rows[FEATURES][STAR],
    )
    change(league["upcoming_player_game_context"], of_star, is_production_ready=None)
    assert tonight(league).rows[COMPOSITE][STAR]["is_production_ready"] is True


def test_stale_player() -> None:
    for days, stale in ((30, False), (31, True)):
        league = tiny_league([TONIGHT - dt.timedelta(days=days)], TONIGHT)
        day = tonight(league)
        for table in (SHOTS, COMPOSITE, CACHE, FEATURES):
            assert ("stale_player" in day.rows[table][STAR]["data_quality_issues"]) is stale
        assert "stale_player" not in day.rows[DEFENSE]["AAA"]["data_quality_issues"]


def test_traded_player(league: Phase3) -> None:
    """His windows follow him; completeness, pace and wins are the context team's."""
    change(
        league["upcoming_player_game_context"],
        of_star,
        team_abbr="BBB",
        opponent_team_abbr="AAA",
        home_game=False,
    )
    day = tonight(league)
    assert day.rows[SHOTS][STAR]["team_abbr"] == "AAA"
    has({"points_avg_last_10": 19.0, "team_pace_last_10": 102.0}, day.rows[CACHE][STAR])
    has({"home_away": 0.0, "team_win_pct": 0.5}, day.rows[FEATURES][STAR])


def test_long_window_and_league_of_the_last_30_days() -> None:
    """15 games fill the long window's minimum; ten teams with ten games make a league."""
    dates = sorted(DAYS_AGO[1:16])
    league = tiny_league(dates, TONIGHT)
    for row in list(league["team_defense_game_summary"]):
        if row["defending_team_abbr"] == "AAA":
            league["team_defense_game_summary"] += [
                row | {"defending_team_abbr": f"T{n}", "opp_paint_makes": 30} for n in range(8)
            ]
    day = tonight(league)
    has(
        {"paint_rate_last_20": 40.0, "paint_pct_last_20": 0.5, "games_in_sample_20": 15}
        | {"sample_quality_20": "good"},
        day.rows[SHOTS][STAR],
    )
    # (2 * .50 + 8 * .75) / 10 = .70; a team that only the defense table knows is in the mean but gets no row.
    has(
        {"league_avg_source": "computed", "paint_defense_vs_league_avg": -20.0, "data_quality_tier": "high"},
        day.rows[DEFENSE]["AAA"],
    )
    assert set(day.rows[DEFENSE]) == {"AAA", "BBB"}

    # Six weeks later the 30 days are empty, and the season speaks.
    later = TONIGHT + dt.timedelta(days=42)
    league["nbac_schedule"].append(game(later))
    assert Oracle(league).day(later).rows[DEFENSE]["AAA"]["league_avg_source"] == "season"


def test_playoff_game(league: Phase3) -> None:
    for game_type, flag in (("playoffs", 1.0), ("play_in", 0.0)):
        change(league["nbac_schedule"], lambda row: row["game_date"] == TONIGHT, game_type=game_type)
        row = tonight(league).rows[FEATURES][STAR]
        assert row["playoff_game"] == flag
        assert row["feature_sources"][row["feature_names"].index("playoff_game")] == "calculated"


def test_an_unknown_value_of_a_phase4_row_is_a_default(league: Phase3) -> None:
    """Phase 3 steps in for an absent row only (section 4.5)."""
    change(league["team_offense_game_summary"], lambda row: row["team_abbr"] == "AAA", pace=None)
    row = tonight(league).rows[FEATURES][STAR]
    index = row["feature_names"].index("team_pace")
    assert (row["team_pace"], row["features"][index], row["feature_sources"][index]) == (
        None,
        100.0,
        "default",
    )


def test_phase3_steps_in_for_an_absent_cache_row(league: Phase3) -> None:
    league["upcoming_player_game_context"].append(context(TONIGHT, "AAA", 6))
    row = tonight(league).rows[FEATURES]["aaa6"]
    has({"team_pace": 98.0, "team_off_rating": 99.0, "games_in_last_7_days": 0.0}, row)
    assert [
        name for name, source in zip(row["feature_names"], row["feature_sources"], strict=True) if source == "phase3"
    ] == ["games_in_last_7_days", "team_pace", "team_off_rating"]


def test_nothing_of_tonight_or_later_matters(league: Phase3) -> None:
    """The as-of rule: facts of D and after it change nothing (section 1)."""
    before = tonight(copy.deepcopy(league))
    future = tiny_league([TONIGHT, TONIGHT + dt.timedelta(days=1)], TONIGHT)
    for table in ("player_game_summary", "team_defense_game_summary", "team_offense_game_summary"):
        league[table] += future[table]
    assert tonight(league) == before


# --- Real dates -------------------------------------------------------------------------------------------

REAL_DATES = [dt.date(2021, 10, 20), dt.date(2021, 12, 1), dt.date(2022, 3, 10), dt.date(2022, 4, 10)]


@pytest.fixture(scope="module")
def real() -> Phase3:
    repository = Path(__file__).resolve().parents[2]
    samples = Path(os.environ.get("NBA_PHASE3_SAMPLES", repository.parent / "shared" / "phase3"))
    season = samples / "2021-22"
    if not season.is_dir():
        message = f"no Phase 3 samples in {samples}; set NBA_PHASE3_SAMPLES"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    parquet = pytest.importorskip("pyarrow.parquet")
    return {path.stem: parquet.read_table(path).to_pylist() for path in season.glob("*.parquet")}


@pytest.fixture(scope="module")
def real_days(real: Phase3) -> dict[dt.date, Day]:
    oracle = Oracle(real)
    return {date: oracle.day(date) for date in REAL_DATES}


@pytest.mark.parametrize("date", REAL_DATES, ids=str)
def test_real_written_and_failed_are_the_population(real: Phase3, real_days: dict[dt.date, Day], date: dt.date) -> None:
    day = real_days[date]
    listed = {row["player_lookup"] for row in real["upcoming_player_game_context"] if row["game_date"] == date}
    earlier = {
        row["player_lookup"]
        for row in real["player_game_summary"]
        if row["game_date"] < date and row["minutes_played"] > 0
    }
    teams = {row["home_team_tricode"] for row in real["nbac_schedule"]}
    population = {DEFENSE: teams, SHOTS: earlier | listed} | dict.fromkeys((COMPOSITE, CACHE, FEATURES), listed)
    for table in TABLES:
        assert not day.rows[table].keys() & day.failures[table].keys()
        assert day.rows[table].keys() | day.failures[table].keys() == population[table]


@pytest.mark.parametrize("date", REAL_DATES, ids=str)
def test_real_values_are_plausible(real_days: dict[dt.date, Day], date: dt.date) -> None:
    day = real_days[date]
    for table in TABLES:
        for row in day.rows[table].values():
            last = row["window_last_game_date"]
            assert last is None or last < date
            assert 0 <= row["completeness_percentage"] <= 100
            assert row["completeness_percentage"] == 100, "the samples are complete"
            for column, value in row.items():
                if isinstance(value, float):
                    assert value == round(value, 4), (table, column)
                    if column.endswith(("_rate_last_10", "_rate_last_20")):
                        assert 0 <= value <= 100, column
                    elif "_pct_" in column and not column.endswith("completeness_pct"):
                        assert 0 <= value <= 2, column
    for row in day.rows[FEATURES].values():
        assert len(row["features"]) == len(row["feature_names"]) == len(row["feature_sources"]) == 25
        assert None not in row["features"]
        defaults = [row[name] is None for name in row["feature_names"]]
        assert defaults == [source == "default" for source in row["feature_sources"]]


@pytest.mark.parametrize("date", REAL_DATES, ids=str)
def test_real_load_agrees_with_what_the_league_listed(
    real: Phase3, real_days: dict[dt.date, Day], date: dt.date
) -> None:
    """The context's own rest and load, which nobody reads, were computed elsewhere: a second opinion."""
    # It counts an appearance of 0.0 minutes as a game, so who has one is left out.
    zero_minutes = {row["player_lookup"] for row in real["player_game_summary"] if row["minutes_played"] == 0}
    for listed in real["upcoming_player_game_context"]:
        if listed["game_date"] != date or listed["player_lookup"] in zero_minutes:
            continue
        factors = real_days[date].rows[COMPOSITE][listed["player_lookup"]]
        for column in (
            "days_rest",
            "opponent_days_rest",
            "games_in_last_7_days",
            "back_to_backs_last_14_days",
        ):
            assert factors[column] == listed[column], (listed["player_lookup"], column)
        assert factors["minutes_in_last_7_days"] == pytest.approx(listed["minutes_in_last_7_days"], abs=0.5)


def test_real_dates_know_nothing_of_the_future(real: Phase3, real_days: dict[dt.date, Day]) -> None:
    date = dt.date(2021, 12, 1)
    facts = ("player_game_summary", "team_defense_game_summary", "team_offense_game_summary")
    past = {table: [row for row in real[table] if row["game_date"] < date] for table in facts}
    assert Oracle(real | past).day(date) == real_days[date]
