"""One row made usable, and one row of several for the same (contract, section 2, "Sources arrive imperfect")."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from nba_precompute_tests.oracle.hashing import row_hash
from nba_precompute_tests.oracle.rounding import exact
from nba_precompute_tests.oracle.sources import PLAYER_GAMES, ZONES, Source

Row = dict[str, Any]
Subject = TypeVar("Subject", bound=Hashable)


class Fact(Row):
    """A row ready for exact sums.

    Attributes:
        source_row: the row before that, with its floats: the tie-break hashes them.
    """

    source_row: Row


@dataclass
class Kept(Generic[Subject]):
    """One row of those that are about the same.

    Attributes:
        rows: date and whom the row is about -> the row.
        dropped: date -> rows that lost to another.
        differing: date -> how many had a rival with other content.
    """

    rows: dict[tuple[dt.date, Subject], Fact] = field(default_factory=dict)
    dropped: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    differing: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))


def season_of(date: dt.date) -> int:
    """The year in which the date's season starts; the sources' own season columns are not trusted."""
    return date.year if date.month >= 7 else date.year - 1


def is_blank(value: str | None) -> bool:
    """Return True for NULL and for nothing but spaces."""
    return value is None or not value.strip()


def tidy(source: Source, raw: Mapping[str, Any]) -> Row:
    """The declared columns, with NaN and infinity as NULL and -0 as 0 "from the source on" (section 1)."""
    row: Row = {}
    for column, type_ in source.columns:
        value = raw.get(column)
        if isinstance(value, float):
            value = None if not math.isfinite(value) else value + 0.0
            if value is not None and type_ == "INT64":
                value = int(value)  # an integer column with NULLs often arrives as floats
        elif type_ == "DATE" and isinstance(value, dt.datetime):
            value = value.date()
        row[column] = value
    return row


def keep_newest(source: Source, rows: Iterable[Row], subject: Callable[[Row], Subject]) -> Kept[Subject]:
    """One row per date and subject; every row must have a date."""
    about: dict[tuple[dt.date, Subject], list[Row]] = defaultdict(list)
    for row in rows:
        about[row["game_date"], subject(row)].append(row)
    kept: Kept[Subject] = Kept()
    for (date, whom), rivals in about.items():
        kept.rows[date, whom] = _fact(source, newest_of(source, rivals))
        if len(rivals) > 1:
            kept.dropped[date] += len(rivals) - 1
            if any(_content(row) != _content(rivals[0]) for row in rivals):
                kept.differing[date] += 1
    return kept


def newest_of(source: Source, rivals: Sequence[Row]) -> Row:
    """The newest `processed_at` (NULL is oldest), then the larger hash of the other declared columns."""

    def recency(row: Row) -> tuple[Any, ...]:
        processed_at = row.get("processed_at")  # the schedule has none
        # The flag decides between NULL and a time, so that a NULL is never compared with one.
        time = () if processed_at is None else (processed_at,)
        return processed_at is not None, time, row_hash(row, source.columns)

    return rivals[0] if len(rivals) == 1 else max(rivals, key=recency)


def newest_fact(source: Source, rivals: Sequence[Fact]) -> Fact:
    """`newest_of` for facts."""
    winner = newest_of(source, [fact.source_row for fact in rivals])
    return next(fact for fact in rivals if fact.source_row is winner)


def zones_disagree(row: Row) -> bool:
    """Return True if the zones have less than 80 % or more than 120 % of the field goal attempts (section 2a)."""
    attempts = [row[f"{zone}_attempts"] for zone in ZONES]
    if None in attempts or row["fg_attempts"] is None:
        return False
    return not 8 * row["fg_attempts"] <= 10 * sum(attempts) <= 12 * row["fg_attempts"]


def _content(row: Row) -> Row:
    """All but the time at which it was written."""
    return {column: value for column, value in row.items() if column != "processed_at"}


def _fact(source: Source, row: Row) -> Fact:
    fact = Fact(row)
    fact.source_row = row
    for column, type_ in source.columns:
        if type_ == "FLOAT64":
            fact[column] = exact(row[column])
    if source is PLAYER_GAMES and zones_disagree(row):
        fact |= {f"{zone}_{kind}": None for zone in ZONES for kind in ("attempts", "makes")}
    return fact
