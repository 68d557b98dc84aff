"""The former name of the event log storage, which a `dagster.yaml` written before the move still gives.

`nba-precompute doctor` says how to rename it; this module goes with the release after next.
"""

from __future__ import annotations

from nba_precompute.orchestration.dagster_private.event_log import PooledSqliteEventLogStorage

__all__ = ["PooledSqliteEventLogStorage"]
