"""The contract's section 5: numbers worked out by hand, through the product's own SQL.

If games can produce a case, a tiny league plays them; otherwise the case is a literal row for the CTE `inputs` of the
SELECT, and everything after it is the product's. Values are compared as stored.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_precompute.sql import RunDates, render, render_select
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.duckdb.dialect import transpile
from nba_precompute_tests.oracle.tiny_league import Phase3, Row, change, tiny_league
from nba_precompute_tests.support.league import new_warehouse, published, run, to_tables

DEFENSE, SHOTS, COMPOSITE, CACHE, FEATURES = TABLES.values()
TONIGHT = dt.date(2021, 12, 1)

KNOWN_INPUTS = {
    "as_of": f"DATE '{TONIGHT}'",
    "entity_id": "'somebody'",
    "game_id": "'game'",
    "team_abbr": "'AAA'",
    "opponent_team_abbr": "'BBB'",
    "expected_games_count": "10",
    "actual_games_count": "10",
    "games_in_sample": "10",
    "window_first_game_date": "DATE '2021-11-01'",
    "window_last_game_date": "DATE '2021-11-30'",
    "days_rest": "1",
    "opponent_days_rest": "1",
    "games_in_last_7_days": "0",
    "minutes_in_last_7_days": "CAST(0 AS FLOAT64)",
    "avg_minutes_per_game_last_7": "CAST(NULL AS FLOAT64)",
    "back_to_backs_last_14_days": "0",
    "player_age": "CAST(NULL AS INT64)",
    "star_teammates_out": "0",
    "primary_scoring_zone": "'paint'",
    "zone_rate": "CAST(NULL AS FLOAT64)",
    "opponent_zone_delta": "CAST(NULL AS FLOAT64)",
    "team_pace_last_10": "CAST(NULL AS FLOAT64)",
    "opponent_pace_last_10": "CAST(NULL AS FLOAT64)",
    "league_pace": "CAST(NULL AS FLOAT64)",
    "pace_differential": "CAST(NULL AS FLOAT64)",
    "recent_usage_rate": "CAST(NULL AS FLOAT64)",
    "baseline_usage_rate": "CAST(NULL AS FLOAT64)",
    "upstream_player_shot_ready": "TRUE",
    "upstream_team_defense_ready": "TRUE",
    "context_ready": "TRUE",
    "failure_reason": "CAST(NULL AS STRING)",
    "failure_detail": "CAST(NULL AS STRING)",
}


def factors(**inputs: float) -> dict[str, Any]:
    """Return the stored row of composite factors for these inputs; all others are unknown or irrelevant."""
    literals = KNOWN_INPUTS | {
        name: str(value) if isinstance(value, int) else f"CAST('{value}' AS FLOAT64)" for name, value in inputs.items()
    }
    assert literals.keys() == KNOWN_INPUTS.keys()
    select = render_select(COMPOSITE, RunDates.of([TONIGHT]))
    _, formulas = select.split("\nparts AS (")
    row = ", ".join(f"{value} AS {name}" for name, value in literals.items())
    stage = render(
        "publish/stage",
        COMPOSITE,
        RunDates.of([TONIGHT]),
        select=f"WITH inputs AS (SELECT {row}),\nparts AS ({formulas}",
    )
    cursor = duckdb.sql(transpile(stage))
    (values,) = cursor.fetchall()
    return dict(zip(cursor.columns, values, strict=True))


@pytest.mark.parametrize(
    ("rest", "games", "minutes", "per_game", "back_to_backs", "age", "score", "adjustment"),
    [
        pytest.param(1, 4, 160.0, 40.0, 2, 35, 35, -3.25, id="everything at once"),
        pytest.param(2, 4, 140.0, 35.0, 1, 29, 85, -0.75, id="strict > not met"),
        pytest.param(3, 4, 150.4, 37.6, 1, 30, 67, -1.65, id="rested but loaded"),
    ],
)
def test_fatigue(
    rest: int,
    games: int,
    minutes: float,
    per_game: float,
    back_to_backs: int,
    age: int,
    score: int,
    adjustment: float,
) -> None:
    row = factors(
        days_rest=rest,
        games_in_last_7_days=games,
        minutes_in_last_7_days=minutes,
        avg_minutes_per_game_last_7=per_game,
        back_to_backs_last_14_days=back_to_backs,
        player_age=age,
    )
    assert (row["fatigue_score"], row["fatigue_adjustment"]) == (score, adjustment)


@pytest.mark.parametrize(
    ("rate", "delta", "mismatch"),
    [(45.0, 6.5, 7.02), (60.0, -9.0, -10.0), (40.0, 3.0, 2.4), (50.0, 5.0, 5.0), (50.0, 5.01, 6.012)],
)
def test_mismatch(rate: float, delta: float, mismatch: float) -> None:
    assert factors(zone_rate=rate, opponent_zone_delta=delta)["shot_zone_mismatch_score"] == mismatch


@pytest.mark.parametrize(("p", "b", "stars_out", "spike"), [(28.0, 25.0, 1, 1.035), (20.0, 25.0, 2, -1.5)])
def test_usage(p: float, b: float, stars_out: int, spike: float) -> None:
    row = factors(recent_usage_rate=p, baseline_usage_rate=b, star_teammates_out=stars_out)
    assert row["usage_spike_score"] == spike


@pytest.mark.parametrize(("differential", "score"), [(4.3, 2.15), (8.0, 3.0)])
def test_pace(differential: float, score: float) -> None:
    assert factors(pace_differential=differential)["pace_score"] == score


# --- Played ---------------------------------------------------------------------------------------------


def played(directory: Path, rows: Phase3) -> dict[str, dict[str, Row]]:
    """Return the stored rows of tonight: table -> entity -> row."""
    warehouse: DuckDBWarehouse = new_warehouse(directory / "league.duckdb", to_tables(rows))
    run(warehouse, [TONIGHT])
    return {
        name: {entity: row for (_, entity), row in published(warehouse, table, TONIGHT).items()}
        for name, table in TABLES.items()
    }


def nights_ago(*days: int) -> list[dt.date]:
    return [TONIGHT - dt.timedelta(days=n) for n in sorted(days, reverse=True)]


def of(player: str) -> Any:
    return lambda row: row["player_lookup"] == player


@pytest.fixture(scope="module")
def ten_games(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """Ten complete games; aaa1 scores 10, 12, ..., 28."""
    return played(tmp_path_factory.mktemp("ten"), tiny_league(nights_ago(*range(2, 22, 2)), TONIGHT))


@pytest.fixture(scope="module")
def nine_of_ten(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """AAA's team row of one game is missing, and three features of aaa1 have no value."""
    nights = nights_ago(*range(2, 22, 2))
    rows = tiny_league(nights, TONIGHT)
    rows["team_offense_game_summary"].remove(
        next(
            row
            for row in rows["team_offense_game_summary"]
            if row["team_abbr"] == "AAA" and row["game_date"] == nights[3]
        )
    )
    change(
        rows["team_defense_game_summary"],
        lambda row: row["defending_team_abbr"] == "BBB",
        defensive_rating=None,
        opponent_pace=None,
    )
    box_scores, context = rows["player_game_summary"], rows["upcoming_player_game_context"]
    change(box_scores, of("aaa1"), usage_rate=None)
    change(box_scores, of("aaa2"), usage_rate=25.0)
    change(context, of("aaa2"), projected_usage_rate=28.0, star_teammates_out=1)
    change(box_scores, of("aaa3"), usage_rate=25.0)
    change(context, of("aaa3"), projected_usage_rate=20.0, star_teammates_out=2)
    return played(tmp_path_factory.mktemp("nine"), rows)


