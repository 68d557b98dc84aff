"""Conversion of columns to their declared types: a column is accepted only if no value changes.

Here: the rules for typed columns (Parquet, Arrow), dates, and whole tables; every refusal has an example and the cure.
Not here: text cells (`csv_files.py`) and DataFrames (`warehouse/frames.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nba_precompute.tables import SOURCES, Column, Source
from nba_precompute.warehouse.frames import FrameError
from nba_precompute.warehouse.types import arrow_type, from_arrow

if TYPE_CHECKING:
    import pyarrow as pa

EARLIEST_DATE, LATEST_DATE = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""A game date outside these is a typo; and for one early in year 1, the season would start before year 1."""

_TYPE_NAMES = {  # for types that only files have
    "large_string": "STRING",
    "string_view": "STRING",
    "float": "FLOAT32",
    "halffloat": "FLOAT16",
    "date64[ms]": "DATE",
}


_CURES = {
    "STRING": 'rows["{name}"].astype("string")',
    "INT64": 'pd.to_numeric(rows["{name}"]).astype("Int64")',
    "FLOAT64": 'pd.to_numeric(rows["{name}"]).astype("float64")',
    "BOOL": 'rows["{name}"].astype("boolean")',
    "DATE": 'pd.to_datetime(rows["{name}"]).dt.date',
    "TIMESTAMP": 'pd.to_datetime(rows["{name}"], utc=True)',
}
"""The expression of pandas that gives a column its declared type."""

_USUAL_CURES = {
    ("BOOL", "STRING"): 'rows["{name}"].map({{"true": True, "false": False}}).astype("boolean")',
    ("DATE", "TIMESTAMP"): 'pd.to_datetime(rows["{name}"], utc=True).dt.tz_convert("America/New_York").dt.date',
    ("game_id", "INT64"): 'rows["{name}"].astype("string").str.zfill(10)',
    ("season_year", "STRING"): 'rows["{name}"].str[:4].astype("Int64")',
    ("minutes_played", "STRING"): 'pd.to_timedelta("00:" + rows["{name}"]).dt.total_seconds() / 60',
}
"""The same, by declared type or column and found type, where what is usual needs another one."""


class Phase3Error(FrameError):
    """Phase 3 data that does not match its declaration; nothing was written.

    Attributes:
        problems: all problems, one line each, starting with the file or table.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Misfit(Exception):
    """A column does not have its declared type; the message says what was found instead."""


def type_name(type_: pa.DataType) -> str:
    """Return the declared name of an Arrow type, or Arrow's own name if there is none."""
    import pyarrow as pa

    if pa.types.is_timestamp(type_):
        return "TIMESTAMP"
    if pa.types.is_integer(type_):
        return str(type_).upper()
    if pa.types.is_decimal(type_):
        return f"NUMERIC({type_.precision},{type_.scale})"
    return from_arrow(type_) or _TYPE_NAMES.get(str(type_), str(type_))


def _accepts(declared: str, found: pa.DataType) -> bool:
    """Return True if every value of the found type is a value of the declared type."""
    from pyarrow import types

    match declared:
        case "STRING":
            return type_name(found) == "STRING"
        case "INT64":
            # pandas stores integers with a NULL as floats; `typed_column` checks that they are whole.
            return types.is_float64(found) or (types.is_integer(found) and not types.is_uint64(found))
        case "FLOAT64":
            # The cast refuses an integer that a FLOAT64 cannot hold.
            return types.is_float64(found) or types.is_integer(found) or types.is_decimal(found)
        case "BOOL":
            return types.is_boolean(found)
        case "DATE":
            # `typed_column` checks that each is a midnight.
            return types.is_date(found) or (types.is_timestamp(found) and found.tz in (None, "UTC"))
        case "TIMESTAMP":
            return types.is_timestamp(found)
    return False


def typed_column(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert values to the declared type without changing any.

    Integers are widened, integers and decimals become FLOAT64, a timestamp without a zone is UTC, one at midnight is a
    DATE, Arrow's null type becomes NULLs, and FLOAT64 is accepted for INT64 if all values are whole (NaN, which pandas
    writes for NULL, becomes NULL).

    Raises:
        Misfit: if the type is not accepted, or a value does not fit.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    target = arrow_type(column.type)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    found = values.type
    name = type_name(found)
    if pa.types.is_null(found):
        return values.cast(target)
    if not _accepts(column.type, found):
        # 0.1 as FLOAT32 is not 0.1 as FLOAT64, and no rounding restores it.
        why = " (its digits would change; write it as FLOAT64)" if name in ("FLOAT32", "FLOAT16") else ""
        raise Misfit(f"{name}{_example(values)}{why or _cure(column, name)}")
    if column.type == "INT64" and name == "FLOAT64":
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, found), values)
        fractions = values.filter(pc.or_(pc.invert(pc.is_finite(values)), pc.not_equal(values, pc.floor(values))))
        if len(fractions):
            raise Misfit(
                f"FLOAT64 with {len(fractions):,} values that are not whole, such as {fractions[0]}; correct them"
            )
    if column.type == "DATE" and name == "TIMESTAMP":
        times = values.filter(pc.not_equal(values, pc.floor_temporal(values, unit="day")))
        if len(times):
            raise Misfit(
                f"TIMESTAMP with {len(times):,} values that are no midnight, such as {times[0]}{_cure(column, name)}"
            )
    if pa.types.is_decimal(found):
        # Arrow's own cast gives 98.30000000000001 for 98.3.
        values = values.cast(pa.string())
    try:
        return values.cast(target)
    except pa.ArrowInvalid as error:
        raise Misfit(f"{name} ({error})") from error


