"""The observation of Phase 3, recorded in Dagster: a materialization for every date that is new or changed.

Here: comparing the sources with the records; sensor, job and command all call `record`. Not here: the query
(`sources/observation.py`).

The last known state of a date is the data version of its newest materialization; no other record could disagree with
the event log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, calendar_between, today
from nba_precompute.orchestration.dagster_private.records import DATA_VERSION, data_versions, report_materializations
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute.tables.scopes import Scope
from nba_precompute.warehouse import Warehouse


@dataclass(frozen=True)
class Change:
    """A date of a source that is new, or has changed since it was last seen."""

    seen: SourceDate
    is_new: bool


@dataclass(frozen=True)
class Changes:
    """The outcome of an observation.

    Attributes:
        changes: the new and changed dates, by source and date.
        observed: the number of source dates that were compared.
        incomplete: the source dates that have or had rows and whose check fails, new or not.
        noted: the source dates with rows that were set aside or cleaned, or with waived gaps.
        waiting: what the tables of each date wait for; dates that wait for nothing are left out.
        without_schedule: dates with rows in a season without a schedule, by source.
    """

    changes: list[Change]
    observed: int
    incomplete: list[SourceDate]
    noted: list[SourceDate]
    waiting: dict[dt.date, Mapping[Scope, tuple[str, ...]]]
    without_schedule: dict[str, list[dt.date]]

    def dates_of(self, source: str) -> list[dt.date]:
        """Return the new and changed dates of a source, ascending."""
        return sorted(change.seen.date for change in self.changes if change.seen.source == source)


def record(instance: dg.DagsterInstance, warehouse: Warehouse) -> Changes:
    """Observe everything up to today and record what is new or changed; unchanged data records nothing.

    A scheduled date whose rows have not arrived stays without a materialization: the asset graph, the launch dialog of
    the UI and the automation take it for missing.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    observation = observe(warehouse, calendar_between(FIRST_DATE, today()))
    last_seen = {name: data_versions(instance, dg.AssetKey(name)) for name in SOURCES}
    changes, incomplete, noted = [], [], []
    for seen in observation.dates:
        version = last_seen[seen.source].get(seen.date.isoformat())
        if version is None and not seen.has_arrived:
            continue
        if version != seen.data_version:
            changes.append(Change(seen=seen, is_new=version is None))
        if seen.problems:
            incomplete.append(seen)
        if seen.notes:
            noted.append(seen)
    report_materializations(instance, [_materialization(change.seen) for change in changes])
    return Changes(
        changes=changes,
        observed=len(observation.dates),
        incomplete=incomplete,
        noted=noted,
        waiting={seen.date: seen.incomplete for seen in observation.dates if seen.incomplete},
        without_schedule=observation.without_schedule,
    )


def _materialization(seen: SourceDate) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        seen.source,
        partition=seen.date.isoformat(),
        metadata={
            "dagster/partition_row_count": seen.rows,
            "rows": seen.rows,
            "expected_teams": seen.expected_teams,
            "covered_teams": seen.covered_teams,
            **{kind: finding.count for kind, finding in seen.findings.items()},
            **({"problems": "; ".join(seen.problems)} if seen.problems else {}),
            **({"findings": "; ".join(seen.notes)} if seen.notes else {}),
        },
        tags={DATA_VERSION: seen.data_version},
    )
