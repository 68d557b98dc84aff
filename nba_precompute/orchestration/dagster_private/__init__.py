"""The only place that touches Dagster APIs that are beta, preview or private, each with the reason.

Written against Dagster 1.13; look here first when upgrading.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster import DagsterEventType
from dagster import _check as check
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.execution.api import execute_run_iterator
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, BulkActionsFilter, PartitionBackfill
from dagster._core.execution.plan.objects import ErrorSource
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster._core.storage.event_log import SqlEventLogStorage, SqlEventLogStorageTable
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG, BACKFILL_ID_TAG
from dagster._daemon.controller import get_daemon_statuses
from dagster._time import get_current_timestamp
from dagster._utils.interrupts import check_captured_interrupt

from nba_precompute.orchestration.run_errors import BlockingCheckFailed, as_failure

DATA_VERSION = DATA_VERSION_TAG
"""The tag of a materialization that says which data it is about; indexed by partition."""

NOT_FINISHED = NOT_FINISHED_STATUSES
"""The statuses of runs that are still to do something, or were killed."""

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


@dataclass(frozen=True)
class Recorded:
    """The newest materialization of a partition: when, by which run, and its metadata as plain values."""

    moment: dt.datetime
    run_id: str
    values: Mapping[str, Any]


def recorded_values(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, Recorded]:
    """The newest materialization of every partition that has one.

    Reads the stored JSON: making Dagster's objects of each of its entries takes some ten times as long, which is
    seconds for four seasons.
    """
    storage = check.inst(instance.event_log_storage, SqlEventLogStorage)
    columns = SqlEventLogStorageTable.c
    found = {}
    ids = list(materialization_ids(instance, asset_key).values())
    with storage.index_connection() as connection:
        for chunk in _chunks(ids, 500):
            query = db.select(columns.partition, columns.timestamp, columns.run_id, columns.event)
            for key, moment, run_id, event in connection.execute(query.where(columns.id.in_(chunk))):
                data = json.loads(event)["dagster_event"]["event_specific_data"]
                entries = data["materialization"]["metadata_entries"]
                values = {one["label"]: _plain(one["entry_data"]) for one in entries}
                found[key] = Recorded(moment.replace(tzinfo=dt.UTC), run_id, values)
    return found


def _plain(entry_data: Mapping[str, Any]) -> Any:
    """The value of a stored metadata entry that is a number, a truth or a text; None for the other kinds."""
    return entry_data.get("value", entry_data.get("text"))


def unfinished_attempts(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, str]:
    """Partition -> the run that set out to materialize it last and has not, because it failed or is still at it."""
    attempts = instance.event_log_storage.get_latest_asset_partition_materialization_attempts_without_materializations(
        asset_key
    )
    return {key: run_id for key, (run_id, _) in attempts.items()}


def range_tags(first: dt.date, last: dt.date) -> dict[str, str]:
    """The tags of a run over a range of partitions, both inclusive."""
    return {ASSET_PARTITION_RANGE_START_TAG: first.isoformat(), ASSET_PARTITION_RANGE_END_TAG: last.isoformat()}


def range_of(tags: Mapping[str, str]) -> tuple[dt.date, dt.date] | None:
    """The range that a run's tags speak of, if they speak of one."""
    if ASSET_PARTITION_RANGE_START_TAG not in tags:
        return None
    first, last = (tags[tag] for tag in (ASSET_PARTITION_RANGE_START_TAG, ASSET_PARTITION_RANGE_END_TAG))
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


