"""Files and folders read into the raw tables.

Here: finding files, and the order in which they are read. Not here: which form a file has (`forms.py`), and rows that
several files have (`merging.py`, `repeats.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.sources.league_files.forms import FORMS, LOGS, MERGED, Tables, form_of, parse
from nba_precompute.sources.league_files.merging import merged_games, merged_people
from nba_precompute.sources.league_files.model import LeagueFile, Problem, Unknown, Unreadable, Unrecognized
from nba_precompute.sources.league_files.repeats import Repeats
from nba_precompute.sources.league_files.rows import with_origin

if TYPE_CHECKING:
    import pyarrow as pa

OnProgress = Callable[[int, int], None]
"""A callback that takes the number of files that are done and of all."""


@dataclass(frozen=True)
class _Found:
    """A file and the name of its form; `below` is its path below the folder that was given."""

    path: Path
    below: Path
    form: str


def recognize(path: Path) -> str | None:
    """Return the name of the form of one file, or None if it has none; cheap, as its start is usually enough."""
    try:
        return form_of(path).name
    except (Unknown, Unreadable):
        return None


def read(
    paths: Sequence[Path], processed_at: dt.datetime, on_progress: OnProgress | None = None
) -> Iterator[LeagueFile | Problem | Unrecognized]:
    """Read files, and folders with everything below them but hidden files.

    What a file is, its content says, not its name. Where two forms have the same rows, the better one stands: V3 before
    logs and play-by-play V2, but a log's totals of a team before a box score's. Equal rows of two files count once. A
    file with a value that does not fit is not read at all.

    Args:
        processed_at: time of the import, for the column of that name.
        on_progress: called after each file.

    Yields:
        Every file exactly once: as a `LeagueFile`, an `Unrecognized`, or, if it is damaged, a `Problem`. Also a
        `Problem` for each contradiction, possibly after rows that it concerns: see `Problem.games`.
    """
    found: list[_Found] = []
    for path, below in _files(paths):
        try:
            found.append(_Found(path, below, form_of(path).name))
        except Unknown as error:
            yield Unrecognized(path, str(error))
        except Unreadable as error:
            yield Problem(path, str(error))
    yield from (Problem(path, "no such file or folder") for path in paths if not path.exists())
    places = {name: place for place, name in enumerate(FORMS)}
    found.sort(key=lambda file: (places[file.form], file.path))
    yield from _read(found, processed_at, on_progress or (lambda done, total: None))


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield every file once, with its path below the given folder."""
    seen = set()
    for path in paths:
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            below = Path(path.name) if file is path else file.relative_to(path)
            is_hidden = file is not path and any(part.startswith(".") for part in below.parts)
            if file.is_file() and not is_hidden and (place := file.resolve()) not in seen:
                seen.add(place)
                yield file, below


def _read(
    found: Sequence[_Found], processed_at: dt.datetime, on_progress: OnProgress
) -> Iterator[LeagueFile | Problem]:
    """Read first the files whose games and people are merged, then the others, and yield all in their order."""
    early = {file: _parse(file) for file in found if file.form in MERGED}
    merged: dict[tuple[str, Path], pa.Table] = {}
    for name, merge in (("league_games", merged_games), ("league_people", merged_people)):
        by_file, problems = merge(_tables_of(early, name))
        merged |= {(name, path): table for path, table in by_file.items()}
        yield from problems
    games = {game for (name, _), table in merged.items() if name == "league_games" for game in _games(table)}
    repeats = Repeats()
    for done, file in enumerate(found, 1):
        content = early[file] if file in early else _parse(file)
        on_progress(done, len(found))
        if isinstance(content, str):
            yield Problem(file.path, content)
            continue
        placeless = sorted({game for table in content.values() for game in _games(table)} - games)
        if placeless and file.form in LOGS:
            yield Problem(file.path, _PLACELESS.format(count=len(placeless), example=placeless[0]))
        tables = {}
        repeated = 0
        for name, table in content.items():
            if name in ("league_games", "league_people"):
                rows = merged.get((name, file.path), table.slice(0, 0))
                repeated += table.num_rows - rows.num_rows
            else:
                kept = repeats.keep(name, table, file.form, file.path)
                rows, repeated = kept.rows, repeated + kept.repeated
                yield from kept.problems
            tables[name] = with_origin(name, rows, file.below, processed_at)
        yield LeagueFile(file.path, file.form, tables, repeated)


_PLACELESS = (
    "{count} games, such as {example}, have both teams at home or both away; only a schedule tells which is right: "
    "add a file of scheduleleaguev2"
)


def _tables_of(files: Mapping[_Found, Tables | str], name: str) -> Iterator[tuple[Path, pa.Table]]:
    for file, content in files.items():
        if not isinstance(content, str) and name in content:
            yield file.path, content[name]


def _games(table: pa.Table) -> set[str]:
    import pyarrow.compute as pc

    return set(pc.unique(table["game_id"]).to_pylist()) if "game_id" in table.column_names else set()


def _parse(file: _Found) -> Tables | str:
    try:
        return parse(file.path, FORMS[file.form])
    except (Unreadable, Unknown) as error:
        return str(error)
