"""Explanation of one row, or of its absence, as data and as sentences.

Here: the records and their wording. Not here: reading them (`reading.py`), printing them (`cli/explain.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nba_precompute.tables.common import MINIMUM_GAMES, READY_COMPLETENESS
from nba_precompute.tables.features import DEFAULT, READY_SCORE
from nba_precompute.warehouse.protocol import Row


class Answer(StrEnum):
    """Result of looking up an entity in a table on a date."""

    ROW = "row"
    FAILED = "failed"
    NOT_COMPUTED = "not_computed"
    NOT_IN_POPULATION = "not_in_population"


@dataclass(frozen=True)
class Value:
    """One column of the row.

    Attributes:
        value: as stored.
        now: as computed now; it differs if the inputs or the code have changed since.
        formula: description of the column from its declaration.
        lineage: the columns that it is computed from, each as `table.column`.
    """

    column: str
    value: Any
    now: Any
    unit: str
    formula: str
    lineage: tuple[str, ...]

    @property
    def is_stale(self) -> bool:
        """True if the stored value is not the one that would be computed now."""
        return bool(self.value != self.now)


@dataclass(frozen=True)
class FeatureValue:
    """One feature of a row of the feature store.

    Attributes:
        tier: origin of the value; `default` if the value is unknown.
        range: plausible bounds, inclusive; defaults are exempt.
        lineage: the Phase 4 column that it is read from, and the columns that replace it without a Phase 4 row.
    """

    index: int
    name: str
    value: float
    tier: str
    default: float
    required: bool
    range: tuple[float, float]
    unit: str
    formula: str
    lineage: tuple[str, ...]

    @property
    def is_default(self) -> bool:
        """True if the value is the feature's default."""
        return self.tier == DEFAULT

    @property
    def is_out_of_range(self) -> bool:
        """True if a known value is outside the plausible range."""
        return not self.is_default and not self.range[0] <= self.value <= self.range[1]


@dataclass(frozen=True)
class ExpectedGame:
    """A game that the completeness of the row expects.

    Attributes:
        gap: the reason why it is not covered; None if it is.
    """

    date: dt.date
    gap: str | None


@dataclass(frozen=True)
class SourceRows:
    """Rows of one entity that entered the values: earlier games, the context, rows of other Phase 4 tables.

    Attributes:
        relation: name of the table.
        entity: key of the player or team.
    """

    relation: str
    entity: str
    rows: list[Row]


@dataclass
class Explanation:
    """Everything about one entity of one table on one date.

    Attributes:
        reason: of the recorded failure, with its `detail`; None without one.
        summary: the explanation in sentences.
        values: the columns of the row; empty without a row.
        team: the team whose games are expected; None if unknown.
    """

    table: str
    key: str
    date: dt.date
    answer: Answer
    reason: str | None = None
    detail: str | None = None
    summary: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    features: list[FeatureValue] = field(default_factory=list)
    team: str | None = None
    expected_games: list[ExpectedGame] = field(default_factory=list)
    sources: list[SourceRows] = field(default_factory=list)


def describe(found: Explanation, row: Row | None, *, window: int, is_member: bool, would_be_row: bool) -> list[str]:
    """Summarize a row or a failure in sentences.

    Args:
        row: the published row; None if there is none.
        window: main window of the table, in games.
        is_member: True if the population of the date includes the entity.
        would_be_row: True if there would be a row when computed now.
    """
    sentences = [_first_sentence(found, row)]
    if not is_member:
        kind = "failure" if row is None else "row"
        sentences.append(
            f"The population of the date no longer includes {found.key}: the next run removes this {kind}."
        )
    if found.team and found.answer is not Answer.NOT_COMPUTED:
        sentences.append(_coverage(found.team, found.expected_games, window))
    if row is None:
        return sentences
    sample = f"The sample has {row['games_in_sample']} games (at most {window})"
    if row["window_first_game_date"]:
        sample += f", from {row['window_first_game_date']} to {row['window_last_game_date']}"
    sentences += [f"{sample}.", _readiness("Production", row["is_production_ready"], _not_ready(row))]
    if found.features:
        sentences += _quality(row, found.features)
    stale = [value.column for value in found.values if value.is_stale]
    if not would_be_row:
        sentences.append(
            f"Recomputing would leave no row: the inputs or the code have changed since. {_run_again(found.date)}"
        )
    elif stale:
        sentences.append(f"Recomputing would change these columns: {', '.join(stale)}. {_run_again(found.date)}")
    else:
        sentences.append("Recomputing would change no value.")
    return sentences


def _first_sentence(found: Explanation, row: Row | None) -> str:
    subject = f"{found.key} on {found.date} in {found.table}"
    if found.answer is Answer.FAILED:
        return f"{subject}: no row. Recorded failure: {found.reason}: {found.detail}."
    if row is None:
        return f"{subject}: neither a row nor a recorded failure: the date was not computed. {_run_again(found.date)}"
    sides = (("for", found.team if found.team != found.key else None), ("against", row.get("opponent_team_abbr")))
    game = " ".join(f"{word} {team}" for word, team in sides if team)
    return f"{subject}: published row{', ' if game else ''}{game}."


def _run_again(date: dt.date) -> str:
    return f"Run `nba-precompute backfill --from {date} --to {date}`."


def _coverage(team: str, games: Sequence[ExpectedGame], window: int) -> str:
    if not games:
        return f"The schedule has no game of {team} before the date in this season, so none is expected."
    uncovered = [f"{game.date} ({game.gap})" for game in games if game.gap]
    return (
        f"{len(games) - len(uncovered)} of the {len(games)} expected games of {team} (its newest {window} before the "
        f"date) are covered{'; uncovered: ' + ', '.join(uncovered) if uncovered else ''}."
    )


def _readiness(kind: str, ready: bool, reasons: Sequence[str]) -> str:
    return f"{kind} ready." if ready else f"Not {kind.lower()} ready: {'; '.join(reasons)}."


def _not_ready(row: Row) -> list[str]:
    """List the reasons against `is_production_ready` (contract, section 3)."""
    reasons = []
    if row["completeness_percentage"] < READY_COMPLETENESS:
        reasons.append(f"completeness is {row['completeness_percentage']:g} %, below {READY_COMPLETENESS} %")
    if row["games_in_sample"] < MINIMUM_GAMES:
        reasons.append(f"the sample has {row['games_in_sample']} games, the minimum is {MINIMUM_GAMES}")
    return reasons + [issue for issue in row["data_quality_issues"] if issue.startswith("upstream_")]


def _quality(row: Row, features: Sequence[FeatureValue]) -> list[str]:
    """Summarize the quality of a row of the feature store (contract, section 4.5)."""
    defaults = [feature for feature in features if feature.is_default]
    named = ", ".join(feature.name + ("" if feature.required else " (not required)") for feature in defaults)
    reasons = [] if row["is_production_ready"] else ["it is not production ready"]
    if row["feature_quality_score"] < READY_SCORE:
        reasons.append(f"the score is below {READY_SCORE}")
    reasons += [f"{feature.name} is a default" for feature in defaults if feature.required]
    out_of_range = [f"{feature.name} ({feature.value:g})" for feature in features if feature.is_out_of_range]
    are = "is a default" if len(defaults) == 1 else "are defaults"
    count = f"{len(defaults)} of {len(features)} features {are}{': ' if named else ''}{named}"
    return [
        f"Quality {row['quality_tier']}, score {row['feature_quality_score']:g}; {count}.",
        _readiness("Quality", row["is_quality_ready"], reasons),
        *([f"Out of range: {', '.join(out_of_range)}."] if out_of_range else []),
    ]
