"""Errors of a run as data: raised in a step as a `dg.Failure`, and read back from the run's events.

Here: the conversion in both directions. Not here: the errors themselves (`publishing/errors.py`,
`warehouse/protocol.py`, `calendar.py`) and what follows from them (`alerts.py`, `operations/backfill.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from nba_precompute.calendar import DateRefused
from nba_precompute.publishing.errors import AuditError
from nba_precompute.warehouse import SchemaMismatch, WarehouseBusy

_KIND, _DATES, _REASONS = "error", "dates", "reasons"
_DATES_IN_MESSAGE = 5


class BlockingCheckFailed(Exception):
    """A blocking check failed on some dates; every result is recorded, nothing downstream ran.

    Attributes:
        reasons: the broken rules of each date.
    """

    def __init__(self, asset: str, reasons: Mapping[dt.date, Sequence[str]]) -> None:
        self.reasons = reasons
        dates = f"{len(reasons)} date{'' if len(reasons) == 1 else 's'}"
        super().__init__(f"{asset}: blocking checks failed on {dates}: {_by_date(reasons)}")


class InputsRefused(Exception):
    """Some dates of a run were refused; the others are published and checked.

    Attributes:
        reasons: why each of them was refused.
    """

    def __init__(self, reasons: Mapping[dt.date, Sequence[str]], dates_of_run: int) -> None:
        self.reasons = reasons
        super().__init__(f"refused {len(reasons)} of {dates_of_run} dates: {_by_date(reasons)}")


class NotReady(Exception):
    """`phase4_ready` is withheld from some dates of a run; the others are marked.

    Attributes:
        reasons: for each of them, the checks that have not passed and the tables that are not published.
    """

    def __init__(self, reasons: Mapping[dt.date, Sequence[str]], dates_of_run: int) -> None:
        self.reasons = reasons
        super().__init__(f"{len(reasons)} of {dates_of_run} dates are not ready: {_by_date(reasons)}")


def _by_date(reasons: Mapping[dt.date, Sequence[str]]) -> str:
    first = sorted(reasons)[:_DATES_IN_MESSAGE]
    more = "; ..." if len(reasons) > len(first) else ""
    return "; ".join(f"{date}: {', '.join(reasons[date])}" for date in first) + more


_FINAL = (BlockingCheckFailed, InputsRefused, NotReady)
"""Errors with which the same step would end again; what it could do is done."""

EXPECTED_ERRORS = (AuditError, SchemaMismatch, WarehouseBusy, DateRefused)
"""Expected errors of `publish` and `computable`, which the IO manager turns into a failure of its step."""

_NOT_ABOUT_DATES = frozenset(error.__name__ for error in (SchemaMismatch, WarehouseBusy, DateRefused))


@dataclass(frozen=True)
class RunError:
    """The error of a failed step or run.

    Attributes:
        kind: the name of the error's class.
        dates: every date that it concerns, ascending; the message names only a few.
        reasons: the problems of each date.
    """

    kind: str
    message: str
    dates: tuple[dt.date, ...] = ()
    reasons: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the message after its kind; a message such as KeyError's says nothing without it."""
        return f"{self.kind}: {self.message}" if self.kind else self.message

    @property
    def is_about_dates(self) -> bool:
        """False if every other date would end with this error as well."""
        return self.kind not in _NOT_ABOUT_DATES


def as_failure(error: Exception) -> dg.Failure:
    """Convert an expected error to a failure whose metadata carries its kind, dates and reasons.

    The errors of `_FINAL` are not retried; the others leave the decision to the step's retry policy.
    """
    found: Mapping[dt.date | None, Sequence[str]] = getattr(error, "reasons", {})
    reasons = {date: found[date] for date in sorted(date for date in found if date is not None)}
    metadata: dict[str, dg.MetadataValue] = {_KIND: dg.MetadataValue.text(type(error).__name__)}
    if reasons:
        metadata[_DATES] = dg.MetadataValue.json([date.isoformat() for date in reasons])
        metadata[_REASONS] = dg.MetadataValue.table(
            [
                dg.TableRecord({"date": date.isoformat(), "reason": reason})
                for date, of_date in reasons.items()
                for reason in of_date
            ]
        )
    return dg.Failure(str(error), metadata=metadata, allow_retries=not isinstance(error, _FINAL))


def run_error(event: dg.DagsterEvent) -> RunError | None:
    """Read the error of a step failure or run failure event; None for any other event.

    Any other error has the class name and message of what the step raised, below Dagster's wrappers, and no dates.
    """
    if event.is_step_failure:
        data = event.step_failure_data
        if data.user_failure_data and _KIND in data.user_failure_data.metadata:
            return _recorded(data.user_failure_data.description or "", data.user_failure_data.metadata)
        error = data.error
    elif event.is_run_failure:
        first = event.job_failure_data.first_step_failure_event
        if first is not None:
            return run_error(first)
        error = event.job_failure_data.error
    else:
        return None
    if error is None:
        return RunError("", event.message or "the run failed")
    while error.cause is not None and (error.cls_name or "").startswith("Dagster"):
        error = error.cause  # not the cause of our own error: WarehouseError names the next step, DuckDB's does not
    kind, text = error.cls_name or "", error.message.strip()
    return RunError(kind, text.partition(f"{kind}: ")[2] or text)


def _recorded(message: str, metadata: Mapping[str, dg.MetadataValue]) -> RunError:
    kind, dates, table = (metadata.get(name) for name in (_KIND, _DATES, _REASONS))
    reasons: dict[dt.date, list[str]] = defaultdict(list)
    if isinstance(table, dg.TableMetadataValue):
        for record in table.records:
            reasons[dt.date.fromisoformat(str(record.data["date"]))].append(str(record.data["reason"]))
    listed = dates.value if isinstance(dates, dg.JsonMetadataValue) else None
    return RunError(
        kind=str(kind.value) if kind else "",
        message=message,
        dates=tuple(dt.date.fromisoformat(str(text)) for text in listed) if isinstance(listed, list) else (),
        reasons={date: tuple(of_date) for date, of_date in reasons.items()},
    )
