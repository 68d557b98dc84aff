"""A DuckDB connection: opening the file, running statements, transactions.

Here: everything that calls DuckDB and turns its errors into the warehouse's. Not here: the queue of writers
(`lock.py`), the statements (`session.py`, `schema.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nba_precompute.warehouse.duckdb.settings import MEMORY_LIMIT, READER_PATIENCE_SECONDS, DuckDBSettings
from nba_precompute.warehouse.protocol import WarehouseBusy, WarehouseError

if TYPE_CHECKING:
    import duckdb

_logger = logging.getLogger(__name__)

_LOCK_CONFLICT = "IO Error: Could not set lock on file "
"""The start of DuckDB's message if another process has the file open; the error has no class or code of its own."""

_INTERRUPTED = "Query interrupted"
"""The whole message of the bare RuntimeError that DuckDB raises for Ctrl-C."""


@contextmanager
def connected(
    settings: DuckDBSettings, purpose: str, *, read_only: bool, patience: float
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file, waiting while another process outside the queue of writers has it open.

    Args:
        purpose: the reason for the connection; begins every message.
        patience: maximum number of seconds to wait.

    Raises:
        WarehouseBusy: if the file does not become free in time.
        WarehouseError: if it cannot be opened for another reason.
    """
    connection = _opened(settings, purpose, read_only=read_only, patience=patience)
    try:
        # Set after connecting: as a start-up option it needs the icu extension to be loaded first.
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        if settings.threads is not None:
            connection.execute(f"SET threads = {settings.threads}")
        yield connection
    finally:
        connection.close()


def _opened(settings: DuckDBSettings, purpose: str, *, read_only: bool, patience: float) -> duckdb.DuckDBPyConnection:
    import duckdb

    path = settings.path
    started = time.monotonic()
    told = False
    while True:
        try:
            return duckdb.connect(path, read_only=read_only)
        except duckdb.IOException as error:
            # The holder is a shell, a reader, or (for readers) a writer: writers queue for the write lock before this.
            if not str(error).startswith(_LOCK_CONFLICT):
                raise WarehouseError(f"cannot open {path}: {error}; set NBA_DUCKDB_PATH to a DuckDB file") from error
            reason = str(error).splitlines()[0]
            if time.monotonic() - started > patience:
                raise WarehouseBusy(f"{purpose}: gave up waiting for {path}: {reason}") from error
            if not told and patience > READER_PATIENCE_SECONDS:
                _logger.warning("%s: waiting for %s: %s", purpose, path, reason)
                told = True
            time.sleep(0.1)


def run(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
    """Run a statement in DuckDB's SQL.

    Raises:
        WarehouseError: if DuckDB refuses it.
        KeyboardInterrupt: if Ctrl-C interrupted it.
    """
    import duckdb

    try:
        return connection.execute(sql, parameters)
    except duckdb.CatalogException as error:
        raise WarehouseError(f"DuckDB: {error}; if a table is missing, run `nba-precompute init`") from error
    except duckdb.Error as error:
        raise WarehouseError(f"DuckDB: {error}") from error
    except RuntimeError as error:
        # As an error it would look as if the statement had failed.
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run the body in a transaction: commit, or roll back if it raises."""
    run(connection, "BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        run(connection, "ROLLBACK")
        raise
    run(connection, "COMMIT")
