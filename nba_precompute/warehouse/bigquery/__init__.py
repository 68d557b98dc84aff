"""The production warehouse: Google BigQuery.

`settings.py` says where it is and how to reach it, `jobs.py` runs jobs to their end, `catalog.py` speaks of tables as
they are deployed, `session.py` puts them behind the protocol. Nothing of Google's is imported before a session opens.
"""

from __future__ import annotations

from nba_precompute.warehouse.bigquery.session import BigQuerySession, BigQueryWarehouse
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings

__all__ = ["BigQuerySession", "BigQuerySettings", "BigQueryWarehouse"]
