"""Check results by partition: their state, and the materialization that an evaluation is about.

Here: reading and building what the public API does not cover. Not here: recording evaluations
(`orchestration/checks/results.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

# Public: none builds the target of a dg.AssetCheckEvaluation; without one, the result of a partition counts as
# outdated. Breaks: test_phase4.py (checks).
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

# Public: none reads results by partition; GraphQL needs a webserver. Breaks: test_phase3.py, test_phase4.py (checks).
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

_SUCCEEDED, _FAILED = AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED

Target = AssetCheckEvaluationTargetMaterializationData


def target_of(record: dg.EventLogRecord) -> Target:
    """Return the pointer to a materialization that an evaluation of it carries."""
    return Target(storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp)


@dataclass(frozen=True)
class CheckState:
    """The state of a check on a partition: the outcome of its newest run, and whether it concerns the current rows."""

    is_finished: bool
    has_passed: bool
    is_current: bool


def check_states(instance: dg.DagsterInstance, check_key: dg.AssetCheckKey) -> dict[str, CheckState]:
    """Return the state of a check on every partition it was ever run on."""
    return {
        info.partition_key: CheckState(
            is_finished=info.latest_execution_status in (_SUCCEEDED, _FAILED),
            has_passed=info.latest_execution_status is _SUCCEEDED,
            is_current=info.is_current,
        )
        for info in instance.event_log_storage.get_asset_check_partition_info([check_key])
        if info.partition_key
    }
