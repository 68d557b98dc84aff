"""Runs of assets in Dagster: materializing dates, the newest record of each partition, check results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from nba_precompute.orchestration.assets.phase3 import PHASE3_ASSETS
from nba_precompute.orchestration.assets.phase4 import PHASE4_ASSETS
from nba_precompute.orchestration.dagster_private.records import latest_materializations
from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.orchestration.names import IO_MANAGER, WAREHOUSE
from nba_precompute.warehouse import Warehouse
from nba_precompute_tests.support.platform import FixedWarehouse

ALL_ASSETS = (*PHASE3_ASSETS, *PHASE4_ASSETS)


def materialize(
    warehouse: Warehouse,
    first: str | None,
    last: str | None = None,
    *,
    instance: dg.DagsterInstance,
    assets: Sequence[Any] = ALL_ASSETS,
    asset_checks: Sequence[dg.AssetChecksDefinition] = (),
    io_manager: MergeIOManager | None = None,
    selection: Sequence[str] | dg.AssetSelection | None = None,
    raise_on_error: bool = True,
) -> dg.ExecuteInProcessResult:
    """Run one date (without `last`), a range, or (without `first`) no partition.

    Args:
        asset_checks: run with the assets that they are about; a selection may name them alone.
    """
    tags = {}
    if first:
        tags = {"dagster/partition": first}
    if first and last:
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return dg.materialize(
        [*assets, *asset_checks],
        instance=instance,
        resources={
            IO_MANAGER: io_manager or MergeIOManager(lambda: warehouse),
            WAREHOUSE: FixedWarehouse(warehouse),
        },
        selection=selection,
        # As the UI and the command line do; a partition_key is refused where only checks are selected.
        tags=tags,
        raise_on_error=raise_on_error,
    )


def records(instance: dg.DagsterInstance, table: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the metadata values of the newest materialization, by partition key."""
    found = latest_materializations(instance, dg.AssetKey(table), keys)
    return {
        key: {name: value.value for name, value in materialization.metadata.items()}
        for key, materialization in found.items()
    }


def check_statuses(instance: dg.DagsterInstance, run_id: str) -> dict[tuple[str, str, str | None], str]:
    """Return the status in the event log by (asset, check, partition): PLANNED, SUCCEEDED or FAILED."""
    storage = instance.event_log_storage
    assert isinstance(storage, SqlEventLogStorage)
    columns = AssetCheckExecutionsTable.c
    with storage.index_connection() as connection:
        rows = connection.execute(AssetCheckExecutionsTable.select().where(columns.run_id == run_id)).mappings().all()
    found = {
        (dg.AssetKey.from_db_string(row["asset_key"]).path[-1], row["check_name"], row["partition"]): row[
            "execution_status"
        ]
        for row in rows
    }
    assert len(found) == len(rows), "a check has two results for one partition"
    return found


def evaluations(instance: dg.DagsterInstance, run_id: str) -> dict[tuple[str, str | None], dg.AssetCheckEvaluation]:
    """Return what a run of one asset's checks recorded, by (check, partition)."""
    events = instance.event_log_storage.get_logs_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [event.get_dagster_event().asset_check_evaluation_data for event in events]
    return {(evaluation.check_name, evaluation.partition): evaluation for evaluation in found}
