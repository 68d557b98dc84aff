"""Loading of Phase 3 rows: they replace the warehouse's rows of the same dates, in all tables of a load or in none.

Here: the rows that a load replaces, and its result per table. Not here: reading files (`files.py`), simulated games
(`sample.py`), and the refusal of loads that take too much away (`shrink.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.calendar import season_of
from nba_precompute.sources.declared import declared_tables
from nba_precompute.sources.files import read_directories
from nba_precompute.sources.held import HeldRows, held_rows, within_seasons
from nba_precompute.sources.sample import Removal, removal
from nba_precompute.sources.shrink import Loss, ShrinkRefused, losses
from nba_precompute.sql import RunDates, fill
from nba_precompute.sql.source_forms import read_only
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.sources import NBAC_SCHEDULE
from nba_precompute.warehouse import Replacement, Session, Warehouse, WarehouseError
from nba_precompute.warehouse.schema_sync import create_tables, refuse_mismatches

if TYPE_CHECKING:
    import pyarrow as pa

OnTable = Callable[[str, int], None]
"""A callback that takes a table's name and its number of rows."""

DateSpan = tuple[dt.date, dt.date]
"""A first and a last date, both inclusive."""


@dataclass(frozen=True)
class Loaded:
    """The result of a load for one table.

    Attributes:
        rows: given rows that have a date; the warehouse now has exactly these for their dates.
        dates: number of their dates, from `first_date` to `last_date` (None without any).
        replaced: rows deleted for those dates (of the schedule: for those seasons); 0 if unchanged.
        unchanged: True if the warehouse already had exactly these rows, so that none was written.
        rows_without_date: given rows that were left out because they have no date.
        removed_sample_rows: simulated rows, or rows computed from them, deleted because their season got real rows.
        emptied: rows deleted by date, on the dates of `between` that the given rows lack.
        kept: rows left in place by date, on the dates between `first_date` and `last_date` that the given rows lack.
    """

    table: str
    rows: int
    dates: int
    first_date: dt.date | None
    last_date: dt.date | None
    replaced: int
    unchanged: bool
    rows_without_date: int
    removed_sample_rows: int
    emptied: Mapping[dt.date, int]
    kept: Mapping[dt.date, int]


@dataclass(frozen=True)
class _Change:
    """What a load means for one table: `emptied` and `kept` as in `Loaded`.

    Attributes:
        rows: the given rows that have a date.
        counts: their number by date.
        replaced: the condition that selects the rows they replace, without simulated ones.
        losses: dates and seasons that would lose too many rows.
    """

    rows: pa.Table
    counts: Mapping[dt.date, int]
    replaced: str
    emptied: Mapping[dt.date, int]
    kept: Mapping[dt.date, int]
    losses: Sequence[Loss]


def load(
    warehouse: Warehouse,
    tables: Mapping[str, pa.Table],
    on_table: OnTable | None = None,
    *,
    between: DateSpan | None = None,
    allow_shrink: bool = False,
) -> list[Loaded]:
    """Replace the warehouse's rows of the given dates by the given rows (contract, section 2); safe to repeat.

    The dates are those of each table's own rows, and with `between` also the dates of that span without given rows,
    which become empty. The schedule is replaced by whole seasons (`calendar.season_span`), because a game that was
    moved must not stay on its old date; so a season's schedule must be complete, and `between` does not concern it. A
    table that is not given stays as it is. Rows are stored unchanged, including duplicates and rows with another NULL
    key, which the SELECTs clean; rows without a date are left out and counted.

    Real rows of a season delete every simulated row of that season from all five tables, and everything computed from
    them. The load is one transaction if the warehouse has transactions over several tables.

    Args:
        tables: source tables by name, some or all of the five, with at least the declared columns; types as in
            `read_directory` for Parquet.
        on_table: called for each table when its rows are staged in the warehouse; all become visible together, at the
            end.
        between: first and last date of a span of which the given rows are all there is. Rows outside it are loaded all
            the same.
        allow_shrink: take away more than a fifth of the rows of a date (of the schedule: only of a season) or season.
            A date that `between` empties is not compared, its season is.

    Returns:
        One record per given table, and one per other table that lost simulated rows or rows computed from them, in the
        order of the declarations.

    Raises:
        ValueError: if `between` ends before it begins.
        Phase3Error: if a table does not match its declaration; names every problem.
        SchemaMismatch: if a source table of the warehouse does not match its declaration.
        SampleConflict: if simulated rows are given for a season that has real ones.
        ShrinkRefused: if a table would lose too many rows; names them.
        WarehouseBusy: if another process holds the write lock for too long.
        WarehouseError: if the warehouse fails. Nothing was written in any of these cases.
    """
    given = declared_tables(tables)
    return _load(warehouse, given, _dates_by_source([given]), on_table, between, allow_shrink)


