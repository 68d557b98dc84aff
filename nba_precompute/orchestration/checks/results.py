"""Check results by partition, recorded in the same way by every kind of run.

Here: evaluations and their failure. Not here: the rules behind them (`quality/rules.py`), reading results back
(`dagster_private/check_results.py`).

An `AssetCheckResult` of a run over a range is recorded without a partition, and its partitions stay "planned" forever;
so each partition gets a `dg.AssetCheckEvaluation` of its own. That also holds for runs of one partition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from nba_precompute.calendar import date_ranges
from nba_precompute.orchestration.dagster_private.check_results import target_of
from nba_precompute.orchestration.dagster_private.records import latest_records
from nba_precompute.orchestration.run_errors import BlockingCheckFailed, as_failure


@dataclass(frozen=True)
class CheckSpec:
    """The definition of a recorded check; if a blocking one fails, everything downstream in the same run stops."""

    name: str
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    blocking: bool = False


@dataclass(frozen=True)
class PartitionResult:
    """The result of a check on one partition: the broken rules, as text, and numbers to plot."""

    broken: Sequence[str]
    metadata: Mapping[str, Any]


Results = Mapping[CheckSpec, Mapping[str, PartitionResult]]
"""Results by check and partition key."""


def partitions_of_run(context: dg.AssetCheckExecutionContext) -> list[str] | None:
    """Return the partitions a check is run on; None for a run without partitions ("Execute all" in the UI)."""
    if context.has_partition_key or context.has_partition_key_range:
        return list(context.partition_keys)
    return None


def record_check_results(
    context: dg.AssetCheckExecutionContext, asset_key: dg.AssetKey, results: Results
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """Yield everything a check step records: an evaluation per check and partition, then the step's outputs.

    Raises:
        dagster.Failure: if a blocking check fails on a partition; every evaluation is recorded first.
    """
    yield from evaluations(context.instance, asset_key, results)
    if partitions_of_run(context) is None:
        # Such a run plans each check once more, without a partition.
        yield from (_of_all(spec, asset_key, by_partition) for spec, by_partition in results.items())
    broken: dict[dt.date, list[str]] = {}
    for spec, by_partition in results.items():
        failed = {dt.date.fromisoformat(key): result.broken for key, result in by_partition.items() if result.broken}
        if failed:
            context.log.warning(f"{asset_key.to_user_string()}: {spec.name} fails on {_listed(failed)}")
        if spec.blocking:
            for date, rules in failed.items():
                broken.setdefault(date, []).extend(rules)
    if broken:
        raise as_failure(BlockingCheckFailed(asset_key.to_user_string(), broken))
    for spec in results:
        yield dg.Output(None, output_name=dg.AssetCheckSpec(spec.name, asset=asset_key).get_python_identifier())


def evaluations(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, results: Results
) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield one evaluation per check and partition, about the newest materialization of the partition."""
    keys = sorted({key for by_partition in results.values() for key in by_partition})
    records = latest_records(instance, asset_key, keys)
    for spec, by_partition in results.items():
        for key, result in sorted(by_partition.items()):
            yield dg.AssetCheckEvaluation(
                asset_key=asset_key,
                check_name=spec.name,
                passed=not result.broken,
                partition=key,
                severity=spec.severity,
                blocking=spec.blocking,
                description="; ".join(result.broken) or None,
                metadata={**result.metadata, "broken_rules": len(result.broken)},
                target_materialization_data=target_of(records[key]) if key in records else None,
            )


def _of_all(spec: CheckSpec, asset_key: dg.AssetKey, results: Mapping[str, PartitionResult]) -> dg.AssetCheckEvaluation:
    failed = sorted(key for key, result in results.items() if result.broken)
    return dg.AssetCheckEvaluation(
        asset_key=asset_key,
        check_name=spec.name,
        passed=not failed,
        severity=spec.severity,
        blocking=spec.blocking,
        description=f"fails on {len(failed)} partitions, first {failed[0]}, last {failed[-1]}" if failed else None,
        metadata={"partitions": len(results), "failed_partitions": len(failed)},
    )


def _listed(dates: Mapping[dt.date, object]) -> str:
    ranges = [f"{first}" if first == last else f"{first} to {last}" for first, last in date_ranges(dates)]
    more = f" and {len(ranges) - 5} more ranges" if len(ranges) > 5 else ""
    return f"{len(dates)} dates: {', '.join(ranges[:5])}{more}"
