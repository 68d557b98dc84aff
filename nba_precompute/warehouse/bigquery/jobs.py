"""Running BigQuery jobs to their end.

Here: job ids, labels, retries, limits, cancellation, errors, and the cost of each job. Google's own retries are
switched off: three layers of them multiply. Not here: the statements (`session.py`, `schema.py`).
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeVar

from nba_precompute.warehouse.bigquery.settings import NO_CREDENTIALS, BigQuerySettings
from nba_precompute.warehouse.protocol import Job, WarehouseError

if TYPE_CHECKING:
    from google.cloud import bigquery
    from tenacity import AttemptManager, RetryCallState

_logger = logging.getLogger(__name__)

TRIES = 3
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 20.0
NO_RETRY: Any = None
"""Switches the client's own retries off, as it documents; its type annotations do not allow it."""

REQUEST_SECONDS = 300.0
"""The time limit for one response of the service; a job makes as many requests as it needs."""

_TRANSIENT_REASONS = {
    "rateLimitExceeded",
    "jobRateLimitExceeded",
    "backendError",
    "jobBackendError",
    "internalError",
    "jobInternalError",
    "tableUnavailable",
}
_TRANSIENT_WORDS = ("could not serialize access", "aborted due to concurrent update")

T = TypeVar("T")


class Jobs:
    """The jobs of one session, one after another.

    Args:
        labels: the labels of every job; `run_id` is also part of every job's id.
        is_read_only: refuse statements that create, change or load a table.
    """

    def __init__(
        self,
        client: bigquery.Client,
        settings: BigQuerySettings,
        labels: Mapping[str, str],
        *,
        is_read_only: bool = False,
    ) -> None:
        self._is_read_only = is_read_only
        self._client = client
        self._settings = settings
        self._run_id = labels.get("run_id") or f"no-run-{uuid.uuid4().hex[:12]}"
        self.labels = {label(name): label(value) for name, value in (dict(labels) | {"run_id": self._run_id}).items()}
        # A session that is repeated within a run must not find the jobs of the first.
        self._session_id = uuid.uuid4().hex[:8]
        self._count = 0
        self.finished: list[Job] = []

    def require_writing(self) -> None:
        """Refuse to write in a read-only session.

        Raises:
            WarehouseError: if the session is read-only.
        """
        if self._is_read_only:
            raise WarehouseError("BigQuery: this session is read-only; open the warehouse with `writing`")

    def query(self, sql: str, step: str, read: Callable[[bigquery.QueryJob, Any], T]) -> T:
        """Run a statement or a script.

        Args:
            step: its purpose in one word.
            read: extracts the result from the finished job and its rows.

        Raises:
            WarehouseError: if BigQuery refuses it, or cannot be reached in three attempts.
        """
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            labels=self._labels(step), job_timeout_ms=self._settings.timeout_seconds * 1000
        )
        if self._settings.maximum_bytes_billed is not None:
            config.maximum_bytes_billed = self._settings.maximum_bytes_billed

        def start(job_id: str) -> bigquery.QueryJob:
            return self._client.query(
                sql, job_config=config, job_id=job_id, retry=NO_RETRY, job_retry=None, timeout=REQUEST_SECONDS
            )

        def finish(job: bigquery.QueryJob) -> T:
            rows = job.result(retry=NO_RETRY, job_retry=None, timeout=float(self._settings.timeout_seconds))
            return read(job, rows)

        return self._run(step, sql.encode(), start, finish)

    def load(self, file: IO[bytes], destination: bigquery.Table, step: str) -> None:
        """Load a Parquet file into an empty table, with that table's schema.

        Raises:
            WarehouseError: as `query`.
        """
        from google.cloud import bigquery
        from google.cloud.bigquery.format_options import ParquetOptions

        parquet = ParquetOptions()
        parquet.enable_list_inference = True  # a list becomes a REPEATED column, not a record of one
        config = bigquery.LoadJobConfig(
            schema=destination.schema,
            source_format=bigquery.SourceFormat.PARQUET,
            parquet_options=parquet,
            # A second load must fail; a repeated request finds the first by its job id.
            write_disposition=bigquery.WriteDisposition.WRITE_EMPTY,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            labels=self._labels(step),
            job_timeout_ms=self._settings.timeout_seconds * 1000,
        )

        def start(job_id: str) -> bigquery.LoadJob:
            return self._client.load_table_from_file(
                file,
                destination.reference,
                rewind=True,
                num_retries=0,
                job_id=job_id,
                job_config=config,
                timeout=REQUEST_SECONDS,
            )

        def finish(job: bigquery.LoadJob) -> None:
            job.result(retry=NO_RETRY, timeout=float(self._settings.timeout_seconds))

        self._run(step, f"{destination.path}".encode(), start, finish)

    def call(self, what: str, request: Callable[[], T]) -> T:
        """Make an API request other than a job, with the same retries and errors.

        Args:
            what: its purpose, for messages.
            request: must not retry by itself.

        Raises:
            google.api_core.exceptions.NotFound: if the object does not exist.
            WarehouseError: as `query`.
        """
        from google.api_core.exceptions import NotFound

        with _as_warehouse_errors(what, but=NotFound):
            for attempt in _attempts(what):
                with attempt:
                    return request()
        raise AssertionError("not reached: the last attempt raises")

    def dry_run(self, sql: str) -> bigquery.QueryJob:
        """Return the job of a SELECT that does not run: its bytes and the columns of its result; free.

        Raises:
            google.api_core.exceptions.NotFound: if a table or dataset does not exist.
            WarehouseError: as `query`.
        """
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, labels=self._labels("estimate"))
        return self.call(
            "a dry run",
            lambda: self._client.query(sql, job_config=config, retry=NO_RETRY, job_retry=None, timeout=REQUEST_SECONDS),
        )

    def _labels(self, step: str) -> dict[str, str]:
        return {**self.labels, "step": label(step)}

    def _run(self, step: str, content: bytes, start: Callable[[str], Any], finish: Callable[[Any], T]) -> T:
        """Start a job and wait for its end.

        Its id consists of run, session, step, statement and attempt: a request that is repeated because its response
        was lost finds the job that it started, and a failed job is not found again, because the attempt differs.
        """
        self._count += 1
        digest = hashlib.sha256(content).hexdigest()[:12]
        name = f"nba-{_safe(self._run_id)}-{self._session_id}-{self._count}-{_safe(step)}-{digest}"
        failed = 0
        job = None
        with _as_warehouse_errors(f"{step} (job {name}-*)"):
            try:
                for attempt in _attempts(step):
                    with attempt:
                        job = None
                        try:
                            job = self._started(f"{name}-{failed}", start)
                            result = finish(job)
                        except Exception:
                            failed += job is not None and job.error_result is not None
                            raise
            except BaseException:
                # Also on interruption: a job that no process waits for must not go on.
                if job is None or job.state != "DONE":
                    self._cancel(f"{name}-{failed}")
                raise
        self.finished.append(_record(step, job))
        return result

    def _started(self, job_id: str, start: Callable[[str], Any]) -> Any:
        from google.api_core.exceptions import Conflict, NotFound, ServiceUnavailable

        try:
            return start(job_id)
        except Conflict as error:
            if "already exists: job" not in str(error).lower():
                raise
            _logger.info("job %s was already started", job_id)
            try:
                return self._client.get_job(job_id, retry=NO_RETRY, timeout=REQUEST_SECONDS)
            except NotFound:
                # The service may not find the job for a moment after such a conflict.
                raise ServiceUnavailable(f"job {job_id} exists but is not found") from error

    def _cancel(self, job_id: str) -> None:
        from google.api_core.exceptions import GoogleAPICallError, NotFound
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        try:
            self._client.cancel_job(job_id, retry=NO_RETRY, timeout=10)
            _logger.warning("canceled job %s", job_id)
        except NotFound:
            pass  # it was not started
        except (GoogleAPICallError, GoogleAuthError, RequestException) as error:
            _logger.warning("could not cancel job %s, which may still be running: %s", job_id, type(error).__name__)


