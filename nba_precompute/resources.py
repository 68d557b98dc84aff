"""What assets, checks, sensors and schedules are given by name."""

from __future__ import annotations

import dagster as dg

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
