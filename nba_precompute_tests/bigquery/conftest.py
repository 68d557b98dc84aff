"""One emulator for all of these tests, and a proxy before it; every test that writes has datasets of its own."""

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
    """The proxy, as it should be."""
    session_proxy.reset()
    yield session_proxy
    session_proxy.reset()


@pytest.fixture(scope="session")
def new_bigquery(session_proxy: Proxy) -> NewWarehouse:
    """Makes a warehouse without any dataset, behind the proxy."""
    numbers = count(1)

    def new(**settings: object) -> BigQueryWarehouse:
        given = {"dataset_prefix": f"t{next(numbers)}_", "endpoint": session_proxy.address} | settings
        return BigQueryWarehouse(BigQuerySettings(PROJECT, is_emulator=True, **given))  # type: ignore[arg-type]

    return new


def variables(warehouse: BigQueryWarehouse) -> dict[str, str]:
    """The environment in which the product's commands have this warehouse."""
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
    """Every job goes on and on; what cancels them is collected.

    Args:
        interrupt: the signal that this process gets while it waits for the first job.
    """
    cancelled: list[Request] = []
    waiting = threading.Event()
    main_thread = threading.main_thread().ident

    def run_on(request: Request, answer: dict[str, Any]) -> None:
        if request.path.split("?")[0].endswith("/cancel"):
            cancelled.append(request)
        if "status" in answer:
            answer["status"] = {"state": "RUNNING"}
        if "jobComplete" in answer:
            answer["jobComplete"] = False
            answer.pop("rows", None)
            if interrupt and main_thread and not waiting.is_set():
                waiting.set()
                threading.Timer(0.2, signal.pthread_kill, (main_thread, interrupt)).start()

    proxy.change = run_on
    yield cancelled
