"""What a run would do to each table and date, and why; nothing is changed by looking.

A date is judged by what `publish` itself goes by: the inputs and the published rows as one query finds them now,
against what the newest materialization recorded. So a date is `complete` exactly where a run would skip it. Beside that
stand which inputs are incomplete (the observation), and which run failed last (the event log). The plan has no memory
of its own: after a crash it says what is left.

What is done about it is `backfill.py`; how far the seasons are is `status.py`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import dagster as dg

from nba_precompute.calendar import calendar_between, season_of, today
from nba_precompute.orchestration.dagster_private import Recorded, recorded_values, unfinished_attempts
from nba_precompute.publishing.estimate import estimate
from nba_precompute.publishing.inspection import Inspection, changed_inputs, inspect_every_table
from nba_precompute.publishing.publish import why_compute
from nba_precompute.publishing.records import PHASES, Published
from nba_precompute.sources.observation import observe
from nba_precompute.sql import code_version
from nba_precompute.tables import TABLES, Table
from nba_precompute.tables.common import LOOKBACK_DAYS
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES
from nba_precompute.warehouse import Warehouse

_NEWEST_RUNS = 20
"""So many runs of a table tell how long it takes; older ones were perhaps on another machine."""


class State(StrEnum):
    """What there is to do for a table on a date."""

    COMPLETE = "complete"  # a run would skip it
    MISSING = "missing"  # it has games, and nothing is published
    STALE = "stale"  # what is published is not what a run would publish, or not what is on record
    BLOCKED = "blocked"  # missing or stale, and its inputs are incomplete
    NO_GAMES = "no games"  # and nothing is published


WORK = (State.MISSING, State.STALE, State.BLOCKED)
"""The states in which there is something to do."""


@dataclass(frozen=True)
class Entry:
    """One table on one date.

    Attributes:
        reason: why it is not complete, in words; empty where it is, or where there are no games.
        lacking: incomplete inputs, as `source: teams on date`; also of complete dates, whose rows are flagged.
        failed_run: the run that tried last and ended without publishing it; empty where none did.
        rows: published, of which `ready_rows` are ready; `failures` are members of the population without a row.
        updated: when it was last recorded; None where it never was.
    """

    table: str
    date: dt.date
    state: State
    games: int
    reason: str = ""
    lacking: tuple[str, ...] = ()
    failed_run: str = ""
    rows: int = 0
    ready_rows: int = 0
    failures: int = 0
    updated: dt.datetime | None = None


@dataclass(frozen=True)
class Rate:
    """What a date of a table takes, by the runs on record; None where there are none.

    Attributes:
        rows: the mean of the dates with games.
        seconds: of the warehouse, per date computed.
    """

    rows: float | None
    seconds: float | None


@dataclass(frozen=True)
class Range:
    """Dates of one table, one after the other but for dates without games, about which the same is to be said.

    Attributes:
        lacking: the incomplete inputs of any of them.
        rows: about how many will stand there; None where nothing is known.
        seconds: about how long the warehouse takes; None where nothing is known.
    """

    table: str
    first: dt.date
    last: dt.date
    dates: int
    state: State
    reason: str
    lacking: tuple[str, ...]
    failed_runs: tuple[str, ...]
    rows: int | None
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """What there is to do.

    Attributes:
        dates: of the calendar, ascending.
        entries: by table, upstream first, and date.
        overhead: seconds that Dagster and the checks take per table and date, beside the warehouse; None where unknown.
        bytes: that a run of everything that is to do would read; None where nothing is billed, or there is nothing.
    """

    dates: tuple[dt.date, ...]
    entries: Mapping[str, Mapping[dt.date, Entry]]
    rates: Mapping[str, Rate]
    overhead: float | None
    bytes: int | None = None

    def work(self, states: Collection[State] = WORK, *, failed_only: bool = False) -> list[Entry]:
        """What is to do, by table and date."""
        return [
            one
            for by_date in self.entries.values()
            for one in by_date.values()
            if one.state in states and one.state in WORK and (one.failed_run or not failed_only)
        ]

    def count(self, table: str, state: State) -> int:
        """How many dates of a table are in a state."""
        return sum(one.state is state for one in self.entries[table].values())

    def ranges(self) -> list[Range]:
        """Everything that is to do, grouped; by table, upstream first, and date."""
        result: list[Range] = []
        for name, by_date in self.entries.items():
            group: list[Entry] = []
            for one in by_date.values():
                if one.state is State.NO_GAMES:
                    continue
                if group and _is_other(group[-1], one):
                    result += self._range(name, group)
                    group = []
                group.append(one)
            result += self._range(name, group)
        return result

    def _range(self, table: str, group: Sequence[Entry]) -> list[Range]:
        if not group or group[0].state not in WORK:
            return []
        rate = self.rates[table]
        known = sum(one.rows for one in group)
        unknown = sum(not one.rows for one in group)
        return [
            Range(
                table,
                group[0].date,
                group[-1].date,
                len(group),
                group[0].state,
                group[0].reason,
                tuple(dict.fromkeys(text for one in group for text in one.lacking)),
                tuple(dict.fromkeys(one.failed_run for one in group if one.failed_run)),
                known if not unknown else None if rate.rows is None else known + round(unknown * rate.rows),
                None if rate.seconds is None else len(group) * rate.seconds,
            )
        ]

    def seconds(self, entries: Sequence[Entry]) -> float | None:
        """How long runs over these would take in all, by the clock; None where nothing is known."""
        rates = [self.rates[one.table].seconds for one in entries]
        if self.overhead is None or None in rates:
            return None
        return sum(rate for rate in rates if rate is not None) + len(entries) * self.overhead


def _is_other(before: Entry, one: Entry) -> bool:
    """Whether something else is to be said of it than of the one before, or a summer is between them."""
    return (before.state, before.reason) != (one.state, one.reason) or season_of(before.date) != season_of(one.date)


def make_plan(
    instance: dg.DagsterInstance,
    warehouse: Warehouse,
    first: dt.date,
    last: dt.date,
    tables: Iterable[str] = tuple(TABLES),
) -> Plan:
    """Looks at every table on every date of the calendar from `first` to `last`, up to today: two queries in all.

    Raises:
        WarehouseError: if the warehouse cannot be read.
    """
    dates = calendar_between(first, min(last, today()))
    if not dates:
        return Plan((), {name: {} for name in tables}, dict.fromkeys(tables, Rate(None, None)), None)
    with warehouse.reading("plan") as session:
        inspections = inspect_every_table(session, dates)
    lacking = _lacking(warehouse, dates)
    records = {name: recorded_values(instance, dg.AssetKey(name)) for name in TABLES}
    failed = _failed(instance)
    entries: dict[str, dict[dt.date, Entry]] = {}
    for name, table in TABLES.items():
        entries[name] = {}
        version = code_version(table)
        for date in dates:
            pending = [upstream for upstream in table.upstreams if entries[upstream][date].state in WORK]
            entries[name][date] = _entry(
                table,
                version,
                date,
                inspections[name][date],
                records[name].get(date.isoformat()),
                [text for source in table.sources for text in lacking[source].get(date, ())],
                pending,
                failed[name].get(date.isoformat(), ""),
            )
    chosen = [name for name in TABLES if name in set(tables)]
    rates, overhead = _rates(instance, records)
    plan = Plan(tuple(dates), {name: entries[name] for name in chosen}, rates, overhead)
    to_do = sorted({one.date for one in plan.work()})
    return Plan(plan.dates, plan.entries, rates, overhead, _bytes(warehouse, to_do, chosen))


def _entry(
    table: Table,
    version: str,
    date: dt.date,
    one: Inspection,
    record: Recorded | None,
    lacking: Sequence[str],
    pending: Sequence[str],
    failed_run: str,
) -> Entry:
    published = None if record is None else Published.from_metadata(record.values)
    why = why_compute(version, one, published)
    has_answers = one.rows + one.failures > 0
    state, reason = State.COMPLETE, ""
    if one.problems:
        state, reason = State.BLOCKED, "; ".join(one.problems)
    elif not one.games and not has_answers:
        state = State.NO_GAMES
    elif why:
        state = State.STALE if has_answers else State.MISSING
        reason = why
        changed = changed_inputs(published.inputs_fingerprint, one.fingerprint) if published else []
        if not has_answers:
            reason = "nothing is published" if published is None else "what was published is gone"
        elif published is None:
            reason = "what is published is not on record"
        elif changed and set(changed) <= set(pending):
            reason = _follows(pending)
        if lacking:
            state = State.BLOCKED
    elif pending:
        state, reason = State.STALE, _follows(pending)
    return Entry(
        table.name,
        date,
        state,
        one.games,
        reason,
        tuple(lacking),
        failed_run if state in WORK else "",
        one.rows,
        one.ready_rows,
        one.failures,
        record.moment if record else None,
    )


def _follows(pending: Sequence[str]) -> str:
    """A run computes it if the rows of what it reads come out different."""
    return f"follows {', '.join(pending)}"


def _lacking(warehouse: Warehouse, dates: Sequence[dt.date]) -> dict[str, dict[dt.date, list[str]]]:
    """By source and date: the teams that are not covered, on the dates that the asset graph maps to it."""
    window = dt.timedelta(days=LOOKBACK_DAYS)
    observed = observe(warehouse, calendar_between(dates[0] - window, dates[-1])).dates
    gaps: dict[str, dict[dt.date, str]] = defaultdict(dict)
    for one in observed:
        if one.uncovered_teams:
            gaps[one.source][one.date] = f"{one.source}: {', '.join(one.uncovered_teams)} on {one.date}"
    found: dict[str, dict[dt.date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for date in dates:
        if date in gaps[CONTEXT]:
            found[CONTEXT][date].append(gaps[CONTEXT][date])
        for source in FACT_SOURCES:
            found[source][date] += [
                text
                for gap, text in gaps[source].items()
                if date - window <= gap < date and season_of(gap) == season_of(date)
            ]
    return found


def _failed(instance: dg.DagsterInstance) -> dict[str, dict[str, str]]:
    """By table and partition, the run that tried last and failed; runs that are still at it do not count."""
    attempts = {name: unfinished_attempts(instance, dg.AssetKey(name)) for name in TABLES}
    run_ids = sorted({run_id for by_key in attempts.values() for run_id in by_key.values()})
    runs = instance.get_runs(dg.RunsFilter(run_ids=run_ids)) if run_ids else []
    finished = {run.run_id for run in runs if run.is_finished}
    return {
        name: {key: run_id for key, run_id in by_key.items() if run_id in finished} for name, by_key in attempts.items()
    }


@dataclass
class _Run:
    """What one run on record took."""

    seconds: dict[str, float] = field(default_factory=dict)
    computed: dict[str, int] = field(default_factory=dict)


def _rates(
    instance: dg.DagsterInstance, records: Mapping[str, Mapping[str, Recorded]]
) -> tuple[dict[str, Rate], float | None]:
    """What a date of each table takes, and what everything beside the warehouse takes per table and date."""
    runs: dict[str, _Run] = defaultdict(_Run)
    newest: dict[str, dt.datetime] = {}
    for name, by_key in records.items():
        for one in by_key.values():
            computed = one.values.get("run_dates_computed", 0)
            if computed:
                runs[one.run_id].seconds[name] = sum(one.values.get(f"run_seconds_{phase}", 0.0) for phase in PHASES)
                runs[one.run_id].computed[name] = computed
                newest[one.run_id] = max(one.moment, newest.get(one.run_id, one.moment))
    chosen = sorted(newest, key=lambda run_id: newest[run_id])[-_NEWEST_RUNS:]
    rates = {}
    for name, by_key in records.items():
        rows = [one.values["rows"] for one in by_key.values() if one.values.get("rows")]
        dates = sum(runs[run_id].computed.get(name, 0) for run_id in chosen)
        seconds = sum(runs[run_id].seconds.get(name, 0.0) for run_id in chosen)
        rates[name] = Rate(sum(rows) / len(rows) if rows else None, seconds / dates if dates else None)
    beside, entries = 0.0, 0
    for record in instance.get_run_records(dg.RunsFilter(run_ids=chosen)) if chosen else ():
        run = runs[record.dagster_run.run_id]
        if record.start_time and record.end_time:
            beside += max(record.end_time - record.start_time - sum(run.seconds.values()), 0.0)
            entries += sum(run.computed.values())
    return rates, beside / entries if entries else None


def _bytes(warehouse: Warehouse, dates: Sequence[dt.date], tables: Collection[str]) -> int | None:
    """What the dry runs say that a run of the tables over the dates would read, where reading is billed."""
    if not dates:
        return None
    with warehouse.reading("plan") as session:
        is_billed = session.bytes_of("SELECT 1") is not None
    if not is_billed:
        return None
    totals = [one.total for one in estimate(warehouse, dates) if one.table in tables]
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None
