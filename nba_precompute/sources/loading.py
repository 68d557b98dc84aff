"""Loading of Phase 3 rows: they replace the warehouse's rows of the same dates, in all tables of a load or in none.

Here: the rows that a load replaces, and its result per table. Not here: reading files (`files.py`) and simulated games
(`sample.py`).
"""

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
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, WAIVERS, Source
from nba_precompute.tables.sources import NBAC_SCHEDULE
from nba_precompute.warehouse import Replacement, Session, Warehouse
from nba_precompute.warehouse.schema_sync import create_tables, refuse_mismatches

if TYPE_CHECKING:
    import pyarrow as pa

OnTable = Callable[[str, int], None]
"""A callback that takes a table's name and its number of rows."""


@dataclass(frozen=True)
class Loaded:
    """The result of a load for one table.

    Attributes:
        rows: given rows that have a date; the warehouse now has exactly these for their dates.
        dates: number of their dates, from `first_date` to `last_date` (None without any).
        replaced: rows deleted for those dates (of the schedule: for those seasons); 0 if unchanged.
        unchanged: True if the warehouse already had exactly these rows, so that nothing was written.
        rows_without_date: given rows that were left out because they have no date.
        removed_sample_rows: simulated rows, or rows computed from them, deleted because their season got real rows.
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
    """Replace the warehouse's rows of the given dates by the given rows (contract, section 2); safe to repeat.

    The dates are those of each table's own rows. The schedule is replaced by whole seasons (July to June), because a
    game that was moved must not stay on its old date; so a season's schedule must be complete. Rows are stored
    unchanged, including duplicates and rows with another NULL key, which the SELECTs clean; rows without a date are
    left out and counted.

    Real rows of a season delete every simulated row of that season from all five tables, and everything computed from
    them. The load is one transaction if the warehouse has transactions over several tables.

    Args:
        tables: source tables by name, some or all of the five, with at least the declared columns; types as in
            `read_directory` for Parquet.
        on_table: called for each table when its rows are staged in the warehouse; all become visible together, at the
            end.

    Returns:
        One record per given table, and one per other table that lost simulated rows or rows computed from them, in the
        order of the declarations.

    Raises:
        Phase3Error: if a table does not match its declaration; names every problem.
        SchemaMismatch: if a source table of the warehouse does not match its declaration.
        SampleConflict: if simulated rows are given for a season that has real ones.
        WarehouseBusy: if another process holds the write lock for too long.
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
            where = f"{_replaced_by(source, rows)} OR {removed.where(source)}"
            stage = session.stage_rows(f"load_{name}", rows)
            if _content(session, session.relation(source), source, where) != _content(session, stage, source):
                replacements[name] = Replacement(table=source, where=where, staged=stage)
            if on_table is not None and name in dated:
                on_table(name, rows.num_rows)
        for table in (*TABLES.values(), PRECOMPUTE_FAILURES, WAIVERS) if removed.seasons else ():
            # All rows computed from the simulated league go too: only some of its dates would be computed again. So do
            # the waivers of its games, which would waive those of other teams.
            where = within_seasons(table.date_column, removed.seasons)
            replacements[table.name] = Replacement(table=table, where=where, staged=None)
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
        Loaded(
            table=name,
            rows=0,
            dates=0,
            first_date=None,
            last_date=None,
            replaced=0,
            unchanged=False,
            rows_without_date=0,
            removed_sample_rows=rows,
        )
        for name, rows in computed.items()
        if rows
    ]


def load_directories(
    warehouse: Warehouse, directories: Sequence[Path], on_table: OnTable | None = None
) -> Iterator[tuple[Path, list[Loaded]]]:
    """Read all directories, then load them one by one; of two with the same dates, the later one wins.

    Every directory is read before the first is loaded, so that a bad file in the last one is reported before anything
    is written. Each directory is its own load: if a later one fails, the earlier ones stay loaded.

    Returns:
        An iterator over each directory and the result of its load; iterating does the loading.

    Raises:
        Phase3Error: naming every problem of every directory.
        WarehouseError: while iterating, as `load`.
    """
    read = read_directories(directories)
    return ((directory, load(warehouse, tables, on_table)) for directory, tables in zip(directories, read, strict=True))


def _with_date(source: Source, rows: pa.Table) -> pa.Table:
    return rows.filter(rows[source.date_column].is_valid())


def _no_rows(source: Source) -> pa.Table:
    import pyarrow as pa

    from nba_precompute.warehouse.types import arrow_type

    return pa.schema([(column.name, arrow_type(column.type)) for column in source.columns]).empty_table()


def _dates(source: Source, rows: pa.Table) -> list[dt.date]:
    import pyarrow.compute as pc

    return sorted(pc.unique(rows[source.date_column]).to_pylist())


def _replaced_by(source: Source, rows: pa.Table) -> str:
    """Render the condition that selects the rows that the given rows replace."""
    dates = _dates(source, rows)
    if not dates:
        return "FALSE"
    if source is NBAC_SCHEDULE:
        return within_seasons(source.date_column, {season_of(date) for date in dates})
    return RunDates.of(dates).dates_of(source.date_column)


def _verify(session: Session) -> None:
    """Compare the source tables that exist with their declarations."""
    deployed = session.schema.columns_of(list(SOURCES.values()))
    refuse_mismatches([source for name, source in SOURCES.items() if deployed[name]], deployed)


def _content(session: Session, relation: str, source: Source, where: str = "TRUE") -> dict[str, object]:
    """Return the number of rows and a fingerprint of their content, independent of their order."""
    fingerprint = session.fingerprint(source.column_names)
    (row,) = session.query(fill("load/source_content", fingerprint=fingerprint, rows=relation, where=where), "compare")
    return row
