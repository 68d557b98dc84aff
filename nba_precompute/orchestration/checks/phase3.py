"""The coverage checks of Phase 3 and the schedule: one result per check and date.

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
from nba_precompute.quality.names import COMPLETE, LEAGUE_COMPLETE
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute.tables.common import READY_COMPLETENESS
from nba_precompute.tables.scopes import Scope
from nba_precompute.tables.sources import SCHEDULE

COVERAGE, LEAGUE_COVERAGE = CheckSpec(COMPLETE), CheckSpec(LEAGUE_COMPLETE)

_DESCRIPTION = "Every team of the slate is covered or waived, and every row belongs to a game of the schedule."
_SCHEDULE_DESCRIPTION = (
    "The season has games, all of a known type, and the box scores that the date reads are covered or waived: all of "
    f"the newest game date, and {READY_COMPLETENESS} % of the window of each team "
)


def _specs(name: str) -> list[tuple[CheckSpec, str]]:
    if name != SCHEDULE:
        return [(COVERAGE, _DESCRIPTION)]
    return [
        (COVERAGE, f"{_SCHEDULE_DESCRIPTION}of the slate. Listed players meet their earlier games."),
        (LEAGUE_COVERAGE, f"{_SCHEDULE_DESCRIPTION}of the season."),
    ]


@dg.multi_asset_check(
    name="phase3_coverage",
    specs=[
        dg.AssetCheckSpec(spec.name, asset=dg.AssetKey(name), description=description, partitions_def=GAME_DATES)
        for name in SOURCES
        for spec, description in _specs(name)
    ],
    can_subset=True,
)
def phase3_coverage(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[Any]:
    """Record one evaluation per check and date."""
    selected = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
    names = sorted({name for name, _ in selected})
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
        results = {
            spec: {key: _result(seen.get((name, dt.date.fromisoformat(key))), spec) for key in keys[name]}
            for spec, _ in _specs(name)
            if (name, spec.name) in selected
        }
        yield from record_check_results(context, dg.AssetKey(name), results)


def _result(seen: SourceDate | None, spec: CheckSpec) -> PartitionResult:
    if seen is None:
        return PartitionResult(broken=["the schedule has no game of the season"], metadata={})
    scope = Scope.LEAGUE if spec is LEAGUE_COVERAGE else Scope.SLATE
    return PartitionResult(
        broken=[*seen.problems, *seen.incomplete.get(scope, ())],
        metadata={
            "dagster/partition_row_count": seen.rows,
            "expected_teams": seen.expected_teams,
            "covered_teams": seen.covered_teams,
            **({"findings": "; ".join(seen.notes)} if seen.notes else {}),
        },
    )
