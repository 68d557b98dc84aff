"""What reading yields: files with their rows, problems, and files that are none of the league's.

Here: the records and the errors of this package. Not here: how they come about (`reading.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class LeagueFile:
    """A file that was read.

    Attributes:
        path: as found, below the given path.
        form: the name of its form, such as `boxscoretraditionalv3`.
        tables: its rows by raw table, with exactly the declared columns and types of `tables/league.py`.
        repeated: rows left out because a file before has them.
    """

    path: Path
    form: str
    tables: Mapping[str, pa.Table]
    repeated: int = 0


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, in one line; nothing of the file was read, unless `games` or the text says otherwise.

    Attributes:
        games: games for which files contradict each other. Of these, nothing may be loaded, not even what other files
            gave before.
    """

    path: Path
    text: str
    games: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(frozen=True)
class Unrecognized:
    """A readable file in none of the forms that are read; the text says what it looks like."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


class Unreadable(Exception):
    """Raised for a file that is damaged, empty of rows, or has a value that does not fit; the text is one line."""


class Unknown(Exception):
    """Raised for a file in none of the forms that are read."""
