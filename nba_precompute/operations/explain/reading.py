"""Reads the data that explains one row, or its absence, from the current tables and sources.

Here: the queries, through the templates that compute the rows. Not here: the records and sentences built from the
results (`explanation.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from nba_precompute.calendar import season_label, season_of
from nba_precompute.operations.explain.explanation import (
    Answer,
    ExpectedGame,
    Explanation,
    FeatureValue,
    SourceRows,
    Value,
    describe,
)
from nba_precompute.sql import RunDates, render, render_select
from nba_precompute.tables import SOURCES, TABLES, Source, Table
from nba_precompute.tables.common import FAILURE_REASONS, POPULATIONS, completeness_columns
from nba_precompute.tables.features import FEATURES, Feature
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.tables.schema import by_relation
from nba_precompute.tables.sources import CONTEXT
from nba_precompute.warehouse import Session, Warehouse
from nba_precompute.warehouse.protocol import Row


class UnknownEntity(Exception):
    """Unknown table, key or season; the message suggests known names."""


def table_named(name: str) -> Table:
    """Return the table of that name.

    Raises:
        UnknownEntity: if there is none; the message suggests similar names.
    """
    if name not in TABLES:
        raise UnknownEntity(f"no table {name}; {_suggestion(name, list(TABLES))}")
    return TABLES[name]


def explain(warehouse: Warehouse, table: Table, key: str, date: dt.date) -> Explanation:
    """Explain the row of an entity on a date, or why there is none.

    Args:
        key: `player_lookup` of a player, or abbreviation of a team.

    Raises:
        UnknownEntity: if the season of the date has no schedule, or the key does not occur in it.
        WarehouseError: if the warehouse cannot be read.
    """
    with warehouse.reading(f"explain {table.name}") as session:
        return _Reading(session, table, key, RunDates.of([date])).explanation()


@dataclass
class _Reading:
    """The queries about one entity."""

    session: Session
    table: Table
    key: str
    run: RunDates

    @property
    def date(self) -> dt.date:
        return self.run.dates[0]

    def explanation(self) -> Explanation:
        answers = {answer["entity_id"]: answer for answer in self._query("outcomes")}
        if self.key not in answers:
            return self._outsider()
        answer = answers[self.key]
        result = Explanation(
            table=self.table.name,
            key=self.key,
            date=self.date,
            answer=_kind(answer),
            reason=answer["reason"],
            detail=answer["detail"],
        )
        context = self._context()
        result.team = self._team(context)
        if result.team:
            result.expected_games = self._expected_games(result.team)
        result.sources = [*context, *self._upstreams(), *self._games(result.team)]
        if result.answer is Answer.ROW:
            result.values = self._values()
            if self.table is ML_FEATURE_STORE_V2:
                result.features = [self._feature(index, feature) for index, feature in enumerate(FEATURES)]
        result.summary = describe(
            result,
            self.row,
            window=self.table.window,
            is_member=answer["is_member"],
            would_be_row=result.answer is Answer.ROW and self.recomputed is not None,
        )
        return result

    def _query(self, template: str, table: Table | None = None, **parameters: Any) -> list[Row]:
        return self.session.query(
            render(f"read/{template}", table or self.table, self.run, self.session.relation, **parameters), "explain"
        )

    @cached_property
    def row(self) -> Row | None:
        """The published row; None if there is none."""
        rows = self._query("rows", columns=self.table.columns, entities=[self.key], moment=None)
        return rows[0] if rows else None

    @cached_property
    def recomputed(self) -> Row | None:
        """The row that would be published now; None if there would be none."""
        select = render_select(self.table, self.run, self.session.relation)
        staged = render("publish/stage", self.table, self.run, self.session.relation, select=select)
        rows = self._query("recomputed", staged=staged, entities=[self.key])
        return next((row for row in rows if row["failure_reason"] is None), None)

    def _context(self) -> list[SourceRows]:
        if self._is_about_teams:
            return []
        columns = self._read_from(SOURCES[CONTEXT], ("team_abbr", "opponent_team_abbr", "universal_player_id"))
        rows = self._query("context_rows", columns=columns, player=self.key)
        return [SourceRows(relation=CONTEXT, entity=self.key, rows=rows)]

    def _team(self, context: Sequence[SourceRows]) -> str | None:
        """Find the team whose schedule determines the expected games (contract, section 3)."""
        if self.row:
            return str(self.row["team_abbr"]) if self.row["team_abbr"] else None
        listed = [row["team_abbr"] for rows in context for row in rows.rows]
        return self.key if self._is_about_teams else (listed[0] if listed else None)

    def _expected_games(self, team: str) -> list[ExpectedGame]:
        return [ExpectedGame(date=row["game_date"], gap=row["gap"]) for row in self._query("expected_games", team=team)]

    def _upstreams(self) -> list[SourceRows]:
        found = []
        for name in self.table.upstreams:
            upstream = TABLES[name]
            is_own = upstream.entity_column == self.table.entity_column
            entity = self.key if is_own else self._opponent
            if entity:
                names = self._read_from(upstream, ("is_production_ready", "data_quality_issues"))
                columns = [upstream.column(column) for column in names]
                rows = self._query("rows", upstream, columns=columns, entities=[entity], moment=None)
                found.append(SourceRows(relation=name, entity=entity, rows=rows))
        return found

    def _games(self, team: str | None) -> list[SourceRows]:
        """Read earlier games of the entity, and of the teams whose pace, rating or results enter the row."""
        found = []
        teams = [team, self._opponent if self._reads_opponents_games else None]
        for name, entity_column, entities in (
            ("player_game_summary", "player_lookup", [] if self._is_about_teams else [self.key]),
            ("team_defense_game_summary", "defending_team_abbr", [self.key] if self._is_about_teams else []),
            ("team_offense_game_summary", "team_abbr", teams),
        ):
            columns = self._read_from(SOURCES[name])
            wanted = [entity for entity in entities if entity]
            if not wanted or not columns:
                continue
            rows = self._query(
                "earlier_games", source=SOURCES[name], entity=entity_column, entities=wanted, columns=columns
            )
            for entity in wanted:
                own = [
                    {column: value for column, value in row.items() if column != "entity_id"}
                    for row in rows
                    if row["entity_id"] == entity
                ]
                found.append(SourceRows(relation=name, entity=entity, rows=own))
        return found

    @property
    def _is_about_teams(self) -> bool:
        return self.table.entity_column == "team_abbr"

    @property
    def _opponent(self) -> str | None:
        return self.row.get("opponent_team_abbr") if self.row else None

    @property
    def _reads_opponents_games(self) -> bool:
        return any(
            column.name.startswith("opponent_") and "team_offense_game_summary.pace" in column.lineage
            for column in self.table.columns
        )

    def _read_from(self, relation: Table | Source, also: Sequence[str] = ()) -> list[str]:
        """List the columns of another relation that enter the row's values, except those used only for coverage."""
        of_coverage = {column.name for column in completeness_columns(self.table.window, "")}
        read = {
            name
            for column in self.table.columns
            if column.name not in of_coverage
            for name in by_relation(column.lineage).get(relation.name, ())
        } | set(also)
        keys = {relation.date_column, *(relation.key if isinstance(relation, Table) else ())}
        return [column.name for column in relation.columns if column.name in read - keys]

    def _values(self) -> list[Value]:
        assert self.row is not None
        now = self.recomputed or {}
        return [
            Value(
                column=column.name,
                value=self.row[column.name],
                now=now.get(column.name),
                unit=column.unit,
                formula=column.description,
                lineage=column.lineage,
            )
            for column in self.table.columns
            if column.name not in self.table.key
        ]

    def _feature(self, index: int, feature: Feature) -> FeatureValue:
        assert self.row is not None
        return FeatureValue(
            index=index,
            name=feature.name,
            value=self.row["features"][index],
            tier=self.row["feature_sources"][index],
            default=feature.default,
            required=feature.required,
            range=feature.range,
            unit=feature.unit,
            formula=feature.description,
            lineage=self.table.column(feature.name).lineage,
        )

    def _outsider(self) -> Explanation:
        """Explain an entity outside the population, which needs no row."""
        appearances = self._query("appearances")
        scheduled = [row for row in appearances if row["kind"] == "scheduled"]
        season = season_label(season_of(self.date))
        if not scheduled:
            raise UnknownEntity(f"the schedule has no game of season {season}: nothing to explain for {self.date}")
        own = [row for row in appearances if row["entity_id"] == self.key]
        if not own:
            known = sorted({row["entity_id"] for row in appearances if row["entity_id"]})
            raise UnknownEntity(
                f"no {self.table.entity_column} {self.key} in season {season}; {_suggestion(self.key, known)}"
            )
        result = Explanation(table=self.table.name, key=self.key, date=self.date, answer=Answer.NOT_IN_POPULATION)
        result.summary.append(
            f"{self.key} on {self.date} in {self.table.name}: no row, because the population does not include it. "
            f"Population: {POPULATIONS[str(self.table.population)]}."
        )
        if not any(row["on_the_date"] for row in scheduled):
            before = max((row["newest_before"] for row in scheduled if row["newest_before"]), default="none")
            after = min((row["next_after"] for row in scheduled if row["next_after"]), default="none")
            result.summary.append(
                f"The schedule has no game on {self.date}. Previous game date: {before}; next: {after}."
            )
        result.summary += [
            f"{row['kind'].capitalize()}: previous date {row['newest_before'] or '(never)'}, "
            f"next date {row['next_after'] or '(never)'}."
            for row in own
        ]
        return result


def _kind(answer: Row) -> Answer:
    if answer["has_row"]:
        return Answer.ROW
    return Answer.FAILED if answer["reason"] in FAILURE_REASONS else Answer.NOT_COMPUTED


def _suggestion(text: str, known: Sequence[str]) -> str:
    def normal(name: str) -> str:
        return "".join(character for character in name.lower() if character.isalnum())

    by_name = {normal(name): name for name in known}
    near = get_close_matches(normal(text), by_name, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(by_name[name] for name in near)}?"
    return f"known: {', '.join(known)}" if len(known) <= 40 else f"none of the {len(known)} known ones is similar"
