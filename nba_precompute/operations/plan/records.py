"""Records of a plan: the state of each table on each date, grouped into date ranges, with totals.

Here: states, entries, counting and grouping. Not here: judging a date (`states.py`), reading the warehouse and the
event log (`make.py`, `rates.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nba_precompute.calendar import season_of
from nba_precompute.publishing.estimate import Estimate


class State(StrEnum):
    """State of a table on a date."""

    FRESH = "fresh"  # a run would skip it
    MISSING = "missing"  # it has games, and nothing is published
    STALE = "stale"  # published, but inputs, code or rows differ from those on record
    BLOCKED = "blocked"  # missing or stale, and its inputs are incomplete
    NO_GAMES = "no games"  # no games, and nothing is published


WORK = (State.MISSING, State.STALE, State.BLOCKED)
"""The states that leave work to do."""


@dataclass(frozen=True)
class Entry:
    """One table on one date.

    Attributes:
        reason: why it is not fresh; empty for fresh dates and dates without games.
        incomplete_inputs: what the date waits for; also set on fresh dates, whose rows are flagged.
        uncovered: uncovered sides of the days before, each with its reason; they do not block the date.
        failed_run: the last run that tried the date, if it ended without publishing it; else empty.
        rows: published rows, `ready_rows` of them ready; `failures` are population members without a row.
        updated: time of the last materialization; None if there is none.
    """

    table: str
    date: dt.date
    state: State
    games: int
    reason: str = ""
    incomplete_inputs: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    failed_run: str = ""
    rows: int = 0
    ready_rows: int = 0
    failures: int = 0
    updated: dt.datetime | None = None


@dataclass(frozen=True)
class Rate:
    """Cost of one date of a table, measured on recorded runs; None where no run is recorded.

    Attributes:
        rows: mean over the dates that have rows.
        seconds: warehouse time per computed date.
    """

    rows: float | None
    seconds: float | None


@dataclass(frozen=True)
class PlannedRange:
    """Consecutive dates of one table with the same state and reason; dates without games in between do not count.

    Attributes:
        dates: number of dates with work.
        incomplete_inputs: of any of the dates.
        rows: expected number of rows; None if unknown.
        seconds: expected warehouse time; None if unknown.
    """

    table: str
    first: dt.date
    last: dt.date
    dates: int
    state: State
    reason: str
    incomplete_inputs: tuple[str, ...]
    uncovered: tuple[str, ...]
    failed_runs: tuple[str, ...]
    rows: int | None
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """The state of every chosen table on every date.

    Attributes:
        dates: calendar dates, ascending.
        entries: by table (upstream first) and date.
        overhead: seconds per table and date that Dagster and the checks add to the warehouse time; None if unknown.
        estimates: bytes per chosen table that computing the dates with work would read; empty if the warehouse bills
            nothing or nothing is left to do.
    """

    dates: tuple[dt.date, ...]
    entries: Mapping[str, Mapping[dt.date, Entry]]
    rates: Mapping[str, Rate]
    overhead: float | None
    estimates: tuple[Estimate, ...] = ()

    @property
    def bytes(self) -> int | None:
        """Sum of the estimates; None if there are none, or one is unknown."""
        known = [estimate.total for estimate in self.estimates if estimate.total is not None]
        return sum(known) if known and len(known) == len(self.estimates) else None

    def work(self, states: Collection[State] = WORK, *, failed_only: bool = False) -> list[Entry]:
        """List the entries with work to do, by table and date."""
        return [
            entry
            for by_date in self.entries.values()
            for entry in by_date.values()
            if entry.state in states and entry.state in WORK and (entry.failed_run or not failed_only)
        ]

    def count(self, table: str, state: State) -> int:
        """Count the dates of a table in a state."""
        return sum(entry.state is state for entry in self.entries[table].values())

    def ranges(self) -> list[PlannedRange]:
        """Group the entries with work into date ranges of one state, reason and season; by table and date."""
        result: list[PlannedRange] = []
        for name, by_date in self.entries.items():
            group: list[Entry] = []
            for entry in by_date.values():
                if entry.state is State.NO_GAMES:
                    continue
                if group and _group_of(group[-1]) != _group_of(entry):
                    result += self._range(name, group)
                    group = []
                group.append(entry)
            result += self._range(name, group)
        return result

    def _range(self, table: str, group: Sequence[Entry]) -> list[PlannedRange]:
        if not group or group[0].state not in WORK:
            return []
        rate = self.rates[table]
        published = sum(entry.rows for entry in group)
        unpublished_dates = sum(not entry.rows for entry in group)
        if not unpublished_dates:
            rows: int | None = published
        else:
            rows = None if rate.rows is None else published + round(unpublished_dates * rate.rows)
        return [
            PlannedRange(
                table=table,
                first=group[0].date,
                last=group[-1].date,
                dates=len(group),
                state=group[0].state,
                reason=group[0].reason,
                incomplete_inputs=tuple(dict.fromkeys(text for entry in group for text in entry.incomplete_inputs)),
                uncovered=tuple(dict.fromkeys(text for entry in group for text in entry.uncovered)),
                failed_runs=tuple(dict.fromkeys(entry.failed_run for entry in group if entry.failed_run)),
                rows=rows,
                seconds=None if rate.seconds is None else len(group) * rate.seconds,
            )
        ]

    def seconds(self, entries: Sequence[Entry]) -> float | None:
        """Estimate the elapsed seconds of computing the entries; None if a rate is unknown."""
        rates = [self.rates[entry.table].seconds for entry in entries]
        if self.overhead is None or None in rates:
            return None
        return sum(rate for rate in rates if rate is not None) + len(entries) * self.overhead


def _group_of(entry: Entry) -> tuple[State, str, int]:
    return entry.state, entry.reason, season_of(entry.date)
