"""The write lock of a DuckDB file.

Here: a file lock of the operating system, so that a killed process cannot keep it, with a note that names the holder.
DuckDB allows one writing process; writers queue here. Not here: DuckDB's own lock (`connection.py`).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nba_precompute.warehouse.protocol import WarehouseBusy

_logger = logging.getLogger(__name__)

_REMIND_SECONDS = 30


def _holder_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.holder")


def holder(database: Path) -> str:
    """Return the holder according to the lock's note; the next holder overwrites the note of a killed process."""
    try:
        note = json.loads(_holder_file(database).read_text(encoding="utf-8"))
        return f"process {note['pid']} ({note['purpose']}, since {note['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"


def current_holder(database: Path) -> str | None:
    """Return the process that holds the write lock now; None if it is free."""
    from filelock import FileLock, Timeout

    if not _holder_file(database).parent.is_dir():
        return None
    try:
        with FileLock(database.with_name(f"{database.name}.lock"), timeout=0):
            return None
    except Timeout:
        return holder(database)


@contextmanager
def write_lock(database: Path, purpose: str, patience: float) -> Iterator[None]:
    """Hold the write lock, waiting for it if necessary; a waiting writer logs the holder.

    Args:
        purpose: shown to writers that wait for this one.
        patience: maximum number of seconds to wait.

    Raises:
        WarehouseBusy: if the lock is not released in time.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(database.with_name(f"{database.name}.lock"))
    started = time.monotonic()
    reminded: float | None = None
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            waited = time.monotonic() - started
            if waited > patience:
                raise WarehouseBusy(
                    f"{purpose}: gave up after {waited:.0f} s waiting for {database}, held by {holder(database)}"
                ) from None
            if reminded is None or time.monotonic() - reminded > _REMIND_SECONDS:
                _logger.warning("%s: waiting for %s, held by %s", purpose, database, holder(database))
                reminded = time.monotonic()
    try:
        note = {
            "pid": os.getpid(),
            "purpose": purpose,
            "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        }
        _holder_file(database).write_text(json.dumps(note), encoding="utf-8")
        yield
    finally:
        _holder_file(database).unlink(missing_ok=True)
        lock.release()
