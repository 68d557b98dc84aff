"""Validation of published date ranges: the three checks of every date again, and problems that only a range shows.

Gaps, suspicious weeks and the broken rules of a blocking check are problems; those of any other check are warnings.

Here: gaps, the share of ready rows per week against its ceiling, and the summary, with one query per table. Not here:
the rules of a single date (`quality/rules.py`), and the job and command that report the result (`orchestration/`,
`cli/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nba_precompute.quality.names import BLOCKING_CHECKS
from nba_precompute.quality.rules import CHECKS, Judgment, judge
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse import Warehouse

LOWEST_SHARE_OF_CEILING = 0.5
"""The smallest plausible share of ready rows among the rows that can be ready: in the first weeks of a season the
opponents' windows lag behind the players' own; later nearly all of these rows are ready."""


@dataclass(frozen=True)
class Week:
    """The readiness of a week's rows.

    Attributes:
        monday: the week's first day.
        outcomes: rows and failures.
        sampled_rows: rows that can be ready, because their player and team both have the minimum of earlier games.
    """

    monday: dt.date
    outcomes: int
    sampled_rows: int
    ready_rows: int

    @property
    def ceiling(self) -> float:
        """The share of the outcomes that can be ready."""
        return self.sampled_rows / self.outcomes if self.outcomes else 0.0

    @property
    def ready_share(self) -> float:
        """The share of the outcomes that is ready."""
        return self.ready_rows / self.outcomes if self.outcomes else 0.0

    @property
    def problem(self) -> str:
        """Description of an implausible share of ready rows; empty if it is plausible."""
        if self.ready_rows > self.sampled_rows:
            return f"{self.ready_rows} rows are ready, but only {self.sampled_rows} can be"
        if self.ready_rows < LOWEST_SHARE_OF_CEILING * self.sampled_rows:
            return f"{self.ready_share:.0%} of the rows are ready, but {self.ceiling:.0%} can be"
        return ""


@dataclass(frozen=True)
class TableValidation:
    """The validation of one table over the whole range."""

    table: Table
    judgments: Mapping[dt.date, Judgment]

    @property
    def gaps(self) -> list[dt.date]:
        """The dates with games that have neither rows nor failures."""
        return [date for date, judgment in self.judgments.items() if judgment.is_missing]

    @property
    def weeks(self) -> list[Week]:
        """The weeks of the range, in order."""
        by_monday: dict[dt.date, list[Judgment]] = {}
        for date, judgment in self.judgments.items():
            by_monday.setdefault(date - dt.timedelta(days=date.weekday()), []).append(judgment)
        return [
            Week(
                monday=monday,
                outcomes=sum(judgment.rows + judgment.failures for judgment in judgments),
                sampled_rows=sum(judgment.sampled_rows for judgment in judgments),
                ready_rows=sum(judgment.ready_rows for judgment in judgments),
            )
            for monday, judgments in sorted(by_monday.items())
        ]

    @property
    def dates_checked(self) -> list[dt.date]:
        """The dates that have a game, a row or a failure; on any other there is nothing to check."""
        return [
            date
            for date, judgment in self.judgments.items()
            if judgment.teams or judgment.rows or judgment.failures or judgment.refused
        ]

    @property
    def problems(self) -> list[str]:
        """Every gap, broken rule of a blocking check, and suspicious week, each with its date."""
        return [
            *("; ".join([f"{date}: no rows and no failures", *self.judgments[date].refused]) for date in self.gaps),
            *self._broken_rules(BLOCKING_CHECKS),
            *(f"week of {week.monday}: {week.problem}" for week in self.weeks if week.problem),
        ]

    @property
    def warnings(self) -> list[str]:
        """Every broken rule of another check, with its date."""
        return self._broken_rules([check for check in CHECKS if check not in BLOCKING_CHECKS])

    def _broken_rules(self, checks: Iterable[str]) -> list[str]:
        wanted = tuple(checks)
        return [
            f"{date}: {check}: {rule.text}"
            for date, judgment in self.judgments.items()
            if not judgment.is_missing
            for check in wanted
            for rule in judgment.broken[check]
        ]

    @property
    def holds(self) -> bool:
        """True if there is no problem on any date or in any week, whatever the warnings."""
        return not self.problems

    def total(self, name: str) -> int:
        """Sum a count of the judgments, such as `rows`, over the dates."""
        return sum(getattr(judgment, name) for judgment in self.judgments.values())

    def failed_dates(self, checks: Iterable[str] = BLOCKING_CHECKS) -> list[dt.date]:
        """Return the dates on which one of the checks fails."""
        wanted = tuple(checks)
        return [date for date, judgment in self.judgments.items() if any(judgment.broken[check] for check in wanted)]


def validate(
    warehouse: Warehouse,
    dates: Sequence[dt.date],
    tables: Iterable[Table] = tuple(TABLES.values()),
    refused: Mapping[str, Mapping[dt.date, Sequence[str]]] = MappingProxyType({}),
) -> list[TableValidation]:
    """Validate the tables on the dates, in one query each.

    Args:
        warehouse: the warehouse.
        dates: the dates.
        tables: the tables.
        refused: by table, the reasons for which its newest run refused some of the dates.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    with warehouse.reading("validation") as session:
        return [TableValidation(table, judge(session, table, dates, refused.get(table.name, {}))) for table in tables]


