"""Source forms: a SELECT that stands for a source, over tables of another shape.

Here: the text of a form, given or built in (`forms/predecessor/`). Not here: `NBA_SOURCES`, and comparing a form's
columns with the declaration (`warehouse/forms.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nba_precompute.sql import fill
from nba_precompute.tables import Source

PREDECESSOR = "predecessor"
"""The value of `NBA_SOURCES` for the built-in forms of the predecessor's five tables."""


@dataclass(frozen=True)
class SourceForm:
    """A SELECT that stands for a source.

    Attributes:
        name: `predecessor`, or the path of the file.
        text: the SELECT; None for a built-in form, which is rendered for the columns that are deployed.
    """

    source: Source
    name: str
    text: str | None = None

    def select(self, table_name: str, columns: Mapping[str, str], schedule: str) -> str:
        """Return the SELECT in GoogleSQL.

        Args:
            table_name: the source's own table, in backquotes.
            columns: the deployed columns of that table.
            schedule: the SELECT of the schedule, for forms that need the games.
        """
        if self.text is not None:
            return self.text
        return fill(
            f"forms/{PREDECESSOR}/{self.source.name}",
            source=self.source,
            table_name=table_name,
            columns=columns,
            schedule=schedule,
        )


Forms = Mapping[str, SourceForm]
"""The forms by source; a source without one is its declared table."""

NO_FORMS: Forms = MappingProxyType({})


def read_only(forms: Iterable[SourceForm]) -> str:
    """Return the refusal to write to sources that have a form."""
    read = list(forms)
    names = ", ".join(form.source.name for form in read)
    through = ", ".join(dict.fromkeys(form.name for form in read))
    return f"read-only: {names}: NBA_SOURCES reads through {through}; unset NBA_SOURCES to write to the declared tables"
