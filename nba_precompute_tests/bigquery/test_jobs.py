"""Jobs over an unreliable connection: found again, retried, given up, canceled, and their cost."""

from __future__ import annotations

import logging
import re
import signal
from typing import Any

import pytest

from nba_precompute.warehouse import WarehouseError
from nba_precompute.warehouse.bigquery import BigQueryWarehouse, jobs
from nba_precompute_tests.bigquery.fixtures import NewWarehouse, endless
from nba_precompute_tests.bigquery.proxy import Fault, Proxy, Request

LABELS = {"asset": "team_defense_zone_analysis", "run_id": "Run.1", "first_date": "2021-11-05"}


@pytest.fixture(scope="module")
def warehouse(new_bigquery: NewWarehouse) -> BigQueryWarehouse:
    return new_bigquery()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the waits between attempts negligible."""
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.01)


def ask(warehouse: BigQueryWarehouse, sql: str = "SELECT 1 AS one") -> list[dict[str, Any]]:
    with warehouse.reading("test", LABELS) as session:
        return session.query(sql, "audit")


def test_a_job_says_whose_it_is(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    assert ask(warehouse) == [{"one": 1}]
    (job,) = proxy.jobs
    assert job.job["configuration"]["labels"] == {
        "asset": "team_defense_zone_analysis",
        "run_id": "run-1",
        "first_date": "2021-11-05",
        "step": "audit",
    }
    assert re.fullmatch(r"nba-Run-1-[0-9a-f]{8}-1-audit-[0-9a-f]{12}-0", job.job_id)
    assert job.job["configuration"]["jobTimeoutMs"] == "1800000"
    assert "maximumBytesBilled" not in job.job["configuration"]["query"]


def test_the_limit_on_bytes_goes_with_every_query(new_bigquery: NewWarehouse, proxy: Proxy) -> None:
    ask(new_bigquery(maximum_bytes_billed=10_000_000))
    assert proxy.jobs[0].job["configuration"]["query"]["maximumBytesBilled"] == "10000000"


def test_the_same_statement_twice_is_two_jobs(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    """The second query must see changes, also in a repeated session or run."""
    with warehouse.reading("test", LABELS) as session:
        session.query("SELECT 1 AS one")
        session.query("SELECT 1 AS one")
    ask(warehouse)
    ask(warehouse)
    assert len({job.job_id for job in proxy.jobs}) == 4


@pytest.mark.parametrize(
    "how",
    [
        {"status": 0},
        {"status": 429, "reason": "rateLimitExceeded"},
        {"status": 403, "reason": "rateLimitExceeded"},
        {"status": 500, "reason": "backendError"},
        {"status": 502},
        {"status": 503, "reason": "backendError"},
        {"status": 400, "reason": "invalidQuery", "message": "Could not serialize access to table t due to ..."},
    ],
    ids=["dropped", "429", "403 rate limit", "500", "502", "503", "serialize"],
)
def test_what_may_pass_is_tried_three_times(warehouse: BigQueryWarehouse, proxy: Proxy, how: dict[str, Any]) -> None:
    proxy.break_jobs("audit", times=2, **how)
    assert ask(warehouse) == [{"one": 1}]
    assert len(proxy.jobs) == 3
    # No job is known to have failed, so that each attempt asks for the same one.
    assert len({job.job_id for job in proxy.jobs}) == 1


def test_the_third_failure_is_the_last(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    proxy.break_jobs("audit", status=503, reason="backendError", times=9)
    with pytest.raises(WarehouseError, match=r"BigQuery: audit \(job nba-Run-1-.*\): 503 made to fail"):
        ask(warehouse)
    assert len(proxy.jobs) == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "invalidQuery"), (403, "accessDenied"), (403, "quotaExceeded"), (501, "notImplemented")],
)
def test_what_will_not_pass_is_not_tried_again(
    warehouse: BigQueryWarehouse, proxy: Proxy, status: int, reason: str
) -> None:
    proxy.break_jobs("audit", status=status, reason=reason, times=9)
    with pytest.raises(WarehouseError, match=f"{status} made to fail"):
        ask(warehouse)
    assert len(proxy.jobs) == 1


def test_a_lost_answer_finds_the_job_that_was_started(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    """The statement runs once: a second time it would fail, because the table exists."""
    with warehouse.writing("test", LABELS) as session:
        stage = session.new_stage("lost")
        proxy.break_jobs("stage", after=True)
        session.execute(session.staging(stage, "SELECT 1 AS one"), "stage")
        assert session.query(f"SELECT * FROM {stage}") == [{"one": 1}]
        assert [job.step for job in session.jobs] == ["stage", "query"]
    sent = [job.job_id for job in proxy.jobs if job.step == "stage"]
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert any(f"/jobs/{sent[0]}" in request.path and request.method == "GET" for request in proxy.requests)


def test_a_lost_load_is_not_loaded_twice(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    import pyarrow as pa

    proxy.break_jobs("load", after=True)
    with warehouse.writing("test", LABELS) as session:
        stage = session.stage_rows("rows", pa.table({"number": pa.array([1, 2], pa.int64())}))
        assert session.query(f"SELECT COUNT(*) AS n FROM {stage}") == [{"n": 2}]
    assert proxy.steps()["load"] == 2


def test_a_job_that_failed_is_not_found_for_ever(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    """The next attempt is a job with another id."""
    failed: list[str] = []

    def fail_once(request: Request, answer: dict[str, Any]) -> None:
        if request.step == "audit" and not failed:
            failed.append(request.job_id)
            answer["status"] = {"state": "DONE", "errorResult": {"reason": "backendError", "message": "try again"}}

    proxy.change = fail_once
    assert ask(warehouse) == [{"one": 1}]
    first, second = (job.job_id for job in proxy.jobs)
    assert (first[-2:], second[-2:]) == ("-0", "-1")
    assert first[:-2] == second[:-2]


def test_api_calls_are_tried_again_too(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    proxy.faults.append(Fault(lambda request: "/datasets" in request.path, status=503, times=2))
    with warehouse.writing("test", LABELS) as session:
        session.new_stage("any")


def test_expired_credentials_say_what_to_do(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    proxy.break_jobs("audit", status=401, reason="authError", times=9)
    with pytest.raises(WarehouseError, match="credentials were refused or have expired; run `gcloud auth"):
        ask(warehouse)
    assert len(proxy.jobs) == 1


def test_a_job_that_takes_too_long_is_canceled(new_bigquery: NewWarehouse, proxy: Proxy) -> None:
    with (
        endless(proxy) as canceled,
        pytest.raises(WarehouseError, match="set NBA_BIGQUERY_TIMEOUT_SECONDS to allow more"),
    ):
        ask(new_bigquery(timeout_seconds=1))
    assert [proxy.jobs[0].job_id in request.path for request in canceled] == [True]


def test_interrupting_a_run_cancels_its_job(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    with endless(proxy, signal.SIGINT) as canceled, pytest.raises(KeyboardInterrupt):
        ask(warehouse)
    assert [proxy.jobs[0].job_id in request.path for request in canceled] == [True]


def test_what_a_job_cost_is_known_or_said_to_be_unknown(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    proxy.statistics.update(totalBytesProcessed="12345", totalBytesBilled="10485760", totalSlotMs="678", cacheHit=True)
    with warehouse.reading("test", LABELS) as session:
        session.query("SELECT 1 AS one", "audit")
        proxy.statistics.update(totalBytesProcessed="7", totalBytesBilled=None, totalSlotMs=None, cacheHit=None)
        session.query("SELECT 2 AS two", "read_back")
        known, unknown = session.jobs
    assert known == jobs.Job(
        step="audit",
        id=known.id,
        bytes_processed=12345,
        bytes_billed=10485760,
        slot_milliseconds=678,
        cache_hit=True,
    )
    assert unknown == jobs.Job(
        step="read_back",
        id=unknown.id,
        bytes_processed=7,
        bytes_billed=None,
        slot_milliseconds=None,
        cache_hit=None,
    )


def test_nothing_secret_is_shown(new_bigquery: NewWarehouse, caplog: pytest.LogCaptureFixture, proxy: Proxy) -> None:
    proxy.break_jobs("audit", status=503, times=9)
    warehouse = new_bigquery()
    with caplog.at_level(logging.DEBUG), pytest.raises(WarehouseError) as caught:
        ask(warehouse)
    everything = caplog.text + str(caught.value) + repr(warehouse.settings) + warehouse.describe()
    assert "credentials" not in everything.lower()
    assert "token" not in everything.lower()
