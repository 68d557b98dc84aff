"""Numbers in, numbers out (contract, section 1): exact inside, rounded once at the end."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

Number = int | Decimal | Fraction
"""The type of numbers in computations. Floats exist only in the sources and in stored rows."""

# ROUND_HALF_UP of the decimal module rounds half away from zero, for negative numbers too.
_CONTEXT = Context(prec=76, rounding=ROUND_HALF_UP)
_NINE = Decimal("1e-9")
_FOUR = Decimal("1e-4")


def _decimal(x: Number) -> Decimal:
    return _CONTEXT.divide(Decimal(x.numerator), Decimal(x.denominator)) if isinstance(x, Fraction) else Decimal(x)


def nine(x: Number) -> Decimal:
    """`CAST(x AS NUMERIC(38, 9))`: what thresholds are compared with (`.1` must not miss `>= .10`)."""
    return _decimal(x).quantize(_NINE, context=_CONTEXT)


def exact(x: float | int | Decimal | None) -> Decimal | None:
    """A FLOAT64 of a source or of a stored row, ready for exact sums. NaN and infinity are NULL."""
    if x is None or (isinstance(x, float) and not math.isfinite(x)):
        return None
    return nine(Decimal(x))


def four(x: Number) -> float:
    """`CAST(ROUND(CAST(x AS NUMERIC(38, 9)), 4) AS FLOAT64)`: a FLOAT64 as stored."""
    return float(nine(x).quantize(_FOUR, context=_CONTEXT)) + 0.0  # + 0.0: -0 is 0


def stored(value: Any) -> Any:
    """The final projection of one value: Decimal and Fraction are FLOAT64, all else is stored as it is."""
    if isinstance(value, Decimal | Fraction):
        return four(value)
    if isinstance(value, list):
        return [stored(element) for element in value]
    return value


def stored_row(row: dict[str, Any]) -> dict[str, Any]:
    """The final projection of a row."""
    return {column: stored(value) for column, value in row.items()}