def run_events(
    instance: dg.DagsterInstance, job: dg.JobDefinition, assets: Iterable[str], tags: Mapping[str, str]
) -> Iterator[DagsterEvent]:
    """Runs some assets of a job, with their checks, in this process, and yields the run's events as they happen.

    `execute_in_process` gives them only at the end, and holds them all. An error in a step is an event, not an
    exception.

    Raises:
        KeyboardInterrupt: after Ctrl-C, which Dagster holds back until it is safe; the run has ended then, as canceled
            (Dagster by itself would call it failed) or, if it was about to end anyway, as it would have.
    """
    keys = {dg.AssetKey(name) for name in assets}
    # Without naming them, a selection takes every check of its assets along, also those that the job leaves out.
    checks = {check_key for one in job.asset_layer.data for check_key in one.assets_def.check_keys}
    selected = job.get_subset(
        asset_selection=keys, asset_check_selection={check_key for check_key in checks if check_key.asset_key in keys}
    )
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    run = instance.create_run_for_job(selected, run_config=quiet, tags=dict(tags))
    was_interrupted = False
    for event in execute_run_iterator(InMemoryJob(selected), run, instance):
        was_interrupted |= check_captured_interrupt()
        if event.is_step_failure and event.step_failure_data.error_source is ErrorSource.INTERRUPT:
            was_interrupted = True
            instance.report_run_canceling(run)
        yield event
    if was_interrupted:
        raise KeyboardInterrupt


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
        dagster.Failure: if a blocking check fails on a partition; every evaluation is recorded before.
    """
    log_check_results(context.op_execution_context, asset_key, results, is_for_all=partitions_of_run(context) is None)
    broken: dict[dt.date, list[str]] = defaultdict(list)
    for spec, by_partition in results.items():
        for key, result in by_partition.items():
            if spec.blocking and result.broken:
                broken[dt.date.fromisoformat(key)] += result.broken
    if broken:
        raise as_failure(BlockingCheckFailed(asset_key.to_user_string(), broken))
    layer = context.op_execution_context.get_step_execution_context().job_def.asset_layer
    for spec in results:
        name = layer.get_op_output_name(dg.AssetCheckKey(asset_key, spec.name))
        yield dg.Output(None, output_name=check.not_none(name))


def log_check_results(
    context: dg.OpExecutionContext,
    asset_key: dg.AssetKey,
    results: Mapping[CheckSpec, Mapping[str, PartitionResult]],
    *,
    is_for_all: bool = False,
) -> list[dg.AssetCheckEvaluation]:
    """Records one evaluation per check and partition, whatever step it is.

    An `AssetCheckResult` of a range run is recorded without a partition, and its partitions stay "planned" for ever. An
    evaluation that does not name the materialization it is about counts as outdated. Evaluations are logged in one
    batch, which is what `DAGSTER_EVENT_BATCH_SIZE` speaks of.

    Args:
        is_for_all: whether the run has no partition and so planned each check once more, without one.
    """
    step = context.get_step_execution_context()
    keys = sorted({key for by_partition in results.values() for key in by_partition})
    records = latest_records(context.instance, asset_key, keys)
    evaluations = [
        _evaluation(spec, asset_key, key, result, records.get(key))
        for spec, by_partition in results.items()
        for key, result in sorted(by_partition.items())
    ]
    if is_for_all:
        evaluations += [_of_all(spec, asset_key, by_partition) for spec, by_partition in results.items()]
    batch = str(uuid.uuid4())
    for evaluation in evaluations:
        outcome = "passed" if evaluation.passed else f"failed: {evaluation.description}"
        DagsterEvent.from_step(
            DagsterEventType.ASSET_CHECK_EVALUATION,
            step,
            evaluation,
            message=f"{evaluation.check_name} of {asset_key.to_user_string()} on "
            f"{evaluation.partition or 'all partitions'} {outcome}",
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


def _of_all(spec: CheckSpec, asset_key: dg.AssetKey, results: Mapping[str, PartitionResult]) -> dg.AssetCheckEvaluation:
    failed = sorted(key for key, result in results.items() if result.broken)
    return dg.AssetCheckEvaluation(
        asset_key=asset_key,
        check_name=spec.name,
        passed=not failed,
        severity=spec.severity,
        blocking=spec.blocking,
        description=f"fails on {len(failed)} partitions, first {failed[0]}, last {failed[-1]}" if failed else None,
        metadata={"partitions": len(results), "failed_partitions": len(failed)},
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
    found = instance.get_backfills(filters=BulkActionsFilter(created_after=moment.astimezone(dt.UTC)))
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


def dead_daemons(instance: dg.DagsterInstance) -> list[str]:
    """The daemons that the instance needs and that have sent no heartbeat of late."""
    statuses = get_daemon_statuses(instance, instance.get_required_daemon_types())
    return sorted(name for name, status in statuses.items() if not status.healthy)


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
