"""The Dagster instance: its storage and its daemons.

Here: creating the storage, finding dead daemons. Not here: what Dagster stores there (`state.py`, `dagster_private/`).
"""

from __future__ import annotations

import os

import dagster as dg


def prepare_instance() -> str | None:
    """Create the storage of the Dagster instance in `DAGSTER_HOME`.

    Without this, two processes that use a new instance at once both try to create its tables, and one of them fails.

    Returns:
        The folder; None if `DAGSTER_HOME` is not set.
    """
    home = os.environ.get("DAGSTER_HOME")
    if home:
        with dg.DagsterInstance.get() as instance:
            instance.get_runs(limit=1)
            instance.all_instigator_state()
    return home


def dead_daemons(instance: dg.DagsterInstance) -> list[str]:
    """Return the daemons that the instance needs and that have sent no recent heartbeat."""
    return sorted(name for name, status in instance.get_daemon_statuses().items() if not status.healthy)
