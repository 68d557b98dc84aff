"""The requests of automation, on the test's clock: only with complete inputs, history too, nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute.orchestration.names import READY
from nba_precompute.quality.names import COMPLETE, VALID
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute_tests.support.league import execute
from nba_precompute_tests.support.platform import Phase3, Platform, until

MORNING = dt.date(2021, 10, 22)
DATES = ["2021-10-19", "2021-10-20", "2021-10-21", "2021-10-22"]
ROOTS = ("team_defense_zone_analysis", "player_shot_zone_analysis")
EVERYTHING = (*TABLES, READY)

pytestmark = pytest.mark.slow


@pytest.fixture
def platform(tmp_path: Path, small_season: Phase3, clock: Callable[[dt.date], None]) -> Platform:
    clock(MORNING)
    return Platform(tmp_path / "nba.duckdb", until(small_season, MORNING))


def box_scores(change: str, teams: str = "TRUE") -> str:
    """Change the points of the players of one night, so that they are no longer those of their teams."""
    return (
        f"UPDATE nba_analytics.player_game_summary SET points = points {change} "
        f"WHERE game_date = DATE '2021-10-20' AND {teams} AND minutes_played > 0"
    )


def test_history_is_filled_once_everything_that_a_date_waits_for_has_passed(platform: Platform) -> None:
    execute(platform.warehouse, box_scores("+ 1"))
    platform.observe()
    assert platform.asked() == {}, "no coverage check has passed yet"
    platform.cover()
    assert platform.settle() == dict.fromkeys(EVERYTHING, DATES[:2]), "an uncovered night holds back what reads it"

    execute(platform.warehouse, box_scores("- 1"))
    platform.cover()
    assert platform.asked() == dict.fromkeys(ROOTS, DATES[2:])
    platform.run(TABLES, DATES[2:])
    assert platform.asked() == {READY: DATES[2:]}

    execute(
        platform.warehouse,
        "UPDATE nba_predictions.ml_feature_store_v2 SET default_count = 99 WHERE game_date = DATE '2021-10-21'",
    )
    store = dg.AssetCheckKey(dg.AssetKey("ml_feature_store_v2"), VALID)
    platform.execute([], [store], {"dagster/partition": "2021-10-21"})
    assert not platform.run([READY], DATES).success, "the marker refuses a date that has not passed"
    assert platform.run([READY], DATES[:2]).success


def test_an_uncovered_team_holds_back_the_next_date_and_the_tables_that_read_the_team(platform: Platform) -> None:
    """It plays neither on the next date nor on the one after: then only a table of all teams waits for it."""
    team = "team_abbr = 'SAC'"
    execute(platform.warehouse, box_scores("+ 1", team))
    platform.cover()
    defense, shots = ROOTS
    assert platform.asked() == {defense: DATES[:2], shots: [*DATES[:2], DATES[3]]}
    execute(platform.warehouse, box_scores("- 1", team))
    platform.cover()
    assert platform.asked() == {defense: DATES[2:], shots: [DATES[2]]}


def test_a_missing_date_holds_back_what_reads_it(platform: Platform) -> None:
    for table in ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary"):
        execute(platform.warehouse, f"DELETE FROM nba_analytics.{table} WHERE game_date = DATE '2021-10-20'")
    platform.cover()
    assert platform.asked() == dict.fromkeys(ROOTS, DATES[:2])


def test_a_failing_date_is_asked_for_again_only_on_new_data(platform: Platform) -> None:
    platform.cover()
    table = "nba_analytics.player_game_summary"
    execute(platform.warehouse, f"ALTER TABLE {table} RENAME COLUMN points TO score")
    assert platform.asked() == dict.fromkeys(ROOTS, DATES)
    assert not platform.run(ROOTS, DATES).success
    assert platform.asked() == {}
    assert platform.asked() == {}
    execute(
        platform.warehouse,
        f"ALTER TABLE {table} RENAME COLUMN score TO points",
        f"UPDATE {table} SET ts_pct = 0.5 WHERE game_date = DATE '2021-10-20'",
    )
    platform.cover()
    assert platform.asked() == dict.fromkeys(ROOTS, DATES[2:]), "the dates that read 20 October"


def test_a_failed_check_keeps_the_same_date_downstream_from_being_asked_for(platform: Platform) -> None:
    platform.cover()
    platform.asked()
    platform.run(ROOTS, DATES)
    faults = {
        COMPLETE: ("2021-10-20", "DELETE FROM {table} WHERE analysis_date = DATE '{date}'"),
        VALID: ("2021-10-21", "UPDATE {table} SET paint_pct_allowed_last_15 = 7 WHERE analysis_date = DATE '{date}'"),
    }
    for check, (date, fault) in faults.items():
        execute(platform.warehouse, fault.format(table="nba_precompute.team_defense_zone_analysis", date=date))
        key = dg.AssetCheckKey(dg.AssetKey("team_defense_zone_analysis"), check)
        platform.execute([], [key], {"dagster/partition": date})
    asked = platform.asked()
    assert asked["player_composite_factors"] == [DATES[0], DATES[3]]
    assert asked["player_daily_cache"] == DATES, "it does not read team defense"


def test_nothing_after_today_is_observed_so_nothing_after_it_is_asked_for(
    platform: Platform, clock: Callable[[dt.date], None]
) -> None:
    """With `end_offset` and the excluded months the calendar offers 1 October all summer."""
    clock(dt.date(2022, 7, 15))
    platform.observe()
    for source in SOURCES:
        keys = platform.instance.get_materialized_partitions(dg.AssetKey(source))
        assert keys
        assert max(keys) <= "2022-06-30"
