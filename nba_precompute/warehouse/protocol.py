"""The protocol that every warehouse implements: GoogleSQL in, rows and counts out.

Here: `Warehouse`, `Session`, `Schema`, their records and errors. Not here: the statements (`sql/`), their order
(`publishing/`, `sources/loading.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nba_precompute.sql.source_forms import Forms
from nba_precompute.tables import Column, Source, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = dict[str, Any]
NO_LABELS: Mapping[str, str] = MappingProxyType({})


class WarehouseError(Exception):
    """The warehouse refused a request or cannot be reached; the message says why, and what to do if that is known."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse; a later attempt may succeed."""


class StatementRefused(WarehouseError):
    """A statement that the engine does not accept, whenever it is sent."""


class SchemaMismatch(WarehouseError):
    """A declared column is missing or has another type."""


@dataclass(frozen=True)
class MergeCounts:
    """The numbers of rows that one statement wrote."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def written(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class Job:
    """One job of a warehouse that runs and bills jobs; None for a figure that the service does not report.

    Attributes:
        step: its purpose in one word: inspect, stage, audit, ...
        slot_milliseconds: processing time, summed over all workers.
        cache_hit: True if the result was taken from an earlier job.
    """

    step: str
    id: str
    bytes_processed: int | None
    bytes_billed: int | None
    slot_milliseconds: int | None
    cache_hit: bool | None


@dataclass(frozen=True)
class DeployedColumn:
    """A deployed column.

    Attributes:
        type: in GoogleSQL.
        nullable: None where the warehouse does not distinguish, as BigQuery for arrays.
    """

    type: str
    nullable: bool | None
    description: str


@dataclass(frozen=True)
class Deployed:
    """A deployed table.

    Attributes:
        layout: storage properties as text by name (`partitioned by`, ...); empty if the engine has no such choice.
    """

    columns: Mapping[str, DeployedColumn]
    description: str
    layout: Mapping[str, str]


Kind = Literal["table", "column", "required column", "extra column", "type", "mode", "description", "layout"]


@dataclass(frozen=True)
class Difference:
    """One difference between a deployed table and its declaration.

    Attributes:
        kind: `table`, `column` and `required column` are missing, `extra column` is undeclared, all others differ.
        name: the column or the layout property; empty for the table.
        text: a description of the difference.
        safe: True if `init` resolves it.
        declared: the declared column, if the difference is about one.
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
    """Replace the rows of a table that satisfy a condition with the rows of a staged relation.

    Attributes:
        where: the condition in GoogleSQL, over the table's columns only.
        staged: the result of `stage_rows`, with at least the declared columns; None to delete without replacement.
    """

    table: Source | Table
    where: str
    staged: str | None


@dataclass(frozen=True)
class Capabilities:
    """The features in which engines differ; callers ask for these, never for a warehouse's name or class.

    Attributes:
        bills_bytes: a query is billed by the bytes it reads, and `Session.bytes_of` says how many.
        keeps_history: a table can be read as of an earlier moment (`FOR SYSTEM_TIME AS OF`).
        file: the local file that holds every table, which one process at a time may write; None for a service.
    """

    bills_bytes: bool
    keeps_history: bool
    file: Path | None


class Schema(Protocol):
    """The deployed tables of a session: their columns and layout, and the DDL to create, amend and repair them."""

    def columns_of(self, tables: Sequence[Table | Source]) -> Mapping[str, Mapping[str, str]]:
        """Return the columns of each deployed table, by table name, with GoogleSQL types; none for a missing table."""

    def deployed(self, table: Table | Source) -> Deployed | None:
        """Return the table as deployed, or None if it does not exist."""

    def layout(self, table: Table | Source) -> Mapping[str, str]:
        """Return the layout that the table should have, as in `Deployed.layout`."""

    def create_table(self, table: Table | Source, columns: Sequence[Column]) -> None:
        """Create the table, and its dataset, unless it exists."""

    def amend_table(self, table: Table | Source, missing: Sequence[Column]) -> None:
        """Add the missing (nullable) columns, and set every description as declared."""

    def remedy(self, table: Table | Source, deployed: Deployed, differences: Sequence[Difference]) -> str:
        """Return the statements, in the engine's own SQL, that a person would run to resolve the differences."""


