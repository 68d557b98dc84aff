"""The hash of a row: `data_hash` of an output (contract, section 3) and the tie-break of two source rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

NOT_HASHED = ("data_hash", "features")


def text(value: Any, type_: str) -> str:
    """One value as it enters the hash."""
    if value is None:
        return "~"
    match type_:
        case "FLOAT64":
            # The product multiplies the float; the half is then rounded away from zero.
            return str(int(Decimal(float(value) * 10000).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
        case "BOOL":
            return "true" if value else "false"
        case "DATE":
            return value.isoformat()
        case "ARRAY<STRING>":
            return ",".join(value)
        case _:
            return str(value)


def row_hash(row: Mapping[str, Any], columns: Iterable[tuple[str, str]]) -> str:
    """MD5 hex over the columns, timestamps left out, joined by `|`."""
    parts = [text(row.get(name), type_) for name, type_ in columns if type_ != "TIMESTAMP"]
    return hashlib.md5("|".join(parts).encode()).hexdigest()


def data_hash(row: Mapping[str, Any], columns: Iterable[tuple[str, str]]) -> str:
    """`data_hash` of a stored row, for the table's declared (column, type) list (contract, section 3)."""
    return row_hash(row, [(name, type_) for name, type_ in columns if name not in NOT_HASHED])
