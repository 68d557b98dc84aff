"""Phase 3 rows replace what the warehouse has for the same dates, all tables of a load or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.calendar import season_of
from nba_precompute.sources.declared import declared_tables
from nba_precompute.sources.files import read_directories
from nba_precompute.sources.sample import removal, within_seasons
from nba_precompute.sql import RunDates, fill
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source
from nba_precompute.tables.sources import NBAC_SCHEDULE
from nba_precompute.warehouse import Replacement, Session, Warehouse
from nba_precompute.warehouse.schema_sync import create_tables, refuse_mismatches

if TYPE_CHECKING:
    import pyarrow as pa

OnTable = Callable[[str, int], None]
"""Called with a table's name and its number of rows."""


@dataclass(frozen=True)
class Loaded:
    """What a load did to one source table.

    Attributes:
        table: its name.
        rows: rows of the given data that have a date; the warehouse now has exactly these for their dates.
        dates: how many dates they have, from `first_date` to `last_date` (None without any).
        replaced: rows that were there for those dates (of the schedule: for those seasons) and were deleted;
            0 if unchanged.
        unchanged: whether exactly these rows were there already, so that nothing was written.
        rows_without_date: rows left out, because they have no date to belong to.
        removed_sample_rows: simulated rows, or rows computed from them, that were deleted because real rows of their
            season came.
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


def load(warehouse: Warehouse, tables: Mapping[str, pa.Table], on_table: OnTable | None = None) -> list[Loaded]:
    """Makes the warehouse hold exactly these rows for their dates (contract, section 2); safe to repeat.

    The dates are those of each table's own rows. The schedule is replaced by whole seasons (July to June): a
    game that was moved must not stay on its old date, so a schedule has to be given whole. Rows are stored as
    they are, repeated ones and those with another NULL key too (the SELECTs clean them); rows without a date
    are left out and counted.

    Real rows of a season delete every simulated row of that season, from all five tables, and what was computed
    from them. All is one transaction where the warehouse has transactions over tables.

    Args:
        tables: source tables by name, some or all of the five, with at least the declared columns; types as
            in `read_directory` for Parquet.
        on_table: called for each table when its rows have reached the warehouse; they become visible
            together, at the end.

    Returns:
        One record per given table, and one per other table that lost simulated rows or rows computed from them; in
        the order of the declarations.

    Raises:
        Phase3Error: if a table is not as declared; names every problem.
        SchemaMismatch: if a source table of the warehouse is not as declared.
        SampleConflict: if simulated rows would come into a season that has real ones.
        WarehouseBusy: if the turn to write does not come in time.
        WarehouseError: if the warehouse fails. Nothing was written in any of these cases.
    """
    given = declared_tables(tables)
    dated = {name: _with_date(SOURCES[name], rows) for name, rows in given.items()}
    with warehouse.writing(f"loading Phase 3 rows into {', '.join(dated)}") as session:
        _verify(session)
        create_tables(session)
        removed = removal(session, dated)
        staged = {}
        replacements = {}
        for name, source in SOURCES.items():
            if name not in dated and not removed.rows.get(name):
                continue
            rows = dated.get(name, _no_rows(source))
            staged[name] = rows
            where = f"{_span(source, rows)} OR {removed.where(source)}"
            stage = session.stage_rows(f"load_{name}", rows)
            if _content(session, session.relation(source), source, where) != _content(session, stage, source):
                replacements[name] = Replacement(source, where, stage)
            if on_table is not None and name in dated:
                on_table(name, rows.num_rows)
        for table in (*TABLES.values(), PRECOMPUTE_FAILURES) if removed.seasons else ():
            # What was computed from the simulated league goes with it: only some of its dates would be computed again.
            replacements[table.name] = Replacement(table, within_seasons(table.date_column, removed.seasons), None)
        counts = dict(zip(replacements, session.replace_all(list(replacements.values())), strict=True))
    result = []
    for name, rows in staged.items():
        dates = _dates(SOURCES[name], rows)
        sample_rows = removed.rows.get(name, 0)
        result.append(
            Loaded(
                table=name,
                rows=rows.num_rows,
                dates=len(dates),
                first_date=dates[0] if dates else None,
                last_date=dates[-1] if dates else None,
                replaced=counts[name].deleted - sample_rows if name in counts else 0,
                unchanged=name not in counts,
                rows_without_date=given[name].num_rows - rows.num_rows if name in given else 0,
                removed_sample_rows=sample_rows,
            )
        )
    computed = {name: counts[name].deleted for name in counts if name not in SOURCES}
    return result + [
        Loaded(name, 0, 0, None, None, 0, unchanged=False, rows_without_date=0, removed_sample_rows=rows)
        for name, rows in computed.items()
        if rows
    ]


def load_directories(
    warehouse: Warehouse, directories: Sequence[Path], on_table: OnTable | None = None
) -> Iterator[tuple[Path, list[Loaded]]]:
    """Reads all directories, then loads them in turn; of two with the same dates the later one wins.

    Every directory is read before the first is loaded, so that a bad file of the last one is known before
    anything is written. Each directory is a load of its own: what is loaded when a later one fails stays.

    Returns:
        Each directory and what its load did, as it is done; nothing is loaded before it is iterated over.

    Raises:
        Phase3Error: naming every problem of every directory.
        WarehouseError: from the iteration, as `load`.
    """
    read = read_directories(directories)
    return ((directory, load(warehouse, tables, on_table)) for directory, tables in zip(directories, read, strict=True))


def _with_date(source: Source, rows: pa.Table) -> pa.Table:
    return rows.filter(rows[source.date_column].is_valid())


def _no_rows(source: Source) -> pa.Table:
    import pyarrow as pa

    from nba_precompute.warehouse.frames import arrow_type

    return pa.schema([(column.name, arrow_type(column.type)) for column in source.columns]).empty_table()


def _dates(source: Source, rows: pa.Table) -> list[dt.date]:
    import pyarrow.compute as pc

    return sorted(pc.unique(rows[source.date_column]).to_pylist())


def _span(source: Source, rows: pa.Table) -> str:
    """A condition: the row stands where the given rows are going to."""
    dates = _dates(source, rows)
    if not dates:
        return "FALSE"
    if source is NBAC_SCHEDULE:
        return within_seasons(source.date_column, {season_of(date) for date in dates})
    return RunDates.of(dates).dates_of(source.date_column)


def _verify(session: Session) -> None:
    """Holds the source tables that are there against their declarations."""
    deployed = session.columns_of(list(SOURCES.values()))
    refuse_mismatches([source for name, source in SOURCES.items() if deployed[name]], deployed)


def _content(session: Session, relation: str, source: Source, where: str = "TRUE") -> dict[str, object]:
    """How many rows there are, and what they contain, whatever their order."""
    fingerprint = session.fingerprint(source.column_names)
    (row,) = session.query(fill("load/source_content", fingerprint=fingerprint, rows=relation, where=where), "compare")
    return row
