"""`load-phase3`: subsets of the sources, dates that the files lack, loads that shrink; and a corrected real export."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute.sources import load, read_directory
from nba_precompute.tables import TABLES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games, holds, write
from nba_precompute_tests.support.cases import case_directory
from nba_precompute_tests.support.league import published, run

D0, D1, D2, D3, D4, D5 = (OPENING + dt.timedelta(days=n) for n in range(6))
PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
LEAGUE = games(*(game(date, f"00{n}") for n, date in enumerate((D0, D1, D2, D3, D4, D5))))


class Command:
    """The command in an environment of its own."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.warehouse = DuckDBWarehouse(path)
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.setenv("NBA_DUCKDB_PATH", str(path))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.delenv("NBA_WAREHOUSE", raising=False)

    def __call__(self, *arguments: Path | str | dt.date) -> tuple[int, str]:
        """Return exit code and output; an error is put on one line."""
        code = call(self._monkeypatch, "load-phase3", *map(str, arguments))
        out, error = self._capsys.readouterr()
        return code, out + " ".join(error.replace("│", " ").split())


@pytest.fixture
def load_phase3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path / "nba.duckdb", monkeypatch, capsys)


@pytest.fixture
def whole(load_phase3: Command, tmp_path: Path) -> Path:
    """The directory of a league that is loaded."""
    directory = write(tmp_path / "whole", LEAGUE)
    assert load_phase3(directory)[0] == 0
    return directory


def test_sources_without_a_file_are_named(load_phase3: Command, tmp_path: Path) -> None:
    code, shown = load_phase3(write(tmp_path / "some", {name: LEAGUE[name] for name in (SCHEDULE, OFFENSE)}))
    assert code == 0
    assert f"no file, left as it was: {PLAYERS}, {DEFENSE}, {CONTEXT}" in shown
    code, shown = load_phase3(write(tmp_path / "all", LEAGUE))
    assert (code, "no file" in shown) == (0, False)
    (tmp_path / "none").mkdir()
    code, shown = load_phase3(tmp_path / "none")
    assert (code, "no Phase 3 file; expected some of" in shown) == (1, True)


def test_dates_that_the_files_skip_are_named_and_can_be_emptied(
    load_phase3: Command, whole: Path, tmp_path: Path
) -> None:
    rest = games(*(game(date, f"00{n}") for n, date in enumerate((D0, D1, D2, D3, D4, D5)) if n != 3))
    directory = write(tmp_path / "rest", rest)
    code, shown = load_phase3(directory)
    assert code == 0, "a warning, and nothing was left out"
    assert f"{PLAYERS}: dates that the file skips and the warehouse has: 1 ({D3}; 4 rows)" in shown
    assert f"{OFFENSE}: dates that the file skips and the warehouse has: 1 ({D3}; 2 rows)" in shown
    assert f"load them again with `--from {D3} --to {D3}`" in shown
    assert f"{SCHEDULE}: dates" not in shown
    assert "dates emptied" not in shown

    code, shown = load_phase3(directory, "--from", D3, "--to", D3)
    assert code == 0
    assert f"{PLAYERS}: dates emptied: 1 ({D3}; 4 rows)" in shown
    assert "the warehouse has" not in shown
    assert f"rows before {D3} or after {D3} were loaded, too; no date there was emptied" in shown
    assert content(load_phase3.warehouse) == as_content(rest)

    code, shown = load_phase3(directory, "--from", D0, "--to", D5)
    assert (code, f"dates emptied: 0; the files have every date from {D0} to {D5} that had rows" in shown) == (0, True)
    assert "were loaded, too" not in shown


def test_many_dates_are_named_in_part(load_phase3: Command, whole: Path, tmp_path: Path) -> None:
    later = dt.date(2021, 12, 25)
    directory = write(tmp_path / "ends", {OFFENSE: games(game(later))[OFFENSE]})
    load_phase3(directory)
    first = OPENING - dt.timedelta(days=1)
    code, shown = load_phase3(write(directory, {OFFENSE: games(game(first), game(later))[OFFENSE]}))
    assert code == 0
    assert f"{OFFENSE}: dates that the file skips and the warehouse has: 6 ({D0}, {D1}, " in shown
    assert f"{D4} and 1 more; 12 rows)" in shown
    assert f"`--from {D0} --to {D5}`" in shown


