"""Runs of a tiny league over the wire: nightly, repeated, concurrent, interrupted half-way, and with faults."""

from __future__ import annotations

import datetime as dt
import logging
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pandas as pd
import pytest
from dagster import DagsterExecutionInterruptedError

from nba_precompute.orchestration.io_manager import _job_metadata
from nba_precompute.publishing.estimate import estimate
from nba_precompute.publishing.publish import publish
from nba_precompute.publishing.records import Outcome
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.warehouse import Job, MergeCounts, SchemaMismatch, WarehouseError
from nba_precompute.warehouse.bigquery import BigQueryWarehouse, jobs
from nba_precompute_tests.bigquery.fixtures import NewWarehouse, endless, variables
from nba_precompute_tests.bigquery.proxy import Fault, Proxy
from nba_precompute_tests.oracle.tiny_league import tiny_league
from nba_precompute_tests.orchestration.test_io_manager import POLLS, polls
from nba_precompute_tests.support.dagster_runs import materialize, records
from nba_precompute_tests.support.league import failures, hashes, published, run, set_up, to_tables
from nba_precompute_tests.support.running import Shell

GAMES = [dt.date(2021, 10, day) for day in (20, 22, 24, 26, 28, 30)]
TONIGHT = dt.date(2021, 11, 1)
TDZA = TABLES["team_defense_zone_analysis"]
PSZA = TABLES["player_shot_zone_analysis"]


@pytest.fixture(scope="module")
def phase3() -> dict[str, list[dict[str, object]]]:
    return tiny_league(GAMES, TONIGHT)


@pytest.fixture(scope="module")
def warehouse(new_bigquery: NewWarehouse, phase3: dict[str, list[dict[str, object]]]) -> BigQueryWarehouse:
    warehouse = new_bigquery()
    set_up(warehouse, to_tables(phase3))
    return warehouse


