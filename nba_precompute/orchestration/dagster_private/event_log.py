"""SQLite event log for `dagster.yaml`: the stock storage, with open connections and one transaction per batch.

Here: how events are written. Not here: the choice of events (`records.py`). Format and location are those of the stock
storage, so the class can be removed from `dagster.yaml` at any time.

A season in one run writes 870 materializations and 2,600 check evaluations. For each of several statements per event,
the stock storage creates an engine and a connection, compiles the INSERT, inspects the tables and commits. On two cores
a season takes 36 s with this storage (35 s of CPU time), and 140 s with the stock one (100 s).
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db

# Public: none; storages are named in dagster.yaml, their classes are internal. Breaks: test_event_log.py.
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from filelock import FileLock

_OPEN_SHARDS = 8
"""Each run has a file of its own, and the webserver reads many: only the most recently used stay open."""


class PooledSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock storage in `$DAGSTER_HOME/history/runs`, one open connection per file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, db.Engine] = OrderedDict()
        self._joined = threading.local()
        self._present: set[str] = set()
        super().__init__(base_dir, inst_data)
        self._db_lock: Any = threading.RLock()  # a batch holds the files of its run and of the index

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledSqliteEventLogStorage:
        home = os.environ.get("DAGSTER_HOME")
        if not home:
            raise RuntimeError("DAGSTER_HOME is not set: there is no folder for the event log")
        return cls(str(Path(home) / "history" / "runs"), inst_data)

    def _initdb(self, engine: db.Engine, for_index_shard: bool = False) -> None:
        # Two processes that create the index at once can stamp it with two revisions, after which nothing opens it.
        with FileLock(Path(self._base_dir) / "init.lock"):
            super()._initdb(engine, for_index_shard)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events in one transaction per file: all of them, or none if one cannot be stored."""
        with ExitStack() as stack:
            for shard in [*sorted({event.run_id for event in events}), INDEX_SHARD_NAME]:
                stack.enter_context(self._one_transaction(shard))
            newest: dict[str, tuple[dg.EventLogEntry, int]] = {}
            self._joined.newest = newest
            try:
                for event in events:
                    self.store_event(event)
            finally:
                self._joined.newest = None
            with self.index_connection() as connection:
                for event, event_id in newest.values():
                    super()._store_asset_event(connection, event, event_id)

    def _store_asset_event(self, conn: db.Connection, event: dg.EventLogEntry, event_id: int) -> None:
        # An asset's row keeps only its newest event: of a batch, the last of each kind, in their order.
        newest = getattr(self._joined, "newest", None)
        if newest is None:
            super()._store_asset_event(conn, event, event_id)
        else:
            dagster_event = event.get_dagster_event()
            kind = f"{dagster_event.asset_key} {dagster_event.event_type_value}"
            newest.pop(kind, None)
            newest[kind] = (event, event_id)

    @contextmanager
    def _one_transaction(self, shard: str) -> Iterator[None]:
        """Run everything that this thread does with a file in one transaction."""
        open_shards = self._open_transactions()
        with self._connect(shard) as connection:
            open_shards[shard] = connection
            try:
                yield
            finally:
                del open_shards[shard]

    def _open_transactions(self) -> dict[str, db.Connection]:
        if not hasattr(self._joined, "connections"):
            self._joined.connections = {}
        found: dict[str, db.Connection] = self._joined.connections
        return found

    def has_table(self, table_name: str) -> bool:
        # Called for every event; a table that exists stays.
        if table_name not in self._present and super().has_table(table_name):
            self._present.add(table_name)
        return table_name in self._present

    def _has_asset_key_col_on_connection(self, conn: db.Connection, column_name: str) -> bool:
        column = f"asset_keys.{column_name}"
        if column not in self._present and super()._has_asset_key_col_on_connection(conn, column_name):
            self._present.add(column)
        return column in self._present

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        joined = self._open_transactions().get(shard)
        if joined is not None:
            yield joined
            return
        with self._db_lock:
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> db.Engine:
        engine = self._engines.get(shard)
        # Deleting a run deletes its file; events written to the open one would be lost.
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
    """Relax synchronization: with the write-ahead log the file stays intact; a power cut may lose the last events."""
    connection.execute("PRAGMA synchronous = NORMAL")
