"""The external assets upstream of Phase 3: the raw tables of the league's files, which `import` writes.

Here: one asset per raw table, and the events of an import. A warehouse without imports has these assets without a
materialization. Not here: the import (`sources/importing.py`).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.calendar import in_calendar, today
from nba_precompute.orchestration.asset_metadata import definition_metadata
from nba_precompute.orchestration.dagster_private.records import report_materializations
from nba_precompute.orchestration.names import LEAGUE_FILES_GROUP, OWNERS
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.sources.importing import Imported
from nba_precompute.tables.league import LEAGUE_PEOPLE, LEAGUE_TABLES

LEAGUE_ASSETS = [
    dg.AssetSpec(
        table.name,
        partitions_def=None if table is LEAGUE_PEOPLE else GAME_DATES,
        group_name=LEAGUE_FILES_GROUP,
        description=table.description,
        owners=OWNERS,
        metadata=definition_metadata(table),
    )
    for table in LEAGUE_TABLES.values()
]


def record_import(instance: dg.DagsterInstance, imported: Imported) -> int:
    """Record a materialization for each date of a raw table whose rows an import replaced, and return their number.

    Dates that are no partitions are left out: those outside the calendar, and games to come.
    """
    events = []
    for table in imported.tables:
        if table.table == LEAGUE_PEOPLE.name and table.changed:
            events.append(dg.AssetMaterialization(table.table, metadata={"rosters": table.changed}))
        events += [
            dg.AssetMaterialization(table.table, partition=date.isoformat(), metadata={"rows": rows})
            for date, rows in sorted(table.dates.items())
            if in_calendar(date) and date <= today()
        ]
    report_materializations(instance, events)
    return len(events)
