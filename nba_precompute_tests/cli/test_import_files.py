"""`import`: its report, exit codes and JSON; Phase 3 folders beside the league's files; `load-phase3` names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nba_precompute.cli import import_files
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.sources.small import OPENING, game, games, write
from nba_precompute_tests.support import league_files as files

GAMES = files.season(2)
Command = tuple[pytest.MonkeyPatch, pytest.CaptureFixture[str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "nba.duckdb"))
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("NBA_WAREHOUSE", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch, capsys


def run(command: Command, *arguments: str | Path) -> tuple[int, str, str]:
    """Return exit code, output and errors."""
    monkeypatch, capsys = command
    code = call(monkeypatch, *map(str, arguments))
    out, error = capsys.readouterr()
    return code, out, " ".join(error.replace("│", " ").split())


def test_the_report_and_its_repetition(command: Command, tmp_path: Path) -> None:
    folder = files.write_v3(tmp_path / "files", GAMES)
    code, shown, _ = run(command, "import", folder)
    assert code == 0
    assert "│ boxscoretraditionalv3 │     2 │     2 │" in shown
    assert "derived sources, 2022-23" in shown
    assert f"{CONTEXT}.player_age is unknown in every row; it enters fatigue_score" in shown
    code, shown, _ = run(command, "import", folder)
    assert code == 0
    assert [shown.count(f"│ {name} ") for name in (SCHEDULE, *FACT_SOURCES)] == [1, 1, 1, 1]
    assert shown.count("unchanged │\n") >= 5


def test_what_is_missing_is_named_with_exit_code_3(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = files.write_v3(tmp_path / "files", GAMES)
    (folder / "boxscoretraditionalv3" / f"{GAMES[0].game_id}.json").write_text("<html>Access Denied</html>")
    for n in range(3):
        (folder / f"notes{n}.txt").write_text("read me")
    monkeypatch.setattr(import_files, "LINES", 2)
    code, shown, _ = run(command, "import", folder)
    assert code == 3
    assert "cannot be used: 1\n" in shown
    assert "games that are over and have no box score: 1\n  0022200001 (2022-10-18 MIL at BOS)\n" in shown
    assert "in no form that is read: 3\n" in shown
    assert "  and 1 more\n" in shown
    code, shown, _ = run(command, "import", folder, "--json")
    found = json.loads(shown)
    assert code == 3
    assert len(found["unrecognized"]) == 3
    assert [gap["game_id"] for gap in found["gaps"]] == ["0022200001"]
    assert found["changed_dates"][SCHEDULE] == []


def test_without_a_file_that_is_read_it_is_an_error(command: Command, tmp_path: Path) -> None:
    files.write_text(tmp_path / "files" / "notes.txt", "read me")
    code, shown, error = run(command, "import", tmp_path / "files")
    assert code == 1
    assert "notes.txt" in shown
    assert error == "error: no file was read; nothing was imported"


def test_a_folder_of_phase_3_is_loaded_as_such(command: Command, tmp_path: Path) -> None:
    phase3 = write(tmp_path / "phase3", games(game(OPENING, "001")))
    league = files.write_v3(tmp_path / "league", GAMES)
    code, shown, _ = run(command, "import", phase3, league)
    assert code == 0
    assert str(phase3) in shown.replace("\n", "")
    assert "derived sources, 2022-23" in shown


def test_load_phase3_names_the_command(command: Command, tmp_path: Path) -> None:
    folder = files.write_light(tmp_path / "logs", GAMES)
    named = files.write_csv(tmp_path / "named" / "player_game_summary.csv", files.player_log(GAMES))
    for given, told in (
        (folder, folder),
        (folder / "player_log.csv", folder / "player_log.csv"),
        (named.parent, named),
    ):
        code, _, error = run(command, "load-phase3", given)
        assert code == 1
        assert f"game log of players of the league, not Phase 3; run `nba-precompute import {told}`" in error
        assert "is missing" not in error
    assert run(command, "import", named.parent)[0] == 0