def load_directories(
    warehouse: Warehouse,
    directories: Sequence[Path],
    on_table: OnTable | None = None,
    *,
    between: DateSpan | None = None,
    allow_shrink: bool = False,
) -> Iterator[tuple[Path, list[Loaded]]]:
    """Read all directories, then load them one by one; of two with the same dates, the later one wins.

    Every directory is read before the first is loaded, so that a bad file in the last one is reported before anything
    is written. Each directory is its own load: if a later one fails, the earlier ones stay loaded. Only a date that
    every directory lacks is emptied or reported as kept.

    Args:
        between: as for `load`, of the directories together.
        allow_shrink: as for `load`.

    Returns:
        An iterator over each directory and the result of its load; iterating does the loading.

    Raises:
        Phase3Error: naming every problem of every directory.
        WarehouseError: while iterating, as `load`.
    """
    read = read_directories(directories)
    known = _dates_by_source(read)
    return (
        (directory, _load(warehouse, tables, known, on_table, between, allow_shrink))
        for directory, tables in zip(directories, read, strict=True)
    )


def _load(
    warehouse: Warehouse,
    given: Mapping[str, pa.Table],
    known: Mapping[str, Collection[dt.date]],
    on_table: OnTable | None,
    between: DateSpan | None,
    allow_shrink: bool,
) -> list[Loaded]:
    """Load tables as declared; `known` are the dates, by table, that are not missing even if these tables lack them."""
    if between and between[1] < between[0]:
        raise ValueError(f"between ends on {between[1]}, before it begins on {between[0]}")
    if refused := [warehouse.forms[name] for name in given if name in warehouse.forms]:
        raise WarehouseError(read_only(refused))
    dated = {name: _with_date(SOURCES[name], rows) for name, rows in given.items()}
    with warehouse.writing(f"loading Phase 3 rows into {', '.join(dated)}") as session:
        verify(session)
        create_tables(session)
        held = held_rows(session, _seasons(dated, between))
        removed = removal(held, dated)
        changes = {
            name: _change(
                source, dated.get(name, _no_rows(source)), _left(held, removed, name), known.get(name), between
            )
            for name, source in SOURCES.items()
            if name in dated or removed.rows.get(name)
        }
        if (lost := [loss for change in changes.values() for loss in change.losses]) and not allow_shrink:
            raise ShrinkRefused(lost)
        replacements = {}
        for name, change in changes.items():
            source = SOURCES[name]
            where = f"{change.replaced} OR {removed.where(source)}"
            stage = session.stage_rows(f"load_{name}", change.rows)
            emptied = _on_dates(source, change.emptied)
            if _content(session, session.relation(source), source, where) != _content(session, stage, source):
                replacements[name] = Replacement(table=source, where=f"{where} OR {emptied}", staged=stage)
            elif change.emptied:
                replacements[name] = Replacement(table=source, where=emptied, staged=None)
            if on_table is not None and name in dated:
                on_table(name, change.rows.num_rows)
        replacements |= removed.computed
        merged = session.replace_all(list(replacements.values()))
        deleted = {name: counts.deleted for name, counts in zip(replacements, merged, strict=True)}
        unchanged = {name for name in changes if name not in replacements or replacements[name].staged is None}
    result = []
    for name, change in changes.items():
        dates = sorted(change.counts)
        sample_rows = removed.rows.get(name, 0)
        result.append(
            Loaded(
                table=name,
                rows=change.rows.num_rows,
                dates=len(dates),
                first_date=dates[0] if dates else None,
                last_date=dates[-1] if dates else None,
                replaced=0 if name in unchanged else deleted[name] - sample_rows - sum(change.emptied.values()),
                unchanged=name in unchanged,
                rows_without_date=given[name].num_rows - change.rows.num_rows if name in given else 0,
                removed_sample_rows=sample_rows,
                emptied=change.emptied,
                kept=change.kept,
            )
        )
    return result + [only_removed(name, rows) for name, rows in deleted.items() if name not in SOURCES and rows]


