"""Source forms: what `NBA_SOURCES` may name, what columns a form may have, and refusals with the line that cures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nba_precompute.operations import doctor
from nba_precompute.sources import load
from nba_precompute.sources.importing import import_files
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse import Replacement, SchemaMismatch, WarehouseError, warehouse_from_environment
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.forms import forms_from_environment
from nba_precompute.warehouse.schema_sync import deploy, differences, refuse_unfit_forms
from nba_precompute_tests.sources.small import as_content, content, game, games
from nba_precompute_tests.support.league import execute, new_warehouse

OFFENSE, SCHEDULE = "team_offense_game_summary", "nbac_schedule"
SOURCE = SOURCES[OFFENSE]
OPENING = dt.date(2021, 10, 19)
LEAGUE = games(game(OPENING))
OTHERS = ", ".join(name for name in SOURCE.column_names if name != "possessions")


def folder_with(tmp_path: Path, **texts: str) -> Path:
    folder = tmp_path / "forms"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with a game, and the same team rows under other names, types and spellings."""
    path = tmp_path_factory.mktemp("forms") / "nba.duckdb"
    execute(
        new_warehouse(path, LEAGUE),
        "CREATE SCHEMA ours",
        "CREATE TABLE ours.team_games AS SELECT * REPLACE ("
        "CAST(game_date AS TIMESTAMP) AS game_date, CAST(season_year AS SMALLINT) AS season_year, "
        "CAST(possessions AS DECIMAL(5, 1)) AS possessions, CAST(pace AS DECIMAL(9, 3)) AS pace) "
        f"RENAME (points_scored AS Points_Scored) FROM nba_analytics.{OFFENSE}",
        f"DROP TABLE nba_analytics.{OFFENSE}",
    )
    return path


def through(path: Path, tmp_path: Path, text: str, name: str = OFFENSE) -> DuckDBWarehouse:
    """Return the warehouse with a form of one source."""
    folder = folder_with(tmp_path, **{name: text})
    return DuckDBWarehouse(path, forms=forms_from_environment({"NBA_SOURCES": str(folder)}))


def problem(path: Path, tmp_path: Path, text: str, name: str = OFFENSE) -> str:
    """Return the one problem of a form, without the path of its file."""
    with through(path, tmp_path, text, name).reading("test") as session:
        (found,) = session.forms.problems(SOURCES[name])
        with pytest.raises(SchemaMismatch) as caught:
            refuse_unfit_forms(session)
    assert str(caught.value) == found
    start = f"{tmp_path / 'forms' / name}.sql: {name}: "
    assert found.startswith(start)
    return found.removeprefix(start)


EVERY_ROW = {
    "star": "SELECT * FROM ours.team_games",
    "semicolon and comment": "SELECT * FROM `ours.team_games`;  -- the league's\n",
    "WITH": "WITH of_2021 AS (SELECT * FROM ours.team_games WHERE season_year = 2021) SELECT * FROM of_2021;;",
    "BOM": "\ufeffSELECT * FROM ours.team_games",
    "UNION": "SELECT * FROM ours.team_games WHERE win_flag UNION ALL SELECT * FROM ours.team_games WHERE NOT win_flag",
    "a sum of integers": f"SELECT {OTHERS}, AVG(possessions) AS possessions FROM ours.team_games GROUP BY {OTHERS}",
}


@pytest.mark.parametrize("text", EVERY_ROW.values(), ids=EVERY_ROW)
def test_rows_come_as_declared(path: Path, tmp_path: Path, text: str) -> None:
    """Types are widened, and the case of a name does not matter; the other sources are the declared tables."""
    assert content(through(path, tmp_path, text)) == as_content(LEAGUE)


def test_a_null_without_a_type_is_unknown(path: Path, tmp_path: Path) -> None:
    text = f"SELECT {OTHERS.replace('win_flag', 'NULL AS win_flag')}, possessions FROM ours.team_games"
    with through(path, tmp_path, text).reading("test") as session:
        rows = session.query(f"SELECT DISTINCT win_flag FROM {session.relation(SOURCE)}")
    assert rows == [{"win_flag": None}]


def test_a_time_of_day_is_never_cut_off(path: Path, tmp_path: Path) -> None:
    text = (
        f"SELECT {OTHERS.replace('game_date', 'DATETIME_ADD(game_date, INTERVAL 19 HOUR) AS game_date')}, possessions "
        "FROM ours.team_games"
    )
    warehouse = through(path, tmp_path, text)
    with (
        warehouse.reading("test") as session,
        pytest.raises(WarehouseError, match="game_date: expected a date, found 2021-10-19 19:00:00"),
    ):
        session.query(f"SELECT game_date FROM {session.relation(SOURCE)}")


