"""How far the seasons are: every table by month (or date), against the schedule, with what is open.

The live version of a hand-kept checklist: the plan says what is complete, the event log which checks fail on what
stands there. Counting and wording belong here; how it is shown is the command's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, season_dates, season_of, today
from nba_precompute.operations.plan import WORK, Entry, Plan, State, make_plan
from nba_precompute.orchestration.dagster_private import check_states
from nba_precompute.quality.rules import CHECKS
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import Warehouse


@dataclass(frozen=True)
class Line:
    """A table over a month, or on one date.

    Attributes:
        first: the date, or the first of the month.
        expected: dates with games up to today; `complete` are those where a run would find nothing to do.
        answers: published rows and failures; `ready_rows` of them are ready.
        updated: when a date of it was last recorded; None where none ever was.
        problems: what is open, in words.
    """

    table: str
    first: dt.date
    expected: int
    complete: int
    answers: int
    ready_rows: int
    updated: dt.datetime | None
    problems: tuple[str, ...]

    @property
    def ready_share(self) -> float | None:
        """The share of the population that is ready; None where nobody has an answer."""
        return self.ready_rows / self.answers if self.answers else None

    @property
    def is_done(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Status:
    """All tables on all dates of the seasons that have a schedule."""

    plan: Plan
    failing: Mapping[str, Mapping[dt.date, tuple[str, ...]]]

    @property
    def seasons(self) -> list[int]:
        """The seasons of which the schedule has a game."""
        return sorted({season_of(one.date) for one in self._entries() if one.games})

    def by_month(self, season: int) -> list[Line]:
        """A line per month and table, months ascending, tables upstream first."""
        groups: dict[tuple[dt.date, str], list[Entry]] = defaultdict(list)
        for one in self._entries():
            if season_of(one.date) == season:
                groups[one.date.replace(day=1), one.table].append(one)
        return [
            self._line(month, name, groups[month, name])
            for month in sorted({month for month, _ in groups})
            for name in self.plan.entries
            if any(one.games or one.state in WORK for one in groups[month, name])
        ]

    def by_date(self, season: int) -> list[Line]:
        """A line per date and table, where there are games or something is open."""
        return [
            self._line(date, name, [by_date[date]])
            for date in self.plan.dates
            if season_of(date) == season
            for name, by_date in self.plan.entries.items()
            if by_date[date].games or by_date[date].state in WORK
        ]

    def _entries(self) -> Iterable[Entry]:
        return (one for by_date in self.plan.entries.values() for one in by_date.values())

    def _line(self, first: dt.date, table: str, entries: list[Entry]) -> Line:
        moments = [one.updated for one in entries if one.updated]
        return Line(
            table,
            first,
            sum(one.games > 0 for one in entries),
            sum(one.games > 0 and one.state is State.COMPLETE for one in entries),
            sum(one.rows + one.failures for one in entries),
            sum(one.ready_rows for one in entries),
            max(moments) if moments else None,
            tuple(self._problems(table, entries)),
        )

    def _problems(self, table: str, entries: list[Entry]) -> Iterable[str]:
        found: dict[str, list[dt.date]] = defaultdict(list)
        for one in entries:
            if one.state in WORK:
                found[one.state.value].append(one.date)
            if one.failed_run:
                found["last run not finished"].append(one.date)
            for check in self.failing.get(table, {}).get(one.date, ()):
                found[f"{check} fails"].append(one.date)
        for problem, dates in found.items():
            if len(entries) == 1:
                yield problem
            else:
                yield f"{problem}: {dates[0]}" + (f" and {len(dates) - 1} more" if len(dates) > 1 else "")


def read_status(instance: dg.DagsterInstance, warehouse: Warehouse, season: int | None = None) -> Status:
    """Looks at one season, or at all of them up to today.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    first, last = season_dates(season) if season is not None else (FIRST_DATE, today())
    return Status(make_plan(instance, warehouse, first, last), failing_checks(instance))


def failing_checks(instance: dg.DagsterInstance) -> dict[str, dict[dt.date, tuple[str, ...]]]:
    """By table and date, the checks that fail on what now stands there."""
    found: dict[str, dict[dt.date, tuple[str, ...]]] = {name: {} for name in TABLES}
    for name in TABLES:
        for check in CHECKS:
            for key, state in check_states(instance, dg.AssetCheckKey(dg.AssetKey(name), check)).items():
                if state.is_finished and state.is_current and not state.has_passed:
                    date = dt.date.fromisoformat(key)
                    found[name][date] = (*found[name].get(date, ()), check)
    return found
