"""The dates of a run as date ranges and literal predicates."""

from __future__ import annotations

import datetime as dt
import itertools

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_precompute.calendar import date_ranges, season_of
from nba_precompute.sql import RunDates

DATES = st.dates(dt.date(2021, 10, 1), dt.date(2025, 6, 30))


@given(st.sets(DATES, min_size=1, max_size=60))
def test_date_ranges_cover_exactly_the_dates_and_do_not_touch(dates: set[dt.date]) -> None:
    found = date_ranges(dates)
    covered = [first + dt.timedelta(days=n) for first, last in found for n in range((last - first).days + 1)]
    assert covered == sorted(dates)
    assert all((later[0] - earlier[1]).days > 1 for earlier, later in itertools.pairwise(found))


@given(st.sets(DATES, min_size=1, max_size=20), st.sets(DATES, max_size=40))
def test_the_predicate_selects_exactly_the_runs_dates(run: set[dt.date], others: set[dt.date]) -> None:
    candidates = sorted(run | others)
    rows = duckdb.execute(
        f"SELECT d FROM (SELECT unnest(?::DATE[]) AS d) WHERE {RunDates.of(run).dates_of('d')}", [candidates]
    ).fetchall()
    assert {d for (d,) in rows} == run


@given(st.sets(DATES, min_size=1, max_size=20), DATES)
def test_facts_are_those_of_the_runs_seasons_up_to_its_last_date(run: set[dt.date], fact: dt.date) -> None:
    ((selected,),) = duckdb.execute(
        f"SELECT {RunDates.of(run).facts('d')} FROM (SELECT ?::DATE AS d)", [fact]
    ).fetchall()
    assert selected == any(season_of(date) == season_of(fact) and fact <= date for date in run)


def test_a_season_starts_in_july() -> None:
    assert season_of(dt.date(2022, 6, 30)) == 2021
    assert season_of(dt.date(2022, 7, 1)) == 2022


def test_a_season_of_dates_is_one_between() -> None:
    dates = [dt.date(2021, 10, 19) + dt.timedelta(days=n) for n in range(174)]
    assert RunDates.of(dates).dates_of("d") == "d BETWEEN DATE '2021-10-19' AND DATE '2022-04-10'"


def test_a_run_without_dates_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one date"):
        RunDates.of([])
