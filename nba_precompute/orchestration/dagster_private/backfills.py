"""Backfills launched through Dagster (UI, command line, sensor), as the instance has them on record.

Here: their partitions and whether they have ended. Not here: our own backfill (`operations/backfill.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

# Public: none; DagsterInstance.get_backfills and its types are internal, GraphQL needs a webserver.
# Breaks: TestValidation in test_sensors.py.
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, BulkActionsFilter, PartitionBackfill

from nba_precompute.orchestration.runs import NOT_FINISHED

BACKFILL_ID = "dagster/backfill"
"""The tag of a run that a backfill launched."""


@dataclass(frozen=True)
class LaunchedBackfill:
    """A backfill launched through Dagster.

    Attributes:
        partitions: the partition keys of each asset; of a job backfill, all under the empty name.
        job_name: of a job backfill; None for one of assets.
    """

    backfill_id: str
    is_over: bool
    partitions: Mapping[str, Sequence[str]]
    job_name: str | None


def backfills_since(instance: dg.DagsterInstance, moment: dt.datetime) -> list[LaunchedBackfill]:
    """Return the backfills created after a moment, oldest first.

    A backfill is over once all of its runs are: Dagster calls a job backfill completed when they are queued.
    """
    found = instance.get_backfills(filters=BulkActionsFilter(created_after=moment.astimezone(dt.UTC)))
    return [_launched(instance, backfill) for backfill in sorted(found, key=lambda found: found.backfill_timestamp)]


def _launched(instance: dg.DagsterInstance, backfill: PartitionBackfill) -> LaunchedBackfill:
    running = instance.get_runs_count(dg.RunsFilter(statuses=NOT_FINISHED, tags={BACKFILL_ID: backfill.backfill_id}))
    job_name: str | None = None
    partitions: dict[str, Sequence[str]]
    if backfill.asset_backfill_data is not None:
        subsets = backfill.asset_backfill_data.target_subset.partitions_subsets_by_asset_key
        partitions = {key.path[-1]: sorted(subset.get_partition_keys()) for key, subset in subsets.items()}
    else:
        partitions = {"": sorted(backfill.partition_names or ())}
        if backfill.partition_set_origin is not None:
            job_name = backfill.partition_set_origin.partition_set_name.removesuffix("_partition_set")
    return LaunchedBackfill(
        backfill_id=backfill.backfill_id,
        is_over=backfill.status in BULK_ACTION_TERMINAL_STATUSES and not running,
        partitions=partitions,
        job_name=job_name,
    )
