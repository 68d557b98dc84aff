"""Carries out a plan as Dagster range runs of the job `phase4`, in this process, one batch of dates at a time.

It keeps no state: run again after a stop or a kill, it continues with the work that a new plan finds. If a batch
fails, it runs again without the dates that the error names, or in halves if the error names none; a date counts as
failed once it has failed alone. A date that a run refuses fails at once: that run has published the others.

Here: batches, retries, the lock of the instance. Not here: finding the work to do (`plan/`), the errors of a run
(`orchestration/run_errors.py`), the progress display (`cli/backfill.py`).
"""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from filelock import FileLock, Timeout

from nba_precompute.operations.plan.records import Entry, Plan, State
from nba_precompute.orchestration.dagster_private.execution import run_events
from nba_precompute.orchestration.run_errors import InputsRefused, RunError, run_error
from nba_precompute.orchestration.runs import ACCEPT_SCHEDULE, NOT_FINISHED, range_tags
from nba_precompute.publishing.records import PHASES, seconds_key
from nba_precompute.tables import TABLES

HOST = "nba_precompute/backfill_host"
"""Tag of backfill runs: while no process holds the lock, unfinished ones on this machine are runs that were killed."""


class BackfillStopped(Exception):
    """Stops a backfill at an error that would end every other run as well; has the message of that error."""


@dataclass(frozen=True)
class Batch:
    """Dates and tables of one run.

    Attributes:
        dates: the dates with work, ascending; the run covers the range from the first to the last.
    """

    dates: tuple[dt.date, ...]
    tables: tuple[str, ...]


@dataclass
class TableDone:
    """Totals of one table over the runs of a backfill.

    Attributes:
        computed: dates computed; `skipped` dates were already fresh.
        rows: published rows of those dates; `written` of them were inserted, updated or deleted.
        seconds: warehouse time by phase.
    """

    computed: int = 0
    skipped: int = 0
    rows: int = 0
    written: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))


@dataclass
class Done:
    """Result of a backfill.

    Attributes:
        clock: elapsed seconds, including those outside the warehouse.
        failed: the dates that failed alone or were refused, each with the error of its run.
    """

    tables: dict[str, TableDone] = field(default_factory=lambda: defaultdict(TableDone))
    runs: int = 0
    clock: float = 0.0
    failed: dict[dt.date, str] = field(default_factory=dict)


Watcher = Callable[[Batch, str], None]
"""Called with the batch and an empty string when its run starts, and with a table name when that table is done."""


def batches(plan: Plan, work: Sequence[Entry], days: int) -> list[Batch]:
    """Divide the work into runs of at most `days` calendar days each.

    Consecutive dates share a run if they need the same tables. Dates without games do not interrupt a run, which
    records them as well.
    """
    to_do = {entry.date for entry in work}
    tables: dict[dt.date, set[str]] = defaultdict(set)
    for entry in work:
        tables[entry.date].add(entry.table)
    without_games = {
        date
        for date in plan.dates
        if all(by_date[date].state is State.NO_GAMES for by_date in plan.entries.values()) and date not in to_do
    }
    groups: list[list[dt.date]] = []
    previous: dt.date | None = None  # the date after which the last group can continue
    for date in plan.dates:
        if date in to_do:
            fits = groups and (date - groups[-1][0]).days < days and previous == date - dt.timedelta(days=1)
            if fits and tables[date] == tables[groups[-1][0]]:
                groups[-1].append(date)
            else:
                groups.append([date])
        goes_on = date in to_do or (date in without_games and previous is not None)
        previous = date if goes_on else None
    return [
        Batch(dates=tuple(group), tables=tuple(name for name in TABLES if name in tables[group[0]])) for group in groups
    ]


