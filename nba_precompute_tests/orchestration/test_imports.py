"""Imports in Dagster: the dates of the raw tables, and from a corrected game to the dates that it reaches."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import dagster as dg

from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import State
from nba_precompute.orchestration.assets.league_files import record_import
from nba_precompute.orchestration.dagster_private.records import materialization_ids
from nba_precompute.orchestration.observer import record
from nba_precompute.sources.importing import import_files
from nba_precompute.tables import TABLES
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support import league_files as files
from nba_precompute_tests.support.dagster_runs import materialize

TEAMS = ("BOS", "MIL", "NYK")
GAMES = files.season(4, teams=TEAMS)
DATES = [game.date for game in GAMES]


def recorded(instance: dg.DagsterInstance) -> dict[str, set[str]]:
    """Return the materialized dates by raw table."""
    return {name: set(materialization_ids(instance, dg.AssetKey(name))) for name in LEAGUE_TABLES}


def test_a_corrected_game_runs_again_exactly_what_it_reaches(tmp_path: Path) -> None:
    folder = files.write_v3(tmp_path / "files", GAMES)
    files.write_people(folder, TEAMS)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    with dg.DagsterInstance.ephemeral() as instance:
        assert record_import(instance, import_files(warehouse, [folder])) == 4 * len(GAMES) + 1
        assert recorded(instance)["league_plays"] == {str(date) for date in DATES}
        record(instance, warehouse)
        materialize(warehouse, str(DATES[0]), str(DATES[-1]), instance=instance)
        assert {state for states in _plan(instance, warehouse).values() for state in states.values()} == {State.FRESH}

        assert record_import(instance, import_files(warehouse, [folder])) == 0
        assert record(instance, warehouse).changes == []

        game = GAMES[1]
        answer = files.box_score_v3(game)
        answer["boxScoreTraditional"]["homeTeam"]["players"][0]["statistics"]["freeThrowsAttempted"] += 1
        corrected = files.write_json(tmp_path / "corrected.json", answer)
        assert record_import(instance, import_files(warehouse, [corrected])) == 1
        changes = record(instance, warehouse).changes
        assert [(change.seen.source, change.seen.date) for change in changes] == [("player_game_summary", game.date)]
        expected = {date: State.STALE if date > game.date else State.FRESH for date in DATES}
        assert _plan(instance, warehouse) == dict.fromkeys(TABLES, expected)


def _plan(instance: dg.DagsterInstance, warehouse: DuckDBWarehouse) -> dict[str, dict[dt.date, State]]:
    """Return the state of each table on each game date."""
    entries = make_plan(instance, warehouse, DATES[0], DATES[-1]).entries
    return {name: {date: of_table[date].state for date in DATES} for name, of_table in entries.items()}
