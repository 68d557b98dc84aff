"""The five Phase 4 assets: daily-partitioned, each a thin wrapper that returns the SELECT of its table."""

from __future__ import annotations

import os

import dagster as dg

from nba_precompute.asset_metadata import definition_metadata
from nba_precompute.assets.phase3 import OWNERS
from nba_precompute.partitions import BOX_SCORES_BEFORE, GAME_DATES
from nba_precompute.publish import Select
from nba_precompute.sql import code_version
from nba_precompute.tables import TABLES, Table

PHASE4_GROUP = "phase4"
IO_MANAGER = "merge_io_manager"

_FOR_THE_DATE = ("nbac_schedule", "upcoming_player_game_context")
"""The sources of which a date reads its own partition; of the box scores it reads those before it."""


def _dependencies(table: Table) -> list[dg.AssetDep]:
    same_date = dg.IdentityPartitionMapping()
    return [
        *(
            dg.AssetDep(name, partition_mapping=same_date if name in _FOR_THE_DATE else BOX_SCORES_BEFORE)
            for name in table.sources
        ),
        *(dg.AssetDep(name, partition_mapping=same_date) for name in table.upstreams),
    ]


def build_phase4_asset(table: Table) -> dg.AssetsDefinition:
    """The asset of one table."""

    @dg.asset(
        name=table.name,
        group_name=PHASE4_GROUP,
        description=table.description,
        partitions_def=GAME_DATES,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=_dependencies(table),
        io_manager_key=IO_MANAGER,
        code_version=code_version(table),
        kinds={os.environ.get("NBA_WAREHOUSE", "duckdb"), "sql"},
        owners=OWNERS,
        metadata=definition_metadata(table),
    )
    def phase4_table() -> Select:
        return Select(table)

    return phase4_table


PHASE4_ASSETS = [build_phase4_asset(table) for table in TABLES.values()]
