"""CSV files: cells are read with the declared types; no type is inferred, and a cell that does not fit is an error.

Here: the accepted spelling of each type. Not here: the columns that a table must have (`declared.py`) and finding the
files of a directory (`files.py`).
"""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.sources.declared import Misfit, assemble
from nba_precompute.tables import Column, Source
from nba_precompute.warehouse.types import arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

_DAY = r"\d{4}-\d{2}-\d{2}"
_PATTERNS = {
    "STRING": "",
    "INT64": r"^-?\d+(\.0*)?$",  # pandas writes 12.0 where the column has a NULL
    "FLOAT64": r"(?i)^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf|infinity)$",
    "BOOL": r"(?i)^(true|false|t|f|1|0)$",
    "DATE": rf"^{_DAY}([T ]00:00(:00(\.0+)?)?Z?)?$",
    "TIMESTAMP": rf"^{_DAY}[T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,6}})?)?(Z|[+-]\d{{2}}(:?\d{{2}})?| UTC)?$",
}
_CURES = {
    "INT64": "write a whole number, such as 12",
    "FLOAT64": "write a number, such as 34.5",
    "BOOL": "write true or false",
    "DATE": "write a date such as 2021-10-19",
    "TIMESTAMP": "write a time such as 2021-10-20 10:00:00",
    "season_year": "write the year in which it starts, such as 2021, or 2021-22",
    "minutes_played": "write minutes as a number, such as 34.2 for 34:12",
}
"""What to write instead of a cell that does not fit, by declared type or column."""

_SEASON = re.compile(r"(\d{4})-(\d{2})")


def read_csv(path: Path, source: Source) -> tuple[pa.Table | None, list[str]]:
    """Read the declared columns of a CSV file with a header; other columns, and the case of a name, are ignored.

    The file is UTF-8, with or without a byte order mark, and may be compressed (`.gz`). It has commas and `.` as
    decimal point, or, if its header has semicolons and no comma, semicolons and either decimal point. An empty cell is
    NULL, quoted or not. INT64 may be written `12.0`, a season also `2021-22`; FLOAT64 may be `nan` or `inf` (the
    SELECTs turn them into NULL); BOOL is `true`, `t` or `1` and `false`, `f` or `0`, in any case; DATE is `2021-10-19`,
    also with the time of midnight; TIMESTAMP is `2021-10-20 10:00:00`, optionally with `T`, up to six decimals and an
    offset (default UTC). A value must not contain a line break: otherwise a quote that is never closed would swallow
    the rows after it.

    Returns:
        The table, or None if there are problems; and the problems, without the name of the file: column, expected type,
        the first value that does not fit, its line, how many more there are, and what to write.
    """
    import pyarrow as pa
    from pyarrow import csv

    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return None, [f"cannot be read as gzip: {error}; compress it again"]
    if line := _line_with_open_quote(data):
        return None, [f"line {line}: a quote is not closed in its line"]
    first_line = data.split(b"\n", 1)[0]
    delimiter = ";" if b";" in first_line and b"," not in first_line else ","
    buffer = pa.py_buffer(data)
    in_order = csv.ReadOptions(use_threads=False)  # with threads, errors do not name the row
    parsing = csv.ParseOptions(delimiter=delimiter)
    try:
        header = csv.open_csv(buffer, read_options=in_order, parse_options=parsing).schema.names
        cells = csv.read_csv(
            buffer,
            read_options=in_order,
            parse_options=parsing,
            convert_options=csv.ConvertOptions(
                # An empty list would mean all columns.
                include_columns=[name for name in header if name.lower() in source.column_names] or header[:1],
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        return None, [f"cannot be read as CSV: {error}"]

    def values(column: Column, place: int) -> pa.Array:
        given = cells.column(header[place]).combine_chunks()
        typed, bad = _typed_cells(column, _with_decimal_points(column, given) if delimiter == ";" else given)
        if bad:
            more = f" (and {len(bad) - 1:,} more such cells)" if len(bad) > 1 else ""
            cure = _CURES.get(column.name) or _CURES[column.type]
            raise Misfit(f"{given[bad[0]].as_py()!r} in line {_line_of_row(data, bad[0])}{more}; {cure}")
        return typed

    return assemble(source, header, values)


def _with_decimal_points(column: Column, cells: pa.Array) -> pa.Array:
    """Write the decimal commas of numbers as points."""
    import pyarrow.compute as pc

    if column.type not in ("INT64", "FLOAT64"):
        return cells
    return pc.replace_substring_regex(cells, r"^([+-]?\d*),(\d*)$", r"\1.\2")


def _typed_cells(column: Column, cells: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return the cells with the declared type, and the rows of those that do not fit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    target = arrow_type(column.type)
    if column.type == "STRING":
        return cells, []
    if column.name == "season_year":
        cells = _with_first_years(cells)
    is_bad = pc.invert(pc.match_substring_regex(cells, _PATTERNS[column.type]))
    canonical = _canonical(column, pc.if_else(is_bad, pa.scalar(None, pa.string()), cells))
    try:
        values = canonical.cast(target)
    except pa.ArrowInvalid:
        # The 30th of February, or an integer of 20 digits: well-formed, but not a value of the type.
        impossible = [value for value in pc.unique(canonical) if not _has_value(value, target)]
        is_bad = pc.or_(is_bad, pc.is_in(canonical, pa.array([value.as_py() for value in impossible])))
        values = None
    return values, pc.indices_nonzero(pc.fill_null(is_bad, False)).to_pylist()


def _with_first_years(cells: pa.Array) -> pa.Array:
    """Write seasons such as 2021-22 as the year in which they start; any other text stays."""
    import pyarrow as pa

    def first_year(text: str | None) -> str | None:
        season = _SEASON.fullmatch(text or "")
        return season[1] if season and (int(season[1]) + 1) % 100 == int(season[2]) else text

    encoded = cells.dictionary_encode()
    years = pa.array([first_year(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, years).cast(pa.string())


def _canonical(column: Column, cells: pa.Array) -> pa.Array:
    """Rewrite the cells as Arrow's cast expects them."""
    import pyarrow.compute as pc

    if column.type == "INT64":
        return pc.replace_substring_regex(cells, r"\.0*$", "")
    if column.type == "BOOL":
        whole = pc.replace_substring_regex(pc.utf8_lower(cells), "^t$", "true")
        return pc.replace_substring_regex(whole, "^f$", "false")
    if column.type == "DATE":
        return pc.utf8_slice_codeunits(cells, 0, 10)
    if column.type == "TIMESTAMP":
        plain = pc.replace_substring_regex(cells, r"( UTC|Z)$", "")
        has_offset = pc.match_substring_regex(plain, r":\d{2}(\.\d+)?[+-]\d{2}(:?\d{2})?$")
        return pc.if_else(has_offset, plain, pc.binary_join_element_wise(plain, "Z", ""))
    return cells


def _has_value(cell: pa.Scalar, target: pa.DataType) -> bool:
    import pyarrow as pa

    try:
        cell.cast(target)
    except pa.ArrowInvalid:
        return False
    return True


def _line_with_open_quote(data: bytes) -> int:
    """Return the first line in which a quote is not closed, or 0."""
    if b'"' not in data:
        return 0
    lines = enumerate(data.splitlines(), start=1)
    return next((number for number, line in lines if line.count(b'"') % 2), 0)


def _line_of_row(data: bytes, row: int) -> int:
    """Return the line of a row; rows count from 0 after the header, lines from 1, and empty lines are not rows."""
    filled = [number for number, line in enumerate(data.splitlines(), start=1) if line]
    return filled[row + 1]
