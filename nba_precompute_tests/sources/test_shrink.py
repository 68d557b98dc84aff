"""A load that takes away more than a fifth of the rows of a date or season is refused, unless it is told to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_precompute.calendar import season_of
from nba_precompute.sources import Loss, ShrinkRefused, load, load_directories
from nba_precompute.sources.shrink import losses
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse import WarehouseError
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games, write
from nba_precompute_tests.support.league import Rows, real_tables

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
DATES = [OPENING + dt.timedelta(days=n) for n in range(6)]
GAMES_A_DATE = 5


def night(date: dt.date, count: int = GAMES_A_DATE) -> list[Rows]:
    """Some games of a date; every table has at least five rows."""
    return [game(date, f"0{date:%m%d}{n}", f"H{n}", f"A{n}") for n in range(count)]


def nights(*dates: dt.date) -> list[Rows]:
    return [rows for date in dates for rows in night(date)]


SEASON = games(*nights(*DATES))


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    load(warehouse, SEASON)
    return warehouse


def refused(attempt: Callable[[], object], warehouse: DuckDBWarehouse) -> tuple[Loss, ...]:
    """Return the losses for which a load is refused, and verify that it wrote nothing."""
    before = content(warehouse)
    with pytest.raises(ShrinkRefused) as caught:
        attempt()
    assert isinstance(caught.value, WarehouseError)
    assert content(warehouse) == before
    return caught.value.losses


@pytest.mark.parametrize("table", [*FACT_SOURCES, CONTEXT])
def test_a_fifth_of_a_date_may_go_and_no_more(warehouse: DuckDBWarehouse, table: str) -> None:
    rows = SEASON[table].filter(pc.equal(SEASON[table]["game_date"], pa.scalar(DATES[1])))
    fifth = rows.num_rows // 5
    assert refused(lambda: load(warehouse, {table: rows.slice(fifth + 1)}), warehouse) == (
        Loss(table=table, season=2021, date=DATES[1], before=rows.num_rows, after=rows.num_rows - fifth - 1),
    )
    (loaded,) = load(warehouse, {table: rows.slice(fifth)})
    assert loaded.rows == rows.num_rows - fifth
    (loaded,) = load(warehouse, {table: rows.slice(2 * fifth + 1)}, allow_shrink=True)
    assert len(content(warehouse)[table]) == SEASON[table].num_rows - 2 * fifth - 1


def test_the_schedule_is_compared_by_season_because_games_move(warehouse: DuckDBWarehouse) -> None:
    fewer = {SCHEDULE: SEASON[SCHEDULE].slice(6)}
    assert fewer[SCHEDULE].num_rows == 24, "a fifth of 30, and all games of the first date"
    load(warehouse, fewer)
    assert len(content(warehouse)[SCHEDULE]) == 24
    assert refused(lambda: load(warehouse, {SCHEDULE: SEASON[SCHEDULE].slice(11)}), warehouse) == (
        Loss(table=SCHEDULE, season=2021, date=None, before=24, after=19),
    )
    load(warehouse, {SCHEDULE: SEASON[SCHEDULE].slice(11)}, allow_shrink=True)
    assert len(content(warehouse)[SCHEDULE]) == 19


def test_dates_that_are_emptied_on_purpose_count_only_for_the_season(warehouse: DuckDBWarehouse) -> None:
    rest = games(*nights(*DATES[2:]))
    facts = {name: rest[name] for name in FACT_SOURCES}
    found = refused(lambda: load(warehouse, facts, between=(DATES[0], DATES[-1])), warehouse)
    assert found == tuple(
        Loss(table=name, season=2021, date=None, before=SEASON[name].num_rows, after=rest[name].num_rows)
        for name in FACT_SOURCES
    )
    one = {name: rows.filter(pc.not_equal(rows["game_date"], pa.scalar(DATES[0]))) for name, rows in SEASON.items()}
    load(warehouse, {name: one[name] for name in FACT_SOURCES}, between=(DATES[0], DATES[-1]))
    assert len(content(warehouse)[OFFENSE]) == 50


def test_rows_that_go_to_another_date_are_not_lost_to_the_season(warehouse: DuckDBWarehouse) -> None:
    last = DATES[-1] + dt.timedelta(days=1)
    moved = games(*nights(*DATES[2:]), *night(last), *night(last + dt.timedelta(days=1)))
    load(warehouse, {OFFENSE: moved[OFFENSE]}, between=(DATES[0], last))
    assert len(content(warehouse)[OFFENSE]) == SEASON[OFFENSE].num_rows


def test_each_season_is_compared_for_itself(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    other = dt.date(2022, 10, 18)
    load(warehouse, games(*nights(*DATES), *nights(other)))
    more = games(*night(other, count=3), *nights(*DATES), *nights(DATES[-1] + dt.timedelta(days=1)))
    found = refused(lambda: load(warehouse, {OFFENSE: more[OFFENSE], SCHEDULE: more[SCHEDULE]}), warehouse)
    assert found == (
        Loss(table=SCHEDULE, season=2022, date=None, before=5, after=3),
        Loss(table=OFFENSE, season=2022, date=None, before=10, after=6),
        Loss(table=OFFENSE, season=2022, date=other, before=10, after=6),
    )


def test_simulated_rows_that_real_ones_remove_are_not_lost(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    load(warehouse, games(*(game(date, f"SIM{n}{date}") for date in DATES for n in range(4))))
    real = games(game(DATES[0]))
    assert load(warehouse, real)[0].removed_sample_rows == 24
    assert content(warehouse) == as_content(real)


def test_simulated_rows_are_not_lost_to_a_smaller_simulated_league_either(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    load(warehouse, games(*(game(date, f"SIM{n}{date}") for date in DATES for n in range(4))))
    assert refused(lambda: load(warehouse, games(game(DATES[0], "SIM1"))), warehouse)


def test_of_several_directories_the_refused_one_writes_nothing(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    good = write(tmp_path / "good", games(*nights(DATES[0], DATES[-1] + dt.timedelta(days=1))))
    bad = write(tmp_path / "bad", {OFFENSE: SEASON[OFFENSE].slice(0, 3)})
    (good / f"{SCHEDULE}.parquet").unlink()
    loads = load_directories(warehouse, [good, bad])
    next(loads)
    assert refused(lambda: next(loads), warehouse)
    allowed = list(load_directories(warehouse, [good, bad], allow_shrink=True))
    assert [len(loaded) for _, loaded in allowed] == [4, 1]


def test_the_message_names_source_season_dates_and_what_to_do(warehouse: DuckDBWarehouse) -> None:
    few = games(*(game(date, f"0{date:%m%d}0", "H0", "A0") for date in DATES))
    with pytest.raises(ShrinkRefused) as caught:
        load(warehouse, {name: few[name] for name in (SCHEDULE, OFFENSE)})
    assert str(caught.value).splitlines() == [
        "the load would take away more than a fifth of these rows; nothing was written",
        "nbac_schedule in 2021-22: 30 rows now, 6 after the load",
        "team_offense_game_summary in 2021-22: 60 rows now, 12 after the load",
        "team_offense_game_summary on 2021-10-19: 10 rows now, 2 after the load",
        "team_offense_game_summary on 2021-10-20: 10 rows now, 2 after the load",
        "team_offense_game_summary on 2021-10-21: 10 rows now, 2 after the load",
        "team_offense_game_summary on other dates: 3, the last 2021-10-24",
        "check the files; if the rows are to go, load with --allow-shrink (in Python: allow_shrink=True)",
    ]


def test_half_a_real_season_does_not_replace_it(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    season = real_tables(2021)
    load(warehouse, season)
    cut = {name: rows.slice(rows.num_rows // 2) for name, rows in season.items()}
    with pytest.raises(ShrinkRefused) as caught:
        load(warehouse, cut)
    whole = {loss.table: (loss.before, loss.after) for loss in caught.value.losses if loss.date is None}
    assert whole[SCHEDULE] == (season[SCHEDULE].num_rows, cut[SCHEDULE].num_rows)


COUNTS = st.dictionaries(
    st.dates(dt.date(2021, 6, 25), dt.date(2021, 7, 5)) | st.dates(dt.date(2022, 6, 25), dt.date(2022, 7, 5)),
    st.integers(1, 12),
)


@given(before=COUNTS, after=COUNTS, dates=st.sets(st.dates(dt.date(2021, 6, 25), dt.date(2021, 7, 5))))
def test_losses_are_the_dates_and_seasons_below_four_fifths(
    before: dict[dt.date, int], after: dict[dt.date, int], dates: set[dt.date]
) -> None:
    seasons = {
        season: tuple(
            sum(count for date, count in counts.items() if season_of(date) == season) for counts in (before, after)
        )
        for season in map(season_of, before)
    }
    expected = [(season, None, *counts) for season, counts in sorted(seasons.items()) if 5 * counts[1] < 4 * counts[0]]
    expected += [
        (season_of(date), date, before[date], after.get(date, 0))
        for date in sorted(dates)
        if date in before and 5 * after.get(date, 0) < 4 * before[date]
    ]
    found = losses("some_table", before, after, dates)
    assert [(loss.season, loss.date, loss.before, loss.after) for loss in found] == expected


def test_every_source_is_protected(warehouse: DuckDBWarehouse) -> None:
    for name in SOURCES:
        found = refused(lambda name=name: load(warehouse, {name: SEASON[name].slice(0, 3)}), warehouse)  # type: ignore[misc]
        assert {loss.table for loss in found} == {name}
