"""The five Phase 4 assets: partitioned by date, each a thin wrapper that returns the SELECT of its table.

Here: dependencies and settings of the assets. Not here: their SQL (`sql/tables/`), how it is published
(`orchestration/io_manager.py`), when a date is requested (`orchestration/automation.py`).
"""

from __future__ import annotations

import datetime as dt
import os

import dagster as dg

from nba_precompute.calendar import LEAGUE_TIME
from nba_precompute.orchestration.asset_metadata import definition_metadata
from nba_precompute.orchestration.automation import fill
from nba_precompute.orchestration.names import IO_MANAGER, OWNERS, PHASE4_GROUP
from nba_precompute.orchestration.partitions import BOX_SCORES_BEFORE, GAME_DATES
from nba_precompute.publishing.publish import Select
from nba_precompute.sql import code_version
from nba_precompute.tables import TABLES, Table
from nba_precompute.tables.sources import FACT_SOURCES


def _dependencies(table: Table) -> list[dg.AssetDep]:
    same_date = dg.IdentityPartitionMapping()
    return [
        *(
            dg.AssetDep(name, partition_mapping=BOX_SCORES_BEFORE if name in FACT_SOURCES else same_date)
            for name in table.sources
        ),
        *(dg.AssetDep(name, partition_mapping=same_date) for name in table.upstreams),
    ]


def _freshness(table: Table) -> dg.FreshnessPolicy | None:
    """Return the freshness policy of the final table, which passes at noon if anything was published since midnight.

    It counts any partition, also an old one, and fails out of season; the checks `complete_through` are exact.
    """
    if any(table.name in other.upstreams for other in TABLES.values()):
        return None
    return dg.FreshnessPolicy.cron("0 12 * * *", lower_bound_delta=dt.timedelta(hours=12), timezone=str(LEAGUE_TIME))


def build_phase4_asset(table: Table) -> dg.AssetsDefinition:
    """Build the asset of one table."""

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
        automation_condition=fill(table),
        freshness_policy=_freshness(table),
        metadata=definition_metadata(table),
    )
    def phase4_table() -> Select:
        return Select(table)

    return phase4_table


PHASE4_ASSETS = [build_phase4_asset(table) for table in TABLES.values()]
