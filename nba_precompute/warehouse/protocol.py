"""What a warehouse must offer: GoogleSQL in, rows and counts out.

What the statements say is not its business (that is `sql/`), nor in which order they run (that is `publish.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nba_precompute.tables import Column, Source, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = dict[str, Any]
NO_LABELS: Mapping[str, str] = MappingProxyType({})


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
class Job:
    """One job of a warehouse that runs and bills jobs; None where it does not say.

    Attributes:
        step: what it was for: inspect, stage, audit, ...
        slot_milliseconds: of processing, over all workers.
        cache_hit: whether the answer came from an earlier job.
    """

    step: str
    id: str
    bytes_processed: int | None
    bytes_billed: int | None
    slot_milliseconds: int | None
    cache_hit: bool | None


@dataclass(frozen=True)
class DeployedColumn:
    """A column as it stands in the warehouse.

    Attributes:
        type: in GoogleSQL.
        nullable: None where the warehouse makes no difference, as BigQuery with arrays.
    """

    type: str
    nullable: bool | None
    description: str


@dataclass(frozen=True)
class Deployed:
    """A table as it stands in the warehouse.

    Attributes:
        layout: how it is stored, in words by property (`partitioned by`, ...), where the warehouse has such properties.
    """

    columns: Mapping[str, DeployedColumn]
    description: str
    layout: Mapping[str, str]


Kind = Literal["table", "column", "required column", "extra column", "type", "mode", "description", "layout"]


@dataclass(frozen=True)
class Difference:
    """One way in which a deployed table is not what is declared.

    Attributes:
        kind: what is missing (a table, a nullable or a required column), superfluous (an extra column) or different.
        name: of the column or the property of the layout; empty for the table.
        declared: the column as declared, if it is about one that is.
        text: the difference in words.
        safe: whether `init` makes it right itself.
    """

    table: Source | Table
    kind: Kind
    name: str
    text: str
    safe: bool
    declared: Column | None = None

    def __str__(self) -> str:
        is_column = self.declared or self.kind == "extra column"
        return f"{self.table.dataset}.{self.table.name}{f'.{self.name}' if is_column else ''}: {self.text}"


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


@dataclass(frozen=True)
class Capabilities:
    """What one engine can do and the other cannot; callers ask for these, never for a warehouse's name or class.

    Attributes:
        bills_bytes: a query is billed by the bytes it reads, and `Session.bytes_of` says how many.
        keeps_history: a table can be read as of an earlier moment (`FOR SYSTEM_TIME AS OF`).
        file: the local file that holds every table, which one process at a time may write; None for a service.
    """

    bills_bytes: bool
    keeps_history: bool
    file: Path | None


class Schema(Protocol):
    """The deployed tables of a session: what they are like, and the DDL to create, amend and repair them."""

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        """Return the deployed columns of each table, by its name, with their GoogleSQL types; none for no table."""

    def deployed(self, table: Table | Source) -> Deployed | None:
        """Return the table as deployed, None if there is none."""

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        """Return how the table should be stored, in the words of `Deployed.layout`."""

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        """Create the table, and its dataset, unless it exists."""

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        """Add the missing (nullable) columns, and set every description as declared."""

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        """Return the statements, in the engine's own SQL, that a person would run to resolve the differences."""


class Session(Protocol):
    """A connection with the right to write, or to read only. Every statement is GoogleSQL.

    A `step` says in one word what a statement is for, to those who look at the warehouse's jobs.
    """

    @property
    def jobs(self) -> Sequence[Job]:
        """The jobs that are done, in order; none where the warehouse has no jobs."""

    @property
    def schema(self) -> Schema:
        """The tables as they are deployed."""

    def relation(self, table: Table | Source) -> str:
        """The name of a table in GoogleSQL, backquoted."""

    def query(self, sql: str, step: str = "query") -> list[Row]:
        """The rows of a SELECT, as dictionaries."""

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        """The rows of a SELECT, as pandas."""

    def fingerprint(self, columns: Sequence[str]) -> str:
        """An expression: an order-dependent fingerprint of a row's columns, as a NUMERIC that can be added up."""

    def prepare(self, sql: str) -> None:
        """Readies a statement, so that running it later costs what the warehouse takes and no more."""

    def new_stage(self, name: str) -> str:
        """A name that no other run uses, backquoted, for a table that lives as long as the session."""

    def staging(self, stage: str, select: str) -> str:
        """The statement that stages the rows of a SELECT under a name that `new_stage` gave."""

    def execute(self, sql: str, step: str) -> None:
        """Runs a statement whose answer is of no interest."""

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        """Loads rows as they are under a unique name of this run; returns the relation, backquoted."""

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        """Runs both MERGE statements, failures first; atomically where the warehouse can."""

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        """Makes every replacement, all or none, and returns its counts.

        Raises:
            WarehouseError: if one fails.
        """

    def bytes_of(self, sql: str) -> int | None:
        """The bytes that a SELECT would read and be billed for, without running it; None where nothing is billed."""

    def timestamp(self, moment: dt.datetime) -> str:
        """The literal of a moment (UTC)."""


class Warehouse(Protocol):
    """A place with the datasets `nba_raw`, `nba_analytics`, `nba_precompute` and `nba_predictions`."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do and the others cannot."""

    def describe(self) -> str:
        """Where it is, in words, without secrets."""

    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[Session]:
        """A session that may write; waits for its turn where writers take turns.

        Args:
            purpose: what others who wait are told.
            labels: what its jobs are marked with (`asset`, `run_id`, ...), where the warehouse has jobs.

        Raises:
            WarehouseBusy: if the turn does not come in time.
        """

    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[Session]:
        """A session that only reads; arguments as for `writing`.

        Raises:
            WarehouseBusy: if it cannot be had within some seconds.
            WarehouseError: if there is no warehouse yet.
        """
