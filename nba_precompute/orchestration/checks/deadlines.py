"""The deadlines, looked at by the clock: last night's slate by 11:00 New York, today's by noon.

The checks are about the whole table, not a partition: how far is it complete without a gap, and is that far enough?
They ask the schedule what there should be, so a day without games, the All-Star break and the summer raise no alarm,
and the warehouse what there is, so a backfill of old dates does not look like news.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from nba_precompute import calendar
from nba_precompute.calendar import LEAGUE_TIME, calendar_between, season_of
from nba_precompute.orchestration.resources import WAREHOUSE
from nba_precompute.quality.names import COMPLETE_THROUGH
from nba_precompute.quality.row_counts import table_row_counts
from nba_precompute.sources.observation import Observation, observe
from nba_precompute.sql import RunDates
from nba_precompute.tables import SOURCES, TABLES, Table
from nba_precompute.tables.common import LOOKBACK_DAYS
from nba_precompute.tables.sources import FACT_SOURCES, SCHEDULE

LAST_NIGHT_DUE = dt.time(11)
TODAY_DUE = dt.time(12)
_BUSY_MONTHS = (11, 12, 1, 2, 3)
"""No season is without a schedule in these."""

_BY_THE_CLOCK: dg.AutomationCondition[dg.AssetCheckKey] = dg.AutomationCondition.cron_tick_passed(
    "0 11,12 * * *", str(LEAGUE_TIME)
)


@dataclass(frozen=True)
class Deadline:
    """How far a table is complete, and how far it should be.

    Attributes:
        through: the last date before the first gap of the dates looked at; None where the first of them is a gap.
        due: the last date with games that should be there by now.
        gaps: the dates with games up to `due` that are not there.
    """

    through: dt.date | None
    due: dt.date | None
    gaps: tuple[dt.date, ...]


def last_due(moment: dt.datetime, *, today_counts: bool = True) -> dt.date:
    """The newest date that should be there by a moment (New York).

    Args:
        today_counts: whether today's slate is due at noon; of box scores it is not.
    """
    date = moment.date()
    if today_counts and moment.time() >= TODAY_DUE:
        return date
    return date - dt.timedelta(days=1 if moment.time() >= LAST_NIGHT_DUE else 2)


def deadline(slates: Mapping[dt.date, bool], due: dt.date) -> Deadline:
    """Compares what is there with what is due.

    Args:
        slates: for every date with games that is looked at, whether it is there.
    """
    expected = sorted(date for date in slates if date <= due)
    gaps = tuple(date for date in expected if not slates[date])
    there = [date for date in sorted(slates) if slates[date] and (not gaps or date < gaps[0])]
    return Deadline(there[-1] if there else None, expected[-1] if expected else None, gaps)


def _window(moment: dt.datetime) -> list[dt.date]:
    return calendar_between(moment.date() - dt.timedelta(days=LOOKBACK_DAYS), moment.date())


def _result(
    key: dg.AssetKey, slates: Mapping[dt.date, bool], due: dt.date, *, has_schedule: bool
) -> dg.AssetCheckResult:
    found = deadline(slates, due)
    missing_schedule = not has_schedule and due.month in _BUSY_MONTHS
    text = f"not there: {', '.join(str(date) for date in found.gaps)}" if found.gaps else ""
    if missing_schedule:
        text = f"the schedule has no game of the season {season_of(due)}"
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=COMPLETE_THROUGH,
        passed=not found.gaps and not missing_schedule,
        description=text or None,
        metadata={
            "complete_through": str(found.through or "nothing"),
            "due": str(found.due or "nothing"),
            "gaps": len(found.gaps),
        },
    )


def _spec(name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        COMPLETE_THROUGH,
        asset=dg.AssetKey(name),
        description=f"Of the last {LOOKBACK_DAYS} days every slate that is due is there: last night's at 11:00 New "
        "York, today's at noon.",
        automation_condition=_BY_THE_CLOCK,
    )


def build_deadline(table: Table) -> dg.AssetChecksDefinition:
    """The deadline of a Phase 4 table: every slate that is due has rows or recorded failures."""

    @dg.multi_asset_check(
        name=f"{table.name}_{COMPLETE_THROUGH}", specs=[_spec(table.name)], required_resource_keys={WAREHOUSE}
    )
    def complete_through(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        moment = calendar.now()
        warehouse = context.resources.warehouse.open()
        window = _window(moment)
        if not window:
            return _result(dg.AssetKey(table.name), {}, last_due(moment), has_schedule=True)
        with warehouse.reading(f"{COMPLETE_THROUGH} of {table.name}") as session:
            lines = table_row_counts(session, table, RunDates.of(window))
        slates = {one.date: not one.is_missing for one in lines if one.games}
        return _result(dg.AssetKey(table.name), slates, last_due(moment), has_schedule=bool(slates))

    return complete_through


_COVERED = tuple(name for name in SOURCES if name != SCHEDULE)


@dg.multi_asset_check(
    name=f"phase3_{COMPLETE_THROUGH}",
    specs=[_spec(name) for name in _COVERED],
    required_resource_keys={WAREHOUSE},
    can_subset=True,
)
def phase3_complete_through(context: dg.AssetCheckExecutionContext) -> Iterator[Any]:
    """The deadlines of the sources: last night's box scores at 11:00, today's context at noon."""
    moment = calendar.now()
    window = _window(moment)
    observation = observe(context.resources.warehouse.open(), window) if window else Observation([], {})
    for key in sorted(context.selected_asset_check_keys):
        name = key.asset_key.path[-1]
        slates = {one.date: not one.problems for one in observation.dates if one.source == name and one.expected_teams}
        due = last_due(moment, today_counts=name not in FACT_SOURCES)
        yield _result(key.asset_key, slates, due, has_schedule=bool(observation.dates) or not window)


DEADLINES = [phase3_complete_through, *(build_deadline(table) for table in TABLES.values())]
