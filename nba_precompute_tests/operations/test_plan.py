"""The plan agrees with what a run would do, date by date, and changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute.operations.plan import make as planning
from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import Plan, State
from nba_precompute.orchestration.dagster_private.records import latest_materializations, recorded_values
from nba_precompute.publishing import publish as publishing
from nba_precompute.publishing.estimate import Estimate
from nba_precompute.publishing.records import Published
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.dagster_runs import materialize
from nba_precompute_tests.support.league import days, execute, hashes, new_warehouse, run

FIRST, LAST = dt.date(2021, 10, 19), dt.date(2021, 10, 26)
CHANGED = dt.date(2021, 10, 22)
BEYOND = dt.date(2021, 10, 29)
"""Games are loaded up to this date; nothing is published after LAST."""


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def published(instance: dg.DagsterInstance, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The first dates of a league, published and on record; read-only."""
    warehouse = new_warehouse(tmp_path_factory.mktemp("plan") / "nba.duckdb", simulate_season(2021))
    materialize(warehouse, str(FIRST), str(LAST), instance=instance)
    return warehouse


@pytest.fixture
def own(published: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(Path(shutil.copy(published.path, tmp_path / "own.duckdb")))


def states(plan: Plan, table: str, first: dt.date = FIRST, last: dt.date = LAST) -> dict[dt.date, State]:
    return {date: entry.state for date, entry in plan.entries[table].items() if first <= date <= last}


def recorded(instance: dg.DagsterInstance) -> dict[str, dict[dt.date, Published]]:
    return {
        name: {
            dt.date.fromisoformat(key): published
            for key, entry in recorded_values(instance, dg.AssetKey(name)).items()
            if (published := Published.from_metadata(entry.values))
        }
        for name in TABLES
    }


def test_what_is_read_from_the_event_log_is_what_dagster_reads(
    instance: dg.DagsterInstance, published: DuckDBWarehouse
) -> None:
    key = dg.AssetKey("player_daily_cache")
    ours = recorded_values(instance, key)
    theirs = latest_materializations(instance, key, list(ours))
    assert set(ours) == {date.isoformat() for date in days(FIRST, LAST)}
    for partition, record in ours.items():
        plain = {name: value.value for name, value in theirs[partition].metadata.items()}
        assert {name: value for name, value in record.values.items() if value is not None}.items() <= plain.items()
        assert {"rows", "inputs_fingerprint", "decision", "run_seconds_stage"} <= record.values.keys()


def nothing(warehouse: DuckDBWarehouse, _: pytest.MonkeyPatch) -> None: ...


def a_box_score(warehouse: DuckDBWarehouse, _: pytest.MonkeyPatch) -> None:
    execute(
        warehouse,
        f"UPDATE nba_analytics.player_game_summary SET usage_rate = 33 WHERE game_date = DATE '{CHANGED}' "
        f"AND player_lookup = (SELECT MIN(player_lookup) FROM nba_analytics.player_game_summary "
        f"WHERE game_date = DATE '{CHANGED}' AND minutes_played > 0)",
    )


def a_context(warehouse: DuckDBWarehouse, _: pytest.MonkeyPatch) -> None:
    execute(
        warehouse,
        f"UPDATE nba_analytics.upcoming_player_game_context SET player_age = 40 WHERE game_date = DATE '{CHANGED}'",
    )


def a_published_row(warehouse: DuckDBWarehouse, _: pytest.MonkeyPatch) -> None:
    table = "nba_precompute.team_defense_zone_analysis"
    on_date = f"analysis_date = DATE '{CHANGED}'"
    execute(
        warehouse,
        f"DELETE FROM {table} WHERE {on_date} AND team_abbr = (SELECT MIN(team_abbr) FROM {table} WHERE {on_date})",
    )


def a_partition(warehouse: DuckDBWarehouse, _: pytest.MonkeyPatch) -> None:
    execute(
        warehouse,
        f"DELETE FROM nba_precompute.player_shot_zone_analysis WHERE analysis_date = DATE '{CHANGED}'",
        "DELETE FROM nba_precompute.precompute_failures WHERE table_name = 'player_shot_zone_analysis' "
        f"AND as_of_date = DATE '{CHANGED}'",
    )


def the_code(_: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    original = publishing.code_version

    def other(table: Table) -> str:
        return "another" if table.name == "player_daily_cache" else original(table)

    for module in (publishing, planning):
        monkeypatch.setattr(module, "code_version", other)


@pytest.mark.parametrize(
    ("change", "table", "expected", "reason"),
    [
        (nothing, "ml_feature_store_v2", {}, ""),
        (
            a_box_score,
            "player_composite_factors",
            dict.fromkeys(days(CHANGED + dt.timedelta(1), LAST), State.STALE),
            "player_game_summary",
        ),
        (a_context, "player_daily_cache", {CHANGED: State.STALE}, "upcoming_player_game_context"),
        (a_published_row, "team_defense_zone_analysis", {CHANGED: State.STALE}, "published content"),
        (a_partition, "player_shot_zone_analysis", {CHANGED: State.MISSING}, "the published rows are gone"),
        (
            the_code,
            "player_daily_cache",
            dict.fromkeys(days(FIRST, LAST), State.STALE),
            "the code changed",
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_plan_says_what_a_run_would_do(
    instance: dg.DagsterInstance,
    own: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[DuckDBWarehouse, pytest.MonkeyPatch], None],
    table: str,
    expected: dict[dt.date, State],
    reason: str,
) -> None:
    change(own, monkeypatch)
    plan = make_plan(instance, own, FIRST, LAST)
    assert {date: state for date, state in states(plan, table).items() if state is not State.FRESH} == expected
    assert all(reason in plan.entries[table][date].reason for date in expected)

    outcomes = run(own, days(FIRST, LAST), recorded=recorded(instance))
    for name, by_date in plan.entries.items():
        for date, entry in by_date.items():
            is_computed = outcomes[name].partitions[date].computed
            if entry.state is State.FRESH:
                assert not is_computed, (name, date)
            elif not entry.reason.startswith("upstream not fresh"):
                assert is_computed, (name, date, entry.reason)
    reasons = {entry.reason for by_date in plan.entries.values() for entry in by_date.values()}
    assert any("upstream not fresh" in reason for reason in reasons) == (
        change in (a_published_row, a_partition, the_code)
    )


def test_dates_never_computed_are_missing_and_planning_changes_nothing(
    instance: dg.DagsterInstance, published: DuckDBWarehouse
) -> None:
    events = len(instance.get_materialized_partitions(dg.AssetKey("ml_feature_store_v2")))
    before = hashes(published)
    plan = make_plan(instance, published, FIRST, BEYOND)
    assert set(states(plan, "ml_feature_store_v2").values()) == {State.FRESH}
    later = states(plan, "ml_feature_store_v2", LAST + dt.timedelta(1), BEYOND)
    assert set(later.values()) == {State.MISSING}
    found = next(planned for planned in plan.ranges() if planned.table == "player_daily_cache")
    assert (found.first, found.last, found.state) == (min(later), max(later), State.MISSING)
    assert found.rows
    assert found.seconds
    assert hashes(published) == before
    after = len(instance.get_materialized_partitions(dg.AssetKey("ml_feature_store_v2")))
    assert after == events


def test_a_date_without_games_has_nothing_to_do(instance: dg.DagsterInstance, published: DuckDBWarehouse) -> None:
    # The All-Star break.
    with published.reading("test") as session:
        games = {row["d"] for row in session.query("SELECT DISTINCT game_date AS d FROM `nba_raw.nbac_schedule`")}
    free = next(date for date in days(dt.date(2022, 2, 10), dt.date(2022, 2, 28)) if date not in games)
    plan = make_plan(instance, published, free, free)
    assert {by_date[free].state for by_date in plan.entries.values()} == {State.NO_GAMES}
    assert plan.ranges() == []


def test_a_missing_game_blocks_the_next_game_date_and_is_named_on_the_dates_that_read_it(
    instance: dg.DagsterInstance, own: DuckDBWarehouse
) -> None:
    gap, following = LAST, LAST + dt.timedelta(1)
    with own.reading("test") as session:
        query = "SELECT MIN(team_abbr) AS t FROM `nba_analytics.{}` WHERE game_date = DATE '{}'"
        team = session.query(query.format("player_game_summary", gap))[0]["t"]
        absent = session.query(query.format("upcoming_player_game_context", following))[0]["t"]
    execute(
        own,
        f"DELETE FROM nba_analytics.player_game_summary WHERE game_date = DATE '{gap}' AND team_abbr = '{team}'",
        "DELETE FROM nba_analytics.upcoming_player_game_context "
        f"WHERE game_date = DATE '{following}' AND team_abbr = '{absent}'",
    )
    plan = make_plan(instance, own, FIRST, BEYOND)
    assert plan.entries["team_defense_zone_analysis"][gap].incomplete_inputs == (), "its own games are not read"
    side = f"{team} on {gap}: no box score"
    for name, by_date in plan.entries.items():
        assert by_date[following].state is State.BLOCKED
        assert f"uncovered sides on the newest game date before: {team} on {gap}: no box score" in (
            text for text in by_date[following].incomplete_inputs
        )
        assert all(side in by_date[date].uncovered for date in days(following, BEYOND))
        assert not any("newest game date" in text for text in by_date[BEYOND].incomplete_inputs)
        reads_context = "upcoming_player_game_context" in TABLES[name].sources
        unlisted = f"teams of the slate with no player listed: {absent}"
        assert (unlisted in by_date[following].incomplete_inputs) is reads_context
        assert unlisted not in by_date[BEYOND].incomplete_inputs


def test_a_season_without_a_schedule_is_blocked(instance: dg.DagsterInstance, published: DuckDBWarehouse) -> None:
    date = dt.date(2023, 11, 1)
    plan = make_plan(instance, published, date, date)
    assert {by_date[date].state for by_date in plan.entries.values()} == {State.BLOCKED}
    assert plan.ranges()[0].reason == "the schedule has no game of the season"


def test_the_last_run_of_a_date_that_failed_is_named(own: DuckDBWarehouse) -> None:
    table = "team_defense_zone_analysis"
    with dg.DagsterInstance.ephemeral() as instance:
        execute(
            own,
            f"INSERT INTO nba_precompute.{table} SELECT * FROM nba_precompute.{table} "
            f"WHERE analysis_date = DATE '{CHANGED}'",
        )
        done = materialize(own, str(CHANGED), instance=instance, selection=[table], raise_on_error=False)
        assert not done.success
        plan = make_plan(instance, own, CHANGED, CHANGED, [table])
        assert plan.entries[table][CHANGED].failed_run == done.run_id
        assert plan.work(failed_only=True)
        execute(own, f"DELETE FROM nba_precompute.{table} WHERE analysis_date = DATE '{CHANGED}'")
        materialize(own, str(CHANGED), instance=instance, selection=[table])
        assert make_plan(instance, own, CHANGED, CHANGED, [table]).work() == []


@pytest.fixture
def home(own: DuckDBWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty instance, and a warehouse with the first dates."""
    home = tmp_path / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for name, value in {"DAGSTER_HOME": str(home), "NBA_DUCKDB_PATH": str(own.path), "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    return home


def test_the_command(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "plan", "--from", "2021-10-26", "--to", "2021-10-27") == 3
    shown = capsys.readouterr().out
    assert "the published rows are not on record" in shown
    assert "nothing is published" in shown
    span = ("--from", "2021-10-27", "--to", "2021-10-27", "--tables", "player_daily_cache")
    assert call(monkeypatch, "plan", *span, "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["tables"] == {
        "player_daily_cache": {"fresh": 0, "missing": 1, "stale": 0, "blocked": 0, "no games": 0}
    }
    assert [(entry["date"], entry["state"]) for entry in found["dates"]] == [("2021-10-27", "missing")]
    assert call(monkeypatch, "plan", "--from", "2022-07-15", "--to", "2022-07-20") == 0
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(("cap", "code"), [("5999", 1), ("6000", 3)])
def test_billed_bytes_are_shown_by_table_and_more_than_the_cap_are_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cap: str, code: int
) -> None:
    bills = tuple(
        Estimate(name, inspect=500, select=1500, partitions=1000)
        for name in ("player_daily_cache", "ml_feature_store_v2")
    )
    monkeypatch.setattr(planning, "_estimates", lambda *_: bills)
    span = ("--from", "2021-10-27", "--to", "2021-10-27")
    assert call(monkeypatch, "plan", *span, "--cap-bytes", cap) == code
    shown = capsys.readouterr()
    assert shown.out.count("1,500") == len(bills)
    assert ("6,000 bytes to read exceed the cap of 5,999" in shown.err) == (code == 1)
    monkeypatch.setenv("NBA_ESTIMATE_CAP_BYTES", cap)
    assert call(monkeypatch, "plan", *span, "--json") == code
    found = json.loads(capsys.readouterr().out)
    assert found["bytes"] == 6000
    assert found["estimates"][0] == {
        "table": "player_daily_cache",
        "inspect_bytes": 500,
        "select_bytes": 1500,
        "partition_bytes": 1000,
        "total_bytes": 3000,
    }


def test_a_warehouse_that_bills_nothing_has_no_bytes_and_no_cap(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "plan", "--from", "2021-10-27", "--to", "2021-10-27", "--cap-bytes", "1", "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["bytes"], found["estimates"]) == (None, [])


def test_a_backfill_without_a_terminal_needs_yes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "backfill", "--from", "2021-10-27", "--to", "2021-10-27") == 2
    assert "no terminal to prompt on; pass --yes" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "backfill"])
def test_wrong_use_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    span = ("--from", "2021-10-27", "--to", "2021-10-27")
    assert call(monkeypatch, command, *span, "--tables", "no_table") == 2
    assert "there is no table no_table" in capsys.readouterr().err
    monkeypatch.delenv("DAGSTER_HOME")
    assert call(monkeypatch, command, *span, *(["--yes"] if command == "backfill" else [])) == 1
    assert "DAGSTER_HOME is not set" in capsys.readouterr().err
