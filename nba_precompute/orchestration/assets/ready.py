"""The marker that prediction jobs wait for: a materialized date of `phase4_ready` means that all five tables passed.

Here: the asset. Not here: the state it reads (`orchestration/state.py`), when a date is requested
(`orchestration/automation.py`).
"""

import dagster as dg

from nba_precompute.calendar import computable
from nba_precompute.orchestration.automation import FOLLOW
from nba_precompute.orchestration.names import OWNERS, READY
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.run_errors import NotReady, as_failure
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
    """Mark the dates of the run on which every table has passed; fail and name the others if there are any."""
    dates = computable(context.partition_keys)
    problems = not_passed(context.instance, [date.isoformat() for date in dates])
    if not problems:
        return
    for date in dates:
        if date not in problems:
            context.log_event(dg.AssetMaterialization(context.asset_key, partition=date.isoformat()))
    raise as_failure(NotReady(problems, len(dates)))
