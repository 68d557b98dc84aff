"""Fixtures of all tests: the clock, a small simulated season, and published first weeks; the order of the UI tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pyarrow.compute as pc
import pytest
from hypothesis import settings

from nba_precompute import calendar
from nba_precompute.simulation import simulate_season
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.platform import Phase3

pytest_plugins = ["nba_precompute_tests.bigquery.fixtures"]

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the current date, and the time of day in New York (default 09:00)."""

    def set_clock(date: dt.date, time: dt.time = dt.time(9)) -> None:
        moment = dt.datetime.combine(date, time, calendar.LEAGUE_TIME)
        monkeypatch.setattr(calendar, "now", lambda: moment)

    return set_clock


@pytest.fixture(scope="session")
def small_season() -> Phase3:
    """Return the first two weeks of a simulated season."""
    season = simulate_season(2021, 1)
    last = dt.date(2021, 11, 2)
    return {name: rows.filter(pc.less_equal(rows["game_date"], last)) for name, rows in season.items()}


@pytest.fixture(scope="session")
def first_weeks(tmp_path_factory: pytest.TempPathFactory) -> FirstWeeks:
    """Return the published first weeks of a season, computed once per process; for reading only."""
    return FirstWeeks.published(tmp_path_factory.mktemp("first_weeks"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the UI tests first: they mostly wait for the daemon while other workers compute."""
    items.sort(key=lambda item: item.get_closest_marker("ui") is None)