def only_removed(table: str, rows: int) -> Loaded:
    """Return the result for a table that lost simulated rows, or rows computed from them, and got none."""
    return Loaded(
        table=table,
        rows=0,
        dates=0,
        first_date=None,
        last_date=None,
        replaced=0,
        unchanged=False,
        rows_without_date=0,
        removed_sample_rows=rows,
        emptied={},
        kept={},
    )


def _change(
    source: Source,
    rows: pa.Table,
    left: Mapping[dt.date, int],
    known: Collection[dt.date] | None,
    between: DateSpan | None,
) -> _Change:
    """Decide what a load means for one table.

    Args:
        left: rows by date that the warehouse has, without simulated rows that the load removes.
        known: the dates of all files; None if the table is not given.
    """
    counts = _counts(source, rows)
    emptied: dict[dt.date, int] = {}
    kept: dict[dt.date, int] = {}
    if source is NBAC_SCHEDULE:
        seasons = {season_of(date) for date in counts}
        replaced = within_seasons(source.date_column, seasons) if seasons else "FALSE"
        after = {date: count for date, count in left.items() if season_of(date) not in seasons} | counts
        return _Change(rows, counts, replaced, emptied, kept, losses(source.name, left, after, ()))
    missing = {date: count for date, count in sorted(left.items()) if known is not None and date not in known}
    for date, count in missing.items():
        if between and between[0] <= date <= between[1]:
            emptied[date] = count
        elif counts and min(counts) < date < max(counts):
            kept[date] = count
    after = {date: count for date, count in left.items() if date not in emptied} | counts
    lost = losses(source.name, left, after, counts)
    return _Change(rows, counts, _on_dates(source, counts), emptied, kept, lost)


def _on_dates(source: Source, dates: Collection[dt.date]) -> str:
    return RunDates.of(dates).dates_of(source.date_column) if dates else "FALSE"


def _with_date(source: Source, rows: pa.Table) -> pa.Table:
    return rows.filter(rows[source.date_column].is_valid())


def _no_rows(source: Source) -> pa.Table:
    import pyarrow as pa

    from nba_precompute.warehouse.types import arrow_type

    return pa.schema([(column.name, arrow_type(column.type)) for column in source.columns]).empty_table()


def _counts(source: Source, rows: pa.Table) -> dict[dt.date, int]:
    """Count the rows by date; those without one are left out."""
    import pyarrow.compute as pc

    dates = rows[source.date_column].drop_null()
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(dates).to_pylist()}


def _dates_by_source(several: Sequence[Mapping[str, pa.Table]]) -> dict[str, set[dt.date]]:
    result: dict[str, set[dt.date]] = {}
    for tables in several:
        for name, rows in tables.items():
            result.setdefault(name, set()).update(_counts(SOURCES[name], rows))
    return result


def _seasons(dated: Mapping[str, pa.Table], between: DateSpan | None) -> set[int]:
    """Return the seasons that a load may concern, from the first to the last."""
    seasons = {season_of(date) for dates in _dates_by_source([dated]).values() for date in dates}
    seasons.update(season_of(date) for date in between or ())
    return set(range(min(seasons), max(seasons) + 1)) if seasons else set()


def _left(held: Sequence[HeldRows], removed: Removal, name: str) -> dict[dt.date, int]:
    """Return the rows of a source by date that remain when the simulated ones are removed."""
    return {entry.date: rows for entry in held if entry.source == name and (rows := removed.leaves(entry))}


def verify(session: Session) -> None:
    """Compare the source tables that exist, and the forms of sources, with their declarations.

    Raises:
        SchemaMismatch: if one does not match.
    """
    declared = [source for source in SOURCES.values() if source not in session.forms]
    missing = [name for name, columns in session.schema.columns_of(declared).items() if not columns]
    refuse_mismatches(session, [source for name, source in SOURCES.items() if name not in missing])


def _content(session: Session, relation: str, source: Source, where: str = "TRUE") -> dict[str, object]:
    """Return the number of rows and a fingerprint of their content, independent of their order."""
    fingerprint = session.fingerprint(source.column_names)
    (row,) = session.query(fill("load/source_content", fingerprint=fingerprint, rows=relation, where=where), "compare")
    return row
