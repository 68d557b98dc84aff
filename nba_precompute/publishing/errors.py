"""The error of a run of one table that breaks a rule.

Here: `AuditError`, which carries dates and reasons as data. Not here: refused dates, which are no error of the run
(`inspection.py`), errors of the warehouse (`warehouse/protocol.py`) and of the schema (`warehouse/schema_sync.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

_DATES_IN_MESSAGE = 5


class AuditError(Exception):
    """A rule is broken for some dates of a table.

    Attributes:
        table: the table's name.
        reasons: every reason, by date; under None those that concern no single date.
        is_published: True if the rows were already merged when the rule was found broken.
    """

    def __init__(
        self, table: str, reasons: Mapping[dt.date | None, Sequence[str]], *, is_published: bool = False
    ) -> None:
        self.table = table
        self.reasons = {date: tuple(texts) for date, texts in reasons.items() if texts}
        self.is_published = is_published
        state = "published, but the table differs from what was staged" if is_published else "nothing was published"
        super().__init__(f"{table}: {state}: {'; '.join(self._with_dates())}")

    @property
    def dates(self) -> list[dt.date]:
        """The dates that have a reason, ascending."""
        return sorted(date for date in self.reasons if date is not None)

    def _with_dates(self) -> list[str]:
        """Each distinct reason, followed by the first few of its dates."""
        found: dict[str, list[dt.date]] = {reason: [] for reason in self.reasons.get(None, ())}
        for date in self.dates:
            for reason in self.reasons[date]:
                found.setdefault(reason, []).append(date)
        return [f"{reason} ({_listed(dates)})" if dates else reason for reason, dates in found.items()]


def _listed(dates: Sequence[dt.date]) -> str:
    named = ", ".join(str(date) for date in dates[:_DATES_IN_MESSAGE])
    more = len(dates) - _DATES_IN_MESSAGE
    return f"{named} and {more} more" if more > 0 else named
