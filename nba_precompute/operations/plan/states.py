"""The state of one table on one date, by the same rule as `publish`.

Here: deriving state and reason. Not here: reading the inputs (`make.py`), the rule by which a run skips a date
(`publishing/publish.py::why_compute`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nba_precompute.operations.plan.records import WORK, Entry, State
from nba_precompute.orchestration.dagster_private.records import Recorded
from nba_precompute.publishing.inspection import Inspection, changed_inputs
from nba_precompute.publishing.publish import why_compute
from nba_precompute.publishing.records import Published


def find_entry(
    *,
    table: str,
    date: dt.date,
    version: str,
    inspection: Inspection,
    schedule_problems: Sequence[str],
    record: Recorded | None,
    incomplete_inputs: Sequence[str],
    uncovered: Sequence[str],
    pending: Sequence[str],
    failed_run: str,
) -> Entry:
    """Find the state of one date from its inputs, code and published rows, and the last materialization.

    Args:
        version: code version of the table's SELECT.
        schedule_problems: why a run would refuse the date.
        record: the last materialization; None if there is none.
        incomplete_inputs: as text; they block a date that a run would compute.
        uncovered: as text; sides of earlier games that are not covered.
        pending: upstream tables with work on the date.
        failed_run: the last run that tried the date and failed; else empty.
    """
    published = None if record is None else Published.from_metadata(record.values)
    state, reason = _state_and_reason(version, inspection, schedule_problems, published, incomplete_inputs, pending)
    return Entry(
        table=table,
        date=date,
        state=state,
        games=inspection.games,
        reason=reason,
        incomplete_inputs=tuple(incomplete_inputs),
        uncovered=tuple(uncovered) if inspection.games else (),
        failed_run=failed_run if state in WORK else "",
        rows=inspection.published.rows,
        ready_rows=inspection.published.ready_rows,
        failures=inspection.published.failures,
        updated=record.moment if record else None,
    )


def _state_and_reason(
    version: str,
    inspection: Inspection,
    schedule_problems: Sequence[str],
    published: Published | None,
    incomplete_inputs: Sequence[str],
    pending: Sequence[str],
) -> tuple[State, str]:
    is_published = inspection.published.rows + inspection.published.failures > 0
    upstream_reason = f"upstream not fresh: {', '.join(pending)}"
    if schedule_problems:
        return State.BLOCKED, "; ".join(schedule_problems)
    if not inspection.games and not is_published:
        return State.NO_GAMES, ""
    why = why_compute(version, inspection, published)
    if not why:
        # A run computes it only if the upstream rows change.
        return (State.STALE, upstream_reason) if pending else (State.FRESH, "")
    changed = changed_inputs(published.inputs_fingerprint, inspection.fingerprint) if published else []
    if not is_published:
        why = "nothing is published" if published is None else "the published rows are gone"
    elif published is None:
        why = "the published rows are not on record"
    elif changed and set(changed) <= set(pending):
        why = upstream_reason
    if not inspection.games:
        return State.STALE, "the date no longer has a game"
    if incomplete_inputs:
        return State.BLOCKED, why
    return (State.STALE if is_published else State.MISSING), why
