"""Why a value of the predecessor's tables differs from ours: the known rules, in the order in which they are tried.

Here: the rules over one pair of values, and the decimals of their types. Not here: finding the pairs (`diff.py`), the
page about changing over (docs/migration.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nba_precompute.tables import Column
from nba_precompute.tables.common import completeness_columns

UNEXPLAINED = "no known rule"

RULES = {
    "game id": "theirs is YYYYMMDD_AWAY_HOME, or the league's; no join uses it",
    "version or label": "names of the code or the feature set, and labels of another vocabulary",
    "completeness": "counted from the schedule here: covered (date, team) pairs; readiness follows from it",
    "unknown there": "NULL there, a value here",
    "unknown here": "a number there, NULL here: an unknown value is not replaced",
    "percent and fraction": "the same share, times 100",
    "quality": "counted per feature here, with every default labeled",
    UNEXPLAINED: "look at these: a correction since, a game on the day itself, another window, ...",
}
"""The rules of differences, and what each means."""

_LABELS = {
    "calculation_version",
    "cache_version",
    "feature_version",
    "feature_names",
    "feature_count",
    "feature_sources",
    "data_source",
    "quality_tier",
    "data_quality_tier",
    "sample_quality_10",
    "sample_quality_20",
}
_QUALITY = {"feature_quality_score", "is_quality_ready", "required_default_count", "default_count"}
_COMPLETENESS = {column.name for column in completeness_columns(1, "")} | {
    "upstream_player_shot_ready",
    "upstream_team_defense_ready",
    "all_upstreams_ready",
    "all_windows_complete",
    "shot_zone_data_available",
    "early_season_flag",
    "insufficient_data_reason",
    "data_quality_issues",
    "is_production_ready",
}
_NUMERIC = re.compile(r"NUMERIC\(\d+, ?(\d+)\)")


def are_theirs(types: Mapping[str, str]) -> bool:
    """Return True if the columns are those of one of the predecessor's tables: ours have neither of the two."""
    return not {"processed_at", "universal_player_id"}.isdisjoint(types)


def half_a_step(column: Column, found: str) -> float | None:
    """Return how far a number of ours may be from theirs, rounded to their type; None if the types do not compare.

    Args:
        found: their type, such as `NUMERIC(5,1)`.
    """
    if found == column.type:
        return 0.0
    if column.type != "FLOAT64":
        return None
    if found == "INT64":
        return 0.5
    scale = _NUMERIC.fullmatch(found)
    return 0.5 * 10 ** -int(scale.group(1)) if scale else 0.0 if found == "NUMERIC" else None


def as_float(value: Any) -> Any:
    """Return a NUMERIC as a float, and any other value as it is."""
    return float(value) if isinstance(value, Decimal) else value


def rule_of(column: Column, theirs: Any, ours: Any) -> str:
    """Return the rule by which two values that differ do so."""
    if column.name == "game_id":
        return "game id"
    if column.name in _LABELS:
        return "version or label"
    if column.name in _COMPLETENESS or column.name.endswith("_completeness_pct"):
        return "completeness"
    if column.name in _QUALITY:
        return "quality"
    if theirs is None:
        return "unknown there"
    if ours is None:
        return "unknown here"
    if column.unit in ("percent", "fraction") and any(
        abs(percent - 100 * share) <= 0.5 for percent, share in ((theirs, ours), (ours, theirs)) if share
    ):
        return "percent and fraction"
    return UNEXPLAINED
