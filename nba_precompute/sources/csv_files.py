"""CSV files: cells are read with the declared types; no type is inferred, and a cell that does not fit is an error.

Here: the accepted spelling of each type. Not here: the columns that a table must have (`declared.py`) and finding the
files of a directory (`files.py`).
"""

from __future__ import annotations

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
    "BOOL": r"(?i)^(true|false)$",
    "DATE": rf"^{_DAY}$",
    "TIMESTAMP": rf"^{_DAY}[T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,6}})?)?(Z|[+-]\d{{2}}(:?\d{{2}})?| UTC)?$",
}


def read_csv(path: Path, source: Source) -> tuple[pa.Table | None, list[str]]:
    """Read the declared columns of a CSV file with a header; other columns are ignored.

    The file is UTF-8 with commas and `.` as decimal point. An empty cell is NULL, quoted or not. INT64 may be written
    `12.0`; FLOAT64 may be `nan` or `inf` (the SELECTs turn them into NULL); BOOL is true or false in any case; DATE is
    `2021-10-19`; TIMESTAMP is `2021-10-20 10:00:00`, optionally with `T`, up to six decimals and an offset (default
    UTC). A value must not contain a line break: otherwise a quote that is never closed would swallow the rows after it.

    Returns:
        The table, or None if there are problems; and the problems, without the name of the file: column, expected type,
        the first value that does not fit, its line, and how many more there are.
    """
    import pyarrow as pa
    from pyarrow import csv

    data = path.read_bytes()
    if line := _line_with_open_quote(data):
        return None, [f"line {line}: a quote is not closed in its line"]
    buffer = pa.py_buffer(data)
    in_order = csv.ReadOptions(use_threads=False)  # with threads, errors do not name the row
    try:
        header = csv.open_csv(buffer, read_options=in_order).schema.names
        cells = csv.read_csv(
            buffer,
            read_options=in_order,
            convert_options=csv.ConvertOptions(
                # An empty list would mean all columns.
                include_columns=[name for name in source.column_names if name in header] or header[:1],
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        return None, [f"cannot be read as CSV: {error}"]

    def values(column: Column) -> pa.Array:
        typed, bad = _typed_cells(column, cells.column(column.name).combine_chunks())
        if bad:
            value = cells.column(column.name)[bad[0]].as_py()
            more = f" (and {len(bad) - 1:,} more such cells)" if len(bad) > 1 else ""
            raise Misfit(f"{value!r} in line {_line_of_row(data, bad[0])}{more}")
        return typed

    return assemble(source, header.count, values)


def _typed_cells(column: Column, cells: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return the cells with the declared type, and the rows of those that do not fit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    target = arrow_type(column.type)
    if column.type == "STRING":
        return cells, []
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


def _canonical(column: Column, cells: pa.Array) -> pa.Array:
    """Rewrite the cells as Arrow's cast expects them."""
    import pyarrow.compute as pc

    if column.type == "INT64":
        return pc.replace_substring_regex(cells, r"\.0*$", "")
    if column.type == "BOOL":
        return pc.utf8_lower(cells)
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
