"""The BigQuery emulator as a process.

Here: starting it on free loopback ports with its own data, and ending it with the tests; `make emulator` installs it.
Not here: faults and recorded requests (`proxy.py`). docs/bigquery.md says where it differs from the real service.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nba_precompute_tests.support.league import REPOSITORY

ENVIRONMENT = Path(os.environ.get("NBA_EMULATOR_ENVIRONMENT", REPOSITORY / ".bqemu"))
PROJECT = "demo-project"
START_SECONDS = 60


def require_emulator() -> None:
    """Skip with a message if the emulator is not installed; fail in CI."""
    if not (ENVIRONMENT / ".installed").exists():
        message = "the BigQuery emulator is not installed: run `make emulator` (needs Python 3.13)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@contextmanager
def running_emulator(folder: Path) -> Iterator[str]:
    """Start the emulator with its data in the folder, and yield its address."""
    port, grpc_port = free_port(), free_port()
    log = folder / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(ENVIRONMENT / "bin" / "local-bigquery", "--host", "127.0.0.1", "--port", str(port)),
                *("--grpc-port", str(grpc_port), "--project", PROJECT, "--data-dir", folder / "data"),
            ],
            env={"PATH": os.environ["PATH"], "HOME": str(ENVIRONMENT / "home")},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _await(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    started = time.monotonic()
    while time.monotonic() - started < START_SECONDS:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/bigquery/v2/projects/{PROJECT}/datasets", timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"the emulator did not start:\n{log.read_text()[-2000:]}")
