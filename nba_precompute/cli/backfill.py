"""`backfill`: the plan, carried out as Dagster runs."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nba_precompute.cli.app import (
    PARTIAL,
    AsJson,
    First,
    Last,
    Refused,
    Tables,
    chosen_tables,
    dagster_home,
    dates_between,
)
from nba_precompute.cli.output import (
    ShownColumn,
    console,
    data_table,
    number_columns,
    print_json,
    say,
    say_problem,
    show,
)
from nba_precompute.cli.plan import show_plan
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from rich.table import Table as RichTable

    from nba_precompute.operations.backfill import Batch, Done
    from nba_precompute.operations.plan.records import Entry, Plan

INTERRUPTED = "interrupted"


class Only(StrEnum):
    """Dates that `--only` selects from the plan."""

    MISSING = "missing"
    STALE = "stale"
    BLOCKED = "blocked"
    FAILED = "failed"


def command(
    first: First,
    last: Last,
    tables: Tables = None,
    only: Annotated[
        list[Only] | None,
        typer.Option(
            "--only",
            metavar="STATE",
            help="Compute only dates that are `missing`, `stale` or `blocked`, or whose last run `failed`. Repeat the "
            "option for several. Default: missing and stale. Blocked dates are computed with incomplete inputs, and "
            "their rows are flagged.",
        ),
    ] = None,
    batch_days: Annotated[
        int, typer.Option("--batch-days", min=1, metavar="DAYS", help="Maximum number of calendar days per run.")
    ] = 30,
    accept_schedule: Annotated[
        bool,
        typer.Option(
            "--accept-schedule",
            help="Compute although the schedule has over 5 % fewer games than at the last run, for a season that was "
            "shortened.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Start without confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the plan and compute its missing and stale dates, as Dagster runs, which appear in the UI.

    A date that fails is left out and named, and the others continue. After Ctrl-C or a crash, the same command
    continues with the work left. Ends with exit code 3 if work is left: failed or blocked dates, or an interrupt.

    Example: `nba-precompute backfill --from 2021-10-19 --to 2022-04-10 --yes`
    """
    import dagster as dg

    from nba_precompute.operations.backfill import backfill_lock, cancel_killed_runs
    from nba_precompute.operations.plan.make import make_plan

    dates = dates_between(first, last)
    chosen = chosen_tables(tables)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise typer.BadParameter("no terminal to prompt on; pass --yes")
    warehouse = warehouse_from_environment()
    home = dagster_home()
    with backfill_lock(home) as is_mine, dg.DagsterInstance.get() as instance:
        if not is_mine:
            raise Refused(f"another backfill is running on the instance in {home}; wait for it, or stop it first")
        cancel_killed_runs(instance)
        found = make_plan(instance, warehouse, dates[0], dates[-1], chosen, accept_schedule=accept_schedule)
        work = _chosen(found, only)
        if not as_json:
            show_plan(found)
        done, stopped, left = None, "", found.work()
        if work:
            if not yes:
                typer.confirm(f"Compute {len(work)} dates of tables?", abort=True)
            done, stopped = _carry_out(
                instance, found, work, batch_days, accept_schedule=accept_schedule, as_json=as_json
            )
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
    instance: DagsterInstance,
    found: Plan,
    work: Sequence[Entry],
    batch_days: int,
    *,
    accept_schedule: bool,
    as_json: bool,
) -> tuple[Done, str]:
    """Compute the work; return what was done and, if it stopped early, the reason."""
    from nba_precompute.definitions import defs
    from nba_precompute.operations.backfill import Backfill, BackfillStopped, batches
    from nba_precompute.orchestration.jobs import PHASE4_JOB

    with _Screen(work, is_quiet=as_json) as screen:
        backfill = Backfill(
            instance, defs.resolve_job_def(PHASE4_JOB.name), screen.watch, accept_schedule=accept_schedule
        )
        try:
            backfill.carry_out(batches(found, work, batch_days))
        except BackfillStopped as error:
            return backfill.done, str(error)
        except KeyboardInterrupt:
            return backfill.done, INTERRUPTED
    return backfill.done, ""


