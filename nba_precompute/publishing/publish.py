"""Publishing: inspect, stage, audit, merge, read back; the only way rows reach a Phase 4 table.

Here: the order of the steps, the conditions for skipping a date, and the rules of the audit. Not here: inspection
(`inspection.py`), the records that a run returns (`records.py`), the statements (`sql/publish/`), and Dagster, whose IO
manager calls `publish` (`orchestration/io_manager.py`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from nba_precompute.publishing.errors import AuditError
from nba_precompute.publishing.inspection import (
    Inspection,
    changed_inputs,
    inspect_for_run,
    refusals,
    verify_schemas,
)
from nba_precompute.publishing.records import PHASES, Outcome, Partition, Published
from nba_precompute.sql import Relation, RunDates, code_version, render, render_select
from nba_precompute.tables import Table
from nba_precompute.tables.sources import SET_ASIDE
from nba_precompute.warehouse import MergeCounts, Session, Warehouse
from nba_precompute.warehouse.frames import FrameError, to_arrow, without_dates
from nba_precompute.warehouse.protocol import Row

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Select:
    """The value of a Phase 4 asset: the SELECT of its table, rendered only for the dates that are computed."""

    table: Table

    def render(self, run: RunDates, relation: Relation) -> str:
        """Render the GoogleSQL SELECT for the dates."""
        return render_select(self.table, run, relation)


class _Clock:
    """The seconds of each phase."""

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
    games_before: Mapping[int, int] = MappingProxyType({}),
) -> Outcome:
    """Replace the table's rows for these dates with those of the value; refused dates keep what they have.

    Args:
        value: a SELECT, or a DataFrame with the declared columns.
        dates: the run's partitions.
        recorded: their records; a date whose inputs, code and published content match its record is skipped.
        purpose: the activity of the lock holder, shown to other processes that wait for the warehouse.
        run_id: labels the warehouse's jobs, if it has jobs.
        games_before: scheduled games of each season at the last run; a schedule that has lost many is refused.

    Raises:
        SchemaMismatch: if a source or the table lacks a declared column, or has it with another type.
        AuditError: if the staged rows break a rule, in which case nothing is published; or if the merged rows differ
            from the staged ones (`is_published`).
        WarehouseError: if the warehouse fails.
    """
    clock = _Clock()
    labels = {"asset": table.name, "first_date": str(min(dates)), "last_date": str(max(dates)), "run_id": run_id}
    with warehouse.writing(purpose, labels) as session:
        with clock.phase("inspect"):
            verify_schemas(session, table)
            inspections = inspect_for_run(session, table, dates)
            refused = refusals(table, inspections, games_before)
            partitions = {
                date: _decide(value, inspection, date, recorded.get(date))
                for date, inspection in inspections.items()
                if date not in refused
            }
        outcome = Outcome(
            table=table,
            partitions=partitions,
            refused=refused,
            seconds=clock.seconds,
            merged=MergeCounts(),
            merged_failures=MergeCounts(),
            jobs=session.jobs,
        )
        if not outcome.computed:
            return outcome
        run = RunDates.of(outcome.computed)
        with clock.phase("render"):
            statements = _statements(session, table, value, run, refused)
        with clock.phase("stage"):
            session.execute(statements["stage"], "stage")
        with clock.phase("audit"):
            _audit(table, run, session.query(statements["audit"], "audit"), partitions)
        with clock.phase("merge"):
            outcome.merged_failures, outcome.merged = session.publish(statements["merge_failures"], statements["merge"])
        with clock.phase("read_back"):
            _read_back(run, session.query(statements["read_back"], "read_back"), outcome)
    return outcome


def why_compute(version: str, inspection: Inspection, record: Published | None) -> str:
    """Return why a date is computed by a SELECT of this code version, or an empty text if its record still holds."""
    if record is None:
        return "no earlier record"
    if record.inputs_fingerprint != inspection.fingerprint:
        return f"the inputs changed: {', '.join(changed_inputs(record.inputs_fingerprint, inspection.fingerprint))}"
    if record.code_version != version:
        return "the code changed"
    if record.content_hash != inspection.published.content_hash:
        return "the published content is not what was recorded"
    return ""


def _decide(value: Select | pd.DataFrame, inspection: Inspection, date: dt.date, record: Published | None) -> Partition:
    """Start the record of a date: computed or skipped, with the counts that hold if it is skipped."""
    if isinstance(value, Select):
        version, fingerprint = code_version(value.table), inspection.fingerprint
        why = why_compute(version, inspection, record)
    else:
        version = fingerprint = ""
        why = "a DataFrame has no fingerprint of its inputs"
    published = inspection.published
    return Partition(
        date=date,
        computed=bool(why),
        decision=f"computed: {why}" if why else "skipped: inputs, code and published content are unchanged",
        published=Published(inputs_fingerprint=fingerprint, code_version=version, content_hash=published.content_hash),
        rows=published.rows,
        unchanged=published.rows,
        ready_rows=published.ready_rows,
        failures=published.failures,
        source_rows_set_aside=inspection.count(*SET_ASIDE),
        source_duplicates=inspection.count("duplicates"),
        source_conflicts=inspection.count("conflicts"),
        source_findings="; ".join(str(finding) for finding in inspection.findings),
        slate_teams_unlisted=inspection.unlisted_teams,
        season_games=inspection.season_games,
        is_sample=inspection.is_sample,
    )


def _statements(
    session: Session, table: Table, value: Select | pd.DataFrame, run: RunDates, refused: Iterable[dt.date]
) -> dict[str, str]:
    """Render and prepare every statement of the run, so that the later phases only execute them."""
    stage = session.new_stage(f"stage_{table.name}")
    now = session.timestamp(dt.datetime.now(dt.UTC))
    select = (
        value.render(run, session.relation)
        if isinstance(value, Select)
        else _select_from_frame(session, table, run, value, refused)
    )
    staged = render("publish/stage", table, run, session.relation, select=select)
    statements = {"stage": session.staging(stage, staged)} | {
        name: render(f"publish/{name}", table, run, session.relation, stage=stage, now=now)
        for name in ("audit", "merge_failures", "merge", "read_back")
    }
    for statement in statements.values():
        session.prepare(statement)
    return statements


def _select_from_frame(
    session: Session, table: Table, run: RunDates, frame: pd.DataFrame, refused: Iterable[dt.date]
) -> str:
    try:
        rows = without_dates(to_arrow(frame, table.columns), table.date_column, refused)
    except FrameError as error:
        raise AuditError(table.name, {None: [str(error)]}) from error
    return render("publish/frame", table, run, rows=session.stage_rows(f"frame_{table.name}", rows))


_BLOCKING = {
    "null_keys": "rows with a NULL key",
    "rows_with_null": "rows with NULL in a required column",
    "unaccounted_members": "members of the population with neither a row nor a failure",
    "outside_population": "rows or failures outside the population",
    "row_and_failure": "members of the population with both a row and a failure",
    "published_duplicates": "keys published more than once",
}
"""The rules of the audit, as `sql/publish/audit.sql` counts what breaks them."""


def _audit(table: Table, run: RunDates, rows: Sequence[Row], partitions: Mapping[dt.date, Partition]) -> None:
    """Check the staged rows against the rules, and take over the differences to the published rows.

    Raises:
        AuditError: if a rule is broken.
    """
    # A date without a row here has nothing staged, nothing published and an empty population.
    for date in run.dates:
        partitions[date].rows = partitions[date].failures = partitions[date].unchanged = 0
    reasons: dict[dt.date | None, list[str]] = defaultdict(list)
    for row in rows:
        date = row["as_of"]
        if date not in run.dates:
            reasons[date].append(f"rows for a date that is not in the run: {row['staged_rows']}")
        else:
            partition = partitions[date]
            partition.rows, partition.failures = int(row["staged_rows"]), int(row["failures"])
            partition.inserted, partition.updated = row["inserted"], row["updated"]
            partition.deleted, partition.unchanged = row["deleted"], row["unchanged"]
            partition.duplicates_dropped = int(row["duplicates_dropped"])
            partition.conflicting_keys = row["conflicting_keys"]
        reasons[date] += [
            f"{words}: {row[rule]}"
            for rule, words in _BLOCKING.items()
            if row[rule] and (table.population or rule != "outside_population")
        ]
    if any(reasons.values()):
        raise AuditError(table.name, reasons)


def _read_back(run: RunDates, rows: Sequence[Row], outcome: Outcome) -> None:
    """Compare the table with what was staged and merged, and complete the records of its dates.

    Raises:
        AuditError: if they differ.
    """
    found = {row["as_of"]: row for row in rows}
    nothing = {"published_rows": 0, "ready_rows": 0, "failures": 0, "content_hash": "", "failures_hash": ""}
    reasons: dict[dt.date | None, list[str]] = defaultdict(list)
    for date in run.dates:
        partition, row = outcome.partitions[date], found.get(date, nothing)
        if (partition.rows, partition.failures) != (row["published_rows"], row["failures"]):
            reasons[date].append(
                f"staged {partition.rows} rows and {partition.failures} failures, "
                f"read back {row['published_rows']} and {row['failures']}"
            )
        if partition.inserted + partition.updated + partition.unchanged != partition.rows:
            reasons[date].append(f"inserted + updated + unchanged is not {partition.rows}")
        partition.ready_rows = row["ready_rows"]
        partition.published = dataclasses.replace(
            partition.published, content_hash=row["content_hash"] + row["failures_hash"]
        )
    computed = [outcome.partitions[date] for date in run.dates]
    expected = MergeCounts(
        inserted=sum(partition.inserted for partition in computed),
        updated=sum(partition.updated for partition in computed),
        deleted=sum(partition.deleted for partition in computed),
    )
    if expected != outcome.merged:
        reasons[None].append(f"the audit expected {expected}, the merge did {outcome.merged}")
    if reasons:
        raise AuditError(outcome.table.name, reasons, is_published=True)
