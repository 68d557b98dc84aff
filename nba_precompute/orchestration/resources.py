"""What assets, checks, sensors and schedules are given by name."""

from __future__ import annotations

import os

import dagster as dg

from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.warehouse import Warehouse, warehouse_from_environment

WAREHOUSE = "warehouse"


class EnvironmentWarehouse(dg.ConfigurableResource):
    """The warehouse that the environment asks for (`NBA_WAREHOUSE` and what belongs to it)."""

    def open(self) -> Warehouse:
        """Opens nothing yet: sessions do.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return warehouse_from_environment()


def warehouse_resource() -> dg.ConfigurableResource:
    """The resource of the warehouse that the environment asks for; BigQuery's may be configured in Dagster besides."""
    if os.environ.get("NBA_WAREHOUSE") == "bigquery":
        from nba_precompute.orchestration.bigquery_resource import BigQueryWarehouseResource

        return BigQueryWarehouseResource()
    return EnvironmentWarehouse()


@dg.io_manager(required_resource_keys={WAREHOUSE})
def merge_io_manager(context: dg.InitResourceContext) -> MergeIOManager:
    """The IO manager of the five tables, over the run's own warehouse."""
    return MergeIOManager(context.resources.warehouse.open)
