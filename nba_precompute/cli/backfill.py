"""Doing what the plan says."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as RichTable

from nba_precompute.cli.app import (
    PARTIAL,
    AsJson,
    First,
    Last,
    Refused,
    app,
    console,
    dagster_home,
    dates_between,
    print_json,
)
from nba_precompute.cli.plan import Tables, chosen_tables, show
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from nba_precompute.operations.backfill import Batch, Done
    from nba_precompute.operations.plan.records import Entry, Plan


INTERRUPTED = "interrupted"


class Only(StrEnum):
    """What of the plan is carried out."""

    MISSING = "missing"
    STALE = "stale"
    BLOCKED = "blocked"
    FAILED = "failed"


@app.command()
def backfill(
    first: First,
    last: Last,
    tables: Tables = None,
    only: Annotated[
        list[Only] | None,
        typer.Option(
            "--only",
            help="Only these dates; may be given several times. Without it missing and stale ones, never blocked ones: "
            "`--only blocked` computes them as they are, their rows flagged. `failed`: whose last run failed.",
        ),
    ] = None,
    batch_days: Annotated[int, typer.Option("--batch-days", min=1, help="Days of the calendar in one run.")] = 30,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it starts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the plan, then carry it out as Dagster range runs, which the UI shows; repeat the command to go on.

    A date that fails is taken out and named, and the others run. After Ctrl-C or a crash, the same command continues
    with exactly what is left. Ends with exit code 3 where something is left: failed or blocked dates, or an interrupt.

    Example: nba-precompute backfill --from 2021-10-19 --to 2022-04-10 --yes
    """
    import dagster as dg

    from nba_precompute.operations.backfill import backfill_lock, cancel_killed_runs
    from nba_precompute.operations.plan.make import make_plan

    dates = dates_between(first, last)
    chosen = chosen_tables(tables)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise typer.BadParameter("nobody can be asked here; give --yes")
    warehouse = warehouse_from_environment()
    home = dagster_home()
    with backfill_lock(home) as is_mine, dg.DagsterInstance.get() as instance:
        if not is_mine:
            raise Refused(f"another backfill is at work on the instance in {home}; wait for it, or stop it first")
        cancel_killed_runs(instance)
        found = make_plan(instance, warehouse, dates[0], dates[-1], chosen)
        work = _chosen(found, only)
        if not as_json:
            show(found)
        done, stopped, left = None, "", found.work()
        if work:
            if not yes:
                typer.confirm(f"{len(work)} dates of tables: start?", abort=True)
            done, stopped = _carry_out(instance, found, work, batch_days, as_json=as_json)
            left = make_plan(instance, warehouse, dates[0], dates[-1], chosen).work()
    if as_json:
        print_json(_as_dict(done, left, stopped))
    else:
        _show(done, left, stopped)
    if stopped and stopped != INTERRUPTED:
        raise typer.Exit(1)
    if left:
        raise typer.Exit(PARTIAL)


def _carry_out(
    instance: DagsterInstance, found: Plan, work: Sequence[Entry], batch_days: int, *, as_json: bool
) -> tuple[Done, str]:
    """What was done, and why it stopped before its end, if it did."""
    from nba_precompute.definitions import defs
    from nba_precompute.operations.backfill import Backfill, BackfillStopped, batches
    from nba_precompute.orchestration.jobs import PHASE4_JOB

    with _Screen(work, quiet=as_json) as screen:
        one = Backfill(instance, defs.resolve_job_def(PHASE4_JOB.name), screen.watch)
        try:
            one.carry_out(batches(found, work, batch_days))
        except BackfillStopped as error:
            return one.done, str(error)
        except KeyboardInterrupt:
            return one.done, INTERRUPTED
    return one.done, ""


def _chosen(found: Plan, only: list[Only] | None) -> list[Entry]:
    from nba_precompute.operations.plan.records import State

    wanted = set(only or (Only.MISSING, Only.STALE))
    states = [State(one.value) for one in wanted if one is not Only.FAILED]
    work = {(one.table, one.date): one for one in found.work(states)}
    if Only.FAILED in wanted:
        work |= {(one.table, one.date): one for one in found.work(failed_only=True)}
    return list(work.values())


