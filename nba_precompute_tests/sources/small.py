"""A league of a few games that a test can read at a glance: every table has rows for every game."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nba_precompute.calendar import season_of
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse import Warehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import Rows, to_tables

OPENING = dt.date(2021, 10, 19)
NOON = dt.datetime(2021, 10, 20, 10, tzinfo=dt.UTC)

SOME_VALUE: dict[str, Any] = {
    "STRING": "x",
    "INT64": 7,
    "FLOAT64": 1.5,
    "BOOL": True,
    "DATE": OPENING,
    "TIMESTAMP": NOON,
}


def row(table: str, **values: Any) -> dict[str, Any]:
    """A row with a value in every declared column."""
    return {column.name: SOME_VALUE[column.type] for column in SOURCES[table].columns} | values


def game(date: dt.date, game_id: str = "002", home: str = "BOS", away: str = "MIL", points: int = 20) -> Rows:
    """The rows of one game in every table, two per team where a table is about teams' players."""
    common = {"game_date": date, "game_id": game_id, "season_year": season_of(date)}
    rows: Rows = {"nbac_schedule": [row("nbac_schedule", home_team_tricode=home, away_team_tricode=away, **common)]}
    for name in SOURCES:
        if name == "nbac_schedule":
            continue
        rows[name] = []
        for team, opponent in ((home, away), (away, home)):
            own = {"team_abbr": team, "defending_team_abbr": team, "opponent_team_abbr": opponent, **common}
            if "player" in name:
                players = [{"player_lookup": f"{team.lower()}{n}", "points": points + n} for n in range(2)]
            else:
                players = [{}]
            declared = SOURCES[name].column_names
            rows[name] += [
                row(name, **{key: value for key, value in (own | player).items() if key in declared})
                for player in players
            ]
    return rows


def games(*several: Rows) -> dict[str, pa.Table]:
    """The rows of several games, as tables with the declared types."""
    return to_tables({name: [row for rows in several for row in rows[name]] for name in SOURCES})


def write(directory: Path, tables: Mapping[str, pa.Table]) -> Path:
    """Create a directory with one Parquet file per table."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, directory / f"{name}.parquet")
    return directory


def content(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the five source tables, in one order."""
    result = {}
    with warehouse.reading("test") as session:
        for name, source in SOURCES.items():
            columns = ", ".join(source.column_names)
            rows = session.query(f"SELECT {columns} FROM {session.relation(source)}")
            result[name] = _in_order(rows)
    return result


def holds(warehouse: DuckDBWarehouse, tables: Mapping[str, pa.Table]) -> bool:
    """Return True if the source tables have exactly these rows; like `content`, but fast enough for seasons."""
    with warehouse.reading("test") as session:
        for name, source in SOURCES.items():
            session._connection.register("expected", tables[name])
            columns = ", ".join(source.column_names)
            there = f'SELECT {columns} FROM "{source.dataset}"."{name}"'
            for rows, others in ((there, "FROM expected"), ("FROM expected", there)):
                if session._connection.execute(f"{rows} EXCEPT ALL {others} LIMIT 1").fetchone():
                    return False
    return True


def as_content(tables: Mapping[str, pa.Table]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what `content` returns for a warehouse with exactly these rows."""
    return {name: _in_order(tables[name].to_pylist()) for name in SOURCES}


def _in_order(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    # as text, because NaN does not equal itself
    return sorted((tuple("NaN" if value != value else value for value in row.values()) for row in rows), key=str)
