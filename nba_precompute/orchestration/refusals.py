"""Refused dates in Dagster: on record as observations of their partitions, and the failure that they end a run with.

Here: recording a refusal, reading those that still stand, and which step of a run fails. Not here: why a date is
refused (`publishing/inspection.py`), the failure as data (`run_errors.py`).

A step that fails keeps the steps after it from running, and these have the other dates to do: the checks, the tables
that read this one, the marker. So the failure is left to the last of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import dagster as dg

from nba_precompute.orchestration.dagster_private.records import observations_since
from nba_precompute.orchestration.names import READY, checks_step
from nba_precompute.orchestration.run_errors import InputsRefused
from nba_precompute.tables import TABLES

_REASONS = "refused"


def record_refusals(context: dg.OutputContext, refused: Mapping[dt.date, Sequence[str]]) -> None:
    """Record the dates that were refused for an output, with the reasons."""
    for date, reasons in refused.items():
        context.log_event(
            dg.AssetObservation(
                context.asset_key,
                partition=date.isoformat(),
                description=f"refused: {'; '.join(reasons)}",
                metadata={_REASONS: dg.MetadataValue.json(list(reasons))},
            )
        )


def standing_refusals(instance: dg.DagsterInstance, table: str, keys: Iterable[str]) -> dict[dt.date, tuple[str, ...]]:
    """Return the reasons for which the newest run of the table refused some of the partitions, by date."""
    found = {}
    for key, observation in observations_since(instance, dg.AssetKey(table), keys).items():
        reasons = observation.metadata.get(_REASONS)
        if isinstance(reasons, dg.JsonMetadataValue) and isinstance(reasons.value, list):
            found[dt.date.fromisoformat(key)] = tuple(str(reason) for reason in reasons.value)
    return found


def failure_at(
    step: str,
    table: str,
    job: dg.JobDefinition,
    run: dg.DagsterRun,
    instance: dg.DagsterInstance,
    keys: Collection[str],
) -> InputsRefused | None:
    """Return the failure with which a step of a table has to end its run, once it has recorded its results.

    Args:
        step: the step of the table, or that of its checks.
        table: the table.
        job: the job, with the assets and checks that were selected for the run.
        run: the run; one that continues a failed run executes only some of the job's steps.
        instance: the instance.
        keys: the partitions of the run.

    Returns:
        The dates that the run refused for the table or for one that it reads, with the reasons of the first of them;
        None if there are none, if the run does not compute the table, or if a later step fails with them.
    """
    selected = {node.name for node in job.nodes}
    steps = selected if run.step_keys_to_execute is None else set(run.step_keys_to_execute)
    later = {READY, *(name for name, other in TABLES.items() if table in other.upstreams)}
    if step == table:
        later.add(checks_step(table))
    if table not in selected or later & steps:
        return None
    refused: dict[dt.date, tuple[str, ...]] = {}
    for name in _with_upstreams(table):
        if name in selected:
            refused = standing_refusals(instance, name, keys) | refused
    return InputsRefused(refused, len(keys)) if refused else None


def _with_upstreams(table: str) -> list[str]:
    """Return the tables that a table reads, directly or not, upstream first, and the table."""
    upstreams = TABLES[table].upstreams if table in TABLES else ()
    return list(dict.fromkeys([*(name for upstream in upstreams for name in _with_upstreams(upstream)), table]))
