"""The predecessor's five sources, with exactly its columns and types, filled with rows of the declared sources.

Its tables know less: whole minutes, fewer decimals, no league id in a box score. `as_they_would_know` takes from
declared rows what theirs cannot carry, so that the two can be compared row by row. Only where `../shared/predecessor`
is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nba_precompute.sql import Relation
from nba_precompute.tables import SOURCES, TABLES, Source, Table
from nba_precompute.warehouse import Session
from nba_precompute_tests.support.league import SAMPLES, existing

DATES = ("2025-12-05", "2026-07")
"""The dates of their schemas: at the later one there are more columns."""

DECIMALS = {
    "minutes_played": 0,
    "usage_rate": 2,
    "ts_pct": 3,
    "defensive_rating": 2,
    "opponent_pace": 1,
    "possessions": 0,
    "pace": 1,
    "offensive_rating": 2,
    "projected_usage_rate": 2,
}
"""The decimals of their numbers; minutes have one, which is always 0."""

_SIDE = "CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', IF({home}, {other}, {own}), '_', IF({home}, {own}, {other}))"
_OF_PLAYERS = _SIDE.format(home="home_game", own="team_abbr", other="opponent_team_abbr")
_IS_COMPLETE = "STARTS_WITH(player_lookup, 'j')"
"""The box scores of these players have complete zones at the later date; those of the others have not."""

_VALUES: dict[str, dict[str, str]] = {
    "nbac_schedule": {
        "game_code": _SIDE.format(home="TRUE", own="home_team_tricode", other="away_team_tricode"),
        "is_regular_season": "game_type = 'regular_season'",
        "is_playoffs": "game_type IN ('playoffs', 'play_in')",
        "is_all_star": "game_type = 'all_star'",
        "is_emirates_cup": "MOD(EXTRACT(DAY FROM game_date), 2) = 0",
        "playoff_round": "IF(game_type = 'play_in', 'Play-In Tournament', NULL)",
        "data_source": "'nbac_api'",
        "processed_at": "TIMESTAMP '2022-07-01 00:00:00+00'",
    },
    "player_game_summary": {
        "game_id": _OF_PLAYERS,
        "is_active": "COALESCE(is_active, TRUE)",
        # A form that takes the other threes gives 99 of them.
        "three_attempts_pbp": f"IF({_IS_COMPLETE}, three_pt_attempts, 99)",
        "three_makes_pbp": f"IF({_IS_COMPLETE}, three_pt_makes, 99)",
        "has_complete_shot_zones": _IS_COMPLETE,
        "three_pt_attempts": f"IF({_IS_COMPLETE}, 99, three_pt_attempts)",
        "three_pt_makes": f"IF({_IS_COMPLETE}, 99, three_pt_makes)",
    },
    "team_defense_game_summary": {"game_id": "CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', defending_team_abbr)"},
    "team_offense_game_summary": {
        "game_id": "CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', team_abbr)",
        "nba_game_id": "game_id",
    },
    "upcoming_player_game_context": {"game_id": _OF_PLAYERS},
}
"""GoogleSQL over declared rows, by their source and column; a column that is not here has the declared value."""

_UNKNOWN = {"STRING": "''", "INT64": "0", "BOOLEAN": "FALSE", "TIMESTAMP": "TIMESTAMP '2022-07-01 00:00:00+00'"}
"""The values of their REQUIRED columns of which declared rows know nothing."""


@cache
def schemas(date: str) -> dict[str, Any]:
    """Return their tables at a date, by `dataset.table`."""
    found: dict[str, Any] = json.loads((existing(SAMPLES.parent / "predecessor") / "schemas.json").read_text())[date]
    return found


def schema_of(name: str, date: str) -> dict[str, Any]:
    """Return one of their tables at a date: its columns, partitioning and clustering."""
    table: Source | Table = (SOURCES | TABLES)[name]
    found: dict[str, Any] = schemas(date)[f"{table.dataset}.{name}"]
    return found


def output_ddl(table: Table, date: str) -> str:
    """Return the DDL of one of their outputs in DuckDB's SQL, without its constraints and columns of other types."""
    types = {
        "STRING": "VARCHAR",
        "INT64": "BIGINT",
        "FLOAT64": "DOUBLE",
        "ARRAY<STRING>": "VARCHAR[]",
        "ARRAY<FLOAT64>": "DOUBLE[]",
    }
    columns = {
        name: type_.removesuffix(" NOT NULL").replace("NUMERIC", "DECIMAL")
        for name, type_ in schema_of(table.name, date)["columns"].items()
        if "STRUCT" not in type_ and type_ not in ("ARRAY<DATE>", "ARRAY<INT64>")
    }
    body = ", ".join(f'"{name}" {types.get(type_, type_)}' for name, type_ in columns.items())
    return f"CREATE OR REPLACE TABLE {table.dataset}.{table.name} ({body})"


