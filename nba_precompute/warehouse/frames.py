"""pandas frames as Arrow tables with declared types.

Here: the strict conversion, in which a value that does not fit is an error, never a guess, and leaving out dates. Not
here: files (`sources/`), the types themselves (`types.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nba_precompute.tables import Column
from nba_precompute.warehouse.types import arrow_type

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class FrameError(Exception):
    """Data without the declared columns and types; the message names every column that is wrong."""


def to_arrow(frame: pd.DataFrame, columns: Sequence[Column]) -> pa.Table:
    """Convert a frame to exactly the declared columns, in their order.

    A float column of whole numbers is accepted as INT64 (pandas uses floats where a value is missing); nothing else is
    converted. The index and the order of columns are ignored.

    Raises:
        FrameError: if a column is missing, repeated, undeclared or of another type; names all of them.
    """
    import pyarrow as pa

    declared = [column.name for column in columns]
    repeated = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    problems = [f"column {name} appears twice" for name in repeated]
    problems += [f"column {name} is missing" for name in declared if name not in frame.columns]
    problems += [f"column {name} is not declared" for name in frame.columns if name not in declared]
    arrays = []
    for column in columns:
        if column.name not in frame.columns or column.name in repeated:
            continue
        values = frame[column.name]
        try:
            _refuse_silent_conversions(values, column.type)
            arrays.append(pa.Array.from_pandas(values, type=arrow_type(column.type), safe=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            problems.append(f"column {column.name}: expected {column.type}, found {values.dtype} ({error})")
    if problems:
        raise FrameError("; ".join(problems))
    return pa.table(arrays, names=declared)


def without_dates(rows: pa.Table, column: str, dates: Iterable[dt.date]) -> pa.Table:
    """Return the rows whose DATE column has none of the dates; a NULL stays."""
    import pyarrow as pa
    import pyarrow.compute as pc

    left_out = pa.array(sorted(dates), pa.date32())
    return rows.filter(pc.invert(pc.is_in(rows[column], value_set=left_out)))


def _refuse_silent_conversions(values: pd.Series, type_: str) -> None:
    """Refuse what Arrow would convert silently.

    Raises:
        pyarrow.ArrowTypeError: for booleans as numbers, numbers as booleans, text as a list of its letters, and a time
            of day as a date.
    """
    import pyarrow as pa

    present = values.dropna()
    kinds = {type(value) for value in present} if values.dtype == object else set()
    is_truth = values.dtype in (bool, "boolean") or bool in kinds
    if type_ in ("INT64", "FLOAT64") and is_truth:
        raise pa.ArrowTypeError("booleans are not numbers")
    if type_ == "BOOL" and not is_truth and len(present):
        raise pa.ArrowTypeError("only True and False are booleans")
    if type_.startswith("ARRAY") and str in kinds:
        raise pa.ArrowTypeError("text is not a list")
    if type_ == "DATE" and values.dtype.kind == "M" and (present != present.dt.normalize()).any():
        raise pa.ArrowTypeError("the time of day would be lost")
