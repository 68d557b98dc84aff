"""The marker that prediction jobs wait for: a materialized date of `phase4_ready` means that all five tables passed.

Here: the asset. Not here: the state it reads (`orchestration/state.py`), when a date is requested
(`orchestration/automation.py`).
"""

import dagster as dg

from nba_precompute.calendar import computable
from nba_precompute.orchestration.automation import FOLLOW
from nba_precompute.orchestration.names import OWNERS, READY
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.state import not_passed
from nba_precompute.tables import TABLES


@dg.asset(
    name=READY,
    group_name="ready",
    description="Marks a date on which all five tables passed `complete` and `valid`. Prediction jobs wait for it. "
    "Holds no data.",
    partitions_def=GAME_DATES,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[dg.AssetDep(name, partition_mapping=dg.IdentityPartitionMapping()) for name in TABLES],
    automation_condition=FOLLOW,
    owners=OWNERS,
)
def phase4_ready(context: dg.AssetExecutionContext) -> None:
    """Mark the dates of the run; fail and mark none if a table has not passed on one of them."""
    keys = [date.isoformat() for date in computable(context.partition_keys)]
    problems = not_passed(context.instance, keys)
    if problems:
        raise dg.Failure(
            f"{len(problems)} of {len(keys)} dates are not ready: "
            + "; ".join(f"{key}: {', '.join(found)}" for key, found in sorted(problems.items())[:5]),
            allow_retries=False,
        )
