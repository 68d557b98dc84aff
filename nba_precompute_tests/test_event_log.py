"""The event log that keeps its connections open stores what the stock one stores."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from nba_precompute.event_log import PooledSqliteEventLogStorage
from nba_precompute_tests.league import REPOSITORY

DAYS = dg.DailyPartitionsDefinition("2024-01-01")


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def letters() -> None: ...


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    shutil.copy(REPOSITORY / "deploy" / "local" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as instance:
        yield instance


def run(instance: dg.DagsterInstance) -> str:
    tags = {"dagster/asset_partition_range_start": "2024-01-01", "dagster/asset_partition_range_end": "2024-01-05"}
    return dg.materialize([letters], instance=instance, tags=tags).run_id


def test_the_shipped_settings_choose_it(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, PooledSqliteEventLogStorage)


def test_the_stock_storage_reads_the_same_events(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_id = run(instance)
    stock = SqliteEventLogStorage(str(tmp_path / "history" / "runs"))
    ours = instance.event_log_storage.get_logs_for_run(run_id)
    assert len(ours) > 10
    assert stock.get_logs_for_run(run_id) == ours
    assert stock.get_materialized_partitions(letters.key) == {f"2024-01-0{day}" for day in range(1, 6)}


def test_many_runs_stay_readable_with_few_open_files(instance: dg.DagsterInstance) -> None:
    runs = [run(instance) for _ in range(12)]
    storage = instance.event_log_storage
    assert isinstance(storage, PooledSqliteEventLogStorage)
    assert all(storage.get_logs_for_run(run_id) for run_id in runs)
    assert len(storage._engines) <= 8


def test_a_deleted_run_can_be_asked_for(instance: dg.DagsterInstance) -> None:
    run_id = run(instance)
    instance.delete_run(run_id)
    assert instance.event_log_storage.get_logs_for_run(run_id) == []
    assert run(instance)


def test_two_that_make_the_files_of_a_new_home_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, the stock storage can stamp two revisions, after which nothing opens the instance any more."""
    original = SqliteEventLogStorage._initdb
    guard, at_once, most = threading.Lock(), 0, 0

    def slowly(self: SqliteEventLogStorage, *arguments: Any) -> None:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.1)
        original(self, *arguments)
        with guard:
            at_once -= 1

    monkeypatch.setattr(SqliteEventLogStorage, "_initdb", slowly)
    threads = [threading.Thread(target=PooledSqliteEventLogStorage, args=(str(tmp_path),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    with closing(sqlite3.connect(tmp_path / "index.db")) as index:
        assert len(index.execute("SELECT * FROM alembic_version").fetchall()) == 1


def test_without_a_home_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(RuntimeError, match="DAGSTER_HOME is not set"):
        PooledSqliteEventLogStorage.from_config_value(None, {})
