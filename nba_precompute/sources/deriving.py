"""The five sources as they follow from the raw tables, and the rows of the warehouse that they replace.

Here: one SELECT per source (`sql/derive/`), staged and compared by date. Not here: what changes in the raw tables
(`raw.py`), the transaction (`importing.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nba_precompute.calendar import season_of
from nba_precompute.sources.held import within_seasons
from nba_precompute.sources.loading import Loaded
from nba_precompute.sources.sample import Removal
from nba_precompute.sources.shrink import Loss, losses
from nba_precompute.sql import Relation, RunDates, fill
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.sources import NBAC_SCHEDULE
from nba_precompute.warehouse import Replacement, Session

_Content = tuple[int, object]
"""A number of rows and their fingerprint."""


@dataclass(frozen=True)
class Derived:
    """The rows of a source that follow from the raw tables, for whole seasons.

    Attributes:
        stage: all of them.
        rows: their number by date.
        dates: the dates whose rows differ from the warehouse's.
        emptied: rows of the warehouse by date, on dates that had derived rows before the import and now have none.
        replacement: how the source becomes as derived; None if it is so already.
        losses: seasons that would lose too many rows.
    """

    source: Source
    stage: str
    rows: Mapping[dt.date, int]
    dates: Sequence[dt.date]
    emptied: Mapping[dt.date, int]
    replacement: Replacement | None
    losses: Sequence[Loss]

    def loaded(self, deleted: int, sample_rows: int) -> Loaded:
        """Return the result, given how many rows were deleted, and how many of these were simulated."""
        dates = sorted(self.rows)
        return Loaded(
            table=self.source.name,
            rows=sum(self.rows.values()),
            dates=len(dates),
            first_date=dates[0] if dates else None,
            last_date=dates[-1] if dates else None,
            replaced=max(0, deleted - sample_rows - sum(self.emptied.values())),
            unchanged=self.replacement is None,
            rows_without_date=0,
            removed_sample_rows=sample_rows,
            emptied=self.emptied,
            kept={},
        )


def derive(
    session: Session,
    source: Source,
    seasons: Sequence[int],
    after: Relation,
    before: Relation | None,
    removal: Removal,
) -> Derived:
    """Stage the rows of a source for whole seasons, and compare them with the warehouse's but for `processed_at`.

    Rows of dates that neither the raw tables before nor those after the import speak of stay as they are: they are from
    elsewhere. Of the schedule, the whole seasons are replaced, as by a load.

    Args:
        after: names the raw tables as the import leaves them.
        before: names them as they are; None if the import changes nothing in them.
        removal: the simulated rows that go.
    """
    select = fill(f"derive/{source.name}", relation=after, seasons=seasons)
    stage = session.new_stage(f"derive_{source.name}")
    session.execute(session.staging(stage, select), "stage")
    now = _by_date(session, source, stage, "TRUE")
    known = set(now)
    if before is not None:
        earlier = fill(f"derive/{source.name}", relation=before, seasons=seasons)
        found = session.query(f"SELECT DISTINCT game_date FROM (\n{earlier}\n) AS earlier", "compare")
        known |= {row["game_date"] for row in found}
    held = _held(session, source, seasons, known, removal)
    if source is NBAC_SCHEDULE and now:
        known |= set(held)
    dates = sorted(date for date in known if now.get(date) != held.get(date))
    emptied = {date: held[date][0] for date in dates if date not in now}
    after_rows = {date: rows for date, (rows, _) in held.items()} | dict.fromkeys(emptied, 0)
    after_rows |= {date: rows for date, (rows, _) in now.items()}
    return Derived(
        source=source,
        stage=stage,
        rows={date: rows for date, (rows, _) in now.items()},
        dates=dates,
        emptied=emptied,
        replacement=_replacement(session, source, stage, dates, removal),
        losses=losses(source.name, {date: rows for date, (rows, _) in held.items()}, after_rows, ()),
    )


def _replacement(
    session: Session, source: Source, stage: str, dates: Sequence[dt.date], removal: Removal
) -> Replacement | None:
    if not dates:
        if removal.rows.get(source.name):
            return Replacement(table=source, where=removal.where(source), staged=None)
        return None
    on_dates = RunDates.of(dates).dates_of(source.date_column)
    changed = session.new_stage(f"changed_{source.name}")
    session.execute(session.staging(changed, f"SELECT * FROM {stage} WHERE {on_dates}"), "stage")
    return Replacement(table=source, where=f"{on_dates} OR {removal.where(source)}", staged=changed)


def _held(
    session: Session, source: Source, seasons: Sequence[int], dates: set[dt.date], removal: Removal
) -> dict[dt.date, _Content]:
    """Return what the warehouse has in the seasons, without the simulated rows that go."""
    if not dates:
        return {}
    within = within_seasons(source.date_column, {season_of(date) for date in dates})
    of_seasons = f"COALESCE(season_year IN ({', '.join(map(str, seasons))}), TRUE)"
    where = f"{within} AND {of_seasons} AND ({removal.where(source)}) IS NOT TRUE"
    return _by_date(session, source, session.relation(source), where)


def _by_date(session: Session, source: Source, rows: str, where: str) -> dict[dt.date, _Content]:
    fingerprint = session.fingerprint([name for name in source.column_names if name != "processed_at"])
    statement = fill("load/rows_by_date", source=source, rows=rows, where=where, fingerprint=fingerprint)
    return {row["as_of"]: (row["row_count"], row["content"]) for row in session.query(statement, "compare")}


def derive_all(
    session: Session,
    seasons: Sequence[int],
    after: Relation,
    before: Relation | None,
    removal: Removal,
) -> dict[str, Derived]:
    """Derive the five sources, by name, in the order of the declarations."""
    return {name: derive(session, source, seasons, after, before, removal) for name, source in SOURCES.items()}
