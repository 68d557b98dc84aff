"""A backfill carries out the plan, names the dates that fail, and continues where it was stopped."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute.operations.backfill import (
    HOST,
    Backfill,
    BackfillStopped,
    Batch,
    Done,
    backfill_lock,
    batches,
    cancel_killed_runs,
)
from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import Entry, Plan, Rate, State
from nba_precompute.orchestration.jobs import PHASE4_JOB
from nba_precompute.orchestration.run_errors import RunError
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import days, execute, hashes, new_warehouse, off_schedule_row, run
from nba_precompute_tests.support.platform import Platform
from nba_precompute_tests.support.running import PATIENCE, Shell

FIRST, LAST = dt.date(2021, 10, 19), dt.date(2021, 10, 25)


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("backfill") / "nba.duckdb", simulate_season(2021))
    with platform.instance:
        yield platform


def plan_of(league: Platform, last: dt.date = LAST) -> Plan:
    return make_plan(league.instance, league.warehouse, FIRST, last)


def carry_out(league: Platform, days_of_a_batch: int, last: dt.date = LAST) -> Done:
    plan = plan_of(league, last)
    job = league.definitions.resolve_job_def(PHASE4_JOB.name)
    backfill = Backfill(league.instance, job, lambda *_: None)
    return backfill.carry_out(batches(plan, plan.work(), days_of_a_batch))


def newest_runs(league: Platform, number: int) -> list[dg.DagsterRun]:
    return list(league.instance.get_runs(limit=number))


def test_the_plan_is_carried_out_as_range_runs_and_then_there_is_nothing_to_do(league: Platform) -> None:
    done = carry_out(league, 4)
    assert done.runs == 2
    assert not done.failed
    assert {name: table.computed for name, table in done.tables.items()} == dict.fromkeys(TABLES, 7)
    assert all(sum(table.seconds.values()) > 0 and table.written == table.rows for table in done.tables.values())
    assert plan_of(league).work() == []
    spans = set()
    for dagster_run in newest_runs(league, 2):
        assert dagster_run.job_name == "phase4"
        spans.add(tuple(dagster_run.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")))
        steps = {step.step_key for step in league.instance.get_run_step_stats(dagster_run.run_id)}
        assert steps == {*TABLES, *(f"{name}_checks" for name in TABLES)}, "deadlines are no part of it"
    assert spans == {("2021-10-19", "2021-10-22"), ("2021-10-23", "2021-10-25")}
    assert carry_out(league, 4).runs == 0


@pytest.mark.parametrize(
    ("bad", "others"),
    [
        ([20, 23], [[21, 22], [24, 25]]),
        # The message of the error names five of them, its data all six.
        ([20, 21, 23, 24, 25, 26], [[22]]),
    ],
    ids=["two", "six"],
)
def test_bad_dates_are_taken_out_at_once_and_named_and_the_others_run(
    league: Platform, bad: list[int], others: list[list[int]]
) -> None:
    # On the 19th nobody has played yet: the table has no rows to break.
    bad_dates = [dt.date(2021, 10, day) for day in bad]
    other_dates = [dt.date(2021, 10, day) for piece in others for day in piece]
    last = max(*bad_dates, *other_dates)
    carry_out(league, 30, last)
    table = "team_defense_zone_analysis"
    on_date = f"FROM nba_precompute.{table} WHERE analysis_date = DATE "
    execute(
        league.warehouse,
        *(f"INSERT INTO nba_precompute.{table} SELECT * {on_date} '{date}'" for date in bad_dates),
        *(f"DELETE {on_date} '{date}'" for date in other_dates),
    )
    done = carry_out(league, 30, last)
    assert set(done.failed) == set(bad_dates)
    assert all(error.startswith("AuditError: ") and str(date) in error for date, error in done.failed.items())
    assert done.runs == 1 + len(others) + len(bad), "all at once, the others by ranges, each bad date alone"
    left = plan_of(league, last).work()
    assert {entry.date for entry in left} == set(bad_dates)
    assert all(entry.failed_run for entry in left)

    execute(league.warehouse, *(f"DELETE {on_date} '{date}'" for date in bad_dates))
    assert not carry_out(league, 30, last).failed
    assert plan_of(league, last).work() == []


def test_an_error_that_is_about_no_date_stops_it_at_once(league: Platform) -> None:
    carry_out(league, 30)
    column = "nba_analytics.team_offense_game_summary RENAME COLUMN {} TO {}"
    execute(
        league.warehouse,
        "DELETE FROM nba_precompute.player_daily_cache",
        f"ALTER TABLE {column.format('win_flag', 'won')}",
    )
    before = league.instance.get_runs_count()
    try:
        with pytest.raises(BackfillStopped, match=r"SchemaMismatch.*win_flag"):
            _run_directly(league)
    finally:
        execute(league.warehouse, f"ALTER TABLE {column.format('won', 'win_flag')}")
    assert league.instance.get_runs_count() == before + 1
    carry_out(league, 30)
    assert plan_of(league).work() == []


def test_a_refused_date_fails_at_once_and_the_others_are_not_run_again(league: Platform) -> None:
    """Thanksgiving has no game, but a box score of a game that the schedule does not know."""
    dates = tuple(days(dt.date(2021, 11, 23), dt.date(2021, 11, 27)))
    bad = dates[2]
    execute(league.warehouse, off_schedule_row(bad))
    try:
        job = league.definitions.resolve_job_def(PHASE4_JOB.name)
        done = Backfill(league.instance, job, lambda *_: None).carry_out([Batch(dates=dates, tables=tuple(TABLES))])
        entries = make_plan(league.instance, league.warehouse, dates[0], dates[-1]).entries
    finally:
        execute(league.warehouse, "DELETE FROM nba_analytics.player_game_summary WHERE game_id = 'unknown'")
    assert done.runs == 1
    reason = f"rows of player_game_summary without a game on the schedule: 1 (e.g. somebody on {bad})"
    assert done.failed == {bad: f"InputsRefused: {reason}"}
    assert {name: table.computed for name, table in done.tables.items()} == dict.fromkeys(TABLES, 4)
    for by_date in entries.values():
        states = {date: entry.state for date, entry in by_date.items()}
        assert states == dict.fromkeys(dates, State.FRESH) | {bad: State.BLOCKED}
        assert [date for date, entry in by_date.items() if entry.failed_run] == [bad]


def _run_directly(league: Platform) -> None:
    """Run a batch without a plan, which would find the missing column first."""
    job = league.definitions.resolve_job_def(PHASE4_JOB.name)
    backfill = Backfill(league.instance, job, lambda *_: None)
    backfill.carry_out([Batch(dates=tuple(days(FIRST, LAST)), tables=("player_daily_cache",))])


class Scripted(Backfill):
    """A backfill whose runs fail with an error if they include one of the bad dates."""

    def __init__(self, error: RunError, bad: set[dt.date]) -> None:
        self.done = Done()
        self.ran: list[tuple[dt.date, ...]] = []
        self._succeeded = False
        self._error, self._bad = error, bad

    def _run(self, batch: Batch) -> RunError | None:
        self.ran.append(batch.dates)
        return self._error if self._bad & set(batch.dates) else None


EIGHT = tuple(FIRST + dt.timedelta(days=n) for n in range(8))


def test_where_the_error_names_no_date_the_bad_ones_are_found_by_halving() -> None:
    backfill = Scripted(RunError(kind="WarehouseError", message="an overflow"), {EIGHT[5]})
    backfill.carry_out([Batch(dates=EIGHT, tables=("player_daily_cache",))])
    assert set(backfill.done.failed) == {EIGHT[5]}
    assert len(backfill.ran) == 7
    alone = {date for dates in backfill.ran for date in dates if not {EIGHT[5]} & set(dates)}
    assert alone == set(EIGHT) - {EIGHT[5]}


def test_what_is_named_by_mistake_is_still_run() -> None:
    error = RunError(kind="AuditError", message="two dates are bad", dates=(EIGHT[2], EIGHT[4]))
    backfill = Scripted(error, {EIGHT[2]})
    backfill.carry_out([Batch(dates=EIGHT, tables=("player_daily_cache",))])
    assert set(backfill.done.failed) == {EIGHT[2]}
    assert (EIGHT[4],) in backfill.ran
    assert EIGHT[:2] in backfill.ran, "no run spans a date that was taken out"


def test_dates_that_only_a_message_mentions_are_not_taken_out() -> None:
    backfill = Scripted(RunError(kind="WarehouseError", message=f"no rows since {EIGHT[0]}"), {EIGHT[5]})
    backfill.carry_out([Batch(dates=EIGHT, tables=("player_daily_cache",))])
    assert set(backfill.done.failed) == {EIGHT[5]}
    assert backfill.ran[:2] == [EIGHT, EIGHT[:4]], "in halves"


def test_if_all_dates_are_named_each_runs_alone_once() -> None:
    backfill = Scripted(RunError(kind="AuditError", message="all are bad", dates=EIGHT), set(EIGHT))
    backfill.carry_out([Batch(dates=EIGHT, tables=("player_daily_cache",))])
    assert set(backfill.done.failed) == set(EIGHT)
    assert backfill.ran == [EIGHT, *((date,) for date in EIGHT)]


def test_an_error_that_every_date_ends_with_is_not_tried_on_all_of_them() -> None:
    backfill = Scripted(RunError(kind="WarehouseError", message="no network"), set(EIGHT))
    with pytest.raises(BackfillStopped, match="no network"):
        backfill.carry_out([Batch(dates=EIGHT, tables=("player_daily_cache",))])
    assert len(backfill.ran) == 5


def test_a_run_whose_process_was_killed_is_marked_as_canceled(league: Platform) -> None:
    job = league.definitions.resolve_job_def(PHASE4_JOB.name)
    killed = league.instance.create_run_for_job(
        job, tags={HOST: socket.gethostname()}, status=dg.DagsterRunStatus.STARTED
    )
    elsewhere = league.instance.create_run_for_job(
        job, tags={HOST: "another machine"}, status=dg.DagsterRunStatus.STARTED
    )
    cancel_killed_runs(league.instance)
    assert league.instance.get_run_by_id(killed.run_id).status is dg.DagsterRunStatus.CANCELED  # type: ignore[union-attr]
    assert league.instance.get_run_by_id(elsewhere.run_id).status is dg.DagsterRunStatus.STARTED  # type: ignore[union-attr]


def test_one_backfill_at_a_time(tmp_path: Path) -> None:
    with backfill_lock(tmp_path) as first:
        assert first
        with backfill_lock(tmp_path) as second:
            assert not second
    with backfill_lock(tmp_path) as third:
        assert third


def plan_from(states: dict[str, str]) -> Plan:
    """Make a plan from a letter per date for each table: f(resh), m(issing), n(o games)."""
    letters = {"f": State.FRESH, "m": State.MISSING, "n": State.NO_GAMES}
    number = len(next(iter(states.values())))
    dates = [FIRST + dt.timedelta(days=n) for n in range(number)]
    entries = {
        name: {
            date: Entry(table=name, date=date, state=letters[letter], games=int(letter != "n"))
            for date, letter in zip(dates, text, strict=True)
        }
        for name, text in states.items()
    }
    return Plan(
        dates=tuple(dates), entries=entries, rates=dict.fromkeys(states, Rate(rows=None, seconds=None)), overhead=None
    )


@pytest.mark.parametrize(
    ("states", "most", "expected"),
    [
        ({"player_daily_cache": "mmmm"}, 30, [(0, 3)]),
        ({"player_daily_cache": "mmmmm"}, 2, [(0, 1), (2, 3), (4, 4)]),
        ({"player_daily_cache": "mmfmm"}, 30, [(0, 1), (3, 4)]),
        ({"player_daily_cache": "mnnmf"}, 30, [(0, 3)]),
        ({"player_daily_cache": "nmnnn"}, 30, [(1, 1)]),
        ({"player_daily_cache": "fnmff"}, 30, [(2, 2)]),
        ({"player_daily_cache": "mmm", "ml_feature_store_v2": "mfm"}, 30, [(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_dates_that_follow_each_other_share_a_run(
    states: dict[str, str], most: int, expected: list[tuple[int, int]]
) -> None:
    plan = plan_from(states)
    found = batches(plan, plan.work(), most)
    assert [((batch.dates[0] - FIRST).days, (batch.dates[-1] - FIRST).days) for batch in found] == expected


@pytest.mark.slow
def test_after_ctrl_c_and_after_kill_the_same_command_continues(tmp_path: Path) -> None:
    shell = Shell.at(tmp_path)
    new_warehouse(shell.database, simulate_season(2021))
    expected = DuckDBWarehouse(Path(shutil.copy(shell.database, tmp_path / "expected.duckdb")))
    run(expected, days(FIRST, LAST))
    command = ("nba-precompute", "backfill", "--from", str(FIRST), "--to", str(LAST), "--batch-days", "2", "--yes")
    for number in (signal.SIGINT, signal.SIGKILL):
        process = shell.start(*command)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("run 2:"):
                break
        os.kill(process.pid, number)
        output = process.communicate(timeout=PATIENCE)[0]
        if number == signal.SIGINT:
            assert process.returncode == 3, output
            assert "interrupted" in output
            assert "Run the same command again to continue." in output
    left = shell.run("nba-precompute", "plan", "--from", str(FIRST), "--to", str(LAST))
    assert left.returncode == 3, left.stdout
    output = shell.succeed(*command)
    assert "run 1: 2021-10-19" not in output, "what is done is not done again"
    assert hashes(DuckDBWarehouse(shell.database)) == hashes(expected)
    assert "nothing to do" in shell.succeed(*command)
