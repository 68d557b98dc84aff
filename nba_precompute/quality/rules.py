"""The rules of the three checks, applied to what `sql/read/check.sql` counts for a date.

Here: every rule with its name, its check, its wording, and the thresholds of `plausible`, which no date of the two
real seasons and of the simulated ones comes near. Not here: counting (`sql/read/check.sql`), and rules that only a date
range can break (`quality/validation.py`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from nba_precompute.quality.names import COMPLETE, PLAUSIBLE, VALID
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import Table
from nba_precompute.tables.common import LOOKBACK_DAYS, MINIMUM_GAMES, READY_COMPLETENESS, TRAILING_DATES
from nba_precompute.tables.features import FEATURES, required_columns
from nba_precompute.warehouse import Session
from nba_precompute.warehouse.protocol import Row

CHECKS = {
    COMPLETE: "Every member of the date's population has exactly one row or recorded failure, and there are no others. "
    "Every team of the slate and every opponent is present. The box scores that the date reads are covered or waived: "
    f"all of the newest game date, and {READY_COMPLETENESS} % of each team's window. Listed players meet their earlier "
    "games. A date that a run refused fails with the reason. A failure does not stop a run, because one incomplete "
    "date must not stop a date range; automation downstream waits for it.",
    VALID: "Keys are unique, windows end before the date, zone rates add up, no value is impossible, the feature "
    "arrays match their columns, and every row matches its data_hash.",
    PLAUSIBLE: "Values are within their declared ranges, most rows are ready, few features are defaults, and no column "
    f"is constant or drifts against the {TRAILING_DATES} game dates before. No other box score of the {LOOKBACK_DAYS} "
    "days before is uncovered.",
}

READY_SHARE = 0.8
"""The smallest share of ready rows among the rows whose main window is full."""
DEFAULT_SHARE = 0.1
"""The largest share of defaults of a required feature among the rows whose main window is full."""
CONSTANT_TEAMS = 100
"""The smallest number of teams on the slates of the trailing dates at which a constant column is suspicious: in the
last rounds of the playoffs few teams play, and none on consecutive nights."""


_CALENDAR_COLUMNS = ("back_to_back", "fatigue_score", "games_in_last_7_days")
"""Columns that change for all players at once: after the All-Star break, when all are rested, their mean is about 2
standard deviations off."""


def drift_limit(column: str, teams: int) -> float:
    """Return the largest plausible distance of a column's mean from that of the trailing dates.

    The means of small slates scatter. On a full slate the limit is below 1, so that a form that drops to 0 is found.

    Args:
        column: the column.
        teams: teams on the slate of the date.

    Returns:
        The distance in standard deviations of the rows of the trailing dates.
    """
    return (1.25 if column in _CALENDAR_COLUMNS else 0.25) + 4 / math.sqrt(max(teams, 1))


_TEXTS = {
    "not_published": "teams of the slate on a date with neither rows nor failures: {count}",
    "unaccounted_members": "members of the population with neither a row nor a recorded failure: {count}",
    "outside_population": "rows or failures outside the population: {count}",
    "row_and_failure": "members of the population with both a row and a failure: {count}",
    "unlisted_teams": "teams of the slate with no player in the context: {count}",
    "opponents_without_defense": "opponents with neither a team defense row nor a recorded failure: {count}",
    "short_windows": f"teams with less than {READY_COMPLETENESS} % of their window covered: {{count}}",
    "newest_sides_uncovered": "uncovered sides on the newest game date before: {count}",
    "lost_joins": "listed players whose player_lookup meets no earlier box score: {count} of {listed}",
    "uncovered_sides": f"other uncovered sides of games in the {LOOKBACK_DAYS} days before: {{count}}",
    "duplicate_keys": "keys published more than once: {count}",
    "null_keys": "NULL keys: {count}",
    "windows_not_before_date": "rows with a window that reaches the date or later: {count}",
    "hash_mismatches": "rows that do not match their data_hash: {count}",
    "zone_rate_sums": "rows with zone rates that do not add up: {count}",
    "malformed_arrays": "rows with malformed feature arrays: {count}",
    "null": "rows with a NULL {column}: {count}",
    "impossible": "rows with an impossible {column}: {count}",
    "outside_closed_set": "rows with {column} outside its closed set: {count}",
    "array_mismatch": "rows with an array element that differs from the column {column}: {count}",
    "out_of_range": f"rows with {{column}} out of its range (with at least {MINIMUM_GAMES} games): {{count}}",
}
_RULES = {
    COMPLETE: (
        "unaccounted_members",
        "outside_population",
        "row_and_failure",
        "unlisted_teams",
        "opponents_without_defense",
        "short_windows",
        "newest_sides_uncovered",
        "lost_joins",
    ),
    VALID: (
        "duplicate_keys",
        "null_keys",
        "windows_not_before_date",
        "hash_mismatches",
        "zone_rate_sums",
        "malformed_arrays",
    ),
    PLAUSIBLE: ("uncovered_sides",),
}
_COLUMN_RULES = {
    COMPLETE: (),
    VALID: ("null", "impossible", "outside_closed_set", "array_mismatch"),
    PLAUSIBLE: ("out_of_range",),
}


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a date breaks.

    Attributes:
        rule: its name, with the column it concerns, if any.
        text: a description of the problem, with a count and an example.
    """

    rule: str
    text: str


