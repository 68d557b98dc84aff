"""A range held against the contract again, from the tables: one query a table, a verdict per date and week.

What a date must satisfy is `checks/rules.py`; here is what only a range shows: gaps, and how the share of ready rows
stands against what the earlier games allow. Nothing here knows of Dagster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nba_precompute.quality.names import COMPLETE, VALID
from nba_precompute.quality.rules import Judgement, judge
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse import Warehouse

LOWEST_SHARE_OF_CEILING = 0.5
"""In the first weeks the opponents' windows lag behind the players' own; later nearly all of the ceiling is ready."""


@dataclass(frozen=True)
class Week:
    """The readiness of a week's rows.

    Attributes:
        monday: the week's first day.
        answers: rows and failures.
        sampled_rows: the ceiling: rows whose player and team both have the minimum of earlier games.
    """

    monday: dt.date
    answers: int
    sampled_rows: int
    ready_rows: int

    @property
    def ceiling(self) -> float:
        return self.sampled_rows / self.answers if self.answers else 0.0

    @property
    def ready_share(self) -> float:
        return self.ready_rows / self.answers if self.answers else 0.0

    @property
    def problem(self) -> str:
        """Why the week is suspicious, in words; empty where it is not."""
        if self.ready_rows > self.sampled_rows:
            return f"{self.ready_rows} rows are ready, but only {self.sampled_rows} can be"
        if self.ready_rows < LOWEST_SHARE_OF_CEILING * self.sampled_rows:
            return f"{self.ready_share:.0%} of the rows are ready, of {self.ceiling:.0%} that could be"
        return ""


@dataclass(frozen=True)
class TableValidation:
    """One table over the whole range."""

    table: Table
    judgements: Mapping[dt.date, Judgement]

    @property
    def gaps(self) -> list[dt.date]:
        """Dates with games that have no answer."""
        return [date for date, one in self.judgements.items() if one.is_missing]

    @property
    def weeks(self) -> list[Week]:
        by_monday: dict[dt.date, list[Judgement]] = {}
        for date, one in self.judgements.items():
            by_monday.setdefault(date - dt.timedelta(days=date.weekday()), []).append(one)
        return [
            Week(
                monday,
                sum(one.rows + one.failures for one in found),
                sum(one.sampled_rows for one in found),
                sum(one.ready_rows for one in found),
            )
            for monday, found in sorted(by_monday.items())
        ]

    @property
    def problems(self) -> list[str]:
        """Everything that does not hold, each with its date or week."""
        found = [f"{date}: no rows and no failures" for date in self.gaps]
        found += [
            f"{date}: {check}: {broken.text}"
            for date, one in self.judgements.items()
            if not one.is_missing
            for check, all_broken in one.broken.items()
            for broken in all_broken
        ]
        return found + [f"week of {week.monday}: {week.problem}" for week in self.weeks if week.problem]

    @property
    def holds(self) -> bool:
        """Whether every rule holds on every date and in every week."""
        return not self.problems

    def total(self, name: str) -> int:
        """The sum of a number of the judgements over the dates."""
        return sum(getattr(one, name) for one in self.judgements.values())

    def failed_dates(self, checks: Iterable[str] = (COMPLETE, VALID)) -> list[dt.date]:
        """The dates on which one of the checks fails."""
        wanted = tuple(checks)
        return [date for date, one in self.judgements.items() if any(one.broken[check] for check in wanted)]


def validate(
    warehouse: Warehouse, dates: Sequence[dt.date], tables: Iterable[Table] = tuple(TABLES.values())
) -> list[TableValidation]:
    """Validates the tables on the dates, in one query each.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    with warehouse.reading("validation") as session:
        return [TableValidation(table, judge(session, table, dates)) for table in tables]


def as_dict(one: TableValidation) -> dict[str, Any]:
    """The same for programs."""
    return {
        "table": one.table.name,
        "rows": one.total("rows"),
        "failures": one.total("failures"),
        "ready_rows": one.total("ready_rows"),
        "sampled_rows": one.total("sampled_rows"),
        "gaps": one.gaps,
        "duplicates": one.total("duplicates"),
        "dates_failed": one.failed_dates(),
        "problems": one.problems,
        "holds": one.holds,
    }


def markdown(validations: Sequence[TableValidation]) -> str:
    """A table of the range, and every problem below it (the first fifty)."""
    lines = [
        "| table | game dates | rows | failures | gaps | duplicates | ready | ceiling | dates failed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    problems = []
    for one in validations:
        answers = one.total("rows") + one.total("failures")
        ready, ceiling = (
            f"{one.total(name) / answers:.1%}" if answers else "-" for name in ("ready_rows", "sampled_rows")
        )
        game_dates = sum(judgement.teams > 0 for judgement in one.judgements.values())
        lines.append(
            f"| {one.table.name} | {game_dates} | {one.total('rows'):,} | {one.total('failures'):,} | {len(one.gaps)} "
            f"| {one.total('duplicates')} | {ready} | {ceiling} | {len(one.failed_dates())} |"
        )
        problems += [f"- {one.table.name}, {problem}" for problem in one.problems]
    if problems:
        lines += ["", *problems[:50]]
        if len(problems) > 50:
            lines.append(f"- and {len(problems) - 50} more")
    else:
        lines += ["", "Every rule holds on every date."]
    return "\n".join(lines)
