"""The Dagster instance that `DAGSTER_HOME` names.

Here: its daemons. Not here: what its event log says of partitions (`state.py`).
"""

from __future__ import annotations

import dagster as dg


def dead_daemons(instance: dg.DagsterInstance) -> list[str]:
    """Returns the daemons that the instance needs and that have sent no recent heartbeat."""
    return sorted(name for name, status in instance.get_daemon_statuses().items() if not status.healthy)
