"""Rows that several files have: the preferred form's stand, equal ones count once, and contradictions are named.

Here: box scores, shots, plays and availability, in the order in which files are read. Not here: games and people, of
which every file has only a part (`merging.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files.model import Problem
from nba_precompute.sources.league_files.rows import COUNTS
from nba_precompute.tables.league import LEAGUE_TABLES

if TYPE_CHECKING:
    import pyarrow as pa

_COMPARED = {
    "league_player_games": ("team_id", "is_home", *COUNTS),
    "league_team_games": ("is_home", *COUNTS),
    "league_shots": ("person_id", "team_id", "period", "x", "y", "is_made", "value", "game_date"),
    "league_availability": ("status", "reason", "person_id"),
}
"""The columns in which rows of one key must agree where both are known; names and rounded minutes may differ."""


@dataclass(frozen=True)
class _Origin:
    form: str
    path: Path


@dataclass
class Kept:
    """What stands of a file's rows of one table.

    Attributes:
        rows: those that no file before has.
        repeated: number of the others.
        problems: where the file contradicts itself or a file before.
    """

    rows: pa.Table
    repeated: int
    problems: list[Problem] = field(default_factory=list)


class Repeats:
    """The rows of the files so far."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], tuple[_Origin, tuple[Any, ...]]]] = {}
        self._games: dict[tuple[str, str], _Origin] = {}
        self._plays: dict[str, tuple[_Origin, bytes]] = {}

    def keep(self, name: str, rows: pa.Table, form: str, path: Path) -> Kept:
        """Return what stands of a file's rows, and remember them."""
        if name == "league_plays":
            return self._keep_games(rows, _Origin(form, path))
        return self._keep_rows(name, rows, _Origin(form, path))

    def _keep_rows(self, name: str, rows: pa.Table, origin: _Origin) -> Kept:
        key_columns, compared = LEAGUE_TABLES[name].key, _COMPARED[name]
        seen = self._rows.setdefault(name, {})
        contradictions: dict[Any, list[str]] = {}
        elsewhere: dict[Any, _Origin] = {}
        keep = []
        for key, values in zip(_tuples(rows, key_columns), _tuples(rows, compared), strict=True):
            before = seen.get(key)
            first = before[0] if before else self._games.get((name, key[0]), origin)
            difference = ""
            if before:
                difference = _difference(compared, values, before[1])
            elif first.form != origin.form:
                difference = "is not in the other file"
            if difference:
                contradictions.setdefault(key[0], []).append(f"{key_columns[1]} {key[1]}: {difference}")
                elsewhere[key[0]] = first
            keep.append(not before and not difference)
            if keep[-1]:
                seen[key] = origin, values
                self._games.setdefault((name, key[0]), origin)
        problems = [
            _contradiction(key_columns[0], first, texts, elsewhere[first], origin)
            for first, texts in contradictions.items()
        ]
        return Kept(rows.filter(keep), keep.count(False), problems)

    def _keep_games(self, rows: pa.Table, origin: _Origin) -> Kept:
        """Keep whole games: plays of two files cannot be mixed."""
        problems = []
        repeated = set()
        for game_id, content in _contents(rows):
            before = self._plays.setdefault(game_id, (origin, content))
            if before[0] is origin:
                continue
            repeated.add(game_id)
            if before[0].form == origin.form and before[1] != content:
                problems.append(
                    _contradiction("game_id", game_id, ["its plays are others"], before[0], origin),
                )
        keep = [game_id not in repeated for game_id in rows["game_id"].to_pylist()]
        return Kept(rows.filter(keep), keep.count(False), problems)


def _contradiction(column: str, key: Any, texts: Sequence[str], before: _Origin, origin: _Origin) -> Problem:
    more = f" (and {len(texts) - 1} more)" if len(texts) > 1 else ""
    what = key if column == "game_id" else f"{column} {key}"
    where = "itself" if before.path == origin.path else str(before.path)
    text = f"{what} contradicts {where}: {texts[0]}{more}"
    if before.form != origin.form:
        return Problem(origin.path, f"{text}; {before.form} stands")
    if column != "game_id":
        return Problem(origin.path, f"{text}; the first stands")
    return Problem(origin.path, f"{text}; nothing of the game is loaded: keep one of them", games=(key,))


def _difference(compared: Sequence[str], values: Sequence[Any], before: Sequence[Any]) -> str:
    for column, value, other in zip(compared, values, before, strict=True):
        if value != other and value is not None and other is not None:
            return f"{column} {value} and {other}"
    return ""


def _tuples(rows: pa.Table, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[column].to_pylist() for column in columns), strict=True)


def _contents(rows: pa.Table) -> Iterator[tuple[str, bytes]]:
    """Yield each game with a digest of its rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    games = pc.unique(rows["game_id"]).to_pylist()
    for game_id in games:
        content = rows if len(games) == 1 else rows.filter(pc.equal(rows["game_id"], game_id))
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, content.schema) as stream:
            stream.write_table(content.combine_chunks())
        yield game_id, hashlib.sha256(buffer.getvalue()).digest()