def as_dict(validation: TableValidation) -> dict[str, Any]:
    """Return the validation of a table in the form of the JSON output."""
    return {
        "table": validation.table.name,
        "rows": validation.total("rows"),
        "failures": validation.total("failures"),
        "ready_rows": validation.total("ready_rows"),
        "sampled_rows": validation.total("sampled_rows"),
        "dates_checked": len(validation.dates_checked),
        "gaps": validation.gaps,
        "duplicates": validation.total("duplicates"),
        "dates_failed": validation.failed_dates(),
        "problems": validation.problems,
        "warnings": validation.warnings,
        "holds": validation.holds,
    }


SUMMARY_HEADINGS = (
    "table",
    "game dates",
    "rows",
    "failures",
    "gaps",
    "duplicates",
    "ready",
    "ceiling",
    "dates failed",
    "warnings",
)
MOST_LINES = 50


def summary_cells(validation: TableValidation) -> tuple[str, ...]:
    """Return the figures of a table, in the order of `SUMMARY_HEADINGS`."""
    outcomes = validation.total("rows") + validation.total("failures")
    ready, ceiling = (
        f"{validation.total(name) / outcomes:.1%}" if outcomes else "-" for name in ("ready_rows", "sampled_rows")
    )
    return (
        validation.table.name,
        str(sum(judgment.teams > 0 for judgment in validation.judgments.values())),
        f"{validation.total('rows'):,}",
        f"{validation.total('failures'):,}",
        str(len(validation.gaps)),
        str(validation.total("duplicates")),
        ready,
        ceiling,
        str(len(validation.failed_dates())),
        str(len(validation.warnings)),
    )


def problem_lines(validations: Sequence[TableValidation]) -> list[str]:
    """Return the first `MOST_LINES` problems as `table, problem`, and the number of others."""
    return _first([(validation.table, problem) for validation in validations for problem in validation.problems])


def warning_lines(validations: Sequence[TableValidation]) -> list[str]:
    """Return the first `MOST_LINES` warnings as `table, warning`, and the number of others."""
    return _first([(validation.table, warning) for validation in validations for warning in validation.warnings])


def _first(found: Sequence[tuple[Table, str]]) -> list[str]:
    lines = [f"{table.name}, {text}" for table, text in found[:MOST_LINES]]
    return [*lines, f"and {len(found) - MOST_LINES} more"] if len(found) > MOST_LINES else lines


def markdown(validations: Sequence[TableValidation]) -> str:
    """Return a Markdown table of the validations, followed by the first problems and the first warnings."""
    rows = [SUMMARY_HEADINGS, *(summary_cells(validation) for validation in validations)]
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    lines.insert(1, f"|---|{'--:|' * (len(SUMMARY_HEADINGS) - 1)}")
    problems, warnings = problem_lines(validations), warning_lines(validations)
    if problems:
        lines += ["", *(f"- {problem}" for problem in problems)]
    if warnings:
        lines += ["", "Warnings:", "", *(f"- {warning}" for warning in warnings)]
    if not any(validation.dates_checked for validation in validations):
        lines += ["", "There was nothing to check: the dates have no game, no row and no recorded failure."]
    elif not problems and not warnings:
        lines += ["", "No rule is broken on any date."]
    return "\n".join(lines)
