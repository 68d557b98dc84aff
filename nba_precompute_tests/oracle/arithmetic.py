"""Sums, means and ratios that skip NULL and never turn it into 0 (contract, section 1)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction

from nba_precompute_tests.oracle.rounding import Number

_ROOT = Context(prec=60)


def known(values: Iterable[Number | None]) -> list[Number]:
    """The values that are not NULL."""
    return [value for value in values if value is not None]


def total(values: Iterable[Number | None]) -> Fraction | None:
    """The sum; NULL where nothing is known. What an empty window gives is for the caller to say."""
    numbers = known(values)
    return Fraction(sum(numbers)) if numbers else None


def mean(values: Iterable[Number | None]) -> Fraction | None:
    """The mean of the known values."""
    numbers = known(values)
    return Fraction(sum(numbers)) / len(numbers) if numbers else None


def ratio(numerator: Number | None, denominator: Number | None) -> Fraction | None:
    """NULL where either is unknown or the denominator is 0."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    return Fraction(numerator) / Fraction(denominator)


def percent(numerator: Number | None, denominator: Number | None) -> Fraction | None:
    """A `*_rate`: 0-100."""
    share = ratio(numerator, denominator)
    return None if share is None else 100 * share


def clamp(x: Number, low: int, high: int) -> Fraction:
    """x, at least low and at most high."""
    return Fraction(min(max(x, low), high))


def sample_std(values: Iterable[Number | None]) -> Decimal | None:
    """Sample standard deviation (n - 1); NULL below 2 known values (contract, section 4.4)."""
    numbers = known(values)
    if len(numbers) < 2:
        return None
    average = Fraction(sum(numbers)) / len(numbers)
    squares = [(Fraction(number) - average) * (Fraction(number) - average) for number in numbers]
    variance = Fraction(sum(squares), len(numbers) - 1)
    return _ROOT.sqrt(_ROOT.divide(Decimal(variance.numerator), Decimal(variance.denominator)))