@pytest.fixture(scope="module")
def busy_week(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """Twenty games, ten at a pace of 91.4 and ten of 100; the last five within a week."""
    nights = nights_ago(*range(20, 50, 2), 7, 5, 4, 2, 1)
    rows = tiny_league(nights, TONIGHT)
    box_scores, context = rows["player_game_summary"], rows["upcoming_player_game_context"]
    change(rows["team_offense_game_summary"], lambda row: row["game_date"] in nights[:10], pace=91.4)
    change(rows["team_offense_game_summary"], lambda row: row["game_date"] in nights[10:], pace=100.0)
    for player, absent, minutes, age in (("aaa1", 7, 40.0, 35), ("aaa2", 1, 35.0, 29)):
        change(box_scores, of(player), minutes_played=minutes)
        change(
            box_scores,
            lambda row, who=player, n=absent: of(who)(row) and row["game_date"] in nights_ago(n),
            is_dnp=True,
        )
        change(context, of(player), player_age=age)
    for night, points in zip(nights[-5:], (14, 10, 12, 28, 30), strict=True):
        change(box_scores, lambda row, n=night: of("aaa4")(row) and row["game_date"] == n, points=points)
    return played(tmp_path_factory.mktemp("busy"), rows)


def test_standard_deviation(ten_games: dict[str, dict[str, Row]]) -> None:
    assert ten_games["player_daily_cache"]["aaa1"]["points_std_last_10"] == 6.0553


def test_zone_rates(ten_games: dict[str, dict[str, Row]]) -> None:
    """80 attempts in the paint, 40 from mid-range, 80 threes."""
    row = ten_games["player_shot_zone_analysis"]["aaa1"]
    assert [row[f"{zone}_rate_last_10"] for zone in ("paint", "mid_range", "three_pt")] == [40.0, 20.0, 40.0]
    assert row["total_shots_last_10"] == 200
    assert row["primary_scoring_zone"] == "paint"


def test_all_features_known(ten_games: dict[str, dict[str, Row]]) -> None:
    row = ten_games["ml_feature_store_v2"]["aaa1"]
    assert sorted(row["feature_sources"]) == ["calculated"] * 9 + ["phase4"] * 16
    assert (row["feature_quality_score"], row["quality_tier"], row["is_quality_ready"]) == (
        100.0,
        "gold",
        True,
    )


def test_three_defaults(nine_of_ten: dict[str, dict[str, Row]]) -> None:
    row = nine_of_ten["ml_feature_store_v2"]["aaa1"]
    assert sorted(row["feature_sources"]) == ["calculated"] * 9 + ["default"] * 3 + ["phase4"] * 13
    assert row["feature_quality_score"] == 92.8
    assert (row["quality_tier"], row["default_count"], row["is_quality_ready"]) == ("silver", 3, False)


@pytest.mark.parametrize("name", TABLES)
def test_nine_of_ten_games_are_ready(nine_of_ten: dict[str, dict[str, Row]], name: str) -> None:
    row = nine_of_ten[name]["AAA" if name == "team_defense_zone_analysis" else "aaa1"]
    assert (row["expected_games_count"], row["actual_games_count"], row["missing_games_count"]) == (10, 9, 1)
    assert (row["completeness_percentage"], row["is_production_ready"]) == (90.0, True)
    assert "incomplete_window" in row["data_quality_issues"]


@pytest.mark.parametrize(("player", "spike"), [("aaa2", 1.035), ("aaa3", -1.5)])
def test_projected_usage(nine_of_ten: dict[str, dict[str, Row]], player: str, spike: float) -> None:
    assert nine_of_ten["player_composite_factors"][player]["usage_spike_score"] == spike


@pytest.mark.parametrize(
    ("player", "rest", "minutes", "back_to_backs", "score", "adjustment"),
    [("aaa1", 1, 160.0, 2, 35, -3.25), ("aaa2", 2, 140.0, 1, 85, -0.75)],
)
def test_fatigue_of_a_week(
    busy_week: dict[str, dict[str, Row]],
    player: str,
    rest: int,
    minutes: float,
    back_to_backs: int,
    score: int,
    adjustment: float,
) -> None:
    row = busy_week["player_composite_factors"][player]
    load = (row["days_rest"], row["games_in_last_7_days"], row["minutes_in_last_7_days"])
    assert load == (rest, 4, minutes)
    assert row["back_to_backs_last_14_days"] == back_to_backs
    assert (row["fatigue_score"], row["fatigue_adjustment"]) == (score, adjustment)


def test_pace_of_two_teams(busy_week: dict[str, dict[str, Row]]) -> None:
    row = busy_week["player_composite_factors"]["aaa1"]
    assert (row["pace_differential"], row["pace_score"]) == (4.3, 2.15)


def test_trend(busy_week: dict[str, dict[str, Row]]) -> None:
    """Newest first 30, 28, 12, 10, 14: +17."""
    assert busy_week["ml_feature_store_v2"]["aaa4"]["recent_trend"] == 2.0
