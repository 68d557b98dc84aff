"""The coverage check of Phase 3 and the schedule: one result per source and date.

Here: the check as Dagster runs it, in one step and one query for all five sources. Not here: the observation
(`sources/observation.py`), and the sensor that requests the check (`orchestration/sensors.py`).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, calendar_between, computable, today
from nba_precompute.orchestration.checks.results import (
    CheckSpec,
    PartitionResult,
    partitions_of_run,
    record_check_results,
)
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.quality.names import COMPLETE
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES

COVERAGE = CheckSpec(COMPLETE)


@dg.multi_asset_check(
    name="phase3_coverage",
    specs=[
        dg.AssetCheckSpec(
            COVERAGE.name,
            asset=dg.AssetKey(name),
            description="Every team of the slate is covered, and a date without games has no rows. For the schedule: "
            "its season has games.",
            partitions_def=GAME_DATES,
        )
        for name in SOURCES
    ],
    can_subset=True,
)
def phase3_coverage(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[Any]:
    """Record one evaluation per source and date."""
    names = sorted(key.asset_key.path[-1] for key in context.selected_asset_check_keys)
    run_keys = partitions_of_run(context)
    keys = {
        name: sorted(context.instance.get_materialized_partitions(dg.AssetKey(name))) if run_keys is None else run_keys
        for name in names
    }
    if not computable({key for of_source in keys.values() for key in of_source}):
        raise dg.Failure("nothing has been observed yet; run `nba-precompute observe`")
    # Every date, as in the observation: the October schedule tells whether June precedes a season.
    observation = observe(warehouse.open(), calendar_between(FIRST_DATE, today()))
    seen = {(seen.source, seen.date): seen for seen in observation.dates}
    for name in names:
        results = {key: _result(seen.get((name, dt.date.fromisoformat(key)))) for key in keys[name]}
        yield from record_check_results(context, dg.AssetKey(name), {COVERAGE: results})


def _result(seen: SourceDate | None) -> PartitionResult:
    if seen is None:
        return PartitionResult(broken=["the schedule has no game of the season"], metadata={})
    return PartitionResult(
        broken=seen.problems,
        metadata={
            "dagster/partition_row_count": seen.rows,
            "expected_teams": seen.expected_teams,
            "covered_teams": seen.covered_teams,
        },
    )
