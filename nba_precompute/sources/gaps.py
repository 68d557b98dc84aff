"""What imported seasons lack: games without a box score, shots or plays, and what no file tells.

Here: the games by kind, and the features that rest on what is unknown in every row. Not here: the coverage of a date's
windows, which is checked whatever the rows are from (`quality/`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nba_precompute.sources.held import within_seasons
from nba_precompute.sql import Relation, fill
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.features import FEATURES
from nba_precompute.warehouse import Session

KINDS = {
    "unplaced": "box scores of games without a date; import the schedule or a log that has them",
    "no_box_score": "games that are over and have no box score",
    "shots_differ": "games with shots that are not the field goals of the box score; there, zones are unknown",
    "plays_differ": "games with makes in the play-by-play that are not those of the box score; there, assisted makes "
    "are unknown",
    "no_shots": "games without shots; their zones are unknown",
    "no_plays": "games without a play-by-play; assisted makes and blocks by zone are unknown",
}
"""The kinds of gaps, in words: of the first four, something is missing; the others depend on the form of the files."""

MISSING = tuple(KINDS)[:4]


@dataclass(frozen=True)
class Gap:
    """A game that lacks something; date and teams are None where no file tells."""

    kind: str
    game_id: str
    date: dt.date | None
    away: str | None
    home: str | None

    def __str__(self) -> str:
        if self.date is None:
            return self.game_id
        return f"{self.game_id} ({self.date} {self.away or '?'} at {self.home or '?'})"


def gaps(session: Session, seasons: Sequence[int], relation: Relation, box_scores: str) -> tuple[list[Gap], int]:
    """Return what the games of the seasons lack, by kind and date, and the number of games with a box score.

    Args:
        box_scores: the staged rows of `player_game_summary`.
    """
    statement = fill("derive/gaps", relation=relation, seasons=seasons, derived=box_scores)
    (row,) = session.query(f"SELECT COUNT(DISTINCT game_id) AS games FROM {box_scores}", "compare")
    return [
        Gap(
            kind=gap["kind"],
            game_id=gap["game_id"],
            date=gap["game_date"],
            away=gap["away_team_tricode"],
            home=gap["home_team_tricode"],
        )
        for gap in session.query(statement, "compare")
    ], row["games"]


def unknown_columns(session: Session, stages: Mapping[str, str]) -> list[str]:
    """Return the columns, as `table.column`, that are NULL in every row; none of a source without rows.

    Args:
        stages: the rows of each source, as a relation.
    """
    unknown = []
    for name, stage in stages.items():
        columns = SOURCES[name].column_names
        counts = ", ".join(f"COUNT({column}) AS {column}" for column in columns)
        (row,) = session.query(f"SELECT COUNT(*) AS row_count, {counts} FROM {stage} AS source_row", "compare")
        if row["row_count"]:
            unknown += [f"{name}.{column}" for column in columns if not row[column]]
    return unknown


def unknown_in_season(session: Session, season: int) -> dict[str, list[str]]:
    """Return `features_without` what is unknown in every row of a season in the warehouse."""
    within = within_seasons("game_date", [season])
    rows = {name: f"(SELECT * FROM {session.relation(source)} WHERE {within})" for name, source in SOURCES.items()}
    return features_without(unknown_columns(session, rows))


def features_without(unknown: Collection[str]) -> dict[str, list[str]]:
    """Return the unknown columns on which features rest, each with these features, in the order of the store."""
    result: dict[str, list[str]] = {column: [] for column in unknown}
    for feature in FEATURES:
        for column in _origins([*([feature.phase4] if feature.phase4 else []), *feature.lineage]):
            if column in result:
                result[column].append(feature.name)
    return {column: features for column, features in result.items() if features}


def _origins(lineage: Collection[str]) -> set[str]:
    """Return the columns of the sources from which columns are computed."""
    found: set[str] = set()
    for origin in lineage:
        table, column = origin.split(".")
        found |= _origins(TABLES[table].column(column).lineage) if table in TABLES else {origin}
    return found
