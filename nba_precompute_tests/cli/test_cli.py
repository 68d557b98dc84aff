"""The command line `nba-precompute`: output and exit codes."""

from __future__ import annotations

import datetime as dt
import inspect
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nba_precompute.cli import app, main
from nba_precompute.simulation import simulate_season
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import days, run


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NBA_WAREHOUSE", "NBA_DUCKDB_THREADS", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "nba.duckdb"))
    monkeypatch.setenv("NO_COLOR", "1")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["nba-precompute", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return int(code) if isinstance(code, int) else (0 if code is None else 1)


@pytest.fixture(scope="module")
def league_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("phase3")
    for name, rows in simulate_season(2021).items():
        pq.write_table(rows, directory / f"{name}.parquet")
    return directory


def test_init_makes_the_tables_and_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "init") == 0
    assert call(monkeypatch, "init") == 0
    assert str(tmp_path / "nba.duckdb") in capsys.readouterr().out
    with DuckDBWarehouse(tmp_path / "nba.duckdb").reading("test") as session:
        assert session.query("SELECT * FROM `nba_predictions.ml_feature_store_v2`") == []


def test_loading_and_row_counts_before_and_after_a_run(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    league_directory: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, "load-phase3", str(league_directory)) == 0
    assert "player_game_summary" in capsys.readouterr().out
    span = ("--from", "2021-10-19", "--to", "2021-10-22")
    assert call(monkeypatch, "coverage", *span) == 3
    assert "player_daily_cache: 4 dates with games have no rows" in capsys.readouterr().out
    run(DuckDBWarehouse(tmp_path / "nba.duckdb"), days(dt.date(2021, 10, 19), dt.date(2021, 10, 22)))
    assert call(monkeypatch, "coverage", *span) == 0
    shown, note = capsys.readouterr()
    assert "use `nba-precompute status --dates`" in note
    assert "sample data: these are games of a simulated league" in shown
    assert "2021-10-22" in shown
    assert "have no rows" not in shown


def test_simulating_again_is_unchanged_and_says_that_it_is_sample_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "simulate", "--season", "2021") == 0
    assert "(sample data)" in capsys.readouterr().out
    assert call(monkeypatch, "simulate", "--season", "2021") == 0
    assert capsys.readouterr().out.count("unchanged") == 5


def test_simulated_files_can_be_written_and_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "simulate", "--season", "2022", "--seed", "3", "--out", str(tmp_path / "out")) == 0
    assert "sample data" in capsys.readouterr().out
    assert call(monkeypatch, "load-phase3", str(tmp_path / "out")) == 0


def test_rows_without_a_date_are_counted_and_the_exit_code_says_partial(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    league_directory: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in league_directory.glob("*.parquet"):
        rows = pq.read_table(file)
        if file.stem == "team_offense_game_summary":
            undated = [{**rows.slice(0, 1).to_pylist()[0], "game_date": None}]
            rows = rows.from_pylist([*rows.to_pylist(), *undated], schema=rows.schema)
        pq.write_table(rows, damaged / file.name)
    assert call(monkeypatch, "load-phase3", str(damaged)) == 3
    assert "team_offense_game_summary: 1 rows have no date and were left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["coverage", "--from", "2021-10-19", "--to", "2021-10-20"], 1, "run `nba-precompute init`"),
        (["coverage", "--from", "2021-10-20", "--to", "2021-10-19"], 2, "is before --from"),
        (["coverage", "--from", "yesterday", "--to", "2021-10-19"], 2, "yesterday"),
        (["load-phase3", "no/such/folder"], 2, "no/such/folder"),
        (["simulate"], 2, "--season"),
        (["simulate", "--season", "1900"], 2, "season_year 1900 is not within"),
        (["simulate", "--season", "2021", "--seed", "-1"], 2, "seed -1 is negative"),
    ],
)
def test_errors_say_what_is_wrong_with_their_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert call(monkeypatch, *arguments) == code
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("NBA_WAREHOUSE", "oracle", "NBA_WAREHOUSE is 'oracle'; it must be duckdb or bigquery"),
        ("NBA_DUCKDB_THREADS", "many", "NBA_DUCKDB_THREADS is 'many'; it must be a positive whole number"),
        ("NBA_DUCKDB_THREADS", "0", "NBA_DUCKDB_THREADS is '0'; it must be a positive whole number"),
    ],
)
def test_a_bad_setting_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    message: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert call(monkeypatch, "init") == 1
    assert message in capsys.readouterr().err


def test_every_command_shows_an_example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [command.name for command in app.registered_commands]
    assert {"plan", "backfill", "load-phase3"} <= set(commands)
    for command in commands:
        assert call(monkeypatch, str(command), "--help") == 0
        assert f"Example: nba-precompute {command}" in capsys.readouterr().out


def test_every_command_says_what_it_does_in_one_sentence() -> None:
    for command in app.registered_commands:
        sentence = (inspect.getdoc(command.callback) or "").partition("\n\n")[0]
        assert sentence.endswith("."), command.name
        assert sentence.count(". ") == 0, command.name
        assert "\n" not in sentence, command.name


def test_the_help_groups_the_commands_and_leaves_out_old_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    panels = [shown.index(f" {panel} ─") for panel in ("Set up", "Load", "Compute", "Inspect", "Export")]
    assert panels == sorted(panels)
    for command in app.registered_commands:
        assert bool(command.rich_help_panel) != command.hidden, command.name
        assert (f"│ {command.name} " in shown) != command.hidden, command.name


def test_brackets_in_an_error_are_printed_and_not_read_as_markup(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "[/x]" / "[red].duckdb"))
    assert call(monkeypatch, "validate", "--from", "2021-10-19", "--to", "2021-10-20") == 1
    assert f"{tmp_path}/[/x]/[red].duckdb" in capsys.readouterr().err
