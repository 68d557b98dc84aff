"""Doctor finds what is broken, names the next step, and changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nba_precompute.operations import doctor
from nba_precompute.operations.doctor import Diagnosis, Health, examine
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import REPOSITORY, execute


@pytest.fixture
def warehouse(first_weeks: FirstWeeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    """A healthy installation, except that no daemon runs."""
    own = first_weeks.copy(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for name, value in {"DAGSTER_HOME": str(home), "NBA_DUCKDB_PATH": str(own.path), "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    with own.writing("test") as session:
        from nba_precompute.warehouse.schema_sync import deploy

        deploy(session)
    return own


def about(what: str) -> Diagnosis:
    return next(diagnosis for diagnosis in examine() if diagnosis.about == what)


def test_all_is_well(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "doctor", "--json") == 0
    found = {diagnosis["about"]: diagnosis for diagnosis in json.loads(capsys.readouterr().out)}
    assert {
        "versions",
        "DAGSTER_HOME",
        "warehouse",
        "tables",
        "Phase 3",
        "write lock",
        "instance",
        "disk",
    } <= found.keys()
    assert found["daemon"]["health"] == "warning"
    assert "dagster-daemon run" in found["daemon"]["next_step"]
    assert found["write lock"]["text"] == "free"


def test_waivers_are_counted(warehouse: DuckDBWarehouse) -> None:
    assert about("waivers") == Diagnosis(about="waivers", health=Health.GOOD, text="none")
    execute(
        warehouse,
        *(
            f"INSERT INTO nba_precompute.waivers VALUES ('{date}', 'BOS', 'lost', 'pat', now())"
            for date in ("2021-10-28", "2021-11-04")
        ),
    )
    assert about("waivers").text == "2 sides of games, last BOS on 2021-11-04"
    execute(warehouse, "DROP TABLE nba_precompute.waivers")
    assert about("tables").next_step == "Run `nba-precompute init`."


def test_what_is_unknown_in_every_row_is_named_with_its_features(warehouse: DuckDBWarehouse) -> None:
    before = about("inputs of features").text
    assert "player_age" not in before
    execute(warehouse, "UPDATE nba_analytics.upcoming_player_game_context SET player_age = NULL, player_status = NULL")
    after = about("inputs of features").text
    assert after.startswith("unknown in every row of 2021-22: ")
    assert "player_status (enters injury_risk); player_age (enters fatigue_score)" in after


def test_the_holder_of_the_lock_is_named(warehouse: DuckDBWarehouse) -> None:
    with warehouse.writing("a test that takes its time"):
        assert "a test that takes its time" in about("write lock").text


@pytest.mark.parametrize(
    ("statement", "what", "step"),
    [
        ("DROP TABLE nba_precompute.player_daily_cache", "tables", "`nba-precompute init`"),
        ("ALTER TABLE nba_precompute.player_daily_cache RENAME COLUMN team_abbr TO team", "tables", "init --check"),
        ("DELETE FROM nba_raw.nbac_schedule", "Phase 3", "load-phase3"),
    ],
)
def test_what_is_amiss_in_the_warehouse(warehouse: DuckDBWarehouse, statement: str, what: str, step: str) -> None:
    execute(warehouse, statement)
    found = about(what)
    assert found.health is not Health.GOOD
    assert step in found.next_step


def test_what_is_amiss_around_it(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "SCARCE_BYTES", 10**18)
    assert about("disk").health is Health.BROKEN
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "nowhere.duckdb"))
    assert "init" in about("warehouse").next_step
    monkeypatch.setenv("NBA_WAREHOUSE", "oracle")
    assert about("warehouse").health is Health.BROKEN
    monkeypatch.delenv("DAGSTER_HOME")
    assert call(monkeypatch, "doctor") == 1
    shown = capsys.readouterr().out
    assert "DAGSTER_HOME" in shown
    assert "broken" in shown


def test_an_instance_from_before_the_move_opens_and_the_line_to_change_is_named(warehouse: DuckDBWarehouse) -> None:
    settings = Path(os.environ["DAGSTER_HOME"]) / "dagster.yaml"
    current = (REPOSITORY / "deploy" / "local" / "dagster.yaml").read_text()
    former = current.replace("nba_precompute.orchestration.dagster_private.event_log", "nba_precompute.event_log")
    assert former != current
    settings.write_text(former)
    found = about("DAGSTER_HOME")
    assert found.health is Health.WARNING
    number = next(number for number, line in enumerate(former.splitlines(), start=1) if "module:" in line)
    assert f"line {number} of {settings} " in found.text
    assert about("instance").health is Health.GOOD

    lines = former.splitlines()
    lines[number - 1] = found.next_step.split("`")[1]
    settings.write_text("\n".join(lines) + "\n")
    assert settings.read_text() == current
    assert about("DAGSTER_HOME").health is Health.GOOD
