"""Runs: the tags of a range of dates, and the statuses that mean a run is over.

Here: constants for Dagster's public run tags and statuses. Not here: executing a run (`dagster_private/execution.py`),
its errors (`run_errors.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import dagster as dg

PARTITION = "dagster/partition"
_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

REASON = "nba_precompute/reason"
"""The tag of our runs that says why they were launched."""

ACCEPT_SCHEDULE = "nba_precompute/accept_schedule"
"""The tag of a run that accepts a schedule with far fewer games than at the last run."""

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
NOT_FINISHED = [status for status in dg.DagsterRunStatus if status not in (*FINISHED, dg.DagsterRunStatus.MANAGED)]
"""The statuses of runs that are queued or running, or whose process was killed."""


def range_tags(first: dt.date, last: dt.date) -> dict[str, str]:
    """Return the tags of a run over a range of dates, both inclusive."""
    return {_RANGE_START: first.isoformat(), _RANGE_END: last.isoformat()}


def range_of(tags: Mapping[str, str]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last date of a run over a range; None for any other run."""
    if _RANGE_START not in tags:
        return None
    return dt.date.fromisoformat(tags[_RANGE_START]), dt.date.fromisoformat(tags[_RANGE_END])