class _Screen:
    """The progress: a bar per table on a terminal, a line per run elsewhere, nothing for programs."""

    def __init__(self, work: Sequence[Entry], *, quiet: bool) -> None:
        self._console = console(stderr=True)
        self._is_quiet = quiet
        self._work = {(one.table, one.date) for one in work}
        self._runs = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        counts: dict[str, int] = {}
        for one in work:
            counts[one.table] = counts.get(one.table, 0) + 1
        self._all = self._progress.add_task("all dates of tables", total=len(work))
        self._tasks: dict[str, TaskID] = {
            name: self._progress.add_task(name, total=number) for name, number in counts.items()
        }

    def __enter__(self) -> _Screen:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def watch(self, batch: Batch, table: str) -> None:
        if not table:
            self._runs += 1
            text = f"run {self._runs}: {batch.dates[0]} to {batch.dates[-1]}"
            self._progress.update(self._all, description=text)
            if not (self._is_quiet or self._console.is_terminal):
                self._console.print(f"{text}, {len(batch.dates)} dates, {len(batch.tables)} tables")
            return
        done = self._work & {(table, date) for date in batch.dates}
        self._work -= done
        self._progress.advance(self._tasks[table], len(done))
        self._progress.advance(self._all, len(done))


def _show_tables(done: Done) -> None:
    from nba_precompute.publishing.records import PHASES
    from nba_precompute.tables import TABLES

    names = [name for name in TABLES if name in done.tables]
    counts = RichTable(title=f"{done.runs} runs, {done.clock:,.1f} s by the clock", title_justify="left")
    phases = RichTable(title="seconds of the warehouse", title_justify="left", box=SIMPLE, padding=0)
    for table, headings in ((counts, ("computed", "skipped", "rows", "written")), (phases, (*PHASES, "all"))):
        table.add_column("table", no_wrap=True)
        for heading in headings:
            table.add_column(heading.replace("_", " "), justify="right")
    for name in names:
        one = done.tables[name]
        counts.add_row(name, *(f"{number:,}" for number in (one.computed, one.skipped, one.rows, one.written)))
        seconds = [*(one.seconds[phase] for phase in PHASES), sum(one.seconds.values())]
        phases.add_row(name, *(f"{value:.1f}" for value in seconds))
    console().print(counts)
    console().print(phases)


def _left(left: Sequence[Entry]) -> str:
    counts: dict[str, set[dt.date]] = {}
    for one in left:
        counts.setdefault(one.state.value, set()).add(one.date)
    return ", ".join(
        f"{len(dates)} dates are {state} ({min(dates)} to {max(dates)})" for state, dates in sorted(counts.items())
    )


def _show(done: Done | None, left: Sequence[Entry], stopped: str) -> None:
    screen = console(stderr=True)
    if done:
        if done.tables:
            _show_tables(done)
        for date, error in sorted(done.failed.items()):
            screen.print(f"[red]{date} failed:[/red] {escape(error)}", soft_wrap=True)
    if stopped:
        screen.print(f"[red]stopped:[/red] {escape(stopped)}", soft_wrap=True)
    if left:
        screen.print(f"[yellow]left: {_left(left)}[/yellow]", soft_wrap=True)
    if stopped:
        screen.print("The same command continues with exactly what is left.", soft_wrap=True)


def _as_dict(done: Done | None, left: Sequence[Entry], stopped: str) -> dict[str, Any]:
    return {
        "runs": done.runs if done else 0,
        "tables": {
            name: {
                "computed": one.computed,
                "skipped": one.skipped,
                "rows": one.rows,
                "written": one.written,
                "seconds": {phase: round(value, 3) for phase, value in one.seconds.items()},
            }
            for name, one in (done.tables if done else {}).items()
        },
        "failed": {date.isoformat(): error for date, error in sorted(done.failed.items())} if done else {},
        "stopped": stopped or None,
        "left": [
            {"table": one.table, "date": one.date, "state": one.state.value, "reason": one.reason} for one in left
        ],
    }
