"""Inspect, stage, audit, merge, read back: how every row of a Phase 4 table reaches the warehouse.

The order of the steps and what the audit refuses belong here; what happens before anything is computed is
`inspection.py`, and the statements are templates of `sql/`. Nothing here knows of Dagster: the IO manager calls
`publish` and records what it returns.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nba_precompute.publishing.errors import AuditError
from nba_precompute.publishing.inspection import Inspection, changed_inputs, inspect, verify_schemas
from nba_precompute.publishing.records import PHASES, Outcome, Partition, Published
from nba_precompute.sql import Relation, RunDates, code_version, render, render_select
from nba_precompute.tables import Table
from nba_precompute.warehouse import MergeCounts, Session, Warehouse
from nba_precompute.warehouse.frames import FrameError, to_arrow
from nba_precompute.warehouse.protocol import Row

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Select:
    """What an asset returns: the SELECT of a table, to be rendered for the dates that need computing."""

    table: Table

    def render(self, run: RunDates, relation: Relation) -> str:
        """The GoogleSQL SELECT for the dates."""
        return render_select(self.table, run, relation)


class _Clock:
    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - started


def publish(
    warehouse: Warehouse,
    table: Table,
    value: Select | pd.DataFrame,
    dates: Sequence[dt.date],
    recorded: Mapping[dt.date, Published],
    purpose: str,
    run_id: str = "",
) -> Outcome:
    """Makes the table hold exactly the value's rows for exactly the dates.

    Args:
        value: a SELECT, or a DataFrame with the declared columns.
        dates: the run's partitions.
        recorded: what is on record for them; a date whose inputs, code and content are unchanged is skipped.
        purpose: what others who wait for the warehouse are told.
        run_id: marks the warehouse's jobs, where it has jobs.

    Raises:
        SchemaMismatch: if a source or the table lacks a declared column, or has it with another type.
        AuditError: if what is staged (or about to be) breaks a rule; nothing is published then.
    """
    clock = _Clock()
    is_select = isinstance(value, Select)
    labels = {"asset": table.name, "first_date": str(min(dates)), "last_date": str(max(dates)), "run_id": run_id}
    with warehouse.writing(purpose, labels) as session:
        with clock.phase("inspect"):
            verify_schemas(session, table)
            inspections = inspect(session, table, dates) if table.population else {date: Inspection() for date in dates}
            partitions = {
                date: _decide(table, date, inspections[date], recorded.get(date), is_select=is_select) for date in dates
            }
        outcome = Outcome(table, partitions, clock.seconds, MergeCounts(), MergeCounts(), session.jobs)
        if not outcome.computed:
            return outcome
        run = RunDates.of(outcome.computed)
        with clock.phase("render"):
            statements = _statements(session, table, value, run)
        with clock.phase("stage"):
            session.execute(statements["stage"], "stage")
        with clock.phase("audit"):
            _audit(table, run, session.query(statements["audit"], "audit"), partitions)
        with clock.phase("merge"):
            outcome.merged_failures, outcome.merged = session.publish(statements["merge_failures"], statements["merge"])
        with clock.phase("read_back"):
            _read_back(run, session.query(statements["read_back"], "read_back"), outcome)
    return outcome


def _statements(session: Session, table: Table, value: Select | pd.DataFrame, run: RunDates) -> dict[str, str]:
    """Everything that the run will send, rendered and readied, so that the later phases only run it."""
    stage = session.new_stage(f"stage_{table.name}")
    now = session.timestamp(dt.datetime.now(dt.UTC))
    select = (
        value.render(run, session.relation)
        if isinstance(value, Select)
        else _select_from_frame(session, table, run, value)
    )
    staged = render("publish/stage", table, run, session.relation, select=select)
    statements = {"stage": session.staging(stage, staged)} | {
        name: render(f"publish/{name}", table, run, session.relation, stage=stage, now=now)
        for name in ("audit", "merge_failures", "merge", "read_back")
    }
    for statement in statements.values():
        session.prepare(statement)
    return statements


def why_compute(version: str, one: Inspection, record: Published | None) -> str:
    """Why a SELECT of that code version is computed for a date; empty where the record still holds: it is skipped."""
    if record is None:
        return "no earlier record"
    if record.inputs_fingerprint != one.fingerprint:
        return f"the inputs changed: {', '.join(changed_inputs(record.inputs_fingerprint, one.fingerprint))}"
    if record.code_version != version:
        return "the code changed"
    if record.content_hash != one.content_hash:
        return "the published content is not what was recorded"
    return ""


def _decide(table: Table, date: dt.date, one: Inspection, record: Published | None, *, is_select: bool) -> Partition:
    version = code_version(table) if is_select else ""
    why = why_compute(version, one, record) if is_select else "a DataFrame has no fingerprint of its inputs"
    return Partition(
        date=date,
        computed=bool(why),
        decision=f"computed: {why}" if why else "skipped: inputs, code and published content are unchanged",
        published=Published(
            inputs_fingerprint=one.fingerprint if is_select else "",
            code_version=version,
            content_hash=one.content_hash,
        ),
        rows=one.rows,
        unchanged=one.rows,
        ready_rows=one.ready_rows,
        failures=one.failures,
        source_null_keys=one.found("null_keys"),
        source_duplicates=one.found("duplicates"),
        source_conflicts=one.found("conflicts"),
        source_findings="; ".join(str(finding) for finding in one.findings),
        slate_teams_unlisted=one.slate_teams_unlisted,
        is_sample=one.sample_games > 0,
    )


def _select_from_frame(session: Session, table: Table, run: RunDates, frame: pd.DataFrame) -> str:
    try:
        rows = to_arrow(frame, table.columns)
    except FrameError as error:
        raise AuditError(table.name, {None: [str(error)]}) from error
    return render("publish/frame", table, run, rows=session.stage_rows(f"frame_{table.name}", rows))


_BLOCKING = {
    "null_keys": "keys that are NULL",
    "rows_with_null": "rows with NULL in a column that must have a value",
    "unaccounted_members": "members of the population with neither a row nor a reason",
    "outside_population": "rows or reasons for somebody outside the population",
    "row_and_failure": "members of the population with a row and a reason",
    "published_duplicates": "keys that stand twice in the published table",
}


def _audit(table: Table, run: RunDates, lines: Sequence[Row], partitions: Mapping[dt.date, Partition]) -> None:
    """Holds the staged rows against the contract and takes the per-date difference to what is published."""
    reasons: dict[dt.date | None, list[str]] = defaultdict(list)
    for line in lines:
        date = line["as_of"]
        if date not in run.dates:
            reasons[date].append(f"{line['staged_rows']} rows for a date that is not in the run")
        reasons[date] += [
            f"{line[rule]} {text}"
            for rule, text in _BLOCKING.items()
            if line[rule] and (table.population or rule != "outside_population")
        ]
        if date in partitions:
            one = partitions[date]
            one.inserted, one.updated, one.deleted = line["inserted"], line["updated"], line["deleted"]
            one.unchanged = line["unchanged"]
            one.rows = int(line["staged_rows"])
            one.failures = int(line["failures"])
            one.duplicates_dropped = int(line["duplicates_dropped"])
            one.conflicting_keys = line["conflicting_keys"]
    # A date without a line has nothing staged, nothing published, and nobody who must have an answer.
    for date in set(run.dates) - {line["as_of"] for line in lines}:
        partitions[date].rows = partitions[date].failures = partitions[date].unchanged = 0
    if any(reasons.values()):
        raise AuditError(table.name, {date: found for date, found in reasons.items() if found})


def _read_back(run: RunDates, found: Sequence[Row], outcome: Outcome) -> None:
    """Holds what stands in the table against what was staged and merged.

    Raises:
        AuditError: if they differ.
    """
    lines = {line["as_of"]: line for line in found}
    nothing = {"published_rows": 0, "ready_rows": 0, "failures": 0, "content_hash": "", "failures_hash": ""}
    reasons: dict[dt.date | None, list[str]] = defaultdict(list)
    for date in run.dates:
        one, line = outcome.partitions[date], lines.get(date, nothing)
        if (one.rows, one.failures) != (line["published_rows"], line["failures"]):
            reasons[date].append(
                f"staged {one.rows} rows and {one.failures} failures, "
                f"read back {line['published_rows']} and {line['failures']}"
            )
        if one.inserted + one.updated + one.unchanged != one.rows:
            reasons[date].append(f"inserted + updated + unchanged is not {one.rows}")
        one.ready_rows = line["ready_rows"]
        one.published = replace(one.published, content_hash=line["content_hash"] + line["failures_hash"])
    computed = [outcome.partitions[date] for date in run.dates]
    expected = MergeCounts(
        sum(one.inserted for one in computed),
        sum(one.updated for one in computed),
        sum(one.deleted for one in computed),
    )
    if expected != outcome.merged:
        reasons[None].append(f"the audit expected {expected}, the merge did {outcome.merged}")
    if reasons:
        raise AuditError(outcome.table.name, reasons, is_published=True)
