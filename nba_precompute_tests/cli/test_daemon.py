"""Backfills that the daemon runs, one process per date or step, on a DuckDB file."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest

from nba_precompute.orchestration.names import READY
from nba_precompute.quality.names import COMPLETE
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import WarehouseBusy
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.november import FIRST, LAST, content
from nba_precompute_tests.support.league import execute, off_schedule_row
from nba_precompute_tests.support.running import Shell
from nba_precompute_tests.ui.server import running, wait_for, web_server

pytestmark = pytest.mark.slow


def test_a_job_backfill_runs_each_date_several_at_once(
    shell: Shell, expected: dict[tuple[str, dt.date, str], str]
) -> None:
    shell.succeed("nba-precompute", "init")  # or daemon and command would both create the tables of a new DAGSTER_HOME

    def is_done() -> bool:
        with suppress(WarehouseBusy):  # the runs take turns with this reader
            return content(shell).keys() == expected.keys()
        return False

    with running(shell, "dagster-daemon", "run", "-w", "workspace.yaml"):
        shell.succeed(
            *("dagster", "job", "backfill", "-w", "workspace.yaml", "-j", "phase4"),
            *("--from", str(FIRST), "--to", str(LAST), "--noprompt"),
        )
        wait_for("the rows of every date", is_done)
    assert content(shell) == expected


def test_a_backfill_of_the_ui_ends_as_failed_where_a_date_is_refused_and_does_the_others(shell: Shell) -> None:
    """A process for each step; the refused date is Thanksgiving, with a box score of an unknown game."""
    bad, keys = dt.date(2021, 11, 25), [f"2021-11-{day}" for day in (24, 25, 26)]
    execute(DuckDBWarehouse(shell.database), off_schedule_row(bad))
    shell.succeed("nba-precompute", "init")
    expected = {dt.date.fromisoformat(key): "MATERIALIZED" for key in keys} | {bad: "FAILED"}
    with web_server(shell) as web:
        web.stop_sensors()
        web.stop_schedules()
        backfill = web.launch_backfill((*TABLES, READY), keys)
        with running(shell, "dagster-daemon", "run", "-w", "workspace.yaml"):
            wait_for("the end", lambda: web.backfill_status(backfill).startswith("COMPLETED_"))
        assert web.backfill_status(backfill) == "COMPLETED_FAILED"
        for name in (*TABLES, READY):
            assert web.partitions(name) == expected
        for name in TABLES:
            assert web.check_partitions(name, COMPLETE) == {
                date: "FAILED" if date == bad else "SUCCEEDED" for date in expected
            }
