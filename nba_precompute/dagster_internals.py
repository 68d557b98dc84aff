"""The only place that touches Dagster APIs that are beta, preview or private, each with the reason.

Written against Dagster 1.13; look here first when upgrading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster import DagsterEventType


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


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
