"""Carries a plan out: as Dagster range runs of the job `phase4`, in this process, a batch of dates at a time.

What there is to do is `plan.py`'s to say, anew for every backfill: nothing is remembered here, so one that was stopped
or killed continues with exactly what is left. A batch that fails is run again without the dates that its error
names (or, where it names none, in halves); what was taken out is tried alone before it counts as failed.
"""

from __future__ import annotations

import datetime as dt
import re
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from filelock import FileLock, Timeout

from nba_precompute.operations.plan.records import Entry, Plan, State
from nba_precompute.orchestration.dagster_private import NOT_FINISHED, range_tags, run_events
from nba_precompute.publishing.records import PHASES
from nba_precompute.tables import TABLES

HOST = "nba_precompute/backfill_host"
"""The tag of our runs: on this machine, one that is not finished while nobody holds the lock was killed."""

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NOT_ABOUT_DATES = ("SchemaMismatch", "WarehouseBusy", "DateRefused")
"""Errors that every other date would end with as well."""


class BackfillStopped(Exception):
    """It cannot go on: an error that is not about some date. The message is the error's."""


@dataclass(frozen=True)
class Batch:
    """The dates of one run, and the tables that it computes.

    Attributes:
        dates: with work to do; a run spans them from the first to the last.
    """

    dates: tuple[dt.date, ...]
    tables: tuple[str, ...]


@dataclass
class TableDone:
    """What the runs did to one table."""

    computed: int = 0
    skipped: int = 0
    rows: int = 0
    written: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))


@dataclass
class Done:
    """What a backfill did.

    Attributes:
        clock: seconds by the clock, of the warehouse and of everything beside it.
        failed: the dates that failed alone, each with the run's error.
    """

    tables: dict[str, TableDone] = field(default_factory=lambda: defaultdict(TableDone))
    runs: int = 0
    clock: float = 0.0
    failed: dict[dt.date, str] = field(default_factory=dict)


Watcher = Callable[[Batch, str], None]
"""Is told of a batch whenever one of its tables is done: the table's name; before the first, the empty string."""


def batches(plan: Plan, work: Sequence[Entry], days: int) -> list[Batch]:
    """The work as runs of at most so many days of the calendar each.

    Dates that follow each other, but for dates without games, share a run: it records the dates in between as well.
    """
    to_do = {one.date for one in work}
    tables: dict[dt.date, set[str]] = defaultdict(set)
    for one in work:
        tables[one.date].add(one.table)
    without_games = {
        date
        for date in plan.dates
        if all(by_date[date].state is State.NO_GAMES for by_date in plan.entries.values()) and date not in to_do
    }
    groups: list[list[dt.date]] = []
    previous: dt.date | None = None  # a date that the last group can go on from
    for date in plan.dates:
        if date in to_do:
            fits = groups and (date - groups[-1][0]).days < days and previous == date - dt.timedelta(days=1)
            if fits and tables[date] == tables[groups[-1][0]]:
                groups[-1].append(date)
            else:
                groups.append([date])
        goes_on = date in to_do or (date in without_games and previous is not None)
        previous = date if goes_on else None
    return [Batch(tuple(group), tuple(name for name in TABLES if name in tables[group[0]])) for group in groups]


