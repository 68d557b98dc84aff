"""The resources of assets, checks, ops and sensors: the warehouse, and the IO manager on it.

Here: what they are given by parameter. Not here: BigQuery's settings (`bigquery_resource.py`), publishing
(`io_manager.py`).
"""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.orchestration.names import IO_MANAGER, WAREHOUSE
from nba_precompute.warehouse import Warehouse, warehouse_from_environment


class WarehouseResource(dg.ConfigurableResource):
    """The warehouse that `NBA_WAREHOUSE` and its settings name."""

    def open(self) -> Warehouse:
        """Returns the warehouse; it connects when a session is opened.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return warehouse_from_environment()


class WarehouseIOManager(dg.ConfigurableIOManagerFactory[MergeIOManager]):
    """Publishes what the assets of the five tables return to the warehouse."""

    warehouse: dg.ResourceDependency[WarehouseResource]

    def create_io_manager(self, context: dg.InitResourceContext) -> MergeIOManager:
        return MergeIOManager(self.warehouse.open)


def build_resources(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Builds the resources by key; overrides come first, and the IO manager uses the warehouse among them."""
    warehouse = overrides.get(WAREHOUSE) or _warehouse_resource()
    return {WAREHOUSE: warehouse, IO_MANAGER: WarehouseIOManager(warehouse=warehouse), **overrides}


def _warehouse_resource() -> Any:
    if os.environ.get("NBA_WAREHOUSE") == "bigquery":
        from nba_precompute.orchestration.bigquery_resource import BigQueryWarehouseResource

        # The IO manager gets what a run configures, too.
        return BigQueryWarehouseResource.configure_at_launch()
    return WarehouseResource()
