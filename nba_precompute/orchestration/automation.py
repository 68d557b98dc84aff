"""Declarative automation: the conditions under which a partition is requested, and the sensor that evaluates them.

Here: missing dates whose inputs are complete. Not here: dates that are out of date (`sensors.py`), scheduled runs
(`schedules.py`).

A date waits for the checks `complete` of its own schedule and context and of the tables that it reads. Box scores are
not awaited one by one: the schedule's check says whether enough of them are covered (contract, section 3).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.orchestration.names import PHASE4_GROUP, READY
from nba_precompute.quality.names import BLOCKING_CHECKS, COMPLETE, LEAGUE_COMPLETE
from nba_precompute.tables import TABLES, Table
from nba_precompute.tables.scopes import Scope
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE

_AC = dg.AutomationCondition

_BOX_SCORES = dg.AssetSelection.assets(*FACT_SOURCES)

_TRIGGERED = (_AC.missing().newly_true() | _AC.initial_evaluation() | _AC.any_deps_updated()).since(
    _AC.newly_requested() | _AC.newly_updated()
)
"""A partition that fails is requested again only after one of its inputs changes."""


def _upstream_complete(schedule_check: str) -> dg.AutomationCondition:
    awaited = dg.AssetSelection.checks(
        dg.AssetCheckKey(dg.AssetKey(SCHEDULE), schedule_check),
        dg.AssetCheckKey(dg.AssetKey(CONTEXT), COMPLETE),
        *(dg.AssetCheckKey(dg.AssetKey(name), check) for name in TABLES for check in BLOCKING_CHECKS),
    )
    return (
        ~_AC.any_deps_missing().ignore(_BOX_SCORES)
        & ~_AC.any_deps_in_progress()
        & ~_AC.any_deps_match(_AC.any_checks_match(~_AC.check_passed()).allow(awaited))
    )


def fill(table: Table) -> dg.AutomationCondition:
    """Request missing dates of a table, history included; `phase4_corrections` requests those that are out of date."""
    schedule_check = LEAGUE_COMPLETE if Scope.of(table) is Scope.LEAGUE else COMPLETE
    return (_AC.missing() & _TRIGGERED & ~_AC.in_progress() & _upstream_complete(schedule_check)).with_label(
        "missing_and_upstream_complete"
    )


FOLLOW = (_TRIGGERED & ~_AC.in_progress() & _upstream_complete(COMPLETE)).with_label("upstream_complete")
"""For the marker: again whenever one of the tables is published again."""

AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "phase4_automation",
    target=dg.AssetSelection.groups(PHASE4_GROUP)
    | dg.AssetSelection.assets(READY)
    | dg.AssetSelection.all_asset_checks(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Requests a missing date of a table once all of its inputs are there and have passed their checks. "
    "Runs the deadline checks at 11:00 and 12:00 New York.",
)
