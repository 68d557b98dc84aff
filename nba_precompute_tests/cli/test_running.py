"""The commands of the README in a clean shell, as whole processes on a DuckDB file."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nba_precompute.orchestration.names import READY
from nba_precompute.quality.names import COMPLETE
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import WarehouseBusy
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import days, execute, hashes, new_warehouse, off_schedule_row, run
from nba_precompute_tests.support.running import PATIENCE, Shell
from nba_precompute_tests.ui.server import running, wait_for, web_server

pytestmark = pytest.mark.slow

FIRST, LAST = dt.date(2021, 11, 1), dt.date(2021, 11, 3)
MATERIALIZE = (
    "dagster",
    "asset",
    "materialize",
    "--select",
    "group:phase4",
    "-m",
    "nba_precompute.definitions",
)


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a DuckDB file with a simulated season and empty tables, to copy."""
    path = tmp_path_factory.mktemp("league") / "nba.duckdb"
    new_warehouse(path, simulate_season(2021))
    return path


@pytest.fixture(scope="module")
def expected(league: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, dt.date, str], str]:
    """Return the hashes that every way of running must publish."""
    path = tmp_path_factory.mktemp("expected") / "nba.duckdb"
    shutil.copy(league, path)
    warehouse = DuckDBWarehouse(path)
    run(warehouse, days(FIRST, LAST))
    return hashes(warehouse)


@pytest.fixture
def shell(league: Path, tmp_path: Path) -> Shell:
    shell = Shell.at(tmp_path)
    shutil.copy(league, shell.database)
    return shell


def content(shell: Shell) -> dict[tuple[str, dt.date, str], str]:
    return hashes(DuckDBWarehouse(shell.database))


def test_a_range_with_dagster_asset_materialize(shell: Shell, expected: dict[tuple[str, dt.date, str], str]) -> None:
    shell.succeed(*MATERIALIZE, "--partition-range", f"{FIRST}...{LAST}")
    assert content(shell) == expected


def test_one_partition_with_dagster_asset_materialize(
    shell: Shell, expected: dict[tuple[str, dt.date, str], str]
) -> None:
    shell.succeed(*MATERIALIZE, "--partition", str(LAST))
    assert content(shell) == {key: value for key, value in expected.items() if key[1] == LAST}


def test_a_range_and_one_partition_with_dg_launch(shell: Shell, expected: dict[tuple[str, dt.date, str], str]) -> None:
    launch = ("dg", "launch", "--assets", "group:phase4", "-m", "nba_precompute.definitions")
    shell.succeed(*launch, "--partition-range", f"{FIRST}...{LAST - dt.timedelta(days=1)}")
    shell.succeed(*launch, "--partition", str(LAST))
    assert content(shell) == expected


@pytest.mark.parametrize("partition", ["2022-07-15", "2021-10-18", "2022-02-30"])
def test_a_date_outside_the_calendar_ends_with_an_error_that_names_it(shell: Shell, partition: str) -> None:
    done = shell.run(*MATERIALIZE, "--partition", partition)
    assert done.returncode != 0
    assert partition in done.stdout
    assert content(shell) == {}


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


def test_two_processes_on_one_file_wait_for_each_other_and_name_the_holder(
    shell: Shell, expected: dict[tuple[str, dt.date, str], str]
) -> None:
    shell.succeed("nba-precompute", "init")
    both = [shell.start(*MATERIALIZE, "--partition-range", f"{FIRST}...{LAST}") for _ in range(2)]
    with DuckDBWarehouse(shell.database).writing("a test that takes its time"):
        time.sleep(15)
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    for output in outputs:
        assert f"held by process {os.getpid()} (a test that takes its time" in output
    assert content(shell) == expected


def test_a_run_killed_half_way_leaves_nothing_half_and_can_be_repeated(
    shell: Shell, expected: dict[tuple[str, dt.date, str], str]
) -> None:
    process = shell.start(*MATERIALIZE, "--partition-range", f"{FIRST}...{LAST}")
    assert process.stdout is not None
    for line in process.stdout:
        if "player_shot_zone_analysis" in line and "STEP_SUCCESS" in line:
            break
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert content(shell).items() <= expected.items()
    shell.succeed(*MATERIALIZE, "--partition-range", f"{FIRST}...{LAST}")
    assert content(shell) == expected
