"""The marker that prediction jobs hang on: a date of `phase4_ready` says that all five tables passed for it."""

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
    description="All five tables of the date passed every check that automation waits for. It holds no data.",
    partitions_def=GAME_DATES,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[dg.AssetDep(name, partition_mapping=dg.IdentityPartitionMapping()) for name in TABLES],
    automation_condition=FOLLOW,
    owners=OWNERS,
)
def phase4_ready(context: dg.AssetExecutionContext) -> None:
    """Fails, and marks none of the run's dates, where a table of one of them has not passed."""
    keys = [date.isoformat() for date in computable(context.partition_keys)]
    problems = not_passed(context.instance, keys)
    if problems:
        raise dg.Failure(
            f"{len(problems)} of {len(keys)} dates are not ready: "
            + "; ".join(f"{key}: {', '.join(found)}" for key, found in sorted(problems.items())[:5]),
            allow_retries=False,
        )
