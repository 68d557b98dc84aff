"""The code location that Dagster loads: a table of contents.

Here: which definitions there are, and the resources they run on. Not here: any definition itself (`orchestration/`,
`operations/report/asset.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from nba_precompute.operations.report.asset import phase4_report
from nba_precompute.orchestration.assets.league_files import LEAGUE_ASSETS
from nba_precompute.orchestration.assets.phase3 import PHASE3_ASSETS
from nba_precompute.orchestration.assets.phase4 import PHASE4_ASSETS
from nba_precompute.orchestration.assets.ready import phase4_ready
from nba_precompute.orchestration.checks.deadlines import DEADLINES
from nba_precompute.orchestration.checks.phase3 import phase3_coverage
from nba_precompute.orchestration.checks.phase4 import PHASE4_CHECKS
from nba_precompute.orchestration.default_resources import build_resources
from nba_precompute.orchestration.jobs import JOBS
from nba_precompute.orchestration.schedules import SCHEDULES
from nba_precompute.orchestration.sensors import SENSORS


def build_defs(resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Build the definitions.

    Args:
        resources: replace the default ones by key. The IO manager publishes to the given `warehouse`.
    """
    return dg.Definitions(
        assets=[*LEAGUE_ASSETS, *PHASE3_ASSETS, *PHASE4_ASSETS, phase4_ready, phase4_report],
        asset_checks=[phase3_coverage, *PHASE4_CHECKS, *DEADLINES],
        jobs=[*JOBS],
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources=build_resources(resources or {}),
        # A DuckDB file has one writing process: all steps of a run share it.
        executor=dg.in_process_executor,
    )


defs = build_defs()
