"""Imperfect sources made usable (contract, section 2, "Sources arrive imperfect")."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nba_precompute_tests.oracle.hashing import row_hash
from nba_precompute_tests.oracle.rounding import exact
from nba_precompute_tests.oracle.sources import SCHEDULE, Source

Row = dict[str, Any]
Key = tuple[Any, ...]

COUNTED_GAME_TYPES = ("regular_season", "play_in", "playoffs")
POSTPONED = 4


@dataclass(frozen=True)
class Cleaned:
    """One row per key, and the keys whose rows must not be used because they are two people."""

    rows: list[Row]
    ambiguous: dict[Key, list[Row]]


def season_of(date: dt.date) -> int:
    """The year in which the date's season starts; the sources' own season columns are not trusted."""
    return date.year if date.month >= 7 else date.year - 1


def clean(source: Source, raw: Iterable[Mapping[str, Any]]) -> Cleaned:
    """NaN to NULL, NULL keys out, two people out, then one row per key."""
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for raw_row in raw:
        row = _without_nan(source, raw_row)
        key = tuple(row[column] for column in source.key)
        if None not in key:
            by_key[key].append(row)

    rows: list[Row] = []
    ambiguous: dict[Key, list[Row]] = {}
    for key, candidates in by_key.items():
        if _people(source, candidates) > 1:
            ambiguous[key] = [_exact(source, row) for row in candidates]
        else:
            rows.append(_exact(source, _newest(source, candidates)))
    return Cleaned(rows, ambiguous)


def effective_schedule(raw: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The games that count, one row per game and season: the furthest status, then the latest date."""
    by_game: dict[Key, list[Row]] = defaultdict(list)
    for raw_row in raw:
        row = _without_nan(SCHEDULE, raw_row)
        if row["game_status"] == POSTPONED or row["game_type"] not in COUNTED_GAME_TYPES:
            continue
        if row["game_id"] is not None and row["game_date"] is not None:
            by_game[row["game_id"], season_of(row["game_date"])].append(row)

    def standing(row: Row) -> tuple[int, dt.date, str]:
        status = -1 if row["game_status"] is None else row["game_status"]
        return status, row["game_date"], row_hash(row, SCHEDULE.columns)

    return [_largest(candidates, standing) for candidates in by_game.values()]


def _without_nan(source: Source, raw: Mapping[str, Any]) -> Row:
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


def _exact(source: Source, row: Row) -> Row:
    """The FLOAT64 columns as exact decimals; done last, because the tie-break hashes the floats."""
    for column, type_ in source.columns:
        if type_ == "FLOAT64":
            row[column] = exact(row[column])
    return row


def _people(source: Source, candidates: Sequence[Row]) -> int:
    if source.identity is None or len(candidates) == 1:
        return 1
    return len({row[source.identity] for row in candidates} - {None})


def _newest(source: Source, candidates: Sequence[Row]) -> Row:
    """The newest `processed_at` (NULL is oldest), then the larger hash of the other declared columns."""

    def recency(row: Row) -> tuple[Any, ...]:
        processed_at = row["processed_at"]
        # The flag decides between NULL and a time, so that a NULL is never compared with one.
        time = () if processed_at is None else (processed_at,)
        return processed_at is not None, time, row_hash(row, source.columns)

    return _largest(candidates, recency)


def _largest(candidates: Sequence[Row], order: Any) -> Row:
    return candidates[0] if len(candidates) == 1 else max(candidates, key=order)