@contextmanager
def backfill_lock(home: Path) -> Iterator[bool]:
    """Whether this process has the turn to backfill on the instance in that folder; held as long as the context.

    The lock is the operating system's, so a killed process cannot keep it.
    """
    lock = FileLock(home / "backfill.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def killed_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """List unfinished runs of backfills on this machine: killed ones, if the caller holds the `backfill_lock`."""
    return list(instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED, tags={HOST: socket.gethostname()})))


def cancel_killed_runs(instance: dg.DagsterInstance) -> None:
    """Ends what killed backfills have left as running, which would keep automation from asking for their dates."""
    for run in killed_runs(instance):
        instance.report_run_canceled(run, message="The process that executed it is gone.")


class Backfill:
    """One backfill: batch after batch, each with its consequences.

    Args:
        job: the job `phase4`, resolved.
        watch: is told how far it is.
    """

    def __init__(self, instance: dg.DagsterInstance, job: dg.JobDefinition, watch: Watcher) -> None:
        self._instance = instance
        self._job = job
        self._watch = watch
        self.done = Done()
        self._succeeded = False

    def carry_out(self, work: Sequence[Batch]) -> Done:
        """Runs every batch; a bad date is taken out, and the others run.

        Raises:
            BackfillStopped: at an error that is not about some date; what is done stays done.
        """
        for batch in work:
            self._attempt(batch)
        return self.done

    def _attempt(self, batch: Batch) -> None:
        error = self._run(batch)
        if error is None:
            self._succeeded = True
            return
        if any(name in error for name in _NOT_ABOUT_DATES):
            raise BackfillStopped(error)
        if len(batch.dates) == 1:
            self.done.failed[batch.dates[0]] = error
            if len(self.done.failed) > 1 and not self._succeeded and not _named(error, batch.dates):
                raise BackfillStopped(error)
            return
        bad = _named(error, batch.dates)
        if bad and len(bad) < len(batch.dates):
            parts = [[date for date in batch.dates if date not in bad], *([date] for date in bad)]
        else:
            middle = len(batch.dates) // 2
            parts = [list(batch.dates[:middle]), list(batch.dates[middle:])]
        for part in parts:
            for piece in _contiguous(part, batch.dates):
                self._attempt(Batch(piece, batch.tables))

    def _run(self, batch: Batch) -> str | None:
        """Runs one batch; its first error, None where it has none."""
        started = time.perf_counter()
        try:
            return self._execute(batch)
        finally:
            self.done.clock += time.perf_counter() - started

    def _execute(self, batch: Batch) -> str | None:
        self._watch(batch, "")
        self.done.runs += 1
        counted: set[str] = set()
        error: str | None = None
        tags = range_tags(batch.dates[0], batch.dates[-1])
        tags |= {HOST: socket.gethostname(), "nba_precompute/reason": "backfill"}
        for event in run_events(self._instance, self._job, batch.tables, tags):
            if event.is_step_materialization:
                self._count(event, counted)
            elif event.is_step_success and event.step_key in batch.tables:
                self._watch(batch, event.step_key)
            elif event.is_failure and error is None:
                error = _error_of(event)
        return error

    def _count(self, event: dg.DagsterEvent, counted: set[str]) -> None:
        materialization = event.materialization
        values: dict[str, Any] = {name: value.value for name, value in materialization.metadata.items()}
        table = self.done.tables[materialization.asset_key.path[-1]]
        is_computed = str(values["decision"]).startswith("computed")
        table.computed += is_computed
        table.skipped += not is_computed
        table.rows += values["rows"]
        table.written += values["inserted"] + values["updated"] + values["deleted"]
        if materialization.asset_key.path[-1] not in counted:  # a run's seconds stand on each of its partitions
            counted.add(materialization.asset_key.path[-1])
            for phase in PHASES:
                table.seconds[phase] += values[f"run_seconds_{phase}"]


def _error_of(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data if event.is_step_failure else event.job_failure_data
    error = data.error
    if error is None:
        return event.message or "the run failed"
    while error.cause is not None:
        error = error.cause
    text = error.message.strip()
    return f"{error.cls_name}: {text.partition(f'{error.cls_name}: ')[2] or text}"


def _named(error: str, dates: Collection[dt.date]) -> list[dt.date]:
    """The dates that an error names, of those that were run."""
    found = set(_DATE.findall(error))
    return [date for date in dates if date.isoformat() in found]


def _contiguous(dates: Sequence[dt.date], batch: Sequence[dt.date]) -> list[tuple[dt.date, ...]]:
    """The dates in pieces, so that no run spans a date that the batch has and the piece has not."""
    pieces: list[list[dt.date]] = []
    for date in dates:
        if pieces and batch.index(date) - batch.index(pieces[-1][-1]) == 1:
            pieces[-1].append(date)
        else:
            pieces.append([date])
    return [tuple(piece) for piece in pieces]
