"""The jobs that people and schedules launch by name."""

from __future__ import annotations

import dagster as dg

from nba_precompute.assets.phase4 import PHASE4_GROUP

PHASE4_JOB = dg.define_asset_job(
    "phase4",
    selection=dg.AssetSelection.groups(PHASE4_GROUP),
    description="All five Phase 4 tables, for one date or a range of dates.",
)
