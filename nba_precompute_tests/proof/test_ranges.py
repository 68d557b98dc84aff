"""A range, its days one by one, in any order, in batches, and again: the same rows and the same failures."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.protocol import MergeCounts
from nba_precompute_tests.oracle.tiny_league import TEAMS, context, tiny_league
from nba_precompute_tests.proof.seasons import Seasons
from nba_precompute_tests.support.league import (
    days,
    hashes,
    new_warehouse,
    real_tables,
    run,
    to_tables,
    written_at,
)

D = dt.date.fromisoformat

SEASON_START = days(D("2021-10-19"), D("2021-11-05")) + days(D("2021-11-22"), D("2021-11-26"))
"""The first weeks of 2021-22, and the one with a day without a game (Thanksgiving)."""
SINGLE_DAYS = days(D("2021-10-19"), D("2021-10-23")) + days(D("2021-11-24"), D("2021-11-26"))
"""The first days and Thanksgiving among them: a run for each costs as much as a range of all."""
TINY_DATES = [D("2021-11-01") + dt.timedelta(days=days) for days in (0, 1, 3, 4, 8, 12, 13, 20)]

Batches = Iterable[Sequence[dt.date]]


def assert_same_content(warehouse: DuckDBWarehouse, batches: Batches, of_the_range: DuckDBWarehouse) -> None:
    """Publishing the batches one after the other gives what one range run gave, and nothing else."""
    published: set[dt.date] = set()
    for batch in batches:
        run(warehouse, batch)
        published.update(batch)
    expected = hashes(of_the_range, published)
    assert expected, "a range without content proves nothing"
    assert hashes(warehouse) == expected


def in_sevens(dates: Sequence[dt.date]) -> list[Sequence[dt.date]]:
    return [dates[i : i + 7] for i in range(0, len(dates), 7)]


def in_small_sets(dates: Sequence[dt.date], seed: int) -> list[list[dt.date]]:
    """All dates, shuffled and cut into sets of three to eight, which are not contiguous."""
    rng = random.Random(seed)
    left = rng.sample(dates, len(dates))
    sets = []
    while left:
        size = rng.randint(3, 8)
        sets.append(left[:size])
        left = left[size:]
    return sets


@pytest.mark.slow
def test_day_by_day(seasons: Seasons, tmp_path: Path) -> None:
    season = seasons.real(2021)
    own = season.sources_only(tmp_path / "own.duckdb")
    assert_same_content(own, ([date] for date in SINGLE_DAYS), season.warehouse)


@pytest.mark.slow
def test_any_sets_of_days_in_any_order(seasons: Seasons, tmp_path: Path) -> None:
    season = seasons.real(2021)
    own = season.sources_only(tmp_path / "own.duckdb")
    assert_same_content(own, in_small_sets(SEASON_START, seed=4), season.warehouse)


@pytest.mark.slow
def test_batches_of_seven_days_and_again(seasons: Seasons, tmp_path: Path) -> None:
    season = seasons.real(2021)
    own = season.sources_only(tmp_path / "own.duckdb")
    assert_same_content(own, in_sevens(SEASON_START), season.warehouse)
    before = hashes(own), written_at(own)
    for outcome in run(own, SEASON_START).values():
        assert outcome.computed == SEASON_START
        assert outcome.merged == outcome.merged_failures == MergeCounts()
    assert (hashes(own), written_at(own)) == before


@pytest.mark.slow
def test_days_into_the_playoffs_in_any_order(seasons: Seasons, tmp_path: Path) -> None:
    season = seasons.simulated(1)
    stretch = days(D("2022-04-10"), D("2022-04-17"))
    types = {
        row[0]
        for row in season.ask("SELECT game_type FROM games WHERE game_date BETWEEN '2022-04-10' AND '2022-04-17'")
    }
    assert types == {"regular_season", "play_in", "playoffs"}
    random.Random(7).shuffle(stretch)
    own = season.sources_only(tmp_path / "own.duckdb")
    assert_same_content(own, ([date] for date in stretch), season.warehouse)


@pytest.mark.slow
def test_a_range_across_two_seasons(seasons: Seasons, tmp_path: Path) -> None:
    """With both seasons loaded, each date has the rows of its own season; no window crosses seasons."""
    import pyarrow as pa

    first, second = real_tables(2021), real_tables(2022)
    both = new_warehouse(
        tmp_path / "both.duckdb", {name: pa.concat_tables([first[name], second[name]]) for name in first}
    )
    dates = days(D("2022-04-08"), D("2022-10-25"))
    outcomes = run(both, dates)
    assert all(outcome.computed == dates for outcome in outcomes.values())
    alone = {key: value for year in (2021, 2022) for key, value in hashes(seasons.real(year).warehouse, dates).items()}
    assert {date.year * 100 + date.month for _, date, _ in alone} == {202204, 202210}
    assert hashes(both) == alone


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Two teams, eight game dates, all players listed; published as one range."""
    warehouse = tiny_warehouse(tmp_path_factory.mktemp("range") / "range.duckdb")
    run(warehouse, TINY_DATES)
    return warehouse


def tiny_warehouse(path: Path) -> DuckDBWarehouse:
    rows = tiny_league(TINY_DATES[:-1], TINY_DATES[-1])
    rows["upcoming_player_game_context"] = [
        context(date, team, number) for date in TINY_DATES for team in TEAMS for number in range(1, 6)
    ]
    return new_warehouse(path, to_tables(rows))


@pytest.mark.slow
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(st.lists(st.lists(st.sampled_from(TINY_DATES), min_size=1, max_size=5, unique=True), min_size=1, max_size=3))
def test_any_dates_in_any_order(
    tiny: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory, batches: list[list[dt.date]]
) -> None:
    """Also of overlapping ones: the rows of a date do not depend on what else was published, or when."""
    own = tiny_warehouse(tmp_path_factory.mktemp("any") / "any.duckdb")
    assert_same_content(own, batches, tiny)
