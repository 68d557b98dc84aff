"""Warehouses copied from a prepared file, so that a test computes the five tables quickly."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from nba_precompute.publishing.records import Published
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.duckdb import session as duckdb_session
from nba_precompute_tests.bad_input.helpers import (
    DATES,
    LAST,
    Result,
    agree_with_oracle,
    build_league,
    copied,
    load,
    result_of,
)
from nba_precompute_tests.bad_input.one_run import Batch, Computed, NewWarehouse, of
from nba_precompute_tests.support.league import Rows, new_warehouse, records, run, to_tables

LEAGUE = build_league()
PUBLISHED = (DATES[9], DATES[12], LAST)
"""The dates that `published_warehouse` holds."""


Records = dict[str, dict[dt.date, Published]]


class Compute(Protocol):
    def __call__(self, *variants: Rows, dates: Iterable[dt.date] = (LAST,)) -> list[Result]:
        """Run the five tables over each variant of the league; the result must agree with the oracle."""


@pytest.fixture(autouse=True, scope="session")
def _remembered_transpilation() -> Iterator[None]:
    """Cache transpiled statements, which take much of a small run and differ only in temporary names and the time."""
    transpile = duckdb_session.transpile
    remembered: dict[str, str] = {}
    unique = re.compile(r"_[0-9a-f]{12}\b|TIMESTAMP '[^']*'")

    def remember(sql: str) -> str:
        names = list(dict.fromkeys(unique.findall(sql)))
        holders = [
            f"_{i:012d}" if name.startswith("_") else f"TIMESTAMP '2000-01-01 00:00:00.{i:06d}+00'"
            for i, name in enumerate(names)
        ]
        text = sql
        for name, holder in zip(names, holders, strict=True):
            text = text.replace(name, holder)
        if text not in remembered:
            remembered[text] = transpile(text)
        result = remembered[text]
        for name, holder in zip(names, holders, strict=True):
            # A timestamp is transpiled to a cast of the literal: only the literal is exchanged.
            result = result.replace(*(part.removeprefix("TIMESTAMP ") for part in (holder, name)))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb_session, "transpile", remember)
        yield


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The undamaged league, nothing computed."""
    path = tmp_path_factory.mktemp("prepared") / "league.duckdb"
    new_warehouse(path, to_tables(LEAGUE))
    return path


@pytest.fixture(scope="session")
def _first_run(_prepared: Path) -> tuple[Path, Records]:
    path = _prepared.with_name("published.duckdb")
    shutil.copy(_prepared, path)
    warehouse = DuckDBWarehouse(path, threads=1)
    outcomes = run(warehouse, PUBLISHED)
    agree_with_oracle(warehouse, LEAGUE, PUBLISHED)
    return path, records(outcomes)


@pytest.fixture(scope="session")
def _prepared_and_published(_first_run: tuple[Path, Records]) -> Path:
    """The undamaged league, computed for PUBLISHED."""
    return _first_run[0]


@pytest.fixture
def published_records(_first_run: tuple[Path, Records]) -> Records:
    """The records of `published_warehouse`."""
    return _first_run[1]


@pytest.fixture
def league() -> Rows:
    """Complete rows, to be damaged."""
    return copied(LEAGUE)


@pytest.fixture(scope="session")
def new(_prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> NewWarehouse:
    """Return a factory of warehouses that hold given rows and nothing computed."""

    def make(rows: Rows) -> DuckDBWarehouse:
        path = tmp_path_factory.mktemp("new") / "league.duckdb"
        shutil.copy(_prepared, path)
        warehouse = DuckDBWarehouse(path, threads=1)
        load(warehouse, rows, unless=LEAGUE)
        return warehouse

    return make


@pytest.fixture
def compute(new: NewWarehouse) -> Compute:
    """See `Compute`."""

    def make(*variants: Rows, dates: Iterable[dt.date] = (LAST,)) -> list[Result]:
        ask = of(*variants, dates=dates)
        return Computed(new, [ask]).results(ask)

    return make


@pytest.fixture(scope="module")
def batch(request: pytest.FixtureRequest, new: NewWarehouse, baseline: Result) -> Batch:
    """The tests of the module that are marked `in_one_run`."""
    fixtures = {"league": lambda: copied(LEAGUE), "baseline": lambda: baseline}
    return Batch(request.module.__name__, new, fixtures)


@pytest.fixture
def published_warehouse(_prepared_and_published: Path, tmp_path: Path) -> DuckDBWarehouse:
    """The undamaged league, published for PUBLISHED."""
    path = tmp_path / "published.duckdb"
    shutil.copy(_prepared_and_published, path)
    return DuckDBWarehouse(path, threads=1)


@pytest.fixture(scope="session")
def baseline(_prepared_and_published: Path) -> Result:
    """The published rows and failures of the undamaged league on LAST."""
    found = result_of(DuckDBWarehouse(_prepared_and_published))
    for tables in (found.rows, found.failures):
        for table, days in tables.items():
            tables[table] = {date: day for date, day in days.items() if date == LAST}
    return found
