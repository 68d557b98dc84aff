"""The requests of the sensors, each made once, on an instance and a clock of the test."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemotePartitionSetOrigin,
    RemoteRepositoryOrigin,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nba_precompute.orchestration import sensors, state
from nba_precompute.orchestration.alerts import WEBHOOK, post, report_of
from nba_precompute.orchestration.dagster_private.check_results import check_states
from nba_precompute.orchestration.runs import range_of, range_tags
from nba_precompute.orchestration.sensors import phase3_observation, phase4_corrections, phase4_validation
from nba_precompute.quality.names import COMPLETE, LEAGUE_COMPLETE
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.sources import SCHEDULE
from nba_precompute.warehouse import WarehouseBusy
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import execute, hashes, run, written_at
from nba_precompute_tests.support.platform import Phase3, Platform, until

FIRST, MORNING = dt.date(2021, 10, 19), dt.date(2021, 10, 24)
KEYS = [str(FIRST + dt.timedelta(days=n)) for n in range(6)]
SCHEDULE_CHECKS = [dg.AssetCheckKey(dg.AssetKey(SCHEDULE), check) for check in (COMPLETE, LEAGUE_COMPLETE)]

pytestmark = pytest.mark.slow


@pytest.fixture
def platform(tmp_path: Path, small_season: Phase3, clock: Callable[..., None]) -> Platform:
    """Phase 3 of six dates, observed; nothing is published."""
    clock(MORNING)
    made = Platform(tmp_path / "nba.duckdb", until(small_season, MORNING))
    made.observe()
    return made


@pytest.fixture
def published(platform: Platform) -> Platform:
    """The event log after a run of all dates; sensors do not read the tables."""
    platform.record_published(KEYS)
    return platform


class TestObservation:
    def test_a_coverage_run_is_asked_for_once_and_until_there_is_a_result(self, platform: Platform) -> None:
        first, second = (platform.sensor(phase3_observation).run_requests or [] for _ in range(2))
        assert {key.asset_key.path[-1] for request in first for key in request.asset_check_keys or []} == set(SOURCES)
        assert [request.run_key for request in first] == [request.run_key for request in second], (
            "Dagster runs a key once"
        )
        platform.cover()
        assert not platform.sensor(phase3_observation).run_requests

    def test_a_date_observed_by_a_command_is_checked_all_the_same(self, platform: Platform) -> None:
        platform.cover()
        execute(
            platform.warehouse,
            "UPDATE nba_analytics.player_game_summary SET ts_pct = 0.1 WHERE game_date = DATE '2021-10-20'",
        )
        platform.observe()
        (request,) = platform.sensor(phase3_observation).run_requests or []
        assert request.asset_check_keys == [dg.AssetCheckKey(dg.AssetKey("player_game_summary"), "complete")]
        assert request.tags["dagster/asset_partition_range_start"] == "2021-10-20"

    def test_dates_that_begin_or_cease_to_wait_for_box_scores_are_checked_again(self, platform: Platform) -> None:
        """Nothing of the schedule itself changes on those dates."""
        platform.cover()
        defense = "nba_analytics.team_defense_game_summary"
        night, after = dt.date(2021, 10, 22), (dt.date(2021, 10, 23), MORNING)
        execute(platform.warehouse, f"CREATE TABLE lost AS SELECT * FROM {defense} WHERE game_date = DATE '{night}'")
        run_keys = []
        for statement, passes in (
            (f"DELETE FROM {defense} WHERE game_date = DATE '{night}'", False),
            (f"INSERT INTO {defense} SELECT * FROM lost", True),
        ):
            execute(platform.warehouse, statement)
            of_defense, of_schedule = platform.cover()
            assert range_of(of_defense.tags) == (night, night)
            assert range_of(of_schedule.tags) == after
            assert of_schedule.asset_check_keys == SCHEDULE_CHECKS
            for key in SCHEDULE_CHECKS:
                states = check_states(platform.instance, key)
                assert [states[str(date)].has_passed for date in (night, *after)] == [True, passes, passes]
            run_keys.append(of_schedule.run_key)
            assert platform.cover() == []
        assert len(set(run_keys)) == 2

    def test_a_date_needs_a_result_of_each_check_of_the_schedule(self, platform: Platform) -> None:
        """Results of a release that had one check do not count for the other one."""
        platform.execute([], SCHEDULE_CHECKS[:1], range_tags(FIRST, MORNING))
        (request,) = [request for request in platform.cover() if range_of(request.tags) == (FIRST, MORNING)]
        assert set(SCHEDULE_CHECKS) <= set(request.asset_check_keys or [])
        assert platform.cover() == []

    def test_a_busy_warehouse_is_a_reason_to_skip(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        def busy(*_: object) -> None:
            raise WarehouseBusy("held by process 7")

        monkeypatch.setattr(sensors, "record", busy)
        assert "held by process 7" in (platform.sensor(phase3_observation).skip_message or "")


class TestCorrections:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            (
                "UPDATE nba_analytics.player_game_summary SET ts_pct = 0.1 WHERE game_date = DATE '2021-10-20'",
                [("2021-10-21", "2021-10-24")],
            ),
            (
                "UPDATE nba_analytics.upcoming_player_game_context SET player_age = 40 "
                "WHERE game_date IN (DATE '2021-10-20', DATE '2021-10-23')",
                [("2021-10-20", "2021-10-20"), ("2021-10-23", "2021-10-23")],
            ),
            (
                "UPDATE nba_raw.nbac_schedule SET game_status = 4 WHERE game_date = DATE '2021-10-21'",
                [("2021-10-21", "2021-10-24")],
            ),
            ("UPDATE nba_raw.nbac_schedule SET game_status = 2 WHERE game_date = DATE '2021-10-21'", []),
        ],
        ids=["a box score", "the context of two dates", "the schedule", "only the status of games"],
    )
    def test_each_kind_reaches_its_dates_in_one_run_per_range(
        self, published: Platform, statement: str, expected: list[tuple[str, str]]
    ) -> None:
        assert published.corrections("{}") == []
        execute(published.warehouse, statement)
        published.observe()
        assert [(str(first), str(last)) for first, last in published.corrections("{}")] == expected

    def test_a_cause_is_asked_for_once_and_a_newer_one_again(self, published: Platform) -> None:
        keys = []
        for age in (40, 41):
            execute(
                published.warehouse,
                f"UPDATE nba_analytics.upcoming_player_game_context SET player_age = {age} "
                "WHERE game_date = DATE '2021-10-22'",
            )
            published.observe()
            twice = [published.sensor(phase4_corrections, "{}").run_requests or [] for _ in range(2)]
            assert [request.run_key for request in twice[0]] == [request.run_key for request in twice[1]]
            keys += [request.run_key for request in twice[0]]
        assert len(set(keys)) == 2
        published.record_published(["2021-10-22"])
        assert published.corrections("{}") == []

    def test_other_code_reaches_every_date_and_is_asked_for_once(
        self, published: Platform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cursor = published.sensor(phase4_corrections).cursor
        monkeypatch.setattr(sensors, "code_version", lambda table: f"new {table.name}")
        monkeypatch.setattr(state, "code_version", lambda table: f"new {table.name}")
        tick = published.sensor(phase4_corrections, cursor)
        assert [request.tags["dagster/asset_partition_range_end"] for request in tick.run_requests or []] == [KEYS[-1]]
        assert not published.sensor(phase4_corrections, tick.cursor).run_requests

    @settings(
        max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
    )
    @given(data=st.data())
    def test_what_is_corrected_equals_a_full_rebuild_and_equal_rows_stay_untouched(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        small_season: Phase3,
        clock: Callable[..., None],
        data: st.DataObject,
    ) -> None:
        clock(MORNING)
        path = tmp_path_factory.mktemp("corrected")
        platform = Platform(path / "nba.duckdb", until(small_season, MORNING))
        platform.observe()
        platform.compute(KEYS)
        for _ in range(2):
            before, stamps = hashes(platform.warehouse), written_at(platform.warehouse)
            day = data.draw(st.sampled_from(KEYS), label="date")
            execute(platform.warehouse, data.draw(st.sampled_from(_CORRECTIONS), label="correction").format(day=day))
            platform.observe()
            for first, last in platform.corrections("{}"):
                platform.compute([str(first), str(last)])
            after = hashes(platform.warehouse)
            for key, stamp in written_at(platform.warehouse).items():
                assert before.get(key) != after[key] or stamps[key] == stamp, f"{key} is equal and was written again"
            assert after == _rebuilt(platform, path / "rebuilt.duckdb")


def _rebuilt(platform: Platform, path: Path) -> dict[tuple[str, dt.date, str], str]:
    """Return what a full run computes from the same sources."""
    shutil.copy(platform.warehouse.path, path)
    warehouse = DuckDBWarehouse(path)
    execute(
        warehouse,
        *(f"DELETE FROM {table.dataset}.{table.name}" for table in TABLES.values()),
        "DELETE FROM nba_precompute.precompute_failures",
    )
    run(warehouse, [dt.date.fromisoformat(key) for key in KEYS])
    return hashes(warehouse)


_CORRECTIONS = (
    "UPDATE nba_analytics.player_game_summary SET points = points + 2, fg_makes = fg_makes + 1 "
    "WHERE game_date = DATE '{day}' AND player_lookup < 'h'",
    "DELETE FROM nba_analytics.player_game_summary WHERE game_date = DATE '{day}' AND player_lookup > 's'",
    "UPDATE nba_analytics.team_offense_game_summary SET pace = pace + 3 WHERE game_date = DATE '{day}'",
    "DELETE FROM nba_analytics.team_defense_game_summary WHERE game_date = DATE '{day}' AND defending_team_abbr < 'H'",
    "UPDATE nba_analytics.upcoming_player_game_context SET player_status = 'out', player_age = NULL "
    "WHERE game_date = DATE '{day}' AND player_lookup < 'm'",
    "DELETE FROM nba_analytics.upcoming_player_game_context WHERE game_date = DATE '{day}' AND player_lookup < 'c'",
    "UPDATE nba_raw.nbac_schedule SET game_type = 'playoffs' WHERE game_date = DATE '{day}'",
)


class TestValidation:
    def _switched_on(self, platform: Platform) -> str:
        cursor = platform.sensor(phase4_validation).cursor
        assert cursor
        return cursor

    def _date_ranges(self, tick: dg.SensorExecutionData) -> list[list[str]]:
        return [
            request.run_config["ops"]["validate_range"]["config"]["date_ranges"] for request in tick.run_requests or []
        ]

    def test_a_range_run_is_validated_once(self, platform: Platform) -> None:
        cursor = self._switched_on(platform)
        run = platform.instance.create_run_for_job(
            platform.repository.get_job("__ASSET_JOB"),
            asset_selection=frozenset(dg.AssetKey(name) for name in TABLES),
            tags={
                "dagster/asset_partition_range_start": "2021-10-19",
                "dagster/asset_partition_range_end": "2021-10-21",
            },
        )
        assert not platform.sensor(phase4_validation, cursor).run_requests
        platform.instance.report_run_canceled(run)
        tick = platform.sensor(phase4_validation, cursor)
        assert self._date_ranges(tick) == [["2021-10-19/2021-10-21"]], "however it ended"
        assert not platform.sensor(phase4_validation, tick.cursor).run_requests

    def test_history_before_it_was_switched_on_is_left_alone(
        self, platform: Platform, clock: Callable[..., None]
    ) -> None:
        platform.instance.add_backfill(_backfill(platform, "job", KEYS[:2]).with_status(BulkActionStatus.COMPLETED))
        clock(dt.date(2099, 1, 1))
        assert not platform.sensor(phase4_validation, self._switched_on(platform)).run_requests

    def test_dates_whose_newest_rows_have_no_result_are_validated(self, platform: Platform) -> None:
        """Two overlapping runs of a date can record the result of replaced rows after that of the current rows."""
        cursor = self._switched_on(platform)
        platform.compute(KEYS[:3])
        tick = platform.sensor(phase4_validation, cursor)
        configs = [request.run_config["ops"]["validate_range"]["config"] for request in tick.run_requests or []]
        assert [config["tables"] for config in configs] == [[name] for name in TABLES]
        assert {tuple(config["date_ranges"]) for config in configs} == {("2021-10-19/2021-10-21",)}
        for request in tick.run_requests or []:
            job = platform.repository.get_job("validate_phase4")
            assert job.execute_in_process(instance=platform.instance, run_config=request.run_config).success
        assert not platform.sensor(phase4_validation, cursor).run_requests

    @pytest.mark.parametrize("kind", ["job", "asset"])
    def test_a_backfill_is_validated_when_its_last_run_is_over(self, platform: Platform, kind: str) -> None:
        cursor = self._switched_on(platform)
        keys = ["2021-10-19", "2021-10-20", "2021-10-22"]
        backfill = _backfill(platform, kind, keys)
        platform.instance.add_backfill(backfill)
        waiting = platform.instance.create_run_for_job(
            platform.repository.get_job("phase4"), tags={"dagster/backfill": backfill.backfill_id}
        )
        tick = platform.sensor(phase4_validation, cursor)
        assert not tick.run_requests
        assert backfill.backfill_id in (tick.skip_message or "")
        platform.instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_FAILED))
        assert not platform.sensor(phase4_validation, tick.cursor).run_requests, "one run is still waiting"
        platform.instance.report_run_canceled(waiting)
        tick = platform.sensor(phase4_validation, tick.cursor)
        assert self._date_ranges(tick) == [["2021-10-19/2021-10-20", "2021-10-22/2021-10-22"]]
        assert not platform.sensor(phase4_validation, tick.cursor).run_requests


def _backfill(platform: Platform, kind: str, keys: list[str]) -> PartitionBackfill:
    if kind == "asset":
        return PartitionBackfill.from_asset_partitions(
            backfill_id="someback",
            asset_graph=platform.repository.asset_graph,
            partition_names=keys,
            asset_selection=[dg.AssetKey(name) for name in TABLES],
            backfill_timestamp=dt.datetime.now(dt.UTC).timestamp(),
            tags={},
            dynamic_partitions_store=platform.instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
    location = RegisteredCodeLocationOrigin("nba_precompute")
    return PartitionBackfill(
        backfill_id="someback",
        status=BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=dt.datetime.now(dt.UTC).timestamp(),
        partition_set_origin=RemotePartitionSetOrigin(
            repository_origin=RemoteRepositoryOrigin(location, "__repository__"),
            partition_set_name="phase4_partition_set",
        ),
        partition_names=keys,
    )


class TestFailures:
    @pytest.fixture
    def failed(self, platform: Platform) -> dg.RunFailureSensorContext:
        execute(platform.warehouse, "ALTER TABLE nba_analytics.player_game_summary RENAME COLUMN points TO score")
        result = platform.run(["team_defense_zone_analysis"], KEYS[:2])
        assert not result.success
        context = dg.build_run_status_sensor_context(
            sensor_name="run_failures",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=platform.instance,
            dagster_run=result.dagster_run,
        )
        return context.for_run_failure()

    def test_the_report_names_dates_step_error_and_the_next_step(self, failed: dg.RunFailureSensorContext) -> None:
        report = report_of(failed)
        assert "for 2021-10-19 to 2021-10-20" in report
        assert "team_defense_zone_analysis: " in report
        assert "player_game_summary.points: expected INT64, found no such column" in report
        assert "next step: Run `nba-precompute init`" in report

    def test_it_is_posted_where_a_webhook_is_configured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with _webhook([503, 200]) as (url, received):
            monkeypatch.setenv(WEBHOOK, url)
            post("what failed")
        assert received == [{"text": "what failed"}] * 2, "a 503 is tried again"

    def test_a_dead_webhook_hides_nothing_and_tells_no_secret(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv(WEBHOOK, "http://127.0.0.1:1/secret-token")
        post("what failed")
        assert "could not be posted" in caplog.text
        assert "secret-token" not in caplog.text


@contextmanager
def _webhook(answers: list[int]) -> Iterator[tuple[str, list[object]]]:
    received: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers[len(received) - 1])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
