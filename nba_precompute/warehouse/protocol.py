"""What a warehouse must offer: GoogleSQL in, rows and counts out.

What the statements say is not its business (that is `sql/`), nor in which order they run (that is `publish.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nba_precompute.tables import Column, Source, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = dict[str, Any]


class WarehouseError(Exception):
    """The warehouse refused something, or cannot be reached; the message says what to do."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse; trying again later may work."""


class SchemaMismatch(WarehouseError):
    """A declared column is missing or of another type."""


@dataclass(frozen=True)
class MergeCounts:
    """Rows that one MERGE wrote."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def written(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class Replacement:
    """The rows of a table that satisfy a condition become the rows of a staged relation, or go.

    Attributes:
        where: GoogleSQL; names the columns of the table alone.
        staged: what `stage_rows` returned for rows with at least the declared columns; None where nothing comes.
    """

    table: Source | Table
    where: str
    staged: str | None


class Session(Protocol):
    """A connection with the right to write, or to read only. Every statement is GoogleSQL."""

    def query(self, sql: str) -> list[Row]:
        """The rows of a SELECT, as dictionaries."""

    def frame(self, sql: str) -> pd.DataFrame:
        """The rows of a SELECT, as pandas."""

    def fingerprint(self, columns: Sequence[str]) -> str:
        """An expression: an order-dependent fingerprint of a row's columns, as a NUMERIC that can be added up."""

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        """The deployed columns of each table, by its name, with their GoogleSQL types; none where there is no table."""

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        """Creates a table where there is none."""

    def prepare(self, sql: str) -> None:
        """Readies a statement, so that running it later costs what the warehouse takes and no more."""

    def new_stage(self, name: str) -> str:
        """A name that no other run uses, backquoted, for a temporary table."""

    def execute(self, sql: str) -> None:
        """Runs a statement whose answer is of no interest."""

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        """Loads rows as they are under a unique name of this run; returns the relation, backquoted."""

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        """Runs both MERGE statements, failures first; atomically where the warehouse can."""

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        """Makes every replacement, and returns its counts; all or none where the warehouse can.

        Raises:
            WarehouseError: if one fails.
        """

    def timestamp(self, moment: dt.datetime) -> str:
        """The literal of a moment (UTC)."""


class Warehouse(Protocol):
    """A place with the datasets `nba_raw`, `nba_analytics`, `nba_precompute` and `nba_predictions`."""

    name: str

    def describe(self) -> str:
        """Where it is, in words, without secrets."""

    def relation(self, table: Table | Source) -> str:
        """The name of a table in GoogleSQL, backquoted."""

    def writing(self, purpose: str) -> AbstractContextManager[Session]:
        """A session that may write; waits for its turn.

        Args:
            purpose: what others who wait are told.

        Raises:
            WarehouseBusy: if the turn does not come in time.
        """

    def reading(self, purpose: str) -> AbstractContextManager[Session]:
        """A session that only reads.

        Raises:
            WarehouseBusy: if it cannot be had within some seconds.
            WarehouseError: if there is no warehouse yet.
        """
