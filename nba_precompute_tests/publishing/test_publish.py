"""Publishing: the number of statements that a run sends, and the read-back that must equal what was staged."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nba_precompute.publishing.errors import AuditError
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import MergeCounts
from nba_precompute.warehouse.duckdb import DuckDBSession, DuckDBWarehouse
from nba_precompute.warehouse.duckdb.schema import DuckDBSchema
from nba_precompute_tests.support.league import days, execute, hashes, new_warehouse, records, run, written_at

DATE = dt.date(2021, 10, 25)
TDZA = TABLES["team_defense_zone_analysis"]


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("league") / "nba.duckdb"
    new_warehouse(path, simulate_season(2021))
    return path


@pytest.fixture
def warehouse(league: Path, tmp_path: Path) -> DuckDBWarehouse:
    shutil.copy(league, tmp_path / "nba.duckdb")
    return DuckDBWarehouse(tmp_path / "nba.duckdb")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the statements sent to the warehouse, by kind."""
    counts: Counter[str] = Counter()

    def counting(name: str, of: type = DuckDBSession) -> None:
        original = getattr(of, name)

        def wrapper(self: object, *arguments: Any) -> Any:
            counts[name] += 1
            return original(self, *arguments)

        monkeypatch.setattr(of, name, wrapper)

    for name in ("query", "execute", "_merge"):
        counting(name)
    counting("columns_of", DuckDBSchema)
    return counts


@pytest.mark.parametrize("dates", [[DATE], days(DATE, dt.date(2022, 2, 15))], ids=["one date", "114 dates"])
def test_a_run_sends_six_statements_a_table_whatever_the_dates(
    warehouse: DuckDBWarehouse, sent: Counter[str], dates: list[dt.date]
) -> None:
    run(warehouse, dates)
    # inspect, audit and read back are queries; failures and rows are merges; the catalog is looked up once
    assert sent == {"query": 3 * 5, "execute": 5, "_merge": 2 * 5, "columns_of": 5}


def test_where_every_date_is_refused_the_run_only_inspects(warehouse: DuckDBWarehouse, sent: Counter[str]) -> None:
    off_season = dt.date(2023, 10, 25)
    (outcome,) = run(warehouse, [off_season], [TDZA]).values()
    assert outcome.refused == {off_season: ("the schedule has no game of the season",)}
    assert (outcome.partitions, outcome.computed) == ({}, [])
    assert sent == {"query": 1, "columns_of": 1}


def test_a_refused_date_keeps_what_is_published_and_the_others_are_skipped_or_computed(
    warehouse: DuckDBWarehouse,
) -> None:
    skipped, computed = DATE - dt.timedelta(days=2), DATE - dt.timedelta(days=1)
    recorded = records(run(warehouse, [skipped, DATE], [TDZA]))
    before = hashes(warehouse, [skipped, DATE])
    execute(warehouse, f"DELETE FROM nba_raw.nbac_schedule WHERE game_date = DATE '{DATE}'")
    (outcome,) = run(warehouse, [skipped, computed, DATE], [TDZA], recorded).values()
    assert outcome.refused.keys() == {DATE}
    assert (list(outcome.partitions), outcome.computed) == ([skipped, computed], [computed])
    assert hashes(warehouse, [skipped, DATE]) == before


def test_a_merge_that_wrote_less_than_it_was_told_fails_the_run(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DuckDBSession, "publish", lambda self, *_: (MergeCounts(), MergeCounts()))
    with pytest.raises(AuditError, match=r"staged 30 rows and 0 failures, read back 0 and 0 \(2021-10-25\)"):
        run(warehouse, [DATE], [TDZA])


def test_a_merge_whose_counts_are_not_the_audits_fails_the_run(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = DuckDBSession.publish

    def miscounting(self: DuckDBSession, *statements: str) -> tuple[MergeCounts, MergeCounts]:
        failures, _ = original(self, *statements)
        return failures, MergeCounts(inserted=29)

    monkeypatch.setattr(DuckDBSession, "publish", miscounting)
    with pytest.raises(AuditError, match="the audit expected MergeCounts"):
        run(warehouse, [DATE], [TDZA])


def test_the_number_of_threads_does_not_change_a_row(warehouse: DuckDBWarehouse, tmp_path: Path, league: Path) -> None:
    shutil.copy(league, tmp_path / "other.duckdb")
    single_threaded = DuckDBWarehouse(tmp_path / "other.duckdb", threads=1)
    dates = days(DATE, dt.date(2021, 11, 10))
    run(warehouse, dates)
    run(single_threaded, dates)
    assert hashes(warehouse) == hashes(single_threaded)


def test_an_unchanged_run_keeps_every_timestamp(warehouse: DuckDBWarehouse) -> None:
    run(warehouse, [DATE])
    before = written_at(warehouse)
    assert {table for table, _, _ in before} == set(TABLES)
    assert all(outcome.merged.written == 0 for outcome in run(warehouse, [DATE]).values())
    assert written_at(warehouse) == before