def label(text: str) -> str:
    """Convert text to a valid label of BigQuery: lower case, 63 characters."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63]


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", text)[:200]


def _record(step: str, job: Any) -> Job:
    """Return the service's figures about a finished job; None for those that it does not report."""
    statistics = job._properties.get("statistics", {})
    query = statistics.get("query", {})

    def number(value: Any) -> int | None:
        return None if value is None else int(value)

    return Job(
        step=step,
        id=job.job_id,
        bytes_processed=number(query.get("totalBytesProcessed")),
        bytes_billed=number(query.get("totalBytesBilled")),
        slot_milliseconds=number(statistics.get("totalSlotMs", query.get("totalSlotMs"))),
        cache_hit=query.get("cacheHit"),
    )


def _attempts(what: str) -> Iterator[AttemptManager]:
    import tenacity

    def warn(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        _logger.warning("BigQuery: %s: attempt %d failed, retrying: %s", what, state.attempt_number, _words(error))

    return iter(
        tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_transient),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=tenacity.wait_random_exponential(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS),
            before_sleep=warn,
            reraise=True,
        )
    )


def is_transient(error: BaseException) -> bool:
    """Return True if the same request may succeed a moment later."""
    from google.api_core import exceptions as api
    from google.auth.exceptions import RefreshError, TransportError
    from requests.exceptions import ChunkedEncodingError, ConnectionError, Timeout

    if isinstance(error, RefreshError):
        return error.retryable
    if isinstance(error, TransportError | ConnectionError | ChunkedEncodingError | Timeout):
        return True
    if not isinstance(error, api.GoogleAPICallError):
        return False
    if isinstance(error, api.TooManyRequests | api.BadGateway | api.ServiceUnavailable | api.GatewayTimeout):
        return True
    reasons = {detail.get("reason") for detail in error.errors or () if isinstance(detail, dict)}
    if isinstance(error, api.InternalServerError):
        return "dontRetry" not in reasons
    return bool(reasons & _TRANSIENT_REASONS) or any(words in str(error).lower() for words in _TRANSIENT_WORDS)


