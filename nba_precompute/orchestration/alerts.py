"""What a person is told when a run fails: what failed, the next step, and where it is posted."""

from __future__ import annotations

import logging
import os

import dagster as dg
import requests
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from nba_precompute.orchestration.dagster_private import range_of

_logger = logging.getLogger(__name__)

WEBHOOK = "NBA_ALERT_WEBHOOK"
_NEXT_STEPS = (
    ("AuditError", "Nothing wrong was published. Mend what the message names in the source, then run the dates again."),
    ("SchemaMismatch", "A table is not as declared. Run `nba-precompute init`, or mend the source's columns."),
    ("WarehouseBusy", "Somebody else holds the warehouse; the message says who. Run the dates again."),
    ("DateRefused", "Choose dates of the calendar up to today."),
    ("DagsterAssetCheckFailedError", "Open the asset's Checks tab: each broken rule is named on its partition."),
)
_DEFAULT_STEP = "Open the run in the UI; running the same dates again is always safe."


def report_of(context: dg.RunFailureSensorContext) -> str:
    """The failed run in a few lines: its dates, each failed step with its error, and what to do."""
    run = context.dagster_run
    span = range_of(run.tags)
    dates = f"{span[0]} to {span[1]}" if span else run.tags.get("dagster/partition")
    lines = [f"run {run.run_id} of {run.job_name} failed" + (f" for {dates}" if dates else "")]
    texts = []
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        cause = error.cause or error if error else None
        text = cause.message.strip() if cause else event.message or ""
        texts.append(f"{cause.cls_name if cause else ''} {text}")
        lines.append(f"{event.step_key}: {text}")
    if not texts:
        lines.append(context.failure_event.message or "")
    steps = [step for name, step in _NEXT_STEPS if any(name in text for text in texts)]
    lines.append("next step: " + (" ".join(steps) or _DEFAULT_STEP))
    return "\n".join(lines)


def post(report: str) -> None:
    """Posts a report as JSON `{"text": ...}` to the webhook that the environment names; nothing where it names none.

    A webhook that cannot be reached must not hide the failure, which is in the log already: it is logged, not raised.
    """
    url = os.environ.get(WEBHOOK)
    if not url:
        return
    try:
        _post(url, report)
    except requests.RequestException as error:
        # The address may hold a secret, and so may the error's own text.
        _logger.error("%s could not be told about a failed run (%s)", WEBHOOK, type(error).__name__)


@retry(
    retry=retry_if_exception_type(requests.RequestException),
    stop=stop_after_attempt(3),
    wait=wait_exponential_jitter(multiplier=0.5, max=5),
    reraise=True,
)
def _post(url: str, report: str) -> None:
    requests.post(url, json={"text": report}, timeout=10).raise_for_status()
