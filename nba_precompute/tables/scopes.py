"""Scopes: the teams whose box scores a table waits for (contract, section 3, the check `complete`).

Here: the scopes, and the window in games of each. Not here: the rule (`sql/macros/complete.sql`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from nba_precompute.tables.schema import Table


class Scope(StrEnum):
    """The teams whose windows a table waits for."""

    SLATE = "slate"
    LEAGUE = "league"

    @classmethod
    def of(cls, table: Table) -> Scope:
        """Return the scope of a table: a table of teams reads every team of the season, the others the date's."""
        return cls.LEAGUE if table.population == "scheduled_teams" else cls.SLATE


@dataclass(frozen=True)
class ScopeWindow:
    """A scope, under the name that its records have, and its window in games."""

    name: str
    games: int
    is_slate: bool


def scope_windows(tables: Iterable[Table]) -> list[ScopeWindow]:
    """Return the window of each scope: the largest main window of its tables."""
    given = list(tables)
    return [
        ScopeWindow(
            name=scope.value,
            games=max(table.window for table in given if Scope.of(table) is scope),
            is_slate=scope is Scope.SLATE,
        )
        for scope in Scope
        if any(Scope.of(table) is scope for table in given)
    ]
