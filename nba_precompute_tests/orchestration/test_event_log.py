"""The event log that keeps its connections open stores what the stock one stores."""

from __future__ import annotations

import ast
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from nba_precompute.orchestration.dagster_private.event_log import PooledSqliteEventLogStorage
from nba_precompute_tests.support.league import REPOSITORY

DAYS = dg.DailyPartitionsDefinition("2024-01-01")


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def letters() -> None: ...


@dg.asset_check(asset=letters)
def readable() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"pages": 2})


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


def test_an_instance_whose_settings_have_the_former_name_opens_with_its_history(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run_id = run(instance)
    settings = tmp_path / "dagster.yaml"
    current = "nba_precompute.orchestration.dagster_private.event_log"
    assert current in settings.read_text()
    settings.write_text(settings.read_text().replace(current, "nba_precompute.event_log"))
    with dg.DagsterInstance.get() as reopened:
        assert isinstance(reopened.event_log_storage, PooledSqliteEventLogStorage)
        assert reopened.all_logs(run_id) == instance.all_logs(run_id)
        assert run(reopened) != run_id


@pytest.mark.parametrize("module", ["nba_precompute.event_log", PooledSqliteEventLogStorage.__module__])
def test_opening_an_instance_loads_nothing_else_of_the_package(module: str) -> None:
    code = f"import sys, {module}; print(sorted(name for name in sys.modules if name.startswith('nba_precompute')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {"nba_precompute", "nba_precompute.orchestration", "nba_precompute.orchestration.dagster_private", module}
    assert set(ast.literal_eval(done.stdout)) == loaded | {PooledSqliteEventLogStorage.__module__}


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


# Batches.


@pytest.fixture(scope="module")
def events() -> list[dg.EventLogEntry]:
    """Everything that two runs with a check have written."""
    tags = {"dagster/asset_partition_range_start": "2024-01-01", "dagster/asset_partition_range_end": "2024-01-03"}
    with dg.DagsterInstance.ephemeral() as instance:
        runs = [dg.materialize([letters, readable], instance=instance, tags=tags).run_id for _ in range(2)]
        return [event for run_id in runs for event in instance.all_logs(run_id)]


def one_by_one(storage: SqliteEventLogStorage, events: Sequence[dg.EventLogEntry]) -> None:
    for event in events:
        storage.store_event(event)


def in_batches(storage: SqliteEventLogStorage, events: Sequence[dg.EventLogEntry]) -> None:
    for start in range(0, len(events), 7):
        storage.store_event_batch(events[start : start + 7])


def at_once(storage: SqliteEventLogStorage, events: Sequence[dg.EventLogEntry]) -> None:
    storage.store_event_batch(events)


def stored(directory: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of every file, in order, without the time at which the row was made."""
    found = {}
    for file in sorted(directory.glob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1").fetchall()
            for (table,) in set(tables) - {("secondary_indexes",)}:  # it says when the file was made
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                kept = ", ".join(f'"{column}"' for column in columns if column != "create_timestamp")
                found[f"{file.name} {table}"] = connection.execute(f"SELECT {kept} FROM {table}").fetchall()
    return found


@pytest.fixture(scope="module")
def of_the_stock_storage(
    tmp_path_factory: pytest.TempPathFactory, events: list[dg.EventLogEntry]
) -> dict[str, list[tuple[Any, ...]]]:
    directory = tmp_path_factory.mktemp("stock")
    one_by_one(SqliteEventLogStorage(str(directory)), events)
    found = stored(directory)
    assert len(found["index.db event_logs"]) > 10
    assert found["index.db asset_check_executions"]
    assert found["index.db asset_keys"]
    return found


@pytest.mark.parametrize("write", [one_by_one, in_batches, at_once])
def test_whatever_the_batches_the_files_are_those_of_the_stock_storage(
    tmp_path: Path,
    events: list[dg.EventLogEntry],
    of_the_stock_storage: dict[str, list[tuple[Any, ...]]],
    write: Callable[[SqliteEventLogStorage, list[dg.EventLogEntry]], None],
) -> None:
    write(PooledSqliteEventLogStorage(str(tmp_path)), events)
    assert stored(tmp_path) == of_the_stock_storage


def test_a_batch_that_fails_stores_nothing_and_can_be_stored_again(
    tmp_path: Path,
    events: list[dg.EventLogEntry],
    of_the_stock_storage: dict[str, list[tuple[Any, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = PooledSqliteEventLogStorage(str(tmp_path))
    storage.store_event_batch(events[:9])
    before = stored(tmp_path)
    original, calls = PooledSqliteEventLogStorage.store_event, 0

    def full_disk(self: PooledSqliteEventLogStorage, event: dg.EventLogEntry) -> None:
        nonlocal calls
        calls += 1
        original(self, event)
        if calls == 15:
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(PooledSqliteEventLogStorage, "store_event", full_disk)
        with pytest.raises(sqlite3.OperationalError):
            storage.store_event_batch(events[9:])
    assert {name: rows for name, rows in stored(tmp_path).items() if name in before} == before
    assert sum(len(storage.get_logs_for_run(run_id)) for run_id in {event.run_id for event in events}) == 9
    storage.store_event_batch(events[9:])
    assert stored(tmp_path) == of_the_stock_storage


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_of_two_threads_do_not_mix(tmp_path: Path, events: list[dg.EventLogEntry], processes: int) -> None:
    """With one storage, as in a webserver; and with one each, as of two processes."""
    storages = [PooledSqliteEventLogStorage(str(tmp_path)) for _ in range(processes)]
    by_run = [
        [event for event in events if event.run_id == run_id] for run_id in sorted({event.run_id for event in events})
    ]
    errors: list[BaseException] = []

    def write(storage: PooledSqliteEventLogStorage, mine: list[dg.EventLogEntry]) -> None:
        try:
            for start in range(0, len(mine), 3):
                storage.store_event_batch(mine[start : start + 3])
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=write, args=(storage, mine))
        for storage, mine in zip(storages * (2 // processes), by_run, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "they wait for each other"
    assert errors == []
    for mine in by_run:
        assert [record.user_message for record in storages[0].get_logs_for_run(mine[0].run_id)] == [
            event.user_message for event in mine
        ]
    partitions = {f"2024-01-0{day}" for day in range(1, 4)}
    assert storages[-1].get_materialized_partitions(letters.key) == partitions
