"""The code location: a table of contents, nothing else."""

from __future__ import annotations

import warnings

import dagster as dg

# Owners of assets and partition mappings are beta in this version of Dagster; nobody who runs it can act on that.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from nba_precompute.operations.report.asset import phase4_report  # noqa: E402
from nba_precompute.orchestration.assets.phase3 import PHASE3_ASSETS  # noqa: E402
from nba_precompute.orchestration.assets.phase4 import PHASE4_ASSETS  # noqa: E402
from nba_precompute.orchestration.assets.ready import phase4_ready  # noqa: E402
from nba_precompute.orchestration.checks.deadlines import DEADLINES  # noqa: E402
from nba_precompute.orchestration.checks.phase3 import phase3_coverage  # noqa: E402
from nba_precompute.orchestration.checks.phase4 import PHASE4_CHECKS  # noqa: E402
from nba_precompute.orchestration.jobs import JOBS  # noqa: E402
from nba_precompute.orchestration.names import IO_MANAGER  # noqa: E402
from nba_precompute.orchestration.resources import WAREHOUSE, merge_io_manager, warehouse_resource  # noqa: E402
from nba_precompute.orchestration.schedules import SCHEDULES  # noqa: E402
from nba_precompute.orchestration.sensors import SENSORS  # noqa: E402

defs = dg.Definitions(
    assets=[*PHASE3_ASSETS, *PHASE4_ASSETS, phase4_ready, phase4_report],
    asset_checks=[phase3_coverage, *PHASE4_CHECKS, *DEADLINES],
    jobs=JOBS,
    schedules=SCHEDULES,
    sensors=SENSORS,
    resources={IO_MANAGER: merge_io_manager, WAREHOUSE: warehouse_resource()},
    # One DuckDB file has one writing process: steps share the run's.
    executor=dg.in_process_executor,
)
