"""The import over the wire: the same sources as from DuckDB, and one game corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_precompute.sources.importing import import_files
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.sources.test_importing import changed, content
from nba_precompute_tests.support import league_files as files

GAMES = files.season(2, overtimes={2: 1})


@pytest.mark.slow
def test_both_warehouses_derive_the_same(new_bigquery: NewWarehouse, tmp_path: Path) -> None:
    folder = files.write_v3(tmp_path / "files", GAMES)
    files.write_people(folder)
    files.write_availability(folder / "availability.csv", [(GAMES[1].date, files.roster("BOS")[3], "Out", "")])
    warehouse, duckdb = new_bigquery(), DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = [import_files(each, [folder]) for each in (warehouse, duckdb)]
    assert imported[0].dates == imported[1].dates
    assert content(warehouse) == content(duckdb)
    answer = files.box_score_v3(GAMES[0])
    answer["boxScoreTraditional"]["homeTeam"]["players"][0]["statistics"]["freeThrowsAttempted"] += 1
    corrected = files.write_json(tmp_path / "corrected.json", answer)
    assert changed(import_files(warehouse, [corrected])) == {"player_game_summary": [GAMES[0].date]}
    import_files(duckdb, [corrected])
    assert content(warehouse) == content(duckdb)
