"""The commands of the README in a clean shell, as whole processes on a DuckDB file."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time

import pytest

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.november import FIRST, LAST, content
from nba_precompute_tests.support.running import PATIENCE, Shell

pytestmark = pytest.mark.slow

MATERIALIZE = (
    "dagster",
    "asset",
    "materialize",
    "--select",
    "group:phase4",
    "-m",
    "nba_precompute.definitions",
)


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
