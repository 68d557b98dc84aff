"""Declarative automation: the conditions under which a partition is requested, and the sensor that evaluates them.

Here: missing dates whose inputs are complete. Not here: dates that are out of date (`sensors.py`), scheduled runs
(`schedules.py`).

A positive condition on dependencies holds as soon as *any* mapped partition matches. A lookback of 30 dates is complete
only under negated conditions: none of them is missing, in progress or not passed.
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.orchestration.names import PHASE4_GROUP, READY
from nba_precompute.quality.names import BLOCKING_CHECKS, COMPLETE
from nba_precompute.tables import SOURCES, TABLES

_AC = dg.AutomationCondition

_AWAITED = dg.AssetSelection.checks(
    *(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE) for name in SOURCES),
    *(dg.AssetCheckKey(dg.AssetKey(name), check) for name in TABLES for check in BLOCKING_CHECKS),
)

_UPSTREAM_COMPLETE = (
    ~_AC.any_deps_missing()
    & ~_AC.any_deps_in_progress()
    & ~_AC.any_deps_match(_AC.any_checks_match(~_AC.check_passed()).allow(_AWAITED))
)

_TRIGGERED = (_AC.missing().newly_true() | _AC.initial_evaluation() | _AC.any_deps_updated()).since(
    _AC.newly_requested() | _AC.newly_updated()
)
"""A partition that fails is requested again only after one of its inputs changes."""

FILL = (_AC.missing() & _TRIGGERED & ~_AC.in_progress() & _UPSTREAM_COMPLETE).with_label(
    "missing_and_upstream_complete"
)
"""For the five tables, history included. Published dates that are out of date are left to `phase4_corrections`."""

FOLLOW = (_TRIGGERED & ~_AC.in_progress() & _UPSTREAM_COMPLETE).with_label("upstream_complete")
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
