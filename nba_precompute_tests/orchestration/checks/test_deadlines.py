"""The deadlines: when a slate is due, and which gap counts, on the test's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from nba_precompute.orchestration.checks.deadlines import deadline, last_due
from nba_precompute.quality.names import COMPLETE_THROUGH
from nba_precompute.tables import TABLES
from nba_precompute.tables.sources import FACT_SOURCES
from nba_precompute_tests.support.league import execute, run
from nba_precompute_tests.support.platform import Phase3, Platform, until

NEW_YORK = ZoneInfo("America/New_York")
STORE = "ml_feature_store_v2"
CONTEXT = "upcoming_player_game_context"


@pytest.mark.parametrize(
    ("time", "today_counts", "expected"),
    [
        (dt.time(10, 59), True, dt.date(2021, 11, 3)),
        (dt.time(11), True, dt.date(2021, 11, 4)),
        (dt.time(11, 59), True, dt.date(2021, 11, 4)),
        (dt.time(12), True, dt.date(2021, 11, 5)),
        (dt.time(12), False, dt.date(2021, 11, 4)),
    ],
)
def test_last_night_is_due_at_eleven_and_today_at_noon(time: dt.time, today_counts: bool, expected: dt.date) -> None:
    assert last_due(dt.datetime.combine(dt.date(2021, 11, 5), time, NEW_YORK), today_counts=today_counts) == expected


def test_a_deadline_is_met_up_to_the_first_gap() -> None:
    days = [dt.date(2021, 11, day) for day in (1, 2, 5)]
    there = dict.fromkeys(days, True)
    assert deadline(there, dt.date(2021, 11, 4)).gaps == ()
    assert deadline(there, dt.date(2021, 11, 4)).due == days[1], "days without games are never due"
    found = deadline({**there, days[1]: False}, dt.date(2021, 11, 5))
    assert (found.through, found.due, found.gaps) == (days[0], days[2], (days[1],))
    assert deadline({}, dt.date(2022, 2, 19)).gaps == (), "the All-Star break"


class TestInDagster:
    """One small league, computed up to and with the morning's slate."""

    morning = dt.date(2021, 10, 22)

    @pytest.fixture
    def platform(self, tmp_path: Path, small_season: Phase3, clock: Callable[..., None]) -> Platform:
        clock(self.morning)
        platform = Platform(tmp_path / "nba.duckdb", until(small_season, self.morning))
        run(platform.warehouse, [dt.date(2021, 10, day) for day in range(19, 23)])
        return platform

    def failed(self, platform: Platform) -> dict[str, str]:
        """Return the descriptions of the deadlines that are not met, by asset."""
        keys = [key for key in platform.repository.asset_graph.asset_check_keys if key.name == COMPLETE_THROUGH]
        evaluations = platform.execute([], keys, {}).get_asset_check_evaluations()
        assert len(evaluations) == len(keys) == len(TABLES) + len(FACT_SOURCES) + 1
        return {found.asset_key.path[-1]: found.description or "" for found in evaluations if not found.passed}

    def test_alarms_go_off_at_their_hour_and_not_before(self, platform: Platform, clock: Callable[..., None]) -> None:
        clock(self.morning, dt.time(12))
        assert self.failed(platform) == {}
        execute(
            platform.warehouse,
            f"DELETE FROM nba_predictions.{STORE} WHERE game_date = DATE '{self.morning}'",
            f"DELETE FROM nba_analytics.{CONTEXT} WHERE game_date = DATE '{self.morning}'",
            "DELETE FROM nba_analytics.player_game_summary WHERE game_date = DATE '2021-10-21'",
        )
        clock(self.morning, dt.time(10, 59))
        assert self.failed(platform) == {}
        clock(self.morning, dt.time(11))
        assert set(self.failed(platform)) == {"player_game_summary"}
        clock(self.morning, dt.time(12))
        assert self.failed(platform) == {
            "player_game_summary": "overdue: 2021-10-21",
            CONTEXT: "overdue: 2021-10-22",
            STORE: "overdue: 2021-10-22",
        }

    def test_a_backfill_of_old_dates_does_not_look_like_news(
        self, platform: Platform, clock: Callable[..., None]
    ) -> None:
        clock(dt.date(2021, 10, 24), dt.time(11))
        run(platform.warehouse, [dt.date(2021, 10, 19)], [TABLES[STORE]])
        assert self.failed(platform)[STORE] == "overdue: 2021-10-23"

    def test_no_alarm_in_summer_and_one_for_a_season_without_a_schedule(
        self, platform: Platform, clock: Callable[..., None]
    ) -> None:
        clock(dt.date(2022, 7, 15), dt.time(12))
        assert self.failed(platform) == {}
        clock(dt.date(2022, 12, 15), dt.time(12))
        assert self.failed(platform)[STORE] == "the schedule has no game of the season 2022"


def test_they_are_looked_at_by_the_clock(small_season: Phase3, tmp_path: Path) -> None:
    platform = Platform(tmp_path / "nba.duckdb", small_season)
    key = dg.AssetCheckKey(dg.AssetKey(STORE), COMPLETE_THROUGH)
    spec = platform.repository.asset_graph.get(key)
    assert "0 11,12 * * *" in str(spec.automation_condition)
