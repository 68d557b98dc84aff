"""The materializations of an output over a range of partitions, from inside the IO manager that handles it.

Here: metadata of each partition, partitions that get no materialization, recording before a failure. Not here: reading
materializations (`records.py`), what is recorded (`orchestration/io_manager.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

# Public: none; OutputContext.log_event records a materialization without the tags of code and inputs.
# Breaks: test_refusals.py.
from dagster._core.execution.plan.execute_step import _log_materialization_or_observation_events_for_asset


def record_partition_metadata(context: dg.OutputContext, metadata: Mapping[str, Mapping[str, Any]]) -> None:
    """Add metadata to the materialization of each partition, by key.

    `OutputContext.add_output_metadata` adds the same to every partition of the run; the public `add_asset_metadata` of
    an asset's context lists all partitions of the run at every call. This fills the accumulator behind the latter.
    """
    step = context.step_context
    accumulator = step._metadata_accumulator
    for key, values in metadata.items():
        accumulator = accumulator.with_additional_asset_metadata(
            asset_key=context.asset_key, metadata=values, partition_key=key
        )
    step._metadata_accumulator = accumulator


def leave_out_partitions(context: dg.OutputContext, keys: Iterable[str]) -> None:
    """Record no materialization of these partitions; to be called once the output is handled.

    Dagster records one for every partition of the context, or one without a partition if there are none.
    """
    left_out = set(keys)
    kept = [key for key in context.asset_partition_keys if key not in left_out]
    if kept:
        context._asset_partitions_subset = context.asset_partitions_def.subset_with_partition_keys(kept)
    else:
        context._asset_key = None


def record_materializations(context: dg.OutputContext) -> None:
    """Record the output's materializations now: Dagster records none of an output whose IO manager raises."""
    output = dg.Output(None, output_name=context.name)
    definition = context.op_def.output_def_named(context.name)
    for _ in _log_materialization_or_observation_events_for_asset(
        context.step_context, context, output, definition, {}
    ):
        pass  # an event is recorded as it is made
