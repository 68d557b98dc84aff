"""Dagster's web server and daemon as separate processes, as in production, and GraphQL queries to them."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from nba_precompute.calendar import calendar_between
from nba_precompute_tests.support.league import REPOSITORY
from nba_precompute_tests.support.running import PATIENCE, Shell

Found = TypeVar("Found")


def wait_for(what: str, look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
    """Poll every second until the condition holds."""
    deadline = time.monotonic() + patience
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(1)


@contextmanager
def running(shell: Shell, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a process group of its own, which ends with everything that it started; its output is kept."""
    with (shell.folder / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=shell.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    with suppress(ProcessLookupError):  # nothing of the group is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebServer:
    """The web server of an instance."""

    def __init__(self, address: str) -> None:
        self.address = address

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/server_info", timeout=5):
                return True
        except OSError:
            return False

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the answer of the server; fail with its errors."""
        request = urllib.request.Request(
            f"{self.address}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def partitions(self, asset: str) -> dict[dt.date, str]:
        """Date -> MATERIALIZED, MATERIALIZING or FAILED, of an asset's partitions that are not missing."""
        [node] = self.graphql(_PARTITIONS, asset=asset)["assetNodes"]
        return _by_date(node["assetPartitionStatuses"]["ranges"])

    def check_partitions(self, asset: str, check: str) -> dict[dt.date, str]:
        """Date -> SUCCEEDED, FAILED, SKIPPED and so on, of a check's partitions that are not missing."""
        [node] = self.graphql(_CHECK_PARTITIONS, asset=asset)["assetNodes"]
        [found] = [entry for entry in node["assetChecksOrError"]["checks"] if entry["name"] == check]
        return _by_date(found["partitionStatuses"]["ranges"])

    def stop_schedules(self) -> None:
        """Switch every schedule off, which would run dates of the real clock."""
        for schedule in self._automation("schedules"):
            self.graphql("mutation ($id: String!) { stopRunningSchedule(id: $id) { __typename } }", id=schedule)

    def stop_sensors(self) -> None:
        """Switch every sensor off, so that nothing but what is launched runs."""
        for sensor in self._automation("sensors"):
            self.graphql("mutation ($id: String!) { stopSensor(id: $id) { __typename } }", id=sensor)

    def _automation(self, kind: str) -> list[str]:
        query = f"{{ repositoriesOrError {{ ... on RepositoryConnection {{ nodes {{ {kind} {{ id }} }} }} }} }}"
        return [found["id"] for node in self.graphql(query)["repositoriesOrError"]["nodes"] for found in node[kind]]

    def launch_backfill(self, assets: Iterable[str], keys: Sequence[str]) -> str:
        """Launch what the dialog launches, a backfill of assets, and return its id."""
        parameters = {"assetSelection": [{"path": [asset]} for asset in assets], "partitionNames": keys}
        return str(self.graphql(_LAUNCH, parameters=parameters)["launchPartitionBackfill"]["backfillId"])

    def backfill_status(self, backfill: str) -> str:
        return str(self.graphql(_BACKFILL, id=backfill)["partitionBackfillOrError"]["status"])


_LAUNCH = """mutation ($parameters: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $parameters) {
  ... on LaunchBackfillSuccess { backfillId } } }"""

_BACKFILL = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"

_PARTITIONS = """query ($asset: String!) { assetNodes(assetKeys: [{path: [$asset]}]) { assetPartitionStatuses {
  ... on TimePartitionStatuses { ranges { status startKey endKey } } } } }"""

_CHECK_PARTITIONS = """query ($asset: String!) { assetNodes(assetKeys: [{path: [$asset]}]) { assetChecksOrError {
  ... on AssetChecks { checks { name partitionStatuses {
    ... on AssetCheckTimePartitionStatuses { ranges { status startKey endKey } } } } } } } }"""


def _by_date(ranges: list[dict[str, str]]) -> dict[dt.date, str]:
    return {
        date: found["status"]
        for found in ranges
        for date in calendar_between(dt.date.fromisoformat(found["startKey"]), dt.date.fromisoformat(found["endKey"]))
    }


@contextmanager
def web_server(shell: Shell) -> Iterator[WebServer]:
    port = free_port()
    server = WebServer(f"http://127.0.0.1:{port}")
    command = ("dagster-webserver", "-h", "127.0.0.1", "-p", str(port), "-w", "workspace.yaml")
    with running(shell, *command) as process:

        def is_up() -> bool:
            assert process.poll() is None, (shell.folder / "dagster-webserver.log").read_text()
            return server.is_up()

        wait_for("the web server", is_up)
        yield server
