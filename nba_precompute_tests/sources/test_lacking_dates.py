"""Dates that the warehouse has and a load lacks: kept and reported, or emptied where the load is all there is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute.sources import Loaded, ShrinkRefused, load, load_directories
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games, holds, write

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
BY_DATE = (*FACT_SOURCES, CONTEXT)
D0, D1, D2, D3, D4, D5, D6 = (OPENING + dt.timedelta(days=n) for n in range(7))
NEXT_SEASON = dt.date(2022, 10, 18)

Tables = Mapping[str, pa.Table]


def league(*dates: dt.date, **more: int) -> dict[str, pa.Table]:
    """A game on each date, the same game every time."""
    return games(*(game(date, f"0{date:%m%d}", **more) for date in dates))


def only(tables: Tables, *names: str) -> dict[str, pa.Table]:
    return {name: tables[name] for name in names}


def by_date(tables: Tables) -> dict[str, pa.Table]:
    return only(tables, *BY_DATE)


def emptied(loaded: Sequence[Loaded]) -> dict[str, list[dt.date]]:
    return {entry.table: list(entry.emptied) for entry in loaded if entry.emptied}


def kept(loaded: Sequence[Loaded]) -> dict[str, list[dt.date]]:
    return {entry.table: list(entry.kept) for entry in loaded if entry.kept}


def of_each(*dates: dt.date) -> dict[str, list[dt.date]]:
    return {name: list(dates) for name in BY_DATE}


def dates_of(warehouse: DuckDBWarehouse, table: str) -> set[dt.date]:
    with warehouse.reading("test") as session:
        rows = session.query(f"SELECT DISTINCT game_date FROM {session.relation(SOURCES[table])}")
    return {row["game_date"] for row in rows}


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """Seven dates of a season, and one of the next."""
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    load(warehouse, league(D0, D1, D2, D3, D4, D5, D6, NEXT_SEASON))
    return warehouse


# Without a span


def test_a_date_within_the_files_span_that_they_lack_is_kept_and_reported(warehouse: DuckDBWarehouse) -> None:
    loaded = load(warehouse, by_date(league(D1, D3, D5, points=30)))
    assert kept(loaded) == of_each(D2, D4)
    assert {entry.table: set(entry.kept.values()) for entry in loaded} == {
        PLAYERS: {4},
        DEFENSE: {2},
        OFFENSE: {2},
        CONTEXT: {4},
    }
    assert emptied(loaded) == {}
    for name in BY_DATE:
        assert dates_of(warehouse, name) == {D0, D1, D2, D3, D4, D5, D6, NEXT_SEASON}


def test_each_source_has_its_own_span(warehouse: DuckDBWarehouse) -> None:
    """The nightly export has yesterday's box scores and tonight's context; it says nothing of yesterday's context."""
    tables = only(league(D1), *FACT_SOURCES) | only(league(D2), CONTEXT)
    assert kept(load(warehouse, tables)) == {}
    tables = only(league(D1, D3), OFFENSE) | only(league(D1, D2, D3), DEFENSE)
    assert kept(load(warehouse, tables)) == {OFFENSE: [D2]}


def test_a_span_over_seasons_has_the_seasons_between(warehouse: DuckDBWarehouse) -> None:
    later = dt.date(2023, 10, 24)
    loaded = load(warehouse, only(league(D5, later), OFFENSE))
    assert kept(loaded) == {OFFENSE: [D6, NEXT_SEASON]}


def test_a_schedule_lacks_nothing_because_it_replaces_its_season(warehouse: DuckDBWarehouse) -> None:
    loaded = load(warehouse, only(league(D0, D1, D2, D4, D5, D6), SCHEDULE))
    assert (kept(loaded), emptied(loaded)) == ({}, {})
    assert dates_of(warehouse, SCHEDULE) == {D0, D1, D2, D4, D5, D6, NEXT_SEASON}


