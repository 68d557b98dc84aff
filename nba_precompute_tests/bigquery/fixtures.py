"""The BigQuery emulator, one per test process, behind a proxy; every test that writes has its own datasets.

Here: fixtures for every test package (`nba_precompute_tests/conftest.py` loads them). Not here: starting the emulator
(`emulator.py`), what the proxy can break (`proxy.py`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse
from nba_precompute_tests.bigquery.emulator import PROJECT, require_emulator, running_emulator
from nba_precompute_tests.bigquery.proxy import Proxy, Request, running_proxy

NewWarehouse = Callable[..., BigQueryWarehouse]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_emulator()
    with running_emulator(tmp_path_factory.mktemp("emulator")) as address:
        yield address


@pytest.fixture(scope="session")
def session_proxy(emulator: str) -> Iterator[Proxy]:
    with running_proxy(emulator) as proxy:
        yield proxy


@pytest.fixture
def proxy(session_proxy: Proxy) -> Iterator[Proxy]:
    """Return the proxy without faults or recorded requests."""
    session_proxy.reset()
    yield session_proxy
    session_proxy.reset()


@pytest.fixture(scope="session")
def new_bigquery(session_proxy: Proxy) -> NewWarehouse:
    """Return a function that makes a warehouse without datasets, behind the proxy."""
    numbers = count(1)

    def new(**settings: object) -> BigQueryWarehouse:
        given = {"dataset_prefix": f"t{next(numbers)}_", "endpoint": session_proxy.address} | settings
        return BigQueryWarehouse(BigQuerySettings(PROJECT, is_emulator=True, **given))  # type: ignore[arg-type]

    return new


def variables(warehouse: BigQueryWarehouse) -> dict[str, str]:
    """Return the environment variables that select this warehouse."""
    settings = warehouse.settings
    return {
        "NBA_WAREHOUSE": "bigquery",
        "NBA_BIGQUERY_PROJECT": settings.project,
        "NBA_BIGQUERY_DATASET_PREFIX": settings.dataset_prefix,
        "NBA_BIGQUERY_ENDPOINT": settings.endpoint or "",
        "NBA_BIGQUERY_EMULATOR": "1",
    }


@contextmanager
def endless(proxy: Proxy, interrupt: signal.Signals | None = None) -> Iterator[list[Request]]:
    """Keep every job running, and yield the requests that cancel one.

    Args:
        interrupt: the signal that is sent to this process while it waits for the first job.
    """
    canceled: list[Request] = []
    waiting = threading.Event()
    main_thread = threading.main_thread().ident

    def run_on(request: Request, answer: dict[str, Any]) -> None:
        if request.path.split("?")[0].endswith("/cancel"):
            canceled.append(request)
        if "status" in answer:
            answer["status"] = {"state": "RUNNING"}
        if "jobComplete" in answer:
            answer["jobComplete"] = False
            answer.pop("rows", None)
            if interrupt and main_thread and not waiting.is_set():
                waiting.set()
                threading.Timer(0.2, signal.pthread_kill, (main_thread, interrupt)).start()

    proxy.change = run_on
    yield canceled
