"""Shared by all tests: the product's clock, and a small simulated season."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pyarrow.compute as pc
import pytest

from nba_precompute import calendar
from nba_precompute.simulation import simulate_season
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.platform import Phase3


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the product takes for now: a date, and a time of day in New York (default 09:00)."""

    def set_clock(date: dt.date, time: dt.time = dt.time(9)) -> None:
        moment = dt.datetime.combine(date, time, calendar.LEAGUE_TIME)
        monkeypatch.setattr(calendar, "now", lambda: moment)

    return set_clock


@pytest.fixture(scope="session")
def small_season() -> Phase3:
    """The first two weeks of a simulated league, as if it were a season."""
    season = simulate_season(2021, 1)
    last = dt.date(2021, 11, 2)
    return {name: rows.filter(pc.less_equal(rows["game_date"], last)) for name, rows in season.items()}


@pytest.fixture(scope="session")
def first_weeks(tmp_path_factory: pytest.TempPathFactory) -> FirstWeeks:
    """Published once per process, and only to be read."""
    return FirstWeeks.published(tmp_path_factory.mktemp("first_weeks"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of the UI first: they mostly wait for the daemon, beside those that compute."""
    items.sort(key=lambda item: item.get_closest_marker("ui") is None)
