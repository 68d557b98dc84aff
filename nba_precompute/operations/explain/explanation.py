"""What is known of one row, or of why there is none: as data, and in sentences.

How it is found out is `explain.py`, how it is shown `cli/explain.py`.
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
    """What a table says of an entity on a date."""

    ROW = "row"
    FAILED = "failed"
    NOT_COMPUTED = "not_computed"
    NOT_IN_POPULATION = "not_in_population"


@dataclass(frozen=True)
class Value:
    """One column of the row.

    Attributes:
        value: as stored.
        now: as it would be computed now; the same unless the inputs or the code have changed since.
        formula: the column's meaning, as the declaration has it.
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
        return bool(self.value != self.now)


@dataclass(frozen=True)
class FeatureValue:
    """One feature of a row of the feature store.

    Attributes:
        tier: where the value comes from; `default` where it is unknown.
        range: what is plausible; defaults are not held against it.
        lineage: the Phase 4 column that it is read from, and what it is calculated from without one.
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
        return self.tier == DEFAULT

    @property
    def is_implausible(self) -> bool:
        return not self.is_default and not self.range[0] <= self.value <= self.range[1]


@dataclass(frozen=True)
class ExpectedGame:
    """A game that the row's completeness expects.

    Attributes:
        why_not: what the sources lack for it to be covered; empty where it is.
    """

    date: dt.date
    is_covered: bool
    why_not: tuple[str, ...]


@dataclass(frozen=True)
class SourceRows:
    """Rows that entered: earlier games, the context, rows of other Phase 4 tables.

    Attributes:
        relation: the table that they stand in.
        entity: whose they are.
    """

    relation: str
    entity: str
    rows: list[Row]


@dataclass
class Explanation:
    """Everything about one entity of one table on one date.

    Attributes:
        summary: what there is to know, in sentences.
        values: the row's columns; empty without a row.
        team: the team whose games are expected; None where it is unknown.
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


def why_not_covered(row: Row) -> tuple[str, ...]:
    """What each source lacks of a game, in numbers."""
    found = []
    if not row["in_player_game_summary"]:
        minutes = "unknown" if row["minutes_known"] is None else f"{row['minutes_known']:g}"
        team = "an unknown number" if row["points_scored"] is None else row["points_scored"]
        found.append(
            f"player_game_summary: {row['players']} players played, {minutes} minutes, {row['points'] or 0} points of "
            f"the team's {team}"
        )
    found += [
        f"{name}: no row of the team"
        for name in ("team_offense_game_summary", "team_defense_game_summary")
        if not row[f"in_{name}"]
    ]
    return tuple(found)


def describe(found: Explanation, row: Row | None, *, window: int, is_member: bool, would_be_row: bool) -> list[str]:
    """What there is to know of an answer, in sentences.

    Args:
        row: the published row; None where there is none.
        window: the table's main window, in games.
        is_member: whether the population of the date has the entity.
        would_be_row: whether there would be a row if it was computed now.
    """
    sentences = [_first_sentence(found, row)]
    if not is_member:
        sentences.append("The population of the date has no such member any more: the next run removes this answer.")
    if found.team and found.answer is not Answer.NOT_COMPUTED:
        sentences.append(_coverage(found.team, found.expected_games, window))
    if row is None:
        return sentences
    sample = f"{row['games_in_sample']} games are in the sample of at most {window}"
    if row["window_first_game_date"]:
        sample += f", from {row['window_first_game_date']} to {row['window_last_game_date']}"
    sentences += [f"{sample}.", _readiness("Production ready", row["is_production_ready"], _not_ready(row))]
    if found.features:
        sentences += _quality(row, found.features)
    stale = [value.column for value in found.values if value.is_stale]
    if not would_be_row:
        sentences.append("Computed now, there would be no row: the inputs or the code have changed since.")
    elif stale:
        sentences.append(f"Computed now, these would be different: {', '.join(stale)}. Materialize the date again.")
    else:
        sentences.append("Computed now, every value would be the same.")
    return sentences


def _first_sentence(found: Explanation, row: Row | None) -> str:
    who = f"{found.key} on {found.date} in {found.table}"
    if found.answer is Answer.FAILED:
        return f"{who}: there is no row, and the recorded reason is {found.reason}: {found.detail}."
    if row is None:
        return f"{who}: there must be an answer, but there is none: the date was not computed. Materialize it."
    sides = (("for", found.team if found.team != found.key else None), ("against", row.get("opponent_team_abbr")))
    game = " ".join(f"{word} {team}" for word, team in sides if team)
    return f"{who}: there is a row{', ' if game else ''}{game}."


def _coverage(team: str, games: Sequence[ExpectedGame], window: int) -> str:
    if not games:
        return f"{team} has no game on the season's schedule before the date, so none is expected."
    missing = [str(game.date) for game in games if not game.is_covered]
    return (
        f"{len(games) - len(missing)} of the {len(games)} expected games of {team} (its newest {window} before the "
        f"date) are covered{'; missing: ' + ', '.join(missing) if missing else ''}."
    )


def _readiness(what: str, ready: bool, reasons: Sequence[str]) -> str:
    return f"{what}." if ready else f"Not {what[0].lower()}{what[1:]}: {'; '.join(reasons)}."


def _not_ready(row: Row) -> list[str]:
    """Why a row is not production ready (contract, section 3, `is_production_ready`)."""
    reasons = []
    if row["completeness_percentage"] < READY_COMPLETENESS:
        reasons.append(f"completeness is {row['completeness_percentage']:g} %, below {READY_COMPLETENESS} %")
    if row["games_in_sample"] < MINIMUM_GAMES:
        reasons.append(f"{row['games_in_sample']} games are in the sample, the minimum is {MINIMUM_GAMES}")
    return reasons + [issue for issue in row["data_quality_issues"] if issue.startswith("upstream_")]


def _quality(row: Row, features: Sequence[FeatureValue]) -> list[str]:
    """The quality of a row of the feature store (contract, section 4.5, `is_quality_ready`)."""
    defaults = [one for one in features if one.is_default]
    named = ", ".join(one.name + ("" if one.required else " (not required)") for one in defaults)
    reasons = [] if row["is_production_ready"] else ["it is not production ready"]
    if row["feature_quality_score"] < READY_SCORE:
        reasons.append(f"the score is below {READY_SCORE}")
    reasons += [f"{one.name} is a default" for one in defaults if one.required]
    implausible = [f"{one.name} ({one.value:g})" for one in features if one.is_implausible]
    are = "is a default" if len(defaults) == 1 else "are defaults"
    count = f"{len(defaults)} of {len(features)} features {are}{': ' if named else ''}{named}"
    return [
        f"Quality {row['quality_tier']}, score {row['feature_quality_score']:g}; {count}.",
        _readiness("Quality ready", row["is_quality_ready"], reasons),
        *([f"Outside its plausible range: {', '.join(implausible)}."] if implausible else []),
    ]
