"""Examination of the sources as they are read, before anything is loaded or computed.

Here: the columns of each source, and its rows of one date with what admission sets aside. Not here: the comparison of
columns (`warehouse/forms.py`, `warehouse/schema_sync.py`), the findings (`observation.py`), the command
(`cli/sources.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nba_precompute.calendar import FIRST_DATE, season_of, today
from nba_precompute.sources.held import held_rows
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import FACT_SOURCES
from nba_precompute.warehouse import SchemaMismatch, Session, Warehouse
from nba_precompute.warehouse.schema_sync import refuse_mismatches


@dataclass(frozen=True)
class SourcesCheck:
    """The result of `check_sources`.

    Attributes:
        problems: why a source cannot be read, by source, one line each.
        date: the date whose rows were read; None if there are problems, or no box scores.
        rows: each source on that date; empty if its season has no schedule.
    """

    problems: Mapping[str, Sequence[str]]
    date: dt.date | None = None
    rows: Sequence[SourceDate] = field(default=())


def check_sources(warehouse: Warehouse, date: dt.date | None = None) -> SourcesCheck:
    """Compare the columns of every source with its declaration, then read all of them on one date.

    Args:
        date: default: the newest one with box scores.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a row does not fit a form.
    """
    with warehouse.reading("sources check") as session:
        problems = {name: found for name in SOURCES if (found := _problems(session, name))}
        if problems:
            return SourcesCheck(problems)
        chosen = date or _newest_date(session)
    if chosen is None:
        return SourcesCheck({})
    return SourcesCheck({}, chosen, observe(warehouse, [chosen]).dates)


def _problems(session: Session, name: str) -> Sequence[str]:
    source = SOURCES[name]
    if source in session.forms:
        return session.forms.problems(source)
    try:
        refuse_mismatches(session, [source])
    except SchemaMismatch as error:
        return str(error).split("; ")
    return ()


def _newest_date(session: Session) -> dt.date | None:
    held = held_rows(session, range(season_of(FIRST_DATE), season_of(today()) + 1))
    return max((entry.date for entry in held if entry.source in FACT_SOURCES), default=None)
