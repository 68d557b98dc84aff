"""The declarations of the tables and sources: columns, meaning, lineage, and every threshold that a SELECT renders.

Here: one module per table, from which DDL, SQL, checks, Dagster metadata and docs are generated. Not here: the SELECTs
and macros (`sql/`), and anything that depends on Dagster or a warehouse.
"""

from __future__ import annotations

from nba_precompute.tables.failures import PRECOMPUTE_FAILURES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.tables.player_composite_factors import PLAYER_COMPOSITE_FACTORS
from nba_precompute.tables.player_daily_cache import PLAYER_DAILY_CACHE
from nba_precompute.tables.player_shot_zone_analysis import PLAYER_SHOT_ZONE_ANALYSIS
from nba_precompute.tables.schema import Column, Source, Table
from nba_precompute.tables.sources import SOURCES
from nba_precompute.tables.team_defense_zone_analysis import TEAM_DEFENSE_ZONE_ANALYSIS
from nba_precompute.tables.waivers import WAIVERS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        TEAM_DEFENSE_ZONE_ANALYSIS,
        PLAYER_SHOT_ZONE_ANALYSIS,
        PLAYER_COMPOSITE_FACTORS,
        PLAYER_DAILY_CACHE,
        ML_FEATURE_STORE_V2,
    )
}
"""The five Phase 4 tables, upstream first."""

EVERY_TABLE: tuple[Source | Table, ...] = (*SOURCES.values(), *TABLES.values(), PRECOMPUTE_FAILURES, WAIVERS)
"""The tables of a warehouse, upstream first: the sources, the five tables, the failures and the waivers."""

__all__ = ["EVERY_TABLE", "PRECOMPUTE_FAILURES", "SOURCES", "TABLES", "WAIVERS", "Column", "Source", "Table"]
