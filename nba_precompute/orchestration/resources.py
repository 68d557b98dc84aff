"""The warehouse as a resource of assets, checks, ops and sensors.

Here: the type of their `warehouse` parameter. Not here: BigQuery's resource (`bigquery_resource.py`), the choice
between them (`default_resources.py`).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.warehouse import Warehouse, warehouse_from_environment


class WarehouseResource(dg.ConfigurableResource):
    """The warehouse that `NBA_WAREHOUSE` and its settings name."""

    def open(self, *, in_run: bool = True) -> Warehouse:
        """Return the warehouse; it connects when a session is opened.

        Args:
            in_run: True for a run, which waits while others write; False for a sensor, whose tick must end soon.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return warehouse_from_environment(readers_wait=in_run)