def as_they_would_know(tables: Mapping[str, pa.Table], date: str) -> dict[str, pa.Table]:
    """Return declared rows without what their tables cannot carry."""
    result = {}
    for name, rows in tables.items():
        for index, column in enumerate(rows.column_names):
            if column in DECIMALS:
                rows = rows.set_column(
                    index, column, pc.round(rows[column], DECIMALS[column], round_mode="half_towards_infinity")
                )
            elif column == "is_dnp" and column not in schema_of(name, date)["columns"]:
                rows = rows.set_column(index, column, pa.nulls(len(rows), pa.bool_()))
        result[name] = rows
    return result


def set_up_theirs(session: Session, relation: Relation, tables: Mapping[str, pa.Table], date: str) -> None:
    """Create their five tables as they were at a date, with these rows; two rows for each game of the schedule."""
    for name, rows in tables.items():
        path = relation(SOURCES[name])
        stage = session.stage_rows(name, rows)
        session.execute(_create(path, schema_of(name, date)), "create")
        session.execute(_insert(path, name, stage, date), "insert")
        if name == "nbac_schedule":
            older = {
                "data_source": "'nbac_page'",
                "game_status": "1",
                "processed_at": "TIMESTAMP '2022-06-30 00:00:00+00'",
            }
            session.execute(_insert(path, name, stage, date, older), "insert")


def _create(path: str, schema: dict[str, Any]) -> str:
    columns = ", ".join(f"{name} {type_}" for name, type_ in schema["columns"].items())
    if path.count(".") == 1:  # DuckDB has no partitions
        return f"CREATE TABLE {path} ({columns})"
    needs_filter = str(schema["require_partition_filter"]).lower()
    return (
        f"CREATE TABLE {path} ({columns}) PARTITION BY {schema['partition_by']} CLUSTER BY "
        # The emulator, like BigQuery, allows four columns.
        f"{', '.join(schema['cluster_by'].split(', ')[:4])} OPTIONS (require_partition_filter = {needs_filter})"
    )


def _insert(path: str, name: str, stage: str, date: str, changed: Mapping[str, str] | None = None) -> str:
    declared = SOURCES[name].column_names
    deployed = schema_of(name, date)["columns"]
    given = _VALUES[name] | dict(changed or {})
    if "has_complete_shot_zones" not in deployed:
        given = {column: value for column, value in given.items() if not column.startswith("three_pt_")}
    values = {}
    for column, type_ in deployed.items():
        if column in given or column in declared:
            value = given.get(column, column)
            values[column] = f"CAST({value} AS NUMERIC)" if type_.startswith("NUMERIC") else value
            if column == "possessions":
                values[column] = "CAST(possessions AS INT64)"
        elif type_.endswith("NOT NULL"):
            values[column] = _UNKNOWN[type_.removesuffix(" NOT NULL")]
    return f"INSERT INTO {path} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {stage}"