@contextmanager
def _as_warehouse_errors(what: str, but: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn errors of Google's libraries into WarehouseError with the next step; no message contains a token."""
    from google.api_core import exceptions as api
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except but:
        raise
    except (api.Unauthorized, GoogleAuthError) as error:
        raise WarehouseError(
            f"BigQuery: {what}: the credentials were refused or have expired; {NO_CREDENTIALS}"
        ) from error
    except api.NotFound as error:
        raise WarehouseError(
            f"BigQuery: {what}: {_words(error)}; `nba-precompute init` creates missing datasets and tables"
        ) from error
    except api.GoogleAPICallError as error:
        raise WarehouseError(f"BigQuery: {what}: {_words(error)}") from error
    except concurrent.futures.TimeoutError as error:
        raise WarehouseError(
            f"BigQuery: {what}: canceled after the time limit; set NBA_BIGQUERY_TIMEOUT_SECONDS to allow more"
        ) from error
    except RequestException as error:
        reason = f"the service cannot be reached ({type(error).__name__}); check the network and retry"
        raise WarehouseError(f"BigQuery: {what}: {reason}") from error


def _words(error: BaseException | None) -> str:
    """Return the service's own message, without the address and the repetition that the client adds."""
    from google.api_core.exceptions import GoogleAPICallError

    if isinstance(error, GoogleAPICallError):
        messages = [item["message"] for item in error.errors or () if isinstance(item, dict) and item.get("message")]
        return f"{error.code} {messages[0] if messages else str(error.message)}"
    return type(error).__name__
