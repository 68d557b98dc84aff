"""Typed columns held against their declaration: what keeps its value is taken, the rest is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from nba_precompute.tables import SOURCES, Column, Source
from nba_precompute.warehouse.frames import FrameError, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_DATE, LAST_DATE = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""A game date outside is a slip of the pen; and the season of the year 1 has no first of July before it."""

_NAMES = {
    "string": "STRING",
    "large_string": "STRING",
    "string_view": "STRING",
    "double": "FLOAT64",
    "float": "FLOAT32",
    "halffloat": "FLOAT16",
    "bool": "BOOL",
    "date32[day]": "DATE",
    "date64[ms]": "DATE",
}


class Phase3Error(FrameError):
    """Phase 3 data that is not as declared; nothing was written.

    Attributes:
        problems: one line per problem, all of them, each beginning with the file (or table) that it is about.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Misfit(Exception):
    """A column that is not of its declared type; the message is what was found instead."""


def type_name(type_: pa.DataType) -> str:
    """An Arrow type in the words of the declarations, as far as they have one."""
    import pyarrow as pa

    if pa.types.is_timestamp(type_):
        return "TIMESTAMP"
    if pa.types.is_integer(type_):
        return str(type_).upper()
    return _NAMES.get(str(type_), str(type_))


def _accepts(declared: str, found: pa.DataType) -> bool:
    """Whether every value of the found type is a value of the declared type."""
    from pyarrow import types

    match declared:
        case "STRING":
            return type_name(found) == "STRING"
        case "INT64":
            # pandas makes floats of integers with a NULL; `typed_column` checks that they are whole.
            return types.is_float64(found) or (types.is_integer(found) and not types.is_uint64(found))
        case "FLOAT64":
            return types.is_float64(found)
        case "BOOL":
            return types.is_boolean(found)
        case "DATE":
            return types.is_date(found)
        case "TIMESTAMP":
            return types.is_timestamp(found)
    return False


def typed_column(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values with the declared type.

    No value changes: integers are widened, a naive timestamp is UTC, Arrow's null type has no values, and a
    FLOAT64 is taken for INT64 where all values are whole (NaN, which pandas writes for NULL, is NULL there).

    Raises:
        Misfit: if the type is another, or a value does not fit.
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
        # 0.1 as FLOAT32 is another number than 0.1 as FLOAT64, and no rounding gets it back.
        why = " (it would not keep its digits; write it as FLOAT64)" if name in ("FLOAT32", "FLOAT16") else ""
        raise Misfit(f"{name}{why}")
    if column.type == "INT64" and name == "FLOAT64":
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, found), values)
        fractions = values.filter(pc.or_(pc.invert(pc.is_finite(values)), pc.not_equal(values, pc.floor(values))))
        if len(fractions):
            raise Misfit(f"FLOAT64 with {len(fractions):,} values that are not whole, such as {fractions[0]}")
    try:
        return values.cast(target)
    except pa.ArrowInvalid as error:
        raise Misfit(f"{name} ({error})") from error


def implausible_dates(source: Source, dates: pa.ChunkedArray) -> str:
    """What is wrong with the dates of a source's date column; empty if nothing is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    outside = dates.filter(pc.or_(pc.less(dates, pa.scalar(FIRST_DATE)), pc.greater(dates, pa.scalar(LAST_DATE))))
    if not len(outside):
        return ""
    try:
        example = str(outside[0])
    except (ValueError, OverflowError):  # Python's calendar ends with the year 9999
        example = "one beyond the year 9999"
    return (
        f"column {source.date_column}: expected a date from {FIRST_DATE} to {LAST_DATE}, "
        f"found {example} ({len(outside):,} of them)"
    )


def assemble(
    source: Source, count: Callable[[str], int], values: Callable[[Column], pa.ChunkedArray | pa.Array]
) -> tuple[pa.Table | None, list[str]]:
    """The declared columns of some data, in their order and with their types; others are ignored.

    Args:
        count: how many columns of a name there are.
        values: the values of a column, typed; raises `Misfit` where they do not fit.

    Returns:
        The table, or None; and the problems, each without the name of the data.
    """
    import pyarrow as pa

    problems = []
    arrays = []
    for column in source.columns:
        found = count(column.name)
        if found != 1:
            state = f"is there {found} times" if found else "is missing"
            problems.append(f"column {column.name} {state} (expected {column.type})")
            continue
        try:
            typed = values(column)
        except Misfit as misfit:
            problems.append(f"column {column.name}: expected {column.type}, found {misfit}")
            continue
        arrays.append(typed)
        if column.name == source.date_column and (problem := implausible_dates(source, typed)):
            problems.append(problem)
    if problems:
        return None, problems
    return pa.table(arrays, names=list(source.column_names)), []


def declared_table(source: Source, table: pa.Table) -> tuple[pa.Table | None, list[str]]:
    """The declared columns of an Arrow table; see `assemble`."""
    return assemble(
        source,
        lambda name: len(table.schema.get_all_field_indices(name)),
        lambda column: typed_column(column, table.column(column.name)),
    )


def declared_tables(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Some or all of the five sources, as declared; in the order of the declarations.

    Raises:
        Phase3Error: naming every table that is no source, and every column that is missing or of another
            type.
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
