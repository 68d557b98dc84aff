"""What tests share to run assets in Dagster: an instance, range tags, and the newest record of each partition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from nba_precompute.assets.phase3 import PHASE3_ASSETS
from nba_precompute.assets.phase4 import IO_MANAGER, PHASE4_ASSETS
from nba_precompute.dagster_internals import latest_materializations
from nba_precompute.io_manager import MergeIOManager
from nba_precompute.warehouse import Warehouse


def materialize(
    warehouse: Warehouse,
    first: str,
    last: str | None = None,
    *,
    instance: dg.DagsterInstance,
    assets: Sequence[Any] = (*PHASE3_ASSETS, *PHASE4_ASSETS),
    io_manager: MergeIOManager | None = None,
    selection: Sequence[str] | None = None,
    raise_on_error: bool = True,
) -> dg.ExecuteInProcessResult:
    """One run of one date (without `last`), or of a range."""
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last or first}
    return dg.materialize(
        assets,
        instance=instance,
        resources={IO_MANAGER: io_manager or MergeIOManager(lambda: warehouse)},
        selection=list(selection) if selection else None,
        partition_key=None if last else first,
        tags=tags if last else None,
        raise_on_error=raise_on_error,
    )


def records(instance: dg.DagsterInstance, table: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Partition key -> the metadata values of its newest materialization."""
    found = latest_materializations(instance, dg.AssetKey(table), keys)
    return {
        key: {name: value.value for name, value in materialization.metadata.items()}
        for key, materialization in found.items()
    }