class SessionForms(Protocol):
    """The forms of the sources over the tables of a session."""

    def __contains__(self, table: Table | Source) -> bool:
        """Return True for a source that has a form, which is read-only."""

    def problems(self, source: Source) -> Sequence[str]:
        """Return why a form cannot stand for its source, one line each; none if it can."""


class Session(Protocol):
    """A connection that may write, or only read. Every statement is GoogleSQL; every failure is a `WarehouseError`.

    A `step` names a statement's purpose in one word, as a label on the warehouse's job.
    """

    @property
    def jobs(self) -> Sequence[Job]:
        """The finished jobs, in order; empty for a warehouse without jobs."""

    @property
    def schema(self) -> Schema:
        """The deployed tables."""

    @property
    def forms(self) -> SessionForms:
        """The forms of the sources."""

    def relation(self, table: Table | Source) -> str:
        """Return a table in GoogleSQL, to be read: its name in backquotes, or the form of a source in parentheses.

        Raises:
            SchemaMismatch: if a source's form does not have the declared columns.
        """

    def columns_of_result(self, sql: str) -> Mapping[str, str]:
        """Return the columns of a SELECT and their types in GoogleSQL, without parameters; nothing is computed.

        Raises:
            StatementRefused: if the engine does not accept it.
            WarehouseError: if the warehouse cannot be reached.
        """

    def query(self, sql: str, step: str = "query") -> list[Row]:
        """Return the rows of a SELECT as dictionaries."""

    def frame(self, sql: str, step: str = "frame") -> pd.DataFrame:
        """Return the rows of a SELECT as a pandas frame, with the same dtypes from every engine."""

    def fingerprint(self, columns: Sequence[str]) -> str:
        """Return an expression for a row's fingerprint: depends on the columns' order, can be summed over rows."""

    def prepare(self, sql: str) -> None:
        """Prepare a statement before it runs, so that this work is not timed as the warehouse's."""

    def new_stage(self, name: str) -> str:
        """Return a unique name, in backquotes, for a table that lives as long as the session."""

    def staging(self, stage: str, select: str) -> str:
        """Return the statement that stores the rows of a SELECT under a name from `new_stage`."""

    def execute(self, sql: str, step: str) -> None:
        """Run a statement and discard its result."""

    def stage_rows(self, name: str, rows: pa.Table) -> str:
        """Load rows unchanged into a new stage, and return its name in backquotes.

        Raises:
            WarehouseError: if the engine could not keep a value, such as a NULL array in BigQuery.
        """

    def publish(self, merge_failures: str, merge: str) -> tuple[MergeCounts, MergeCounts]:
        """Run both MERGE statements, failures first, and return their counts.

        DuckDB runs them in one transaction. BigQuery does not: docs/bigquery.md describes what a crash between them
        leaves behind, and how the next run repairs it.
        """

    def replace_all(self, replacements: Sequence[Replacement]) -> list[MergeCounts]:
        """Make all replacements or none, and return the counts of each.

        Raises:
            WarehouseError: if one fails; nothing was changed then.
        """

    def bytes_of(self, sql: str) -> int | None:
        """Return the bytes that a SELECT would be billed for, without running it; None if the engine bills nothing."""

    def timestamp(self, moment: dt.datetime) -> str:
        """Return the GoogleSQL literal of a moment."""


class Warehouse(Protocol):
    """The home of the datasets `nba_raw`, `nba_analytics`, `nba_precompute` and `nba_predictions`.

    Attributes:
        name: for display only; `capabilities` says what the engine can do.
    """

    name: str

    @property
    def forms(self) -> Forms:
        """The forms of the sources that are not read from their declared tables."""

    @property
    def capabilities(self) -> Capabilities:
        """The features in which the engines differ."""

    def describe(self) -> str:
        """Describe the location, without secrets."""

    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[Session]:
        """Open a session that may write, once other writers are done if the engine allows only one.

        Args:
            purpose: shown to waiting writers.
            labels: the labels of its jobs (`asset`, `run_id`, ...), if the warehouse has jobs.

        Raises:
            WarehouseBusy: if another writer does not finish in time.
        """

    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[Session]:
        """Open a session that only reads; arguments as for `writing`.

        Raises:
            WarehouseBusy: if a writer does not finish in time.
            WarehouseError: if there is no warehouse yet.
        """