@contextmanager
def backfill_lock(home: Path) -> Iterator[bool]:
    """Take the lock that allows one backfill at a time on the instance in `home`; yield False if it is taken.

    The operating system releases the lock of a killed process.
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
    """Mark the runs of killed backfills as canceled; left unfinished, they would keep automation off their dates."""
    for run in killed_runs(instance):
        instance.report_run_canceled(run, message="The process that executed it is gone.")


class Backfill:
    """Runs batches one after the other and isolates the dates that fail.

    Args:
        job: the job `phase4`, resolved.
        watch: called as the runs make progress.
        accept_schedule: compute although the schedule has far fewer games than at the last run.
    """

    def __init__(
        self, instance: dg.DagsterInstance, job: dg.JobDefinition, watch: Watcher, *, accept_schedule: bool = False
    ) -> None:
        self._tags = {ACCEPT_SCHEDULE: "true"} if accept_schedule else {}
        self._instance = instance
        self._job = job
        self._watch = watch
        self.done = Done()
        self._succeeded = False

    def carry_out(self, work: Sequence[Batch]) -> Done:
        """Run every batch; dates that fail are taken out, and the others run.

        Raises:
            BackfillStopped: at an error that is not about dates; finished work stays published.
        """
        for batch in work:
            self._attempt(batch)
        return self.done

    def _attempt(self, batch: Batch) -> None:
        error = self._run(batch)
        if error is None:
            self._succeeded = True
            return
        if not error.is_about_dates:
            raise BackfillStopped(str(error))
        bad = [date for date in batch.dates if date in error.dates]
        if len(batch.dates) == 1:
            self.done.failed[batch.dates[0]] = str(error)
            if len(self.done.failed) > 1 and not self._succeeded and not bad:
                raise BackfillStopped(str(error))
            return
        if bad:
            parts = [[date for date in batch.dates if date not in bad], *([date] for date in bad)]
        else:
            middle = len(batch.dates) // 2
            parts = [list(batch.dates[:middle]), list(batch.dates[middle:])]
        for part in parts:
            for piece in _contiguous(part, batch.dates):
                self._attempt(Batch(dates=piece, tables=batch.tables))

    def _run(self, batch: Batch) -> RunError | None:
        """Run one batch; return its first error, or None if all dates but the refused ones are published."""
        started = time.perf_counter()
        try:
            return self._execute(batch)
        finally:
            self.done.clock += time.perf_counter() - started

    def _execute(self, batch: Batch) -> RunError | None:
        self._watch(batch, "")
        self.done.runs += 1
        counted: set[str] = set()
        error: RunError | None = None
        tags = range_tags(batch.dates[0], batch.dates[-1])
        tags |= {HOST: socket.gethostname(), "nba_precompute/reason": "backfill"} | self._tags
        for event in run_events(self._instance, self._job, batch.tables, tags):
            if event.is_step_materialization:
                self._count(event, counted)
            elif event.is_step_success and event.step_key in batch.tables:
                self._watch(batch, event.step_key)
            elif (found := run_error(event)) is not None and found.kind == InputsRefused.__name__:
                self.done.failed |= {
                    date: f"{found.kind}: {'; '.join(reasons)}" for date, reasons in found.reasons.items()
                }
            elif error is None:
                error = found
        return error

    def _count(self, event: dg.DagsterEvent, counted: set[str]) -> None:
        name = event.materialization.asset_key.path[-1]
        values: dict[str, Any] = {label: value.value for label, value in event.materialization.metadata.items()}
        table = self.done.tables[name]
        is_computed = str(values["decision"]).startswith("computed")
        table.computed += is_computed
        table.skipped += not is_computed
        table.rows += values["rows"]
        table.written += values["inserted"] + values["updated"] + values["deleted"]
        if name not in counted:  # every partition records the seconds of the whole run
            counted.add(name)
            for phase in PHASES:
                table.seconds[phase] += values[seconds_key(phase)]


def _contiguous(dates: Sequence[dt.date], batch: Sequence[dt.date]) -> list[tuple[dt.date, ...]]:
    """Split the dates so that no run covers a date of the batch that is not one of them."""
    pieces: list[list[dt.date]] = []
    for date in dates:
        if pieces and batch.index(date) - batch.index(pieces[-1][-1]) == 1:
            pieces[-1].append(date)
        else:
            pieces.append([date])
    return [tuple(piece) for piece in pieces]
