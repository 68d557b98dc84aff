"""The three checks of each Phase 4 table, as Dagster runs them: one step and one query for each table."""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from nba_precompute.calendar import computable
from nba_precompute.orchestration.dagster_private import (
    CheckSpec,
    PartitionResult,
    partitions_of_run,
    record_check_results,
)
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.resources import WAREHOUSE
from nba_precompute.quality.names import COMPLETE, PLAUSIBLE, VALID
from nba_precompute.quality.rules import CHECKS, Judgment, judge
from nba_precompute.tables import TABLES, Table

SPECS = {
    COMPLETE: CheckSpec(COMPLETE),
    VALID: CheckSpec(VALID, blocking=True),
    PLAUSIBLE: CheckSpec(PLAUSIBLE, severity=dg.AssetCheckSeverity.WARN),
}


def build_checks(table: Table) -> dg.AssetChecksDefinition:
    """The checks of one table."""
    asset_key = dg.AssetKey(table.name)

    @dg.multi_asset_check(
        name=f"{table.name}_checks",
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
        required_resource_keys={WAREHOUSE},
        can_subset=True,
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[Any]:
        keys = partitions_of_run(context)
        if keys is None:
            keys = sorted(context.instance.get_materialized_partitions(asset_key))
        wanted = [SPECS[key.name] for key in context.selected_asset_check_keys]
        if not keys:
            raise dg.Failure(f"{table.name} has no materialized partition to check")
        warehouse = context.resources.warehouse.open()
        with warehouse.reading(f"checks of {table.name}") as session:
            judgments = judge(session, table, computable(keys))
        yield from record_check_results(context, asset_key, results(judgments.values(), wanted))

    return checks


def results(judgments: Iterable[Judgment], specs: Iterable[CheckSpec]) -> dict[CheckSpec, dict[str, PartitionResult]]:
    """What is recorded of judgments, by check and partition."""
    found = list(judgments)
    return {
        spec: {
            one.date.isoformat(): PartitionResult(
                [broken.text for broken in one.broken[spec.name]], _numbers(spec.name, one)
            )
            for one in found
        }
        for spec in specs
    }


def _numbers(check: str, one: Judgment) -> dict[str, int]:
    """Numbers that plot over the partitions; few, for every evaluation is kept."""
    if check == COMPLETE:
        return {
            "dagster/partition_row_count": one.rows,
            "failures": one.failures,
            "population": one.population,
            "teams": one.teams,
        }
    if check == VALID:
        return {"rows": one.rows, "duplicates": one.duplicates}
    return {"ready_rows": one.ready_rows, "incomplete_rows": one.incomplete_rows}


PHASE4_CHECKS = [build_checks(table) for table in TABLES.values()]
