"""A proxy between the product and the emulator.

Here: recording every request, supplying the figures that the emulator lacks, and causing faults. Not here: the emulator
(`emulator.py`), the fixtures (`fixtures.py`).
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Request:
    """One request of the product."""

    method: str
    path: str
    body: bytes

    @property
    def job(self) -> dict[str, Any]:
        """The job that it inserts; empty if it inserts none."""
        if self.method != "POST" or not re.search(r"/jobs(\?|$)", self.path):
            return {}
        text = self.body
        if b"multipart" in text[:200] or text.startswith(b"--"):
            start = text.index(b"{")
            return dict(json.JSONDecoder().raw_decode(text[start:].decode("utf-8", "replace"))[0])
        return dict(json.loads(text)) if text.startswith(b"{") else {}

    @property
    def job_id(self) -> str:
        return str(self.job.get("jobReference", {}).get("jobId", ""))

    @property
    def step(self) -> str:
        """The job's purpose, from its label."""
        return str(self.job.get("configuration", {}).get("labels", {}).get("step", ""))

    @property
    def sql(self) -> str:
        return str(self.job.get("configuration", {}).get("query", {}).get("query", ""))

    @property
    def is_dry_run(self) -> bool:
        return bool(self.job.get("configuration", {}).get("dryRun"))


@dataclass
class Fault:
    """A fault for the next `times` requests that it applies to.

    Attributes:
        status: the status of the response, with `reason`, instead of the emulator's; 0 drops the connection.
        after: True to forward the request first and lose only the response.
    """

    applies: Callable[[Request], bool]
    status: int = 0
    reason: str = ""
    message: str = "made to fail"
    times: int = 1
    after: bool = False


@dataclass
class Proxy:
    """The state of a running proxy."""

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    statistics: dict[str, Any] = field(default_factory=dict)
    change: Callable[[Request, dict[str, Any]], None] | None = None

    @property
    def jobs(self) -> list[Request]:
        """The inserted jobs without dry runs, one entry for each time that one was sent."""
        return [request for request in self.requests if request.job and not request.is_dry_run]

    def steps(self) -> Counter[str]:
        return Counter(request.step for request in self.jobs)

    def reset(self) -> None:
        self.requests.clear()
        self.faults.clear()
        self.statistics.clear()
        self.change = None

    def break_jobs(self, step: str, **how: Any) -> None:
        """Add a fault to the insertion of jobs of a step."""
        self.faults.append(Fault(lambda request: request.step == step, **how))


@contextmanager
def running_proxy(emulator: str) -> Iterator[Proxy]:
    """Run a proxy in front of the emulator, on a free loopback port."""
    proxy = Proxy()
    target = urlsplit(emulator)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, body)
            proxy.requests.append(request)
            fault = next((fault for fault in proxy.faults if fault.times > 0 and fault.applies(request)), None)
            if fault:
                fault.times -= 1
                if fault.after:
                    self.ask(body)
                if fault.status:
                    self.refuse(fault)
                else:
                    self.close_connection = True
                    self.connection.close()
                return
            if request.is_dry_run and proxy.statistics:
                # The emulator would take as long as running it takes, and answer 0.
                job = {**request.job, "status": {"state": "DONE"}, "statistics": {}}
                self.answer(200, "application/json", self.with_statistics(request, json.dumps(job).encode()))
                return
            status, headers, answer = self.ask(body)
            if headers.get("Content-Type", "").startswith("application/json"):
                answer = self.with_statistics(request, answer)
            self.answer(status, headers.get("Content-Type", ""), answer, headers.get("Location"))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

        def ask(self, body: bytes) -> tuple[int, http.client.HTTPMessage, bytes]:
            connection = http.client.HTTPConnection(str(target.hostname), target.port)
            try:
                dropped = {"host", "accept-encoding", "connection"}
                headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
                connection.request(self.command, self.path, body or None, headers)
                response = connection.getresponse()
                return response.status, response.headers, response.read()
            finally:
                connection.close()

        def with_statistics(self, request: Request, answer: bytes) -> bytes:
            """Return the response with figures for those that the emulator reports as 0, or with another job state."""
            content = json.loads(answer) if answer.strip() else {}
            if not isinstance(content, dict):
                return answer
            if proxy.statistics and "statistics" in content:
                figures = content["statistics"].setdefault("query", {})
                for name, value in proxy.statistics.items():
                    where = content["statistics"] if name == "totalSlotMs" else figures
                    if value is None:
                        where.pop(name, None)
                    else:
                        where[name] = value
            if proxy.change:
                proxy.change(request, content)
            return json.dumps(content).encode()

        def refuse(self, fault: Fault) -> None:
            error = {"code": fault.status, "message": fault.message}
            error |= {"errors": [{"reason": fault.reason, "message": fault.message}]}
            self.answer(fault.status, "application/json", json.dumps({"error": error}).encode())

        def answer(self, status: int, type_: str, body: bytes, location: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # an interrupted client leaves its connections open

    server = Server(("127.0.0.1", 0), Handler)
    proxy.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
