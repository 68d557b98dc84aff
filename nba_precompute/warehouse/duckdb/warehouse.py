"""A DuckDB file as a warehouse.

Here: sessions and capabilities. One process writes at a time (`lock.py`), for the length of one
step's work; readers open the file read-only, and give up after some seconds unless they belong to a run.
Not here: statements (`session.py`), tables (`schema.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nba_precompute.sql.source_forms import NO_FORMS, Forms
from nba_precompute.warehouse.duckdb import settings as limits
from nba_precompute.warehouse.duckdb.connection import connected
from nba_precompute.warehouse.duckdb.lock import write_lock
from nba_precompute.warehouse.duckdb.session import DuckDBSession
from nba_precompute.warehouse.duckdb.settings import DuckDBSettings
from nba_precompute.warehouse.protocol import NO_LABELS, Capabilities, WarehouseError


class DuckDBWarehouse:
    """A DuckDB file; see `protocol.Warehouse`.

    Args:
        path: the file; the first writer creates it and its folder.
        threads: DuckDB's threads; None for all processors.
        readers_wait: True in a run: its readers wait for the file as long as its writers do.
        forms: the forms of the sources.
    """

    name = "duckdb"

    def __init__(
        self, path: Path, threads: int | None = None, *, readers_wait: bool = False, forms: Forms = NO_FORMS
    ) -> None:
        self.forms = forms
        self.settings = DuckDBSettings(path=path.absolute(), threads=threads)
        self._readers_wait = readers_wait

    @property
    def path(self) -> Path:
        """The file."""
        return self.settings.path

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(bills_bytes=False, keeps_history=False, file=self.path)

    def describe(self) -> str:
        return f"DuckDB file {self.path}"

    @contextmanager
    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> Iterator[DuckDBSession]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        patience = limits.WRITER_PATIENCE_SECONDS
        with (
            write_lock(self.path, purpose, patience),
            connected(self.settings, purpose, read_only=False, patience=patience) as connection,
        ):
            yield DuckDBSession(connection, self.forms)

    @contextmanager
    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> Iterator[DuckDBSession]:
        if not self.path.exists():
            raise WarehouseError(f"there is no DuckDB file at {self.path}; run `nba-precompute init`")
        patience = limits.WRITER_PATIENCE_SECONDS if self._readers_wait else limits.READER_PATIENCE_SECONDS
        with connected(self.settings, purpose, read_only=True, patience=patience) as connection:
            yield DuckDBSession(connection, self.forms)
