"""Who a row is about (contract, section 2a, "Identity")."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nba_precompute_tests.oracle.cleaning import Row, is_blank


class Person(NamedTuple):
    """Somebody known by an id; without one, by a key that means nobody else."""

    id: str | None
    key: str | None

    @classmethod
    def with_id(cls, id_: str) -> Person:
        return cls(id_, None)

    @classmethod
    def named(cls, key: str) -> Person:
        return cls(None, key)


def id_of(row: Row) -> str | None:
    """The person's id; a blank one is unknown."""
    return None if is_blank(row["universal_player_id"]) else row["universal_player_id"]


def identity_within_the_date(rows: Iterable[Row]) -> Callable[[Row], Person]:
    """Return a function that tells whom a row is about as far as the rows of its own date tell.

    A row without an id is about the only id under its key on that date; where there is none, or more than one, it
    stands for itself: what the key means is for the season to say.
    """
    ids: dict[tuple[dt.date, str], set[str]] = defaultdict(set)
    for row in rows:
        if (id_ := id_of(row)) is not None:
            ids[row["game_date"], row["player_lookup"]].add(id_)

    def identity(row: Row) -> Person:
        if (id_ := id_of(row)) is not None:
            return Person.with_id(id_)
        known = ids.get((row["game_date"], row["player_lookup"]), set())
        return Person.with_id(*known) if len(known) == 1 else Person.named(row["player_lookup"])

    return identity


def first_seen(rows: Iterable[Row]) -> dict[tuple[str, str], dt.date]:
    """(key, id) -> the first date on which a row has both."""
    found: dict[tuple[str, str], dt.date] = {}
    for row in rows:
        if (id_ := id_of(row)) is not None:
            pair = row["player_lookup"], id_
            found[pair] = min(row["game_date"], found.get(pair, row["game_date"]))
    return found


def second_names(rows: Iterable[Row]) -> Iterator[tuple[dt.date, str]]:
    """Date and kind of every (key, id) that is new while the id has another key already, or the key another id."""
    pairs = first_seen(rows)
    for kind, one in (("several_people", 0), ("several_keys", 1)):
        dates: dict[str, list[dt.date]] = defaultdict(list)
        for pair, date in pairs.items():
            dates[pair[one]].append(date)
        for seen in dates.values():
            for date in sorted(seen)[1:]:
                yield date, kind
