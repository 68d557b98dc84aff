"""The production warehouse: Google BigQuery.

Here: where it is and how to reach it (`settings.py`, `warehouse.py`), running jobs to their end (`jobs.py`), statements
(`session.py`) and tables as deployed (`schema.py`). Google's libraries are not imported before a session opens.
Not here: what both engines share (`warehouse/`), and SQL statements of the product (`sql/`).
"""

from __future__ import annotations

from nba_precompute.warehouse.bigquery.session import BigQuerySession
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.bigquery.warehouse import BigQueryWarehouse

__all__ = ["BigQuerySession", "BigQuerySettings", "BigQueryWarehouse"]
