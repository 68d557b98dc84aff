"""The resources that the definitions run on, unless a test or a deployment replaces them.

Here: the choice of the warehouse, and the IO manager on it. Not here: the resources themselves (`resources.py`,
`bigquery_resource.py`), publishing (`io_manager.py`).
"""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.orchestration.names import IO_MANAGER, WAREHOUSE
from nba_precompute.orchestration.resources import WarehouseResource


class WarehouseIOManager(dg.ConfigurableIOManagerFactory[MergeIOManager]):
    """Publishes the outputs of the five tables' assets to the warehouse."""

    warehouse: dg.ResourceDependency[WarehouseResource]

    def create_io_manager(self, context: dg.InitResourceContext) -> MergeIOManager:
        return MergeIOManager(self.warehouse.open)


def build_resources(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Build the resources by key; overrides come first, and the IO manager uses the warehouse among them."""
    warehouse = overrides.get(WAREHOUSE) or _warehouse_resource()
    return {WAREHOUSE: warehouse, IO_MANAGER: WarehouseIOManager(warehouse=warehouse), **overrides}


def _warehouse_resource() -> Any:
    if os.environ.get("NBA_WAREHOUSE") == "bigquery":
        from nba_precompute.orchestration.bigquery_resource import BigQueryWarehouseResource

        # Gives the IO manager the warehouse as a run configures it.
        return BigQueryWarehouseResource.configure_at_launch()
    return WarehouseResource()