def test_a_load_that_shrinks_is_refused_unless_allowed(load_phase3: Command, whole: Path, tmp_path: Path) -> None:
    directory = write(tmp_path / "cut", {name: LEAGUE[name].slice(3) for name in (SCHEDULE, OFFENSE)})
    before = content(load_phase3.warehouse)
    code, shown = load_phase3(directory)
    assert code == 1
    assert f"{SCHEDULE} in 2021-22: 6 rows now, 3 after the load" in shown
    assert f"{OFFENSE} on {D1}: 2 rows now, 1 after the load" in shown
    assert "load with --allow-shrink" in shown
    assert content(load_phase3.warehouse) == before
    assert load_phase3(directory, "--allow-shrink")[0] == 0
    assert len(content(load_phase3.warehouse)[SCHEDULE]) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "2021-10-19"), "--from and --to go together; one of them is missing"),
        (("--to", "2021-10-19"), "--from and --to go together; one of them is missing"),
        (("--from", "2021-10-20", "--to", "2021-10-19"), "--to 2021-10-19 is before --from 2021-10-20"),
        (("--from", "opening", "--to", "2021-10-19"), "opening"),
    ],
)
def test_a_span_needs_two_dates(load_phase3: Command, whole: Path, options: tuple[str, ...], message: str) -> None:
    code, shown = load_phase3(whole, *options)
    assert (code, message in shown) == (2, True)


def test_a_simulated_season_is_replaced_by_another_seed(load_phase3: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its dates and their games are others, and none of the league before may stay."""
    for seed in ("0", "7"):
        assert call(monkeypatch, "simulate", "--season", "2021", "--seed", seed) == 0
    assert holds(load_phase3.warehouse, simulate_season(2021, 7))


def test_a_corrected_export_after_a_wrong_date(load_phase3: Command) -> None:
    """Six teams' games of 2 November had the UTC date: the corrected files have no row of the 3rd."""
    case, wrong, date = case_directory("06"), dt.date(2021, 11, 3), dt.date(2021, 11, 4)
    assert load_phase3(case / "first")[0] == 0
    code, shown = load_phase3(case / "second")
    assert code == 0
    for name, rows in ((PLAYERS, 56), (DEFENSE, 6), (OFFENSE, 6)):
        assert f"{name}: dates that the file skips and the warehouse has: 1 ({wrong}; {rows} rows)" in shown
    assert f"{CONTEXT}: dates" not in shown
    assert f"`--from {wrong} --to {wrong}`" in shown

    code, shown = load_phase3(case / "second", "--from", wrong, "--to", wrong)
    assert code == 0
    for name, rows in ((PLAYERS, 56), (DEFENSE, 6), (OFFENSE, 6)):
        assert f"{name}: dates emptied: 1 ({wrong}; {rows} rows)" in shown
    run(load_phase3.warehouse, [date])
    row = published(load_phase3.warehouse, TABLES["player_daily_cache"], date)[date, "player0559"]
    found = (row["games_played_season"], row["points_avg_season"], row["days_rest"])
    assert found == (6, 6.8333, 2)


def test_the_corrected_export_is_all_there_is_of_its_span_at_once(load_phase3: Command) -> None:
    """Without the first attempt, and with the span of the whole files."""
    case = case_directory("06")
    assert load_phase3(case / "first")[0] == 0
    code, shown = load_phase3(case / "second", "--from", "2021-10-19", "--to", "2021-11-05")
    assert code == 0
    assert shown.count("dates emptied: 1 (2021-11-03") == 3
    assert "were loaded, too" not in shown
    once = DuckDBWarehouse(load_phase3.warehouse.path.with_name("once.duckdb"))
    load(once, read_directory(case / "second"))
    assert content(load_phase3.warehouse) == content(once)
