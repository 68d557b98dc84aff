"""Dagster's SQLite event log with its connections kept open; chosen in `deploy/local/dagster.yaml`.

A range run of a season writes some 1,750 asset events. The stock storage makes an engine and a connection, and compiles
every INSERT anew, for each of several statements an event; that is more than half of such a run. What is stored, and
where, is the stock storage's: the class can be taken out of `dagster.yaml` again at any time.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from filelock import FileLock

_OPEN_SHARDS = 8
"""Each run has a file of its own; the webserver looks at many, so only the last used ones stay open."""


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock storage in `$DAGSTER_HOME/history/runs`, one open connection per file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, db.Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledSqliteEventLogStorage:
        home = os.environ.get("DAGSTER_HOME")
        if not home:
            raise RuntimeError("DAGSTER_HOME is not set; the event log has no place")
        return cls(str(Path(home) / "history" / "runs"), inst_data)

    def _initdb(self, engine: db.Engine, for_index_shard: bool = False) -> None:
        # Two processes that make the index at once can stamp it with two revisions, and nothing opens it any more.
        with FileLock(Path(self._base_dir) / "init.lock"):
            super()._initdb(engine, for_index_shard)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> db.Engine:
        engine = self._engines.get(shard)
        # A deleted run takes its file along; writing to the open one would lose the events.
        if engine is not None and not Path(self.path_for_shard(shard)).exists():
            self._engines.pop(shard).dispose()
            self._initialized_dbs.discard(shard)
            engine = None
        if engine is None:
            engine = db.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=db.pool.QueuePool,
                pool_size=1,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            db.event.listen(engine, "connect", _safe_with_wal)
            self._engines[shard] = engine
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines.move_to_end(shard)
        while len(self._engines) > _OPEN_SHARDS:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _safe_with_wal(connection: Any, _record: Any) -> None:
    """With the write-ahead log, NORMAL keeps the file intact; only a power cut may cost the last events."""
    connection.execute("PRAGMA synchronous = NORMAL")
