"""The deadline checks: last night's slate is due at 11:00 New York, today's at noon.

Here: the date through which a table is complete without a gap, compared with the date that is due; whole tables, not
partitions. Not here: the checks of one date (`phase3.py`, `phase4.py`).

The schedule defines what is due, so a day without games, the All-Star break and the summer raise no alarm. The
warehouse shows what has been published, so a backfill of old dates does not count as new data.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from nba_precompute import calendar
from nba_precompute.calendar import LEAGUE_TIME, calendar_between, season_of
from nba_precompute.orchestration.resources import WarehouseResource
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
"""Every season has scheduled games in these months."""

_BY_THE_CLOCK: dg.AutomationCondition[dg.AssetCheckKey] = dg.AutomationCondition.cron_tick_passed(
    "0 11,12 * * *", str(LEAGUE_TIME)
)


@dataclass(frozen=True)
class Deadline:
    """The progress of a table compared with its deadline.

    Attributes:
        through: the last complete date before the first gap; None if the first date is a gap.
        due: the newest date with games that should be complete by now.
        gaps: the dates with games up to `due` that are not complete.
    """

    through: dt.date | None
    due: dt.date | None
    gaps: tuple[dt.date, ...]


def last_due(moment: dt.datetime, *, today_counts: bool = True) -> dt.date:
    """Return the newest date that should be complete at a moment (New York time).

    Args:
        today_counts: True if today's slate is due at noon; False for box scores.
    """
    date = moment.date()
    if today_counts and moment.time() >= TODAY_DUE:
        return date
    return date - dt.timedelta(days=1 if moment.time() >= LAST_NIGHT_DUE else 2)


def deadline(slates: Mapping[dt.date, bool], due: dt.date) -> Deadline:
    """Compare the complete dates with those that are due.

    Args:
        slates: every date with games, True if it is complete.
    """
    expected = sorted(date for date in slates if date <= due)
    gaps = tuple(date for date in expected if not slates[date])
    through = [date for date in sorted(slates) if slates[date] and (not gaps or date < gaps[0])]
    return Deadline(through=through[-1] if through else None, due=expected[-1] if expected else None, gaps=gaps)


def _window(moment: dt.datetime) -> list[dt.date]:
    return calendar_between(moment.date() - dt.timedelta(days=LOOKBACK_DAYS), moment.date())


def _result(
    key: dg.AssetKey, slates: Mapping[dt.date, bool], due: dt.date, *, has_schedule: bool
) -> dg.AssetCheckResult:
    found = deadline(slates, due)
    missing_schedule = not has_schedule and due.month in _BUSY_MONTHS
    text = f"overdue: {', '.join(str(date) for date in found.gaps)}" if found.gaps else ""
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


def _spec(name: str, expected: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        COMPLETE_THROUGH,
        asset=dg.AssetKey(name),
        description=f"Every slate of the last {LOOKBACK_DAYS} days that is due {expected}. "
        + ("A night's box scores are" if name in FACT_SOURCES else "Last night's slate is")
        + " due at 11:00 New York"
        + ("." if name in FACT_SOURCES else ", today's at noon."),
        automation_condition=_BY_THE_CLOCK,
    )


def build_deadline(table: Table) -> dg.AssetChecksDefinition:
    """Build the deadline check of a Phase 4 table: every slate that is due has rows or recorded failures."""

    @dg.multi_asset_check(
        name=f"{table.name}_{COMPLETE_THROUGH}", specs=[_spec(table.name, "has rows or recorded failures")]
    )
    def complete_through(warehouse: WarehouseResource) -> dg.AssetCheckResult:
        moment = calendar.now()
        window = _window(moment)
        if not window:
            return _result(dg.AssetKey(table.name), {}, last_due(moment), has_schedule=True)
        with warehouse.open().reading(f"{COMPLETE_THROUGH} of {table.name}") as session:
            counts = table_row_counts(session, table, RunDates.of(window))
        slates = {date_counts.date: not date_counts.is_missing for date_counts in counts if date_counts.games}
        return _result(dg.AssetKey(table.name), slates, last_due(moment), has_schedule=bool(slates))

    return complete_through


_COVERED = tuple(name for name in SOURCES if name != SCHEDULE)


@dg.multi_asset_check(
    name=f"phase3_{COMPLETE_THROUGH}",
    specs=[_spec(name, "is complete") for name in _COVERED],
    can_subset=True,
)
def phase3_complete_through(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> Iterator[Any]:
    """Check the deadlines of the sources: last night's box scores at 11:00, today's context at noon."""
    moment = calendar.now()
    window = _window(moment)
    observation = observe(warehouse.open(), window) if window else Observation(dates=[], without_schedule={})
    for key in sorted(context.selected_asset_check_keys):
        name = key.asset_key.path[-1]
        slates = {
            seen.date: not seen.open_gaps for seen in observation.dates if seen.source == name and seen.expected_teams
        }
        due = last_due(moment, today_counts=name not in FACT_SOURCES)
        yield _result(key.asset_key, slates, due, has_schedule=bool(observation.dates) or not window)


DEADLINES = [phase3_complete_through, *(build_deadline(table) for table in TABLES.values())]
