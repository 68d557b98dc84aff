"""Progress of the seasons: every table by month or date against the schedule, with open problems.

Here: counting and wording, from the plan, the row counts and the checks on record. Not here: how it is printed
(`cli/status.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, season_of, today
from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import WORK, Entry, Plan, State
from nba_precompute.orchestration.dagster_private.check_results import check_states
from nba_precompute.quality.names import BLOCKING_CHECKS
from nba_precompute.quality.row_counts import DateRowCounts, row_counts
from nba_precompute.quality.rules import CHECKS
from nba_precompute.quality.waivers import Waiver, read
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import Warehouse


@dataclass(frozen=True)
class StatusLine:
    """A table over a month, or on one date.

    Attributes:
        first: the date, or the first day of the month.
        expected: number of dates with games up to today; a run would skip `fresh` of them.
        games: games on the schedule; `sample_games` of them are simulated.
        rows: published rows; `ready_rows` are production ready, `incomplete_rows` lack a game of their main window.
        failures: population members without a row, each with a recorded reason.
        updated: time of the last materialization of any of the dates; None if there is none.
        problems: open problems, as text.
        warnings: failing checks that nothing waits for, as text.
        waivers: the waived sides of games on its dates; they belong to no table.
    """

    table: str
    first: dt.date
    expected: int
    fresh: int
    games: int
    sample_games: int
    rows: int
    ready_rows: int
    incomplete_rows: int
    failures: int
    updated: dt.datetime | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    waivers: tuple[Waiver, ...]

    @property
    def ready_share(self) -> float | None:
        """The share of the population that is ready, from 0 to 1; None if there are neither rows nor failures."""
        members = self.rows + self.failures
        return self.ready_rows / members if members else None

    @property
    def is_done(self) -> bool:
        """True if no problem is open, whatever the warnings."""
        return not self.problems


@dataclass(frozen=True)
class Status:
    """All tables on all dates of the seasons that have a schedule.

    Attributes:
        row_counts: by table and date; dates without a game, a row or a failure are left out.
        failing: by table and date, the names of the checks that fail on the current rows.
        waivers: the waived sides of games on these dates.
    """

    plan: Plan
    row_counts: Mapping[str, Mapping[dt.date, DateRowCounts]]
    failing: Mapping[str, Mapping[dt.date, tuple[str, ...]]]
    waivers: tuple[Waiver, ...]

    @property
    def seasons(self) -> list[int]:
        """Seasons with at least one scheduled game, ascending."""
        return sorted({season_of(entry.date) for entry in self._entries() if entry.games})

    def by_month(self, season: int) -> list[StatusLine]:
        """Return a line per month (ascending) and table (upstream first)."""
        groups: dict[tuple[dt.date, str], list[Entry]] = defaultdict(list)
        for entry in self._entries():
            if season_of(entry.date) == season:
                groups[entry.date.replace(day=1), entry.table].append(entry)
        return [
            self._line(month, name, groups[month, name])
            for month in sorted({month for month, _ in groups})
            for name in self.plan.entries
            if any(entry.games or entry.state in WORK for entry in groups[month, name])
        ]

    def by_date(self, season: int) -> list[StatusLine]:
        """Return a line per date and table, where there are games or work to do."""
        return [
            self._line(date, name, [by_date[date]])
            for date in self.plan.dates
            if season_of(date) == season
            for name, by_date in self.plan.entries.items()
            if by_date[date].games or by_date[date].state in WORK
        ]

    def _entries(self) -> Iterator[Entry]:
        return (entry for by_date in self.plan.entries.values() for entry in by_date.values())

    def _line(self, first: dt.date, table: str, entries: Sequence[Entry]) -> StatusLine:
        moments = [entry.updated for entry in entries if entry.updated]
        counted = self.row_counts[table]
        counts = [counted[entry.date] for entry in entries if entry.date in counted]
        dates = {entry.date for entry in entries}
        problems, warnings = self._findings(table, entries)
        return StatusLine(
            table=table,
            first=first,
            expected=sum(entry.games > 0 for entry in entries),
            fresh=sum(entry.games > 0 and entry.state is State.FRESH for entry in entries),
            games=sum(date_counts.games for date_counts in counts),
            sample_games=sum(date_counts.sample_games for date_counts in counts),
            rows=sum(date_counts.rows for date_counts in counts),
            ready_rows=sum(date_counts.ready for date_counts in counts),
            incomplete_rows=sum(date_counts.incomplete for date_counts in counts),
            failures=sum(date_counts.failures for date_counts in counts),
            updated=max(moments) if moments else None,
            problems=problems,
            warnings=warnings,
            waivers=tuple(waiver for waiver in self.waivers if waiver.date in dates),
        )

    def _findings(self, table: str, entries: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the open problems and the warnings."""
        problems: dict[str, list[dt.date]] = defaultdict(list)
        warnings: dict[str, list[dt.date]] = defaultdict(list)
        for entry in entries:
            if entry.state in WORK:
                problems[entry.state.value].append(entry.date)
            if entry.failed_run:
                problems["last run did not finish"].append(entry.date)
            for check in self.failing.get(table, {}).get(entry.date, ()):
                found = problems if check in BLOCKING_CHECKS else warnings
                found[f"{check} fails"].append(entry.date)
        is_one_date = len(entries) == 1
        return _worded(problems, is_one_date=is_one_date), _worded(warnings, is_one_date=is_one_date)


def _worded(found: Mapping[str, Sequence[dt.date]], *, is_one_date: bool) -> tuple[str, ...]:
    """Name the first date of each finding, unless there is only one date."""
    if is_one_date:
        return tuple(found)
    return tuple(
        f"{text}: {dates[0]}" + (f" and {len(dates) - 1} more" if len(dates) > 1 else "")
        for text, dates in found.items()
    )


def read_status(
    instance: dg.DagsterInstance, warehouse: Warehouse, first: dt.date = FIRST_DATE, last: dt.date | None = None
) -> Status:
    """Read the status of the dates from `first` to `last`, at most up to today.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    plan = make_plan(instance, warehouse, first, last or today())
    counts = row_counts(warehouse, plan.dates) if plan.dates else {name: [] for name in TABLES}
    return Status(
        plan=plan,
        row_counts={name: {date_counts.date: date_counts for date_counts in found} for name, found in counts.items()},
        failing=failing_checks(instance),
        waivers=_waivers(warehouse, plan.dates),
    )


def _waivers(warehouse: Warehouse, dates: Sequence[dt.date]) -> tuple[Waiver, ...]:
    if not dates:
        return ()
    with warehouse.reading("waivers") as session:
        return tuple(read(session, dates[0], dates[-1]))


def failing_checks(instance: dg.DagsterInstance) -> dict[str, dict[dt.date, tuple[str, ...]]]:
    """Find, by table and date, the checks that fail on the current rows."""
    found: dict[str, dict[dt.date, tuple[str, ...]]] = {name: {} for name in TABLES}
    for name in TABLES:
        for check in CHECKS:
            for key, state in check_states(instance, dg.AssetCheckKey(dg.AssetKey(name), check)).items():
                if state.is_finished and state.is_current and not state.has_passed:
                    date = dt.date.fromisoformat(key)
                    found[name][date] = (*found[name].get(date, ()), check)
    return found
