"""A table of cells with named columns, from a result set or a CSV file, and its typed columns.

Here: columns by name in any order, case and number, and the error that names the first cell that does not fit. Not
here: the spellings of a value (`cells.py`), what the columns mean (`game_logs.py`, `shots.py`, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from nba_precompute.sources.league_files.model import Unreadable

T = TypeVar("T")

_BAD = object()


class Grid:
    """Cells in rows and named columns; names are compared in upper case.

    Attributes:
        names: of the columns.
        rows: their number.
        asked: the parameters of the question that a result set answers.
    """

    def __init__(
        self, headers: Sequence[str], rows: Sequence[Sequence[Any]], asked: Mapping[str, Any] | None = None
    ) -> None:
        """Take the rows.

        Raises:
            Unreadable: if a row has another number of values than there are headers.
        """
        for number, row in enumerate(rows, 1):
            if len(row) != len(headers):
                raise Unreadable(f"row {number} has {len(row)} values for {len(headers)} columns; is the file cut off?")
        self.names = tuple(str(name).strip().upper() for name in headers)
        self.rows = len(rows)
        self.asked = asked or {}
        self._columns = list(zip(*rows, strict=True)) if rows else [() for _ in headers]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def require(self, *names: str) -> None:
        """Refuse the file if a column is missing.

        Raises:
            Unreadable: naming all of them.
        """
        if missing := [name for name in names if name not in self]:
            raise Unreadable(f"column {', '.join(missing)} is missing")

    def cells(self, name: str) -> Sequence[Any]:
        """Return the cells of a column; None in every row if there is no such column.

        Raises:
            Unreadable: if there are several.
        """
        places = [place for place, found in enumerate(self.names) if found == name]
        if len(places) > 1:
            raise Unreadable(f"column {name} occurs {len(places)} times")
        return self._columns[places[0]] if places else (None,) * self.rows

    def typed(self, name: str, convert: Callable[[Any], T | None], expected: str) -> list[T | None]:
        """Return the values of a column.

        Args:
            convert: returns the value of a cell; raises ValueError if it does not fit.
            expected: what fits, for the error.

        Raises:
            Unreadable: naming the column, the first cell that does not fit, its row and how many more there are.
        """
        known: dict[Any, Any] = {}
        values = []
        bad = []
        for row, cell in enumerate(self.cells(name), 1):
            try:
                value = known[cell] if cell in known else known.setdefault(cell, convert(cell))
            except (ValueError, OverflowError, TypeError):  # TypeError: a list or an object in the place of a value
                value = _BAD
                bad.append((row, cell))
            values.append(value)
        if bad:
            raise Unreadable(f"column {name}: expected {expected}, found {bad[0][1]!r} in row {bad[0][0]}{_more(bad)}")
        return values

    def known(self, name: str, convert: Callable[[Any], T | None], expected: str) -> list[T]:
        """Return the values of a column that must not have an empty cell.

        Raises:
            Unreadable: as `typed`.
        """

        def never_missing(cell: Any) -> T:
            value = convert(cell)
            if value is None:
                raise ValueError(cell)
            return value

        return [value for value in self.typed(name, never_missing, expected) if value is not None]


def _more(bad: Sequence[object]) -> str:
    return f" (and {len(bad) - 1:,} more such cells)" if len(bad) > 1 else ""
