"""The observation in Dagster: an event for every date that is new or changed, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from nba_precompute.calendar import calendar_between
from nba_precompute.cli import app
from nba_precompute.orchestration.dagster_private.records import (
    DATA_VERSION,
    materialization_ids,
    report_materializations,
)
from nba_precompute.orchestration.observer import Changes, record
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import FACT_SOURCES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.dagster_runs import records
from nba_precompute_tests.support.league import REPOSITORY, execute, new_warehouse
from nba_precompute_tests.support.platform import Phase3, until

D = dt.date.fromisoformat
PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
FIRST, TODAY = D("2021-10-19"), D("2021-10-24")
BEFORE = calendar_between(FIRST, TODAY - dt.timedelta(days=1))

Clock = Callable[..., None]


@pytest.fixture(scope="module")
def morning(small_season: Phase3, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A league on the morning of today; a careless upstream has listed tomorrow's players already."""
    phase3 = until(small_season, TODAY) | {"upcoming_player_game_context": small_season["upcoming_player_game_context"]}
    return new_warehouse(tmp_path_factory.mktemp("morning") / "nba.duckdb", phase3).path


@pytest.fixture
def warehouse(morning: Path, tmp_path: Path, clock: Clock) -> DuckDBWarehouse:
    clock(TODAY)
    path = tmp_path / "nba.duckdb"
    path.write_bytes(morning.read_bytes())
    return DuckDBWarehouse(path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def observed(instance: dg.DagsterInstance, warehouse: DuckDBWarehouse) -> Changes:
    return record(instance, warehouse)


def changed(changes: Changes) -> dict[tuple[str, dt.date], bool]:
    """Return the changes by (source, date): True if new."""
    assert len({(change.seen.source, change.seen.date) for change in changes.changes}) == len(changes.changes)
    return {(change.seen.source, change.seen.date): change.is_new for change in changes.changes}


def recorded(instance: dg.DagsterInstance) -> dict[str, dict[str, int]]:
    """Return the newest event by source and partition."""
    return {name: materialization_ids(instance, dg.AssetKey(name)) for name in SOURCES}


def everything_new() -> dict[tuple[str, dt.date], bool]:
    """Of today only what is known ahead: its box scores are scheduled, and have not arrived."""
    return {
        (name, date): True for name in SOURCES for date in (*BEFORE, TODAY) if date != TODAY or name not in FACT_SOURCES
    }


def test_every_date_that_has_arrived_is_new_once(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, observed: Changes
) -> None:
    assert changed(observed) == everything_new()
    assert observed.observed == len(SOURCES) * (len(BEFORE) + 1)
    first = recorded(instance)
    assert {(name, D(key)) for name, keys in first.items() for key in keys} == set(everything_new())
    again = record(instance, warehouse)
    assert again.changes == []
    assert recorded(instance) == first


def test_an_event_carries_the_numbers_and_the_version(instance: dg.DagsterInstance, observed: Changes) -> None:
    (change,) = [found for found in observed.changes if (found.seen.source, found.seen.date) == (PLAYERS, FIRST)]
    values = records(instance, PLAYERS, [str(FIRST)])[str(FIRST)]
    assert values == {
        "dagster/partition_row_count": change.seen.rows,
        "rows": change.seen.rows,
        "expected_teams": change.seen.expected_teams,
        "covered_teams": change.seen.expected_teams,
    }
    event = instance.get_latest_materialization_event(dg.AssetKey(PLAYERS))
    assert event is not None
    assert event.asset_materialization is not None
    assert len((event.asset_materialization.tags or {})[DATA_VERSION]) == 16


def test_what_admission_sets_aside_is_in_the_event_and_what_fails_the_check_is_a_problem(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, observed: Changes
) -> None:
    copied = (
        f"INSERT INTO nba_analytics.{OFFENSE} BY NAME SELECT * REPLACE ({{}}) FROM nba_analytics.{OFFENSE} "
        f"WHERE game_date = '{FIRST}' ORDER BY team_abbr LIMIT 1"
    )
    execute(
        warehouse,
        copied.format("'XYZ' AS team_abbr, 'unknown' AS game_id"),
        copied.format("2020 AS season_year"),
    )
    changes = record(instance, warehouse)
    assert changed(changes) == {(OFFENSE, FIRST): False}
    values = records(instance, OFFENSE, [str(FIRST)])[str(FIRST)]
    assert (values["wrong_season"], values["off_schedule"]) == (1, 1)
    assert values["problems"] == f"rows of {OFFENSE} without a game on the schedule: 1 (e.g. XYZ on {FIRST})"
    assert values["findings"].startswith(f"rows of {OFFENSE} with the season_year of another season: 1 (e.g. ")
    assert [(seen.source, seen.date) for seen in changes.incomplete] == [(OFFENSE, FIRST)]
    assert [(seen.source, seen.date) for seen in changes.noted] == [(OFFENSE, FIRST)]


def test_a_correction_and_rows_that_vanish_are_changes_of_their_dates_alone(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, observed: Changes
) -> None:
    corrected, vanished = BEFORE[1], BEFORE[2]
    execute(
        warehouse,
        f"UPDATE nba_analytics.{OFFENSE} SET pace = pace + 1 WHERE game_date = '{corrected}'",
        f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_date = '{vanished}'",
    )
    changes = record(instance, warehouse)
    assert changed(changes) == {(OFFENSE, corrected): False, (DEFENSE, vanished): False}
    assert changes.dates_of(OFFENSE) == [corrected]
    assert "problems" not in records(instance, OFFENSE, [str(corrected)])[str(corrected)]
    gone = records(instance, DEFENSE, [str(vanished)])[str(vanished)]
    assert gone["rows"] == 0
    assert gone["problems"].startswith(f"0 of {gone['expected_teams']} teams are covered, without ")
    assert record(instance, warehouse).changes == []


def test_the_next_morning_brings_the_night_and_the_next_slate(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, observed: Changes, small_season: Phase3, clock: Clock
) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    clock(tomorrow)
    nothing_yet = record(instance, warehouse)
    assert changed(nothing_yet) == {(name, tomorrow): True for name in SOURCES if name not in FACT_SOURCES}
    night = new_warehouse(warehouse.path.with_name("next.duckdb"), until(small_season, tomorrow))
    assert changed(record(instance, night)) == {(name, TODAY): True for name in FACT_SOURCES}


def test_observing_again_finishes_what_a_crash_left(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(instance: dg.DagsterInstance, materializations: Sequence[dg.AssetMaterialization]) -> None:
        report_materializations(instance, materializations[:7])
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("nba_precompute.orchestration.observer.report_materializations", crash)
        with pytest.raises(KeyboardInterrupt):
            record(instance, warehouse)
    assert sum(len(keys) for keys in recorded(instance).values()) == 7
    assert len(record(instance, warehouse).changes) == len(everything_new()) - 7
    assert {(name, D(key)) for name, keys in recorded(instance).items() for key in keys} == set(everything_new())


def test_wiping_the_history_of_an_asset_makes_its_dates_new_again(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, observed: Changes
) -> None:
    instance.wipe_assets([dg.AssetKey(PLAYERS)])
    assert changed(record(instance, warehouse)) == {(PLAYERS, date): True for date in BEFORE}


def test_without_a_schedule_nothing_is_recorded_and_the_rows_are_reported(
    instance: dg.DagsterInstance, warehouse: DuckDBWarehouse
) -> None:
    execute(warehouse, "DELETE FROM nba_raw.nbac_schedule")
    changes = record(instance, warehouse)
    assert changes.changes == []
    assert changes.without_schedule == dict.fromkeys(FACT_SOURCES, BEFORE) | {
        "upcoming_player_game_context": [*BEFORE, TODAY]
    }


def test_the_command_says_what_has_changed_and_ends_with_3_where_a_date_is_incomplete(
    warehouse: DuckDBWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(REPOSITORY / "deploy" / "local" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(warehouse.path))

    def observe(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["observe", *options])
        return done.exit_code, done.output

    code, shown = observe("--json")
    assert code == 0
    assert {
        (change["source"], D(change["date"])): change["is_new"] for change in json.loads(shown)["changes"]
    } == everything_new()
    code, shown = observe()
    assert (code, "nothing is new or changed" in shown) == (0, True)
    gap = f"{BEFORE[2]}"
    execute(
        warehouse,
        f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_date = '{gap}'",
        f"UPDATE nba_analytics.{OFFENSE} SET season_year = 2020 WHERE game_date = '{gap}'",
    )
    rows = f"rows of {OFFENSE} with the season_year of another season: "
    waits = "uncovered sides on the newest game date before: "
    for _ in ("news", "no news"):
        code, shown = observe()
        assert code == 3
        assert f"{DEFENSE} on {gap}: 0 of" in shown
        assert f"{OFFENSE} on {gap}: {rows}" in shown
        assert f"{BEFORE[3]} waits for: " in shown
        assert waits in shown
    code, shown = observe("--json")
    found = json.loads(shown)
    assert {(entry["source"], entry["date"]) for entry in found["incomplete"]} == {(DEFENSE, gap), (OFFENSE, gap)}
    (finding,) = found["findings"]
    assert (finding["source"], finding["date"], finding["findings"][0][: len(rows)]) == (OFFENSE, gap, rows)
    waiting = {entry["date"]: entry["reasons"] for entry in found["waiting"] if entry["tables"] == "league"}
    assert waiting[str(BEFORE[3])][-1].startswith(waits)
    assert gap not in waiting
