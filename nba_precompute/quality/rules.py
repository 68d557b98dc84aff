"""The rules of the three checks: what `sql/check.sql` counted for a date, held against the contract.

Every rule has a name, belongs to one check and says what is wrong in words. The thresholds of `plausible` stand here;
on two real seasons and on simulated ones no date comes near them. Nothing here knows of Dagster.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nba_precompute.quality.names import COMPLETE, PLAUSIBLE, VALID
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import Table
from nba_precompute.tables.common import LOOKBACK_DAYS, MINIMUM_GAMES, TRAILING_DATES
from nba_precompute.tables.features import FEATURES, required_columns
from nba_precompute.warehouse import Session
from nba_precompute.warehouse.protocol import Row

CHECKS = {
    COMPLETE: "Rows and recorded failures are exactly the population of the date; every team of the slate and every "
    f"opponent is there; all box scores of the {LOOKBACK_DAYS} dates before are covered. Inside a run it blocks "
    "nothing: one incomplete date must not stop a range. Automation downstream waits for it.",
    VALID: "Keys are unique, windows end before the date, zone rates add up, no value is impossible, the feature "
    "arrays are whole, and every row is what its hash says.",
    PLAUSIBLE: "Values are in their declared ranges, most rows are ready, few features are defaults, nothing is "
    f"constant or drifts against the {TRAILING_DATES} game dates before.",
}

READY_SHARE = 0.8
"""Of the rows whose main window is full, so many are ready."""
DEFAULT_SHARE = 0.1
"""Of the rows whose main window is full, at most so many have the default of a required feature."""
CONSTANT_TEAMS = 100
"""Teams of the slates of the trailing dates from which on a column that never varies is suspicious: the last rounds of
the playoffs have few teams and no second nights."""


_OF_THE_CALENDAR = ("back_to_back", "fatigue_score", "games_in_last_7_days")
"""What changes for everybody at once: after the All-Star break all are rested, at some 2 standard deviations."""


def drift_limit(column: str, teams: int) -> float:
    """How many standard deviations of the rows a column's mean may lie from that of the trailing dates.

    The means of small slates scatter. On a full slate the limit is below 1, so that form that falls to 0 is seen.
    """
    return (1.25 if column in _OF_THE_CALENDAR else 0.25) + 4 / math.sqrt(max(teams, 1))


_WORDS = {
    "unanswered": "{count} members of the population have neither a row nor a recorded failure",
    "uninvited": "{count} rows or failures are for nobody in the population",
    "answered_twice": "{count} members have a row and a failure",
    "unlisted_teams": "{count} of the slate's teams have nobody in the context",
    "undefended_opponents": "{count} opponents have neither a team defense row nor a recorded failure",
    "uncovered_sides": "{count} sides of games in the dates before are not covered",
    "repeated_keys": "{count} keys stand there more than once",
    "null_keys": "{count} keys are NULL",
    "late_windows": "{count} rows have a game of the date or later in their window",
    "touched_rows": "{count} rows are not what their data_hash says",
    "zone_rate_sums": "the zone rates of {count} rows do not add up",
    "broken_arrays": "the feature arrays of {count} rows are not whole",
    "null": "{column} is NULL in {count} rows",
    "impossible": "{column} is impossible in {count} rows",
    "undeclared": "{column} is not of its closed set in {count} rows",
    "unlike": "the array's {column} is not the column's in {count} rows",
    "implausible": f"{{column}} is out of its range in {{count}} rows with at least {MINIMUM_GAMES} games",
}
_RULES = {
    COMPLETE: (
        "unanswered",
        "uninvited",
        "answered_twice",
        "unlisted_teams",
        "undefended_opponents",
        "uncovered_sides",
    ),
    VALID: ("repeated_keys", "null_keys", "late_windows", "touched_rows", "zone_rate_sums", "broken_arrays"),
    PLAUSIBLE: (),
}
_COLUMN_RULES = {COMPLETE: (), VALID: ("null", "impossible", "undeclared", "unlike"), PLAUSIBLE: ("implausible",)}


@dataclass(frozen=True)
class Broken:
    """A rule that a date breaks.

    Attributes:
        rule: its name, with the column it is about.
        text: what is wrong, with a number and an example.
    """

    rule: str
    text: str


@dataclass
class Judgement:
    """What the checks say of one table on one date.

    Attributes:
        broken: per check, the rules that are broken; nothing where it passes.
        population: who must have an answer; `sampled_rows` of them have enough earlier games, of player and team.
    """

    date: dt.date
    teams: int = 0
    population: int = 0
    rows: int = 0
    failures: int = 0
    ready_rows: int = 0
    incomplete_rows: int = 0
    sampled_rows: int = 0
    duplicates: int = 0
    broken: dict[str, list[Broken]] = field(default_factory=lambda: {name: [] for name in CHECKS})

    @property
    def is_missing(self) -> bool:
        """Whether a date with games has no answer at all."""
        return self.teams > 0 and self.rows + self.failures == 0


def judge(session: Session, table: Table, dates: Sequence[dt.date]) -> dict[dt.date, Judgement]:
    """What the three checks say of a table on each date, in one query.

    Raises:
        WarehouseError: if the warehouse cannot be read, or a table is missing.
    """
    run = RunDates.of(dates)
    result = {date: Judgement(date) for date in run.dates}
    for line in session.query(render("read/check", table, run, session.relation), "check"):
        result[line["date"]] = _judgement(table, line)
    return result


def _judgement(table: Table, line: Row) -> Judgement:
    def number(name: str) -> int:
        return int(line.get(name) or 0)

    found = Judgement(
        line["date"],
        number("teams"),
        number("population"),
        number("published_rows"),
        number("failures"),
        number("ready_rows"),
        number("incomplete_rows"),
        number("sampled_rows"),
        number("repeated_keys"),
    )
    for check, rules in _RULES.items():
        found.broken[check] += [_broken(line, rule, rule) for rule in rules if number(rule)]
        found.broken[check] += [
            _broken(line, f"{rule}_{column.name}", rule, column.name)
            for rule in _COLUMN_RULES[check]
            for column in table.columns
            if number(f"{rule}_{column.name}")
        ]
    found.broken[PLAUSIBLE] += _shares(line) if number("full_rows") else []
    found.broken[PLAUSIBLE] += [
        one for column in required_columns(table.name) for one in _against_trailing(line, column)
    ]
    return found


def _broken(line: Row, name: str, rule: str, column: str = "") -> Broken:
    example = line.get(f"{name}_example")
    text = _WORDS[rule].format(count=line[name], column=column)
    return Broken(name, f"{text} (e.g. {example})" if example else text)


def _shares(line: Row) -> Iterator[Broken]:
    full = line["full_rows"]
    ready = line["full_ready_rows"] / full
    if ready < READY_SHARE:
        yield Broken(
            "ready_share", f"{ready:.0%} of {full} rows with a full window are ready, less than {READY_SHARE:.0%}"
        )
    for feature in FEATURES:
        share = (line.get(f"defaults_{feature.name}") or 0) / full
        if feature.required and share > DEFAULT_SHARE:
            yield Broken(
                f"default_share_{feature.name}",
                f"{feature.name} is a default in {share:.0%} of {full} rows with a full window, more than "
                f"{DEFAULT_SHARE:.0%}",
            )


def _against_trailing(line: Row, column: str) -> Iterator[Broken]:
    """Constancy over the trailing dates and the day, and drift of the day against the trailing dates before it."""
    here, before = line.get(f"n_{column}") or 0, line.get(f"trailing_n_{column}") or 0
    if (line.get("trailing_dates") or 0) < TRAILING_DATES or not before:
        return
    low, high = line[f"low_{column}"], line[f"high_{column}"]
    if low == high and line["trailing_teams"] >= CONSTANT_TEAMS:
        yield Broken(f"constant_{column}", f"{column} has been {low:g} in every row for {TRAILING_DATES} game dates")
    if not here:
        return
    usual = line[f"trailing_s_{column}"] / before
    deviation = math.sqrt(max(line[f"trailing_q_{column}"] / before - usual * usual, 0.0))
    mean = line[f"s_{column}"] / here
    if deviation > 0 and abs(mean - usual) > drift_limit(column, line["teams"]) * deviation:
        yield Broken(
            f"drift_{column}",
            f"the mean of {column} is {mean:.4g}, over the {TRAILING_DATES} game dates before it was {usual:.4g} "
            f"(standard deviation {deviation:.4g})",
        )