def _chosen(found: Plan, only: list[Only] | None) -> list[Entry]:
    from nba_precompute.operations.plan.records import State

    wanted = set(only or (Only.MISSING, Only.STALE))
    states = [State(chosen.value) for chosen in wanted if chosen is not Only.FAILED]
    work = {(entry.table, entry.date): entry for entry in found.work(states)}
    if Only.FAILED in wanted:
        work |= {(entry.table, entry.date): entry for entry in found.work(failed_only=True)}
    return list(work.values())


class _Screen:
    """Progress of a backfill: a bar per table on a terminal, otherwise a line per run; nothing if quiet."""

    def __init__(self, work: Sequence[Entry], *, is_quiet: bool) -> None:
        self._console = console(stderr=True)
        self._is_quiet = is_quiet
        self._work = {(entry.table, entry.date) for entry in work}
        self._runs = 0
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            disable=is_quiet or not self._console.is_terminal,
        )
        self._all = self._progress.add_task("all tables", total=len(work))
        self._tasks: dict[str, TaskID] = {
            name: self._progress.add_task(name, total=number)
            for name, number in Counter(entry.table for entry in work).items()
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
                self._console.print(f"{text} (dates: {len(batch.dates)}, tables: {len(batch.tables)})")
            return
        done = self._work & {(table, date) for date in batch.dates}
        self._work -= done
        self._progress.advance(self._tasks[table], len(done))
        self._progress.advance(self._all, len(done))


def _result_tables(done: Done) -> tuple[RichTable, RichTable]:
    """Build the tables of rows and of warehouse seconds."""
    from nba_precompute.publishing.records import PHASES
    from nba_precompute.tables import TABLES

    counts, phases = [], []
    for name in (name for name in TABLES if name in done.tables):
        of_table = done.tables[name]
        numbers = (of_table.computed, of_table.skipped, of_table.rows, of_table.written)
        counts.append((name, *(f"{number:,}" for number in numbers)))
        seconds = [*(of_table.seconds[phase] for phase in PHASES), sum(of_table.seconds.values())]
        phases.append((name, *(f"{value:.1f}" for value in seconds)))
    table = ShownColumn("table", wraps=False)
    phase_headings = [*(phase.replace("_", " ") for phase in PHASES), "total"]
    return (
        data_table(
            f"runs: {done.runs}, elapsed: {done.clock:,.1f} s",
            [table, *number_columns("computed", "skipped", "rows", "written")],
            counts,
        ),
        data_table("warehouse seconds", [table, *number_columns(*phase_headings)], phases, is_plain=True),
    )


def _left(left: Sequence[Entry]) -> str:
    by_state: dict[str, set[dt.date]] = defaultdict(set)
    for entry in left:
        by_state[entry.state.value].add(entry.date)
    return ", ".join(
        f"{state}: {len(dates)} dates ({min(dates)} to {max(dates)})" for state, dates in sorted(by_state.items())
    )


def _show(done: Done | None, left: Sequence[Entry], stopped: str) -> None:
    if done:
        if done.tables:
            show(*_result_tables(done))
        for date, error in sorted(done.failed.items()):
            say_problem(f"{date} failed", error)
    if stopped:
        say_problem("stopped", stopped)
    if left:
        say(f"left: {_left(left)}", "yellow", stderr=True)
    if stopped:
        say("Run the same command again to continue.", stderr=True)


def _as_dict(done: Done | None, left: Sequence[Entry], stopped: str) -> dict[str, Any]:
    return {
        "runs": done.runs if done else 0,
        "tables": {
            name: {
                "computed": of_table.computed,
                "skipped": of_table.skipped,
                "rows": of_table.rows,
                "written": of_table.written,
                "seconds": {phase: round(value, 3) for phase, value in of_table.seconds.items()},
            }
            for name, of_table in (done.tables if done else {}).items()
        },
        "failed": {date.isoformat(): error for date, error in sorted(done.failed.items())} if done else {},
        "stopped": stopped or None,
        "left": [
            {"table": entry.table, "date": entry.date, "state": entry.state.value, "reason": entry.reason}
            for entry in left
        ],
    }
