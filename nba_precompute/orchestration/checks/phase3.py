"""The coverage check of Phase 3 and the schedule: is a date of a source complete?

One step and one query for all five sources. It runs alone, for dates that the observation found new or changed: no run
of ours makes these assets.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, calendar_between, computable, today
from nba_precompute.orchestration.dagster_private import (
    CheckSpec,
    PartitionResult,
    partitions_of_run,
    record_check_results,
)
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.resources import WAREHOUSE
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
            description="Every team of the slate is covered (of the schedule: its season has games); a date without "
            "games has no rows.",
            partitions_def=GAME_DATES,
        )
        for name in SOURCES
    ],
    required_resource_keys={WAREHOUSE},
    can_subset=True,
)
def phase3_coverage(context: dg.AssetCheckExecutionContext) -> Iterator[Any]:
    """One evaluation per source and date."""
    names = sorted(key.asset_key.path[-1] for key in context.selected_asset_check_keys)
    run_keys = partitions_of_run(context)
    keys = {
        name: sorted(context.instance.get_materialized_partitions(dg.AssetKey(name))) if run_keys is None else run_keys
        for name in names
    }
    if not computable({key for some in keys.values() for key in some}):
        raise dg.Failure("nothing has been observed yet; run `nba-precompute observe`")
    # All dates, as they were observed: whether June is before a season shows in the schedule of October.
    calendar = calendar_between(FIRST_DATE, today())
    seen = {(one.source, one.date): one for one in observe(context.resources.warehouse.open(), calendar).dates}
    for name in names:
        results = {key: _result(seen.get((name, dt.date.fromisoformat(key)))) for key in keys[name]}
        yield from record_check_results(context, dg.AssetKey(name), {COVERAGE: results})


def _result(one: SourceDate | None) -> PartitionResult:
    if one is None:
        return PartitionResult(["the schedule has no game of the season"], {})
    return PartitionResult(
        one.problems,
        {
            "dagster/partition_row_count": one.rows,
            "expected_teams": one.expected_teams,
            "covered_teams": one.covered_teams,
        },
    )