@dataclass
class Judgment:
    """The result of the three checks of one table on one date.

    Attributes:
        teams: teams on the slate of the date.
        refused: the reasons for which the newest run refused the date.
        population: members of the population of the date.
        sampled_rows: rows whose player and team both have the minimum of earlier games.
        duplicates: keys that are published more than once.
        broken: the broken rules, by check; empty where the check passes.
    """

    date: dt.date
    teams: int = 0
    refused: tuple[str, ...] = ()
    population: int = 0
    rows: int = 0
    failures: int = 0
    ready_rows: int = 0
    incomplete_rows: int = 0
    sampled_rows: int = 0
    duplicates: int = 0
    broken: dict[str, list[BrokenRule]] = field(default_factory=lambda: {name: [] for name in CHECKS})

    @property
    def is_missing(self) -> bool:
        """True if the date has games, but neither rows nor failures."""
        return self.teams > 0 and self.rows + self.failures == 0


def judge(
    session: Session,
    table: Table,
    dates: Sequence[dt.date],
    refused: Mapping[dt.date, Sequence[str]] = MappingProxyType({}),
) -> dict[dt.date, Judgment]:
    """Apply the three checks to a table on each date, in one query.

    Args:
        session: a session that reads the warehouse.
        table: the table.
        dates: the dates.
        refused: the reasons for which the newest run refused some of the dates; only the event log has them.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    run = RunDates.of(dates)
    result = {date: Judgment(date) for date in run.dates}
    for counts in session.query(render("read/check", table, run, session.relation), "check"):
        result[counts["date"]] = _judgment(table, counts)
    for date, judgment in result.items():
        judgment.refused = tuple(refused.get(date, ()))
        judgment.broken[COMPLETE][:0] = _not_published(judgment)
    return result


def _not_published(judgment: Judgment) -> Iterator[BrokenRule]:
    """Find why nothing, or nothing new, is published for the date: it counts no rows, so `complete` has to say so."""
    for reason in judgment.refused:
        yield BrokenRule("refused", f"refused: {reason}")
    if judgment.is_missing:
        yield BrokenRule("not_published", _TEXTS["not_published"].format(count=judgment.teams))


def _judgment(table: Table, counts: Row) -> Judgment:
    def number(name: str) -> int:
        return int(counts.get(name) or 0)

    judgment = Judgment(
        date=counts["date"],
        teams=number("teams"),
        population=number("population"),
        rows=number("published_rows"),
        failures=number("failures"),
        ready_rows=number("ready_rows"),
        incomplete_rows=number("incomplete_rows"),
        sampled_rows=number("sampled_rows"),
        duplicates=number("duplicate_keys"),
    )
    for check, rules in _RULES.items():
        judgment.broken[check] += [_broken_rule(counts, rule, rule) for rule in rules if number(rule)]
        judgment.broken[check] += [
            _broken_rule(counts, f"{rule}_{column.name}", rule, column.name)
            for rule in _COLUMN_RULES[check]
            for column in table.columns
            if number(f"{rule}_{column.name}")
        ]
    judgment.broken[PLAUSIBLE] += _shares(counts) if number("full_rows") else []
    for name in required_columns(table.name):
        judgment.broken[PLAUSIBLE] += _against_trailing(counts, name)
    return judgment


def _broken_rule(counts: Row, name: str, rule: str, column: str = "") -> BrokenRule:
    example = counts.get(f"{name}_example")
    text = _TEXTS[rule].format(count=counts[name], column=column, listed=counts.get("listed"))
    return BrokenRule(name, f"{text} (e.g. {example})" if example else text)


def _shares(counts: Row) -> Iterator[BrokenRule]:
    full = counts["full_rows"]
    ready = counts["full_ready_rows"] / full
    if ready < READY_SHARE:
        yield BrokenRule(
            "ready_share", f"{ready:.0%} of {full} rows with a full window are ready, less than {READY_SHARE:.0%}"
        )
    for feature in FEATURES:
        share = (counts.get(f"defaults_{feature.name}") or 0) / full
        if feature.required and share > DEFAULT_SHARE:
            yield BrokenRule(
                f"default_share_{feature.name}",
                f"{feature.name} is a default in {share:.0%} of {full} rows with a full window, more than "
                f"{DEFAULT_SHARE:.0%}",
            )


def _against_trailing(counts: Row, column: str) -> Iterator[BrokenRule]:
    """Find a column that is constant over the trailing dates and the date, or drifts against the trailing dates."""
    here, before = counts.get(f"n_{column}") or 0, counts.get(f"trailing_n_{column}") or 0
    if (counts.get("trailing_dates") or 0) < TRAILING_DATES or not before:
        return
    low, high = counts[f"low_{column}"], counts[f"high_{column}"]
    if low == high and counts["trailing_teams"] >= CONSTANT_TEAMS:
        yield BrokenRule(
            f"constant_{column}", f"{column} has been {low:g} in every row for {TRAILING_DATES} game dates"
        )
    if not here:
        return
    usual = counts[f"trailing_s_{column}"] / before
    deviation = math.sqrt(max(counts[f"trailing_q_{column}"] / before - usual * usual, 0.0))
    mean = counts[f"s_{column}"] / here
    if deviation > 0 and abs(mean - usual) > drift_limit(column, counts["teams"]) * deviation:
        yield BrokenRule(
            f"drift_{column}",
            f"the mean of {column} is {mean:.4g}; over the {TRAILING_DATES} game dates before, it was {usual:.4g} "
            f"(standard deviation {deviation:.4g})",
        )