def test_rows_of_a_simulated_league_that_go_are_not_kept(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    load(warehouse, games(*(game(date, f"SIM{n}") for n, date in enumerate((D0, D1, D2)))))
    loaded = load(warehouse, league(D0, D2), between=(D0, D2))
    assert (kept(loaded), emptied(loaded)) == ({}, {})
    assert {entry.removed_sample_rows for entry in loaded} == {3, 6, 12}
    assert content(warehouse) == as_content(league(D0, D2))


# With a span of which the files are all there is


def test_dates_of_the_span_without_rows_become_empty(warehouse: DuckDBWarehouse) -> None:
    given = league(D1, D3, D5, points=30)
    loaded = load(warehouse, by_date(given), between=(D2, D3))
    assert emptied(loaded) == of_each(D2)
    assert kept(loaded) == of_each(D4), "outside the span nothing is emptied"
    players = next(entry for entry in loaded if entry.table == PLAYERS)
    assert (players.rows, players.replaced, players.emptied) == (12, 12, {D2: 4})
    stays = by_date(league(D0, D4, D6, NEXT_SEASON))
    together = {name: pa.concat_tables([stays[name], given[name]]) for name in BY_DATE}
    assert holds(warehouse, together | only(league(D0, D1, D2, D3, D4, D5, D6, NEXT_SEASON), SCHEDULE))


def test_the_ends_of_the_span_belong_to_it_and_need_no_rows(warehouse: DuckDBWarehouse) -> None:
    loaded = load(warehouse, only(league(D2, D3, D4, D5, D6), OFFENSE), between=(D1, D1))
    assert emptied(loaded) == {OFFENSE: [D1]}
    loaded = load(warehouse, only(league(D3, D4, D5, D6), OFFENSE), between=(D2, D4))
    assert emptied(loaded) == {OFFENSE: [D2]}
    assert dates_of(warehouse, OFFENSE) == {D0, D3, D4, D5, D6, NEXT_SEASON}


def test_a_file_without_rows_empties_the_span(warehouse: DuckDBWarehouse) -> None:
    nothing = {OFFENSE: league(D1)[OFFENSE].slice(0, 0)}
    assert load(warehouse, nothing)[0].unchanged
    (loaded,) = load(warehouse, nothing, between=(D1, D1))
    assert (loaded.emptied, loaded.rows, loaded.replaced) == ({D1: 2}, 0, 0)
    assert dates_of(warehouse, OFFENSE) == {D0, D2, D3, D4, D5, D6, NEXT_SEASON}


def test_rows_that_are_equal_are_not_written_when_a_date_is_emptied(warehouse: DuckDBWarehouse) -> None:
    (loaded,) = load(warehouse, only(league(D0, D2), OFFENSE), between=(D0, D2))
    assert (loaded.unchanged, loaded.replaced, loaded.emptied) == (True, 0, {D1: 2})
    assert dates_of(warehouse, OFFENSE) == {D0, D2, D3, D4, D5, D6, NEXT_SEASON}


def test_a_source_that_is_not_given_stays_as_it_is(warehouse: DuckDBWarehouse) -> None:
    before = content(warehouse)
    load(warehouse, only(league(D0, D2), OFFENSE), between=(D0, D2))
    after = content(warehouse)
    assert {name for name in SOURCES if after[name] != before[name]} == {OFFENSE}


def test_the_span_does_not_concern_the_schedule(warehouse: DuckDBWarehouse) -> None:
    rest = only(league(D0, D1, D2, D4, D5, D6), SCHEDULE)
    loaded = load(warehouse, rest, between=(D0, NEXT_SEASON))
    assert emptied(loaded) == {}
    assert dates_of(warehouse, SCHEDULE) == {D0, D1, D2, D4, D5, D6, NEXT_SEASON}


def test_the_same_load_again_is_unchanged(warehouse: DuckDBWarehouse) -> None:
    given = league(D0, D1, D2, D4, D5, D6)
    load(warehouse, given, between=(D0, D6))
    again = load(warehouse, given, between=(D0, D6))
    assert all(entry.unchanged and not entry.emptied and not entry.replaced for entry in again)


def test_a_span_that_ends_before_it_begins_is_an_error(warehouse: DuckDBWarehouse) -> None:
    before = content(warehouse)
    with pytest.raises(ValueError, match="between ends on 2021-10-19, before it begins on 2021-10-20"):
        load(warehouse, league(D0), between=(D1, D0))
    assert content(warehouse) == before


# Several directories


def test_directories_are_all_there_is_together(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    odd, even = by_date(league(D1, D3, D5)), by_date(league(D0, D4, D6))
    directories = [write(tmp_path / "odd", odd), write(tmp_path / "even", even)]
    (_, first), (_, second) = load_directories(warehouse, directories)
    assert (kept(first), kept(second)) == (of_each(D2),) * 2
    (_, first), (_, second) = load_directories(warehouse, directories, between=(D0, D6))
    assert (emptied(first), emptied(second)) == (of_each(D2), {})
    for name in BY_DATE:
        assert dates_of(warehouse, name) == {D0, D1, D3, D4, D5, D6, NEXT_SEASON}


# Another simulated league


def test_another_simulated_league_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    """The dates of two leagues differ, and so do the numbers of games on them."""
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    one, other = (simulate_season(2021, seed) for seed in (0, 7))
    span = (dt.date(2021, 7, 1), dt.date(2022, 6, 30))
    load(warehouse, one)
    with pytest.raises(ShrinkRefused):
        load(warehouse, other, between=span)
    loaded = load(warehouse, other, between=span, allow_shrink=True)
    assert set(emptied(loaded)) == set(BY_DATE)
    assert holds(warehouse, other)
