"""What was seen in Phase 3, recorded in Dagster: a materialization for every date that is new or changed.

What was last seen of a date is the data version of its newest materialization: there is no other memory that could
disagree with the event log. Sensor, job and command all call `record`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, calendar_between, today
from nba_precompute.orchestration.dagster_private import DATA_VERSION, data_versions, report_materializations
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse import Warehouse


@dataclass(frozen=True)
class Change:
    """A date of a source that is new, or not what it was when it was last seen."""

    seen: SourceDate
    is_new: bool


@dataclass(frozen=True)
class Changes:
    """What an observation recorded.

    Attributes:
        changes: by source and date.
        observed: how many dates of sources were looked at.
        incomplete: those that are there, or were, and are not complete; new or not.
        without_schedule: dates with rows in a season without a schedule, by source.
    """

    changes: list[Change]
    observed: int
    incomplete: list[SourceDate]
    without_schedule: dict[str, list[dt.date]]

    def dates_of(self, source: str) -> list[dt.date]:
        """The new and changed dates of a source, ascending."""
        return sorted(change.seen.date for change in self.changes if change.seen.source == source)


def record(instance: dg.DagsterInstance, warehouse: Warehouse) -> Changes:
    """Observes everything up to today and records what is new or changed; unchanged data records nothing.

    A date whose games have been scheduled and whose rows have not arrived stays without materialization: that is what
    the asset graph, the dialog of the UI and the automation wait for.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    observation = observe(warehouse, calendar_between(FIRST_DATE, today()))
    last_seen = {name: data_versions(instance, dg.AssetKey(name)) for name in SOURCES}
    changes, incomplete = [], []
    for one in observation.dates:
        version = last_seen[one.source].get(one.date.isoformat())
        if version is None and not one.has_arrived:
            continue
        if version != one.data_version:
            changes.append(Change(one, is_new=version is None))
        if one.problems:
            incomplete.append(one)
    report_materializations(instance, [_materialization(change.seen) for change in changes])
    return Changes(changes, len(observation.dates), incomplete, observation.without_schedule)


def _materialization(one: SourceDate) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        one.source,
        partition=one.date.isoformat(),
        metadata={
            "dagster/partition_row_count": one.rows,
            "rows": one.rows,
            "expected_teams": one.expected_teams,
            "covered_teams": one.covered_teams,
            **one.findings,
            **({"problems": "; ".join(one.problems)} if one.problems else {}),
        },
        tags={DATA_VERSION: one.data_version},
    )