@pytest.fixture(autouse=True)
def nothing_stays_staged(warehouse: BigQueryWarehouse, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Verify that staging tables are dropped, whatever the test does to the run."""
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.01)
    yield
    proxy.reset()
    settings = warehouse.settings
    client = settings.client()
    assert [table.table_id for table in client.list_tables(settings.dataset(settings.staging_dataset))] == []


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def change(warehouse: BigQueryWarehouse, *statements: str) -> None:
    """Run statements that the product does not know of."""
    with warehouse.writing("test") as session:
        for statement in statements:
            session.execute(statement, "test")


def publish_date(warehouse: BigQueryWarehouse, date: dt.date) -> Outcome:
    return run(warehouse, [date], [TDZA])[TDZA.name]


@pytest.mark.slow
def test_the_nightly_run_and_the_same_again(
    warehouse: BigQueryWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Run the commands as cron would, configured by the environment; one table takes a fifth of the time."""
    shell = Shell.at(tmp_path_factory.mktemp("nightly"), **variables(warehouse))
    nightly = ("dagster", "asset", "materialize", "--select", TDZA.name, "--partition", str(TONIGHT))
    first = shell.succeed(*nightly, "-m", "nba_precompute.definitions")
    assert f"{TDZA.name}: 1 of 1 dates computed, 2 rows (2 ready), 0 failures; inserted 2" in first
    before = hashes(warehouse)
    again = shell.succeed(*nightly, "-m", "nba_precompute.definitions")
    assert "0 of 1 dates computed" in again
    assert hashes(warehouse) == before
    assert f"BigQuery project {warehouse.settings.project}" in shell.succeed("nba-precompute", "init", "--check")


def test_commands_end_with_an_error_that_says_what_to_do(
    warehouse: BigQueryWarehouse, tmp_path_factory: pytest.TempPathFactory, proxy: Proxy
) -> None:
    shell = Shell.at(tmp_path_factory.mktemp("expired"), **variables(warehouse))
    proxy.faults.append(Fault(lambda _: True, status=401, reason="authError", times=99))
    done = shell.run("nba-precompute", "coverage", "--from", "2021-11-01", "--to", "2021-11-01")
    assert done.returncode == 1
    assert "the credentials were refused or have expired; run `gcloud auth application-default login`" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_run_records_its_jobs_and_what_they_cost(
    warehouse: BigQueryWarehouse, instance: dg.DagsterInstance, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    """A merge that reads a thousand times what was staged logs a warning."""
    proxy.statistics.update(
        totalBytesProcessed="1000000", totalBytesBilled="10485760", totalSlotMs="50", cacheHit=False
    )
    key = str(GAMES[4])
    with caplog.at_level(logging.WARNING):
        materialize(warehouse, key, instance=instance, selection=[TDZA.name])
    found = records(instance, TDZA.name, [key])[key]
    steps = ["inspect", "stage", "audit", "merge_failures", "merge", "read_back"]
    assert [job["step"] for job in found["run_jobs"]] == steps
    assert [job["id"] for job in found["run_jobs"]] == [job.job_id for job in proxy.jobs]
    assert all(job["bytes_billed"] == 10485760 and job["cache_hit"] is False for job in found["run_jobs"])
    assert (found["run_bytes_processed"], found["run_bytes_billed"]) == (6_000_000, 6 * 10485760)
    assert found["run_slot_milliseconds"] == 300
    assert "run_jobs_unknown" not in found
    labels = proxy.jobs[0].job["configuration"]["labels"]
    assert labels["asset"] == TDZA.name
    assert (labels["first_date"], labels["last_date"]) == (key, key)
    assert labels["run_id"] == instance.get_runs()[0].run_id
    assert "was the target scanned outside the run's dates?" in caplog.text


def test_what_the_service_does_not_say_is_recorded_as_unknown() -> None:
    known = Job("stage", "a", bytes_processed=1000, bytes_billed=2000, slot_milliseconds=None, cache_hit=None)
    unknown = Job("merge", "b", bytes_processed=1, bytes_billed=None, slot_milliseconds=None, cache_hit=None)
    found = _job_metadata([known, unknown])
    assert found["run_jobs"].value[1]["bytes_billed"] == "unknown"
    assert found["run_jobs_unknown"] == "bytes_billed, slot_milliseconds"
    assert {name: value for name, value in found.items() if isinstance(value, int)} == {"run_bytes_processed": 1001}


def test_an_estimate_asks_without_running_anything(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    proxy.statistics.update(totalBytesProcessed="1000")
    first, *others = estimate(warehouse, [TONIGHT])
    assert (first.table, first.inspect, first.select, first.partitions, first.total) == (TDZA.name, *(1000,) * 3, 3000)
    assert len(others) == 4
    assert proxy.jobs == []
    assert sum(request.is_dry_run for request in proxy.requests) == 15


def test_staging_tables_say_whose_they_are_and_expire(warehouse: BigQueryWarehouse) -> None:
    client = warehouse.settings.client()
    with warehouse.writing("test", {"run_id": "the-run", "asset": "some_table"}) as session:
        name = session.new_stage("some_table")
        session.execute(session.staging(name, "SELECT 1 AS one"), "stage")
        import pyarrow as pa

        rows = session.stage_rows("rows", pa.table({"number": pa.array([1], pa.int64())}))
        for stage in (name, rows):
            table = client.get_table(stage.strip("`"))
            assert table.labels == {"run_id": "the-run", "asset": "some_table"}
            left = table.expires - dt.datetime.now(dt.UTC)
            assert dt.timedelta(hours=23) < left < dt.timedelta(hours=25)
    settings = warehouse.settings
    assert list(client.list_tables(settings.dataset(settings.staging_dataset))) == []


def test_a_vanished_player_and_a_repeated_row(warehouse: BigQueryWarehouse) -> None:
    players = warehouse.settings.relation(SOURCES["player_game_summary"])
    date = GAMES[3]

    def computed() -> Outcome:
        return run(warehouse, [date], [PSZA])[PSZA.name]

    assert computed().merged == MergeCounts(inserted=10)
    before = hashes(warehouse, [date])
    change(
        warehouse,
        f"INSERT INTO {players} SELECT * FROM {players} WHERE player_lookup = 'aaa1'",
        f"UPDATE {players} SET player_lookup = 'renamed' WHERE player_lookup = 'bbb5'",
    )
    again = computed()
    assert again.merged == MergeCounts(inserted=1, updated=0, deleted=1)
    assert again.partitions[date].source_duplicates == 3
    after = hashes(warehouse, [date])
    assert {key[2] for key in before.items() ^ after.items() for key in [key[0]]} == {"bbb5", "renamed"}


def test_a_changed_source_column_is_refused_before_anything_runs(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    offense = warehouse.settings.relation(SOURCES["team_offense_game_summary"])
    change(warehouse, f"ALTER TABLE {offense} RENAME COLUMN pace TO tempo")
    proxy.reset()
    try:
        with pytest.raises(SchemaMismatch, match=r"offense_game_summary\.pace: expected FLOAT64, found no such column"):
            publish_date(warehouse, TONIGHT)
        assert proxy.jobs == []
    finally:
        change(warehouse, f"ALTER TABLE {offense} RENAME COLUMN tempo TO pace")


def test_a_frame_goes_the_same_path_as_a_load_job(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    date = dt.date(2021, 11, 5)
    with warehouse.writing("test") as session:
        session.schema.create_table(POLLS, POLLS.published_columns)
    proxy.reset()
    frame = polls([str(date)], 200)

    def publish_frame(frame: pd.DataFrame) -> Outcome:
        return publish(warehouse, POLLS, frame, [date], {}, "test")

    first = publish_frame(frame)
    assert first.merged == MergeCounts(inserted=200)
    assert [job.step for job in first.jobs] == ["load", "stage", "audit", "merge_failures", "merge", "read_back"]
    assert not any("insertAll" in request.path for request in proxy.requests)
    (load,) = [job.job["configuration"]["load"] for job in proxy.jobs if job.step == "load"]
    assert load["sourceFormat"] == "PARQUET"
    modes = {field["name"]: (field["type"], field["mode"]) for field in load["schema"]["fields"]}
    assert modes["comments"] == ("STRING", "REPEATED")
    assert modes["share"] == ("FLOAT64", "NULLABLE")
    rows = published(warehouse, POLLS, date)
    assert rows[date, "player00001"]["comments"] == ["good"]
    assert rows[date, "player00002"]["comments"] == []
    assert rows[date, "player00000"]["share"] is None
    changed = frame.copy()
    changed.loc[7, "votes"] = -1
    changed = pd.concat([changed.drop(index=8), changed.iloc[[0]]])
    second = publish_frame(changed)
    assert second.merged == MergeCounts(inserted=0, updated=1, deleted=1)
    assert second.partitions[date].duplicates_dropped == 1
    with pytest.raises(WarehouseError, match="column comments has 1 NULL arrays or elements"):
        publish_frame(frame.assign(comments=[None, *frame["comments"][1:]]))


def test_runs_at_once_on_different_and_on_the_same_dates(warehouse: BigQueryWarehouse) -> None:
    """Runs do not queue. On one date both publish the same rows, or one reports that the other was first."""

    def attempt(date: dt.date) -> str:
        try:
            publish_date(warehouse, date)
        except Exception as error:
            return str(error)
        return ""

    different, same = (GAMES[1],), (TONIGHT, TONIGHT)
    change(warehouse, f"DELETE FROM {warehouse.settings.relation(TDZA)} WHERE analysis_date = DATE '{TONIGHT}'")
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(attempt, (*different, *same)))
    assert answers[0] == ""
    assert "" in answers[1:]
    assert all(not answer or "published, but the table differs" in answer for answer in answers[1:])
    for date in (*different, TONIGHT):
        with warehouse.reading("test") as session:
            (found,) = session.query(
                f"SELECT COUNT(*) AS n, COUNT(DISTINCT team_abbr) AS teams FROM {warehouse.settings.relation(TDZA)} "
                f"WHERE analysis_date = DATE '{date}'"
            )
        assert found == {"n": 2, "teams": 2}
    assert publish_date(warehouse, TONIGHT).merged == MergeCounts()


def test_a_wire_that_breaks_everywhere_changes_nothing(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    """Responses are lost after the work was done, and nothing is done twice."""
    change(warehouse, f"DELETE FROM {warehouse.settings.relation(TDZA)} WHERE analysis_date = DATE '{GAMES[3]}'")
    for step in ("inspect", "stage", "audit", "merge_failures", "merge", "read_back"):
        proxy.break_jobs(step, after=True)
    proxy.break_jobs("merge", status=503, reason="backendError", after=True)
    proxy.faults.append(Fault(lambda request: request.method == "GET" and "/tables/" in request.path, status=429))
    outcome = publish_date(warehouse, GAMES[3])
    assert outcome.merged == MergeCounts(inserted=2)
    assert len(outcome.jobs) == 6
    assert proxy.steps()["merge"] == 3


def test_a_run_that_fails_between_failures_and_rows_heals(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    """The two merges are not one transaction; a repeated run completes the publication."""
    debut = dt.date(2021, 10, 19)  # nobody has played yet, and every team fails with a reason
    columns = "game_id, game_date, season_year, home_team_tricode, away_team_tricode, game_status, game_type"
    change(
        warehouse,
        f"INSERT INTO {warehouse.settings.relation(SOURCES['nbac_schedule'])} ({columns}) "
        f"VALUES ('debut', DATE '{debut}', 2021, 'AAA', 'BBB', 3, 'regular_season')",
    )
    proxy.break_jobs("merge", status=400, reason="invalidQuery")
    with pytest.raises(WarehouseError, match=r"merge .*400 made to fail"):
        publish_date(warehouse, debut)
    assert failures(warehouse, TDZA.name, debut) == dict.fromkeys(("AAA", "BBB"), "NO_PRIOR_GAMES")
    healed = publish_date(warehouse, debut)
    assert (healed.merged_failures, healed.merged) == (MergeCounts(), MergeCounts())


def test_terminating_a_dagster_run_cancels_its_job(
    warehouse: BigQueryWarehouse, instance: dg.DagsterInstance, proxy: Proxy
) -> None:
    with endless(proxy, signal.SIGTERM) as canceled, pytest.raises(DagsterExecutionInterruptedError):
        materialize(warehouse, str(GAMES[1]), instance=instance, selection=[TDZA.name])
    assert [proxy.jobs[-1].job_id in request.path for request in canceled] == [True]
