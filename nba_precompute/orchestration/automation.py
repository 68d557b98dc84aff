"""When a partition is asked for by itself: the automation conditions, and the sensor that evaluates them.

Positive conditions on dependencies hold as soon as *any* mapped partition matches; a lookback of 30 dates is complete
only where a negated condition says that none of them is missing, at work or not passed.
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
"""Once asked for, a partition that fails is asked for again only when something that it reads changes."""

FILL = (_AC.missing() & _TRIGGERED & ~_AC.in_progress() & _UPSTREAM_COMPLETE).with_label(
    "missing_and_upstream_complete"
)
"""For the five tables: also history is filled. What was published and is out of date is the correction sensor's."""

FOLLOW = (_TRIGGERED & ~_AC.in_progress() & _UPSTREAM_COMPLETE).with_label("upstream_complete")
"""For the marker: again whenever one of the tables was published again."""

AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "phase4_automation",
    target=dg.AssetSelection.groups(PHASE4_GROUP)
    | dg.AssetSelection.assets(READY)
    | dg.AssetSelection.all_asset_checks(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Asks for a date of a table once everything that it reads is there, complete and passed; has the "
    "deadlines looked at.",
)
