"""Execution of a job in this process, one event at a time.

Here: running a batch of a backfill. Not here: the definition of a batch and the handling of its events
(`operations/backfill.py`); tags and statuses of runs (`orchestration/runs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import dagster as dg

# Public: JobDefinition.execute_in_process, which returns the events only at the end and holds them all; execute_job,
# which needs a reconstructable job and does the same. Breaks: test_backfill.py, test_running.py (Ctrl-C).
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.execution.plan.objects import ErrorSource
from dagster._utils.interrupts import check_captured_interrupt


def run_events(
    instance: dg.DagsterInstance, job: dg.JobDefinition, assets: Iterable[str], tags: Mapping[str, str]
) -> Iterator[dg.DagsterEvent]:
    """Run some assets of a job, with their checks, in this process, and yield the run's events as they happen.

    An error in a step is an event, not an exception.

    Raises:
        KeyboardInterrupt: after Ctrl-C, which Dagster holds back until it is safe to stop. The run is then recorded as
            canceled (Dagster alone would record a failure), unless it was about to end by itself.
    """
    keys = {dg.AssetKey(name) for name in assets}
    # A selection of assets alone includes all of their checks, also those that the job leaves out.
    checks = {check_key for node in job.asset_layer.data for check_key in node.assets_def.check_keys}
    selected = job.get_subset(
        asset_selection=keys, asset_check_selection={check_key for check_key in checks if check_key.asset_key in keys}
    )
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    run = instance.create_run_for_job(selected, run_config=quiet, tags=dict(tags))
    was_interrupted = False
    for event in execute_run_iterator(InMemoryJob(selected), run, instance):
        was_interrupted |= check_captured_interrupt()
        if event.is_step_failure and event.step_failure_data.error_source is ErrorSource.INTERRUPT:
            was_interrupted = True
            instance.report_run_canceling(run)
        yield event
    if was_interrupted:
        raise KeyboardInterrupt
