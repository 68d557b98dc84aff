"""The warehouse as a resource of assets, checks, ops and sensors.

Here: the type of their `warehouse` parameter. Not here: BigQuery's resource (`bigquery_resource.py`), the choice
between them (`default_resources.py`).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.warehouse import Warehouse, warehouse_from_environment


class WarehouseResource(dg.ConfigurableResource):
    """The warehouse that `NBA_WAREHOUSE` and its settings name."""

    def open(self) -> Warehouse:
        """Return the warehouse; it connects when a session is opened.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return warehouse_from_environment()
