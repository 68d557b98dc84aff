"""The write lock of a DuckDB file, and opening the file while another process has it open."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.warehouse import WarehouseBusy, WarehouseError
from nba_precompute.warehouse.duckdb import DuckDBWarehouse, connection, lock, settings
from nba_precompute.warehouse.duckdb.lock import write_lock


def holding(path: Path, seconds: float) -> subprocess.Popen[str]:
    """Start another process that holds the write lock, and wait until it does."""
    code = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from nba_precompute.warehouse.duckdb import DuckDBWarehouse
        with DuckDBWarehouse(Path({str(path)!r})).writing("the other run"):
            print("held", flush=True)
            time.sleep({seconds})
    """)
    process = subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_waiting_writer_logs_the_holder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "nba.duckdb"
    other = holding(path, 1.5)
    with caplog.at_level(logging.WARNING), DuckDBWarehouse(path).writing("my run"):
        pass
    other.wait()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(
        f"my run: waiting for {path}, held by process {other.pid} (the other run, since"
    )


def test_a_writer_gives_up_with_the_holders_name(tmp_path: Path) -> None:
    path = tmp_path / "nba.duckdb"
    other = holding(path, 30)
    try:
        with (
            pytest.raises(WarehouseBusy, match=f"my run: gave up .* held by process {other.pid} \\(the other run"),
            write_lock(path, "my run", patience=0.5),
        ):
            pass
    finally:
        other.kill()
        other.wait()


def test_a_killed_holder_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "nba.duckdb"
    other = holding(path, 60)
    other.kill()
    other.wait()
    with DuckDBWarehouse(path).writing("my run"):
        assert f"process {os.getpid()} (my run" in lock.holder(path)


def test_a_reader_gives_up_soon_while_another_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "READER_PATIENCE_SECONDS", 0.3)
    path = tmp_path / "nba.duckdb"
    other = holding(path, 30)
    started = time.monotonic()
    try:
        with (
            pytest.raises(WarehouseBusy, match="a sensor: gave up waiting for"),
            DuckDBWarehouse(path).reading("a sensor"),
        ):
            pass
    finally:
        other.kill()
        other.wait()
    assert time.monotonic() - started < 10


def test_a_writer_waits_for_a_reader_outside_the_queue(tmp_path: Path) -> None:
    path = tmp_path / "nba.duckdb"
    with DuckDBWarehouse(path).writing("set-up"):
        pass
    code = textwrap.dedent(f"""
        import duckdb, time
        connection = duckdb.connect({str(path)!r}, read_only=True)
        print("held", flush=True)
        time.sleep(1.5)
    """)
    shell = subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)
    assert shell.stdout is not None
    shell.stdout.readline()
    with DuckDBWarehouse(path).writing("my run"):
        assert shell.poll() is not None or shell.wait(timeout=5) == 0
    shell.wait()


def test_a_path_that_contains_the_word_lock_is_not_a_lock_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any error about such a path used to be retried for 15 minutes."""
    monkeypatch.setattr(settings, "WRITER_PATIENCE_SECONDS", 1)
    path = tmp_path / "blocked lock.duckdb"
    path.write_text("not a database" * 1000)
    with pytest.raises(WarehouseError, match="cannot open") as caught, DuckDBWarehouse(path).writing("my run"):
        pass
    assert not isinstance(caught.value, WarehouseBusy)


def test_ctrl_c_during_a_statement_is_an_interruption(tmp_path: Path) -> None:
    million = "UNNEST(GENERATE_ARRAY(1, 1000000))"
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with DuckDBWarehouse(tmp_path / "nba.duckdb").writing("my run") as session:
            threading.Timer(0.5, signal.pthread_kill, (threading.main_thread().ident or 0, signal.SIGINT)).start()
            with pytest.raises(KeyboardInterrupt):
                session.query(f"SELECT SUM(a * b) AS x FROM {million} AS a, {million} AS b")
    finally:
        signal.signal(signal.SIGINT, handler)


def test_an_error_that_mentions_an_interruption_is_still_an_error() -> None:
    class Connection:
        def execute(self, *_: object) -> None:
            raise RuntimeError("the download was interrupted")

    with pytest.raises((RuntimeError, KeyboardInterrupt)) as caught:
        connection.run(Connection(), "SELECT 1")  # type: ignore[arg-type]
    assert caught.type is RuntimeError


def test_threads_of_one_process_write_one_at_a_time(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    at_once, most = 0, 0
    guard = threading.Lock()

    def write() -> None:
        nonlocal at_once, most
        with warehouse.writing("a thread"):
            with guard:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.05)
            with guard:
                at_once -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_reading_without_a_file_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match="run `nba-precompute init`"),
        DuckDBWarehouse(tmp_path / "none.duckdb").reading("a reader"),
    ):
        pass


@pytest.mark.parametrize("body", ["not json", "{}"])
def test_an_unreadable_note_names_no_holder(tmp_path: Path, body: str) -> None:
    path = tmp_path / "nba.duckdb"
    (tmp_path / "nba.duckdb.holder").write_text(body, encoding="utf-8")
    assert lock.holder(path) == "another process"


def test_a_reader_in_a_run_waits_for_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks of four runs at once used to fail after ten seconds."""
    monkeypatch.setattr(settings, "READER_PATIENCE_SECONDS", 0.1)
    path = tmp_path / "nba.duckdb"
    other = holding(path, 1.5)
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(path))
    with WarehouseResource().open().reading("checks"):
        assert other.poll() is not None or other.wait(timeout=5) == 0
    other = holding(path, 30)
    with pytest.raises(WarehouseBusy), WarehouseResource().open(in_run=False).reading("a sensor"):
        pass
    other.kill()
    other.wait()
