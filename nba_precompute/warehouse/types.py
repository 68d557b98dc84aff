"""GoogleSQL types and literals, translated for the engines.

Here: the one table of types (GoogleSQL, DuckDB, Arrow, BigQuery's API) and the literal of a moment. Not here:
whether data fit a declared type (`frames.py`, `sources/`), quoting text (`sql.literal`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nba_precompute.tables.schema import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class _Type:
    """The counterparts of one GoogleSQL type.

    Attributes:
        duckdb: as DuckDB's catalog spells it.
        arrow: the name of pyarrow's constructor; for an array, of its elements'.
        api: as BigQuery's API spells it where that differs; an array is a mode there, not a type.
    """

    duckdb: str
    arrow: str
    api: str = ""


_TYPES: dict[ColumnType, _Type] = {
    "STRING": _Type(duckdb="VARCHAR", arrow="string"),
    "INT64": _Type(duckdb="BIGINT", arrow="int64", api="INTEGER"),
    "FLOAT64": _Type(duckdb="DOUBLE", arrow="float64", api="FLOAT"),
    "BOOL": _Type(duckdb="BOOLEAN", arrow="bool_", api="BOOLEAN"),
    "DATE": _Type(duckdb="DATE", arrow="date32"),
    "TIMESTAMP": _Type(duckdb="TIMESTAMP WITH TIME ZONE", arrow="timestamp"),
    "ARRAY<STRING>": _Type(duckdb="VARCHAR[]", arrow="string"),
    "ARRAY<FLOAT64>": _Type(duckdb="DOUBLE[]", arrow="float64"),
}
_FROM_DUCKDB: dict[str, ColumnType] = {type_.duckdb: name for name, type_ in _TYPES.items()} | {
    "TIMESTAMP": "TIMESTAMP"
}
_ONLY_IN_QUERIES = {
    "TIMESTAMP": "DATETIME",
    "FLOAT": "FLOAT32",
    "INTEGER": "INT32",
    "SMALLINT": "INT16",
    "TINYINT": "INT8",
    "HUGEINT": "INT128",
    "UBIGINT": "UINT64",
    "UINTEGER": "UINT32",
    "USMALLINT": "UINT16",
    "UTINYINT": "UINT8",
}
"""The names of DuckDB's types that a query may yield and no declaration has: GoogleSQL's, or in its manner."""

_FROM_API = {type_.api: name for name, type_ in _TYPES.items() if type_.api}


def element_type(type_: str) -> str | None:
    """Return the type of an array's elements, or None if the type is not an array."""
    return type_.removeprefix("ARRAY<").removesuffix(">") if type_.startswith("ARRAY<") else None


def duckdb_type(type_: ColumnType) -> str:
    """Return the DuckDB type of a GoogleSQL type."""
    return _TYPES[type_].duckdb


def from_duckdb(type_: str) -> str:
    """Return the GoogleSQL type of a DuckDB type, or the type itself if GoogleSQL has none."""
    return _FROM_DUCKDB.get(type_) or type_.replace("DECIMAL(", "NUMERIC(")


def of_duckdb_result(type_: str) -> str:
    """Return the GoogleSQL type of a column of a query's result, without its parameters.

    Unlike `from_duckdb`, it tells a TIMESTAMP without a zone (DATETIME) from one with a zone, and integers by width.
    """
    return _ONLY_IN_QUERIES.get(type_) or without_parameters(from_duckdb(type_))


def without_parameters(type_: str) -> str:
    """Return `NUMERIC` for `NUMERIC(5,1)`."""
    return type_.partition("(")[0]


def from_bigquery(type_: str, *, is_array: bool, precision: int | None = None, scale: int | None = None) -> str:
    """Return the GoogleSQL type of a type in BigQuery's API.

    Args:
        is_array: the column's mode is REPEATED.
        precision: of a NUMERIC that has one, with its scale.
    """
    name = _FROM_API.get(type_, type_)
    if precision is not None:
        name = f"{name}({precision},{scale or 0})"
    return f"ARRAY<{name}>" if is_array else name


@cache
def arrow_type(type_: ColumnType) -> pa.DataType:
    """Return the Arrow type of a GoogleSQL type; a TIMESTAMP is in microseconds, UTC."""
    import pyarrow as pa

    name = _TYPES[type_].arrow
    value = pa.timestamp("us", tz="UTC") if name == "timestamp" else getattr(pa, name)()
    return pa.list_(value) if element_type(type_) else value


def from_arrow(type_: pa.DataType) -> ColumnType | None:
    """Return the GoogleSQL type whose Arrow type this is, or None if there is none."""
    return next((name for name in _TYPES if arrow_type(name) == type_), None)


def timestamp_literal(moment: dt.datetime) -> str:
    """Return the GoogleSQL literal of a moment, in UTC to the microsecond."""
    return f"TIMESTAMP '{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
