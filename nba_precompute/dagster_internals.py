"""The only place that touches Dagster APIs that are beta, preview or private, each with the reason.

Written against Dagster 1.13; look here first when upgrading.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterEventType
from dagster import _check as check
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.errors import DagsterAssetCheckFailedError
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, BulkActionsFilter, PartitionBackfill
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster._core.storage.tags import BACKFILL_ID_TAG
from dagster._time import get_current_timestamp

DATA_VERSION = DATA_VERSION_TAG
"""The tag of a materialization that says which data it is about; indexed by partition."""

AssetJob = UnresolvedAssetJobDefinition
"""What `define_asset_job` makes."""


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
    """The newest materialization of each of those partitions that has one."""
    records = latest_records(instance, asset_key, partition_keys)
    return {key: record.asset_materialization for key, record in records.items() if record.asset_materialization}


def latest_records(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Sequence[str]
) -> dict[str, dg.EventLogRecord]:
    """The event of the newest materialization of each of those partitions that has one.

    Looks the storage ids up first (one query), so that old events of often repeated partitions are not read.
    """
    wanted = set(partition_keys)
    newest = materialization_ids(instance, asset_key)
    found: dict[str, dg.EventLogRecord] = {}
    for chunk in _chunks([storage_id for key, storage_id in newest.items() if key in wanted], 500):
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=chunk), limit=len(chunk)
        ).records
        for record in records:
            if record.partition_key and record.asset_materialization:
                found[record.partition_key] = record
    return found


def materialization_ids(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, int]:
    """The storage id of the newest materialization of each partition: the larger, the later."""
    return dict(
        instance.event_log_storage.get_latest_storage_id_by_partition(asset_key, DagsterEventType.ASSET_MATERIALIZATION)
    )


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


@dataclass(frozen=True)
class CheckState:
    """How the newest run of a check on a partition ended, and whether it looked at what now stands there."""

    is_finished: bool
    has_passed: bool
    is_current: bool


def check_states(instance: dg.DagsterInstance, check_key: dg.AssetCheckKey) -> dict[str, CheckState]:
    """The state of a check on every partition on which it was ever run."""
    finished = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
    return {
        info.partition_key: CheckState(
            info.latest_execution_status in finished,
            info.latest_execution_status is AssetCheckExecutionRecordStatus.SUCCEEDED,
            info.is_current,
        )
        for info in instance.event_log_storage.get_asset_check_partition_info([check_key])
        if info.partition_key
    }


def partitions_of_run(context: dg.AssetCheckExecutionContext) -> list[str] | None:
    """The partitions that a check is to look at; None where the run has none ("Execute all" in the UI)."""
    if context.has_partition_key or context.has_partition_key_range:
        return list(context.partition_keys)
    return None


@dataclass(frozen=True)
class CheckSpec:
    """A check as it is recorded: a failure of a blocking one stops what is downstream in the same run."""

    name: str
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    blocking: bool = False


@dataclass(frozen=True)
class PartitionResult:
    """What a check says of one partition: the rules that are broken, in words, and numbers."""

    broken: Sequence[str]
    metadata: Mapping[str, Any]


def record_check_results(
    context: dg.AssetCheckExecutionContext,
    asset_key: dg.AssetKey,
    results: Mapping[CheckSpec, Mapping[str, PartitionResult]],
) -> Iterator[dg.Output]:
    """What a check yields: one evaluation per check and partition, in runs of one partition and of many.

    Raises:
        DagsterAssetCheckFailedError: where a blocking check fails on a partition; everything is recorded before.
    """
    evaluations = log_check_results(context.op_execution_context, asset_key, results)
    failed = [one for one in evaluations if one.blocking and not one.passed]
    if failed:
        raise DagsterAssetCheckFailedError(
            f"{asset_key.to_user_string()}: {len(failed)} blocking evaluations failed: "
            + "; ".join(f"{one.check_name} on {one.partition}: {one.description}" for one in failed[:5])
        )
    layer = context.op_execution_context.get_step_execution_context().job_def.asset_layer
    for spec in results:
        name = layer.get_op_output_name(dg.AssetCheckKey(asset_key, spec.name))
        yield dg.Output(None, output_name=check.not_none(name))


def log_check_results(
    context: dg.OpExecutionContext, asset_key: dg.AssetKey, results: Mapping[CheckSpec, Mapping[str, PartitionResult]]
) -> list[dg.AssetCheckEvaluation]:
    """Records one evaluation per check and partition, whatever step it is.

    An `AssetCheckResult` of a range run is recorded without a partition, and its partitions stay "planned" for ever. An
    evaluation that does not name the materialization it is about counts as outdated. Evaluations are logged in one
    batch, which is what `DAGSTER_EVENT_BATCH_SIZE` speaks of.
    """
    step = context.get_step_execution_context()
    keys = sorted({key for by_partition in results.values() for key in by_partition})
    records = latest_records(context.instance, asset_key, keys)
    evaluations = [
        _evaluation(spec, asset_key, key, result, records.get(key))
        for spec, by_partition in results.items()
        for key, result in sorted(by_partition.items())
    ]
    batch = str(uuid.uuid4())
    for evaluation in evaluations:
        outcome = "passed" if evaluation.passed else f"failed: {evaluation.description}"
        DagsterEvent.from_step(
            DagsterEventType.ASSET_CHECK_EVALUATION,
            step,
            evaluation,
            message=f"{evaluation.check_name} of {asset_key.to_user_string()} on {evaluation.partition} {outcome}",
            batch_metadata=DagsterEventBatchMetadata(batch, is_end=evaluation is evaluations[-1]),
        )
    return evaluations


def _evaluation(
    spec: CheckSpec, asset_key: dg.AssetKey, key: str, result: PartitionResult, record: dg.EventLogRecord | None
) -> dg.AssetCheckEvaluation:
    target = record and AssetCheckEvaluationTargetMaterializationData(
        storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
    )
    return dg.AssetCheckEvaluation(
        asset_key=asset_key,
        check_name=spec.name,
        passed=not result.broken,
        partition=key,
        severity=spec.severity,
        blocking=spec.blocking,
        description="; ".join(result.broken) or None,
        metadata={**result.metadata, "broken_rules": len(result.broken)},
        target_materialization_data=target,
    )


@dataclass(frozen=True)
class Backfill:
    """A backfill of the UI, the command line or a sensor: which partitions of which assets, and whether it is over."""

    backfill_id: str
    is_over: bool
    partitions: Mapping[str, Sequence[str]]
    job_name: str | None


def backfills_since(instance: dg.DagsterInstance, moment: dt.datetime) -> list[Backfill]:
    """The backfills created after a moment, oldest first.

    A job backfill counts as over when all of its runs are: Dagster calls it completed once they are queued.
    """
    found = instance.get_backfills(filters=BulkActionsFilter(created_after=moment))
    return [_backfill(instance, one) for one in sorted(found, key=lambda one: one.backfill_timestamp)]


def _backfill(instance: dg.DagsterInstance, one: PartitionBackfill) -> Backfill:
    running = instance.get_runs_count(
        dg.RunsFilter(statuses=NOT_FINISHED_STATUSES, tags={BACKFILL_ID_TAG: one.backfill_id})
    )
    if one.is_asset_backfill:
        data = check.not_none(one.asset_backfill_data)
        partitions = {
            key.path[-1]: sorted(subset.get_partition_keys())
            for key, subset in data.target_subset.partitions_subsets_by_asset_key.items()
        }
    else:
        partitions = {"": sorted(one.partition_names or ())}
    job_name = None if one.is_asset_backfill else check.not_none(one.partition_set_origin).partition_set_name
    return Backfill(
        one.backfill_id,
        one.status in BULK_ACTION_TERMINAL_STATUSES and not running,
        partitions,
        job_name.removesuffix("_partition_set") if job_name else None,
    )


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
