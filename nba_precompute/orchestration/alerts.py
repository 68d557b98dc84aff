"""Alerts: the report of a failed run, and the webhook it is posted to.

Here: the text of a report and its delivery. Not here: when one is sent (`sensors.py`), the errors in a run's events
(`run_errors.py`).
"""

from __future__ import annotations

import logging
import os

import dagster as dg
import requests
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from nba_precompute.orchestration.run_errors import run_error
from nba_precompute.orchestration.runs import PARTITION, range_of

_logger = logging.getLogger(__name__)

WEBHOOK = "NBA_ALERT_WEBHOOK"
_NEXT_STEPS = {
    "AuditError": "Fix the source rows that the message names, then run these dates again.",
    "SchemaMismatch": "Run `nba-precompute init` to create or update the tables, or fix the source's columns.",
    "WarehouseBusy": "Run these dates again once the process that the message names has finished.",
    "DateRefused": "Choose calendar dates up to today.",
    "InputsRefused": "The other dates are published. Fix the schedule or the source rows that the message names, then "
    "run the refused dates again.",
    "NotReady": "The other dates are marked. Fix what the message names for each date, then run these dates again.",
    "BlockingCheckFailed": "Open the asset's Checks tab: each date lists its broken rules.",
}
_DEFAULT_STEP = "Open the run in the UI; running the same dates again is always safe."


def report_of(context: dg.RunFailureSensorContext) -> str:
    """Return a few lines on a failed run: its dates, the error of each failed step, and the next step."""
    run = context.dagster_run
    span = range_of(run.tags)
    dates = f"{span[0]} to {span[1]}" if span else run.tags.get(PARTITION)
    lines = [f"run {run.run_id} of {run.job_name} failed" + (f" for {dates}" if dates else "")]
    steps = []
    for event in [*context.get_step_failure_events()] or [context.failure_event]:
        error = run_error(event)
        if error is None:
            continue
        lines.append(f"{event.step_key}: {error}" if event.step_key else str(error))
        steps.append(_NEXT_STEPS.get(error.kind, _DEFAULT_STEP))
    lines.append("next step: " + " ".join(dict.fromkeys(steps)))
    return "\n".join(lines)


def post(report: str) -> None:
    """Post a report as JSON `{"text": ...}` to the webhook in `NBA_ALERT_WEBHOOK`; do nothing if that is not set.

    An unreachable webhook is logged, not raised: it must not hide the failure.
    """
    url = os.environ.get(WEBHOOK)
    if not url:
        return
    try:
        _post(url, report)
    except requests.RequestException as error:
        # The URL may hold a secret, and so may the error's text.
        _logger.error("the report of a failed run could not be posted to %s (%s)", WEBHOOK, type(error).__name__)


@retry(
    retry=retry_if_exception_type(requests.RequestException),
    stop=stop_after_attempt(3),
    wait=wait_exponential_jitter(multiplier=0.5, max=5),
    reraise=True,
)
def _post(url: str, report: str) -> None:
    requests.post(url, json={"text": report}, timeout=10).raise_for_status()
