"""The only place that touches Dagster APIs that are beta, preview or private, each with the reason.

Written against Dagster 1.13; look here first when upgrading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster import DagsterEventType
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID
from dagster._time import get_current_timestamp


def record_partition_metadata(context: dg.OutputContext, metadata: Mapping[str, Mapping[str, Any]]) -> None:
    """Adds metadata to the materialization of each partition (by key), also in a run over a range.

    `OutputContext.add_output_metadata` would put it on every partition of the run. The public `add_asset_metadata`
    lists the run's partitions again at every call, so its accumulator is filled directly.
    """
    step = context.step_context
    accumulator = step._metadata_accumulator
    for key, values in metadata.items():
        accumulator = accumulator.with_additional_asset_metadata(
            asset_key=context.asset_key, metadata=values, partition_key=key
        )
    step._metadata_accumulator = accumulator


def latest_materializations(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Sequence[str]
) -> dict[str, dg.AssetMaterialization]:
    """The newest materialization of each of those partitions that has one.

    Looks the storage ids up first (one query), so that old events of often repeated partitions are not read.
    """
    newest = instance.event_log_storage.get_latest_storage_id_by_partition(
        asset_key, DagsterEventType.ASSET_MATERIALIZATION, set(partition_keys)
    )
    wanted = [storage_id for key, storage_id in newest.items() if key in set(partition_keys)]
    found: dict[str, dg.AssetMaterialization] = {}
    for chunk in _chunks(wanted, 500):
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=chunk), limit=len(chunk)
        ).records
        for record in records:
            if record.partition_key and record.asset_materialization:
                found[record.partition_key] = record.asset_materialization
    return found


def report_materializations(instance: dg.DagsterInstance, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Records materializations that no run made, in one batch.

    `DagsterInstance.report_runless_asset_event` takes one at a time: some seconds for a season.
    """
    now = get_current_timestamp()
    instance.event_log_storage.store_event_batch(
        [
            EventLogEntry(
                user_message="",
                level="info",
                job_name=RUNLESS_JOB_NAME,
                run_id=RUNLESS_RUN_ID,
                error_info=None,
                timestamp=now,
                dagster_event=DagsterEvent(
                    event_type_value=DagsterEventType.ASSET_MATERIALIZATION.value,
                    event_specific_data=StepMaterializationData(one),
                    job_name=RUNLESS_JOB_NAME,
                ),
            )
            for one in materializations
        ]
    )


def data_versions(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, str]:
    """The data version of the newest materialization of each partition that has one."""
    found = instance.event_log_storage.get_latest_tags_by_partition(
        asset_key, DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION_TAG]
    )
    return {key: tags[DATA_VERSION_TAG] for key, tags in found.items()}


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
