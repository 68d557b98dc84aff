"""The three checks of each Phase 4 table: one step and one query per table.

Here: the checks as Dagster runs them. Not here: their rules (`quality/rules.py`), the form of their results
(`results.py`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from nba_precompute.calendar import computable
from nba_precompute.orchestration.checks.results import (
    CheckSpec,
    PartitionResult,
    partitions_of_run,
    record_check_results,
)
from nba_precompute.orchestration.names import checks_step
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.refusals import failure_at, standing_refusals
from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.orchestration.run_errors import as_failure
from nba_precompute.quality.names import BLOCKING_CHECKS, COMPLETE, VALID
from nba_precompute.quality.rules import CHECKS, Judgment, judge
from nba_precompute.tables import TABLES, Table

SPECS = {
    name: CheckSpec(
        name,
        severity=dg.AssetCheckSeverity.ERROR if name in BLOCKING_CHECKS else dg.AssetCheckSeverity.WARN,
        blocking=name == VALID,
    )
    for name in CHECKS
}


def build_checks(table: Table) -> dg.AssetChecksDefinition:
    """Build the checks of one table."""
    asset_key = dg.AssetKey(table.name)

    @dg.multi_asset_check(
        name=checks_step(table.name),
        description=f"Runs the checks of {table.name} in one query.",
        specs=[
            dg.AssetCheckSpec(
                spec.name,
                asset=asset_key,
                description=CHECKS[spec.name],
                blocking=spec.blocking,
                partitions_def=GAME_DATES,
            )
            for spec in SPECS.values()
        ],
        can_subset=True,
    )
    def checks(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[Any]:
        keys = partitions_of_run(context)
        if keys is None:
            keys = sorted(context.instance.get_materialized_partitions(asset_key))
        if not keys:
            raise dg.Failure(f"{table.name} has no materialized partition to check")
        refused = standing_refusals(context.instance, table.name, keys)
        with warehouse.open().reading(f"checks of {table.name}") as session:
            judgments = judge(session, table, computable(keys), refused)
        names = {key.name for key in context.selected_asset_check_keys}
        selected = [spec for spec in SPECS.values() if spec.name in names]
        yield from record_check_results(context, asset_key, partition_results(judgments.values(), selected))
        step = checks_step(table.name)
        failure = failure_at(step, table.name, context.job_def, context.run, context.instance, keys)
        if failure is not None:
            raise as_failure(failure)

    return checks


def partition_results(
    judgments: Iterable[Judgment], specs: Iterable[CheckSpec]
) -> dict[CheckSpec, dict[str, PartitionResult]]:
    """Group judgments of dates into results by check and partition."""
    found = list(judgments)
    return {
        spec: {
            judgment.date.isoformat(): PartitionResult(
                broken=[rule.text for rule in judgment.broken[spec.name]], metadata=_numbers(spec.name, judgment)
            )
            for judgment in found
        }
        for spec in specs
    }


def _numbers(check: str, judgment: Judgment) -> dict[str, int]:
    """Return the numbers to plot over the partitions; few, because every evaluation is kept."""
    if check == COMPLETE:
        return {
            "dagster/partition_row_count": judgment.rows,
            "failures": judgment.failures,
            "population": judgment.population,
            "teams": judgment.teams,
        }
    if check == VALID:
        return {"rows": judgment.rows, "duplicates": judgment.duplicates}
    return {"ready_rows": judgment.ready_rows, "incomplete_rows": judgment.incomplete_rows}


PHASE4_CHECKS = [build_checks(table) for table in TABLES.values()]
