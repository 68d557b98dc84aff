"""`sources check`: columns that do not fit, with the line that cures them, and what admission finds on one date."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.sources.small import OPENING, game, games
from nba_precompute_tests.support.league import execute, new_warehouse

OFFENSE = "nba_analytics.team_offense_game_summary"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a warehouse with a game whose team rows are twice in another table, under another name."""
    path = tmp_path / "nba.duckdb"
    execute(
        new_warehouse(path, games(game(OPENING))),
        "UPDATE nba_raw.nbac_schedule SET game_type = 'regular_season', game_status = 3",
        "CREATE SCHEMA ours",
        f"CREATE TABLE ours.team_games AS SELECT * RENAME (team_abbr AS team) FROM {OFFENSE}",
        "INSERT INTO ours.team_games FROM ours.team_games",
    )
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(path))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    return path


def form(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = path.parent / "forms"
    folder.mkdir(exist_ok=True)
    (folder / "team_offense_game_summary.sql").write_text(text)
    monkeypatch.setenv("NBA_SOURCES", str(folder))


def test_a_form_is_refused_cured_and_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    form(path, "SELECT * FROM ours.team_games", monkeypatch)
    assert call(monkeypatch, "sources", "check") == 1
    shown, error = capsys.readouterr()
    assert "the nearest is team: write `team AS team_abbr`" in error
    assert "rows" not in shown

    form(path, "SELECT * EXCEPT (team), team AS team_abbr FROM ours.team_games", monkeypatch)
    # The players of the game are two on each side, so that it is not covered.
    assert call(monkeypatch, "sources", "check") == 3
    shown, error = capsys.readouterr()
    assert error == ""
    assert f"{OPENING}" in shown
    assert "duplicate rows dropped from team_offense_game_summary: 2" in shown
    assert f"team_offense_game_summary is read through {path.parent / 'forms'}" in shown

    assert call(monkeypatch, "init", "--check") == 0
    assert call(monkeypatch, "sources", "check", "--date", "2023-01-01") == 3
    assert "the schedule has no game of the season of 2023-01-01" in capsys.readouterr().out


def test_declared_tables_of_another_shape_are_pointed_to_forms(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NBA_SOURCES", raising=False)
    execute(DuckDBWarehouse(path), f"ALTER TABLE {OFFENSE} ALTER possessions TYPE BIGINT")
    assert call(monkeypatch, "sources", "check") == 1
    error = capsys.readouterr().err
    assert f"{OFFENSE}.possessions: expected FLOAT64, found INT64" in error
    assert "NBA_SOURCES reads tables of another shape: docs/sources.md" in error