WRONG_COLUMNS = {
    "text": (
        ("possessions", "CAST(possessions AS STRING)"),
        "column possessions: expected FLOAT64, found STRING, such as '1.5'; "
        "write `CAST(CAST(possessions AS STRING) AS FLOAT64) AS possessions`",
    ),
    "a season in words": (
        ("season_year", "'2021-22'"),
        "column season_year: expected INT64, found STRING, such as '2021-22'; "
        "write `CAST(SUBSTR('2021-22', 1, 4) AS INT64) AS season_year`",
    ),
    "an id that lost its zeros": (
        ("game_id", "22100001"),
        "column game_id: expected STRING, found INT32, such as 22100001; "
        "write `LPAD(CAST(22100001 AS STRING), 10, '0') AS game_id`",
    ),
    "a moment": (
        ("game_date", "processed_at"),
        "column game_date: expected DATE, found TIMESTAMP, such as 2021-10-20 10:00:00+00:00; "
        "write `DATE(processed_at, 'America/New_York') AS game_date`",
    ),
    "a number as truth": (
        ("win_flag", "points_scored"),
        "column win_flag: expected BOOL, found INT64, such as 7; write `CAST(points_scored AS BOOL) AS win_flag`",
    ),
    "a fraction as a count": (
        ("points_scored", "pace"),
        "column points_scored: expected INT64, found NUMERIC, such as 1.500; "
        "write `CAST(pace AS INT64) AS points_scored`",
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG_COLUMNS.values(), ids=WRONG_COLUMNS)
def test_another_type_is_refused_with_an_example_and_the_cure(
    path: Path, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    name, expression = change
    names = [f"{expression} AS {name}" if column == name else column for column in SOURCE.column_names]
    assert problem(path, tmp_path, f"SELECT {', '.join(names)} FROM ours.team_games") == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "SELECT * EXCEPT (team_abbr), team_abbr AS team FROM ours.team_games",
            "column team_abbr is missing (expected STRING); the nearest is team: write `team AS team_abbr`",
        ),
        (
            "SELECT * EXCEPT (pace), pace AS paces FROM ours.team_games",
            "column pace is missing (expected FLOAT64); the nearest is paces: write `paces AS pace`, "
            "or if it is unknown `CAST(NULL AS FLOAT64) AS pace`",
        ),
        (
            "SELECT * EXCEPT (game_date) FROM ours.team_games",
            "column game_date is missing (expected DATE); write `... AS game_date` for what has it",
        ),
        (
            "SELECT * EXCEPT (pace) FROM ours.team_games",
            "column pace is missing (expected FLOAT64); write `CAST(NULL AS FLOAT64) AS pace`",
        ),
    ],
)
def test_a_missing_column_names_the_nearest(path: Path, tmp_path: Path, text: str, words: str) -> None:
    assert problem(path, tmp_path, text) == words


def test_a_select_that_cannot_run_is_named(path: Path, tmp_path: Path) -> None:
    assert "the SELECT cannot run: DuckDB: Catalog Error: Table with name nowhere" in problem(
        path, tmp_path, "SELECT * FROM nowhere"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DELETE FROM ours.team_games WHERE TRUE", "expected one SELECT, found DELETE"),
        ("SELECT 1; DROP TABLE ours.team_games", "expected one SELECT, found 2 statements"),
        ("CREATE TABLE x AS SELECT 1 AS y", "expected one SELECT, found CREATE"),
        ("-- later", "expected one SELECT, found nothing"),
        ("SELECT FROM WHERE (", "this is not GoogleSQL: "),
    ],
)
def test_a_form_only_reads(path: Path, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WarehouseError, match=words) as caught:
        through(path, tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "forms" / f"{OFFENSE}.sql"))
    assert "\n" not in str(caught.value)


def test_what_the_setting_may_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert forms_from_environment({}) == {}
    assert list(forms_from_environment({"NBA_SOURCES": "predecessor"})) == list(SOURCES)
    folder = tmp_path / "forms"
    for expected in ("it must be predecessor or a folder", "has no .sql file; expected some of nbac_schedule.sql"):
        with pytest.raises(WarehouseError, match=expected):
            forms_from_environment({"NBA_SOURCES": str(folder)})
        folder.mkdir(exist_ok=True)
    folder_with(tmp_path, player_game_sumary="SELECT 1 AS x")
    monkeypatch.setenv("NBA_SOURCES", str(folder))
    with pytest.raises(WarehouseError, match=r"no source player_game_sumary; rename it to player_game_summary\.sql"):
        warehouse_from_environment()


def test_a_source_with_a_form_is_read_only(path: Path, tmp_path: Path) -> None:
    warehouse = through(path, tmp_path, "SELECT * FROM ours.team_games")
    words = f"read-only: {OFFENSE}: NBA_SOURCES reads through {tmp_path / 'forms' / OFFENSE}.sql; unset NBA_SOURCES"
    for write in (lambda: load(warehouse, LEAGUE), lambda: import_files(warehouse, [tmp_path])):
        with pytest.raises(WarehouseError, match=words):
            write()
    (loaded,) = load(warehouse, {SCHEDULE: LEAGUE[SCHEDULE]})
    assert loaded.unchanged
    with warehouse.writing("test") as session:
        with pytest.raises(WarehouseError, match=words):
            session.replace_all([Replacement(SOURCE, "TRUE", None)])
        assert OFFENSE not in {difference.table.name for difference in deploy(session)}
        assert differences(session) == []
        assert session.schema.deployed(SOURCE) is None
    assert content(warehouse) == as_content(LEAGUE)


def test_doctor_names_the_forms(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(path))
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    for text, health, words in (
        ("SELECT * FROM ours.team_games", doctor.Health.GOOD, "1 of 5 through "),
        ("SELECT * EXCEPT (pace) FROM ours.team_games", doctor.Health.BROKEN, "column pace is missing"),
    ):
        monkeypatch.setenv("NBA_SOURCES", str(folder_with(tmp_path, **{OFFENSE: text})))
        (found,) = [diagnosis for diagnosis in doctor.examine() if diagnosis.about == "sources"]
        assert (found.health, words in found.text) == (health, True)