def _example(values: pa.ChunkedArray) -> str:
    present = values.drop_null()
    if not len(present):
        return ""
    value = present[0].as_py()
    return f", such as {value!r}" if isinstance(value, str | bytes) else f", such as {value}"


def _cure(column: Column, found: str) -> str:
    usual = _USUAL_CURES.get((column.name, found)) or _USUAL_CURES.get((column.type, found))
    return f'; in pandas: `rows["{column.name}"] = {(usual or _CURES[column.type]).format(name=column.name)}`'


def implausible_dates(source: Source, dates: pa.ChunkedArray) -> str:
    """Return the problem with the dates of a source's date column, or an empty text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    outside = dates.filter(pc.or_(pc.less(dates, pa.scalar(EARLIEST_DATE)), pc.greater(dates, pa.scalar(LATEST_DATE))))
    if not len(outside):
        return ""
    try:
        example = str(outside[0])
    except (ValueError, OverflowError):  # Python's calendar ends with the year 9999
        example = "a date after the year 9999"
    return (
        f"column {source.date_column}: expected a date from {EARLIEST_DATE} to {LATEST_DATE}, "
        f"found {example} ({len(outside):,} of them)"
    )


def places_of(name: str, names: Sequence[str]) -> list[int]:
    """Return the positions of a declared column among names: of its own, or else of those in another case."""
    exact = [place for place, found in enumerate(names) if found == name]
    return exact or [place for place, found in enumerate(names) if found.lower() == name]


def assemble(
    source: Source,
    names: Sequence[str],
    values: Callable[[Column, int], pa.ChunkedArray | pa.Array],
    others: Sequence[str] = (),
) -> tuple[pa.Table | None, list[str]]:
    """Assemble a table of the declared columns, in their order and with their types; other columns are ignored.

    Args:
        names: the columns that are there; those of a declared column may be in another case.
        values: returns the typed values of a column, given its position; raises `Misfit` if they do not fit.
        others: columns that are there and were not read, among which a missing one may be meant.

    Returns:
        The table, or None if there are problems; and the problems, without the name of the file or table.
    """
    import pyarrow as pa

    problems = []
    arrays = []
    for column in source.columns:
        places = places_of(column.name, names)
        if not places:
            problems.append(_missing(source, column, (*names, *others)))
            continue
        if len(places) > 1:
            problems.append(f"column {column.name} occurs {len(places)} times (expected {column.type}); keep one")
            continue
        try:
            typed = values(column, places[0])
        except Misfit as misfit:
            problems.append(f"column {column.name}: expected {column.type}, found {misfit}")
            continue
        arrays.append(typed)
        if column.name == source.date_column and (problem := implausible_dates(source, typed)):
            problems.append(problem)
    if problems:
        return None, problems
    return pa.table(arrays, names=list(source.column_names)), []


def _missing(source: Source, column: Column, names: Sequence[str]) -> str:
    """Describe a missing column, with the nearest of those that are no declared column."""
    cure = "add it" if source.requires(column) else "add it, empty if it is unknown"
    if nearest := source.nearest_to(column, names):
        cure = f"the nearest is {nearest}: rename it if it is this column"
    return f"column {column.name} is missing (expected {column.type}); {cure}"


def declared_table(source: Source, table: pa.Table, others: Sequence[str] = ()) -> tuple[pa.Table | None, list[str]]:
    """Convert an Arrow table to the declared columns; `others` and the result are as in `assemble`."""
    return assemble(
        source,
        table.schema.names,
        lambda column, place: typed_column(column, table.column(place)),
        others,
    )


def declared_tables(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Convert some or all of the five sources to their declarations.

    Returns:
        The tables by name, in the order of the declarations.

    Raises:
        Phase3Error: naming every table that is not a source, and every column that is missing or has another type.
    """
    problems = [f"{name}: not one of {', '.join(SOURCES)}" for name in tables if name not in SOURCES]
    result = {}
    for name, source in SOURCES.items():
        if name in tables:
            result[name], found = declared_table(source, tables[name])
            problems += [f"{name}: {problem}" for problem in found]
    if problems:
        raise Phase3Error(problems)
    return result
