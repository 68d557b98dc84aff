"""The former name of the event log storage, kept for a `dagster.yaml` from before the move.

Here: the old name only. Not here: the storage (`orchestration/dagster_private/event_log.py`). `nba-precompute doctor`
names the line to change; this module is removed in the release after next.
"""

from __future__ import annotations

from nba_precompute.orchestration.dagster_private.event_log import PooledSqliteEventLogStorage

__all__ = ["PooledSqliteEventLogStorage"]
