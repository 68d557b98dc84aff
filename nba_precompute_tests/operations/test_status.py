"""The status counts fresh dates against the schedule, and names open problems."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

from nba_precompute.calendar import season_dates
from nba_precompute.operations.status import Status, read_status
from nba_precompute.orchestration.dagster_private.records import latest_records
from nba_precompute.quality.names import PLAUSIBLE, VALID
from nba_precompute.quality.row_counts import row_counts
from nba_precompute.tables import TABLES
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute
from nba_precompute_tests.support.on_record import put_on_record

MONTH = dt.date(2021, 10, 1)


@pytest.fixture(scope="module")
def home(first_weeks: FirstWeeks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance in which the first weeks are on record."""
    home = tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        put_on_record(instance, first_weeks.warehouse, first_weeks.dates)
    return home


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def problems(status: Status, table: str, first: dt.date, *, by_date: bool = False) -> str:
    lines = status.by_date(2021) if by_date else status.by_month(2021)
    return "; ".join(next(line for line in lines if (line.table, line.first) == (table, first)).problems)


def test_months_that_are_done_and_months_that_are_not(instance: dg.DagsterInstance, first_weeks: FirstWeeks) -> None:
    status = read_status(instance, first_weeks.warehouse, *season_dates(2021))
    assert status.seasons == [2021]
    lines = {(line.table, line.first): line for line in status.by_month(2021)}
    for name in TABLES:
        october = lines[name, MONTH]
        assert october.is_done
        assert october.fresh == october.expected == 13
        november = lines[name, dt.date(2021, 11, 1)]
        assert november.fresh == 5
        assert november.expected > 5
        assert "missing: 2021-11-06 and " in "; ".join(november.problems)
    assert lines["team_defense_zone_analysis", MONTH].updated is not None
    assert lines["ml_feature_store_v2", dt.date(2021, 12, 1)].updated is None


def record_failed_check(instance: dg.DagsterInstance, table: str, check: str, date: dt.date) -> None:
    """Record a failed result of a check on the current rows of a date."""
    seen = latest_records(instance, dg.AssetKey(table), [date.isoformat()])[date.isoformat()]
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(table),
            check_name=check,
            passed=False,
            partition=date.isoformat(),
            target_materialization_data=AssetCheckEvaluationTargetMaterializationData(
                storage_id=seen.storage_id, run_id=seen.run_id, timestamp=seen.timestamp
            ),
        )
    )


def test_a_failing_check_and_a_touched_row_are_open(
    instance: dg.DagsterInstance, first_weeks: FirstWeeks, tmp_path: Path
) -> None:
    table, date = "player_daily_cache", dt.date(2021, 10, 25)
    own = first_weeks.copy(tmp_path)
    execute(own, f"DELETE FROM nba_precompute.{table} WHERE cache_date = DATE '2021-10-27'")
    record_failed_check(instance, table, VALID, date)
    status = read_status(instance, own, *season_dates(2021))
    assert problems(status, table, MONTH) == "valid fails: 2021-10-25; stale: 2021-10-27"
    assert problems(status, "ml_feature_store_v2", MONTH) == "stale: 2021-10-27"
    assert problems(status, table, date, by_date=True) == "valid fails"


@pytest.fixture
def environment(home: Path, first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"DAGSTER_HOME": str(home), "NBA_DUCKDB_PATH": str(first_weeks.warehouse.path), "NO_COLOR": "1"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)


@pytest.mark.usefixtures("environment")
def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "status", "--season", "2021") == 3
    shown = capsys.readouterr().out
    assert "13/13" in shown
    assert "2021-22" in shown
    assert call(monkeypatch, "status", "--season", "2021", "--format", "markdown") == 3
    checklist = capsys.readouterr().out
    assert "- [ ] 2021-11: 5 of " in checklist
    assert "- [x] 2021-10: 13 of 13 dates" in checklist
    assert call(monkeypatch, "status", "--season", "2021", "--dates", "--json") == 3
    lines = json.loads(capsys.readouterr().out)
    assert {"table": "team_defense_zone_analysis", "first_date": "2021-10-19", "fresh": 1}.items() <= lines[0].items()
    assert call(monkeypatch, "status", "--season", "2024") == 3
    assert "the schedule has no game" in capsys.readouterr().out


@pytest.mark.usefixtures("environment")
def test_the_command_shows_only_the_dates_it_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "status", "--from", "2021-10-26", "--to", "2021-11-05") == 0
    shown = capsys.readouterr().out
    assert shown.count("6/6") == len(TABLES)
    assert shown.count("5/5") == len(TABLES)
    assert "sample data: these are games of a simulated league" in shown
    assert call(monkeypatch, "status", "--from", "2022-02-18", "--to", "2022-02-19") == 0, "the All-Star break"
    assert "the schedule has no game on these dates" in capsys.readouterr().out
    assert call(monkeypatch, "status", "--from", "2024-11-01", "--to", "2024-11-02") == 3, "no schedule"
    assert call(monkeypatch, "status", "--from", "2021-08-01", "--to", "2021-08-02") == 3, "no date of the calendar"
    capsys.readouterr()
    assert call(monkeypatch, "status", "--from", "2024-11-01", "--to", "2024-11-02", "--json") == 3
    shown, note = capsys.readouterr()
    assert json.loads(shown) == []
    assert "the schedule has no game on these dates" in note


@pytest.mark.usefixtures("environment")
def test_a_warning_changes_the_exit_code_only_if_strict(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed `plausible` made `status` end with 3 on right data."""
    table, date = "player_daily_cache", dt.date(2021, 11, 4)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        record_failed_check(instance, table, PLAUSIBLE, date)
    span = ("--from", "2021-11-03", "--to", "2021-11-05")
    assert call(monkeypatch, "status", *span) == 0
    assert "warning: plausible fails" in capsys.readouterr().out
    assert call(monkeypatch, "status", *span, "--format", "markdown") == 0
    checklist = capsys.readouterr().out
    assert checklist.count("- [x] ") == len(TABLES)
    assert checklist.count(f"; warnings: plausible fails: {date}") == 1
    assert call(monkeypatch, "status", *span, "--json") == 0
    lines = {line["table"]: line for line in json.loads(capsys.readouterr().out)}
    assert (lines[table]["problems"], lines[table]["warnings"]) == ([], [f"plausible fails: {date}"])
    assert call(monkeypatch, "status", *span, "--strict") == 3
    assert call(monkeypatch, "status", "--from", "2021-10-26", "--to", "2021-10-31", "--strict") == 0


def test_waived_gaps_of_the_dates_are_listed(
    home: Path,
    first_weeks: FirstWeeks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = first_weeks.copy(tmp_path)
    waived = ("2021-10-28", "2021-11-04")
    execute(
        own,
        *(
            "INSERT INTO nba_precompute.waivers VALUES "
            f"('{date}', 'BOS', 'lost on {date}', 'pat', '2022-01-01 12:34+00')"
            for date in waived
        ),
    )
    for name, value in {"DAGSTER_HOME": str(home), "NBA_DUCKDB_PATH": str(own.path), "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    span = ("status", "--from", "2021-11-01", "--to", "2021-11-05")
    assert call(monkeypatch, *span) == 0
    shown = capsys.readouterr().out
    assert "waived gaps" in shown
    assert "lost on 2021-11-04" in shown
    assert "2022-01-01 12:34" in shown
    assert "lost on 2021-10-28" not in shown
    assert call(monkeypatch, *span, "--format", "markdown") == 0
    assert "- 2021-11-04 BOS: lost on 2021-11-04 (pat)" in capsys.readouterr().out
    assert call(monkeypatch, *span, "--dates", "--json") == 0
    by_date = {
        (line["first_date"], tuple(waiver["reason"] for waiver in line["waivers"]))
        for line in json.loads(capsys.readouterr().out)
    }
    assert {reasons for _, reasons in by_date} == {(), ("lost on 2021-11-04",)}
    assert ("2021-11-04", ("lost on 2021-11-04",)) in by_date
    assert call(monkeypatch, "status", "--from", "2021-11-05", "--to", "2021-11-05") == 0
    assert "waived gaps" not in capsys.readouterr().out


@pytest.mark.usefixtures("environment")
def test_the_dates_have_the_row_counts_of_every_table(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dates = ("--from", "2021-11-05", "--to", "2021-11-06", "--dates")
    assert call(monkeypatch, "status", *dates, "--json") == 3
    lines = json.loads(capsys.readouterr().out)
    counts = row_counts(first_weeks.warehouse, [dt.date(2021, 11, 5), dt.date(2021, 11, 6)])
    found = {
        (line["table"], line["first_date"]): tuple(
            line[name] for name in ("rows", "ready_rows", "incomplete_rows", "failures")
        )
        for line in lines
    }
    assert found == {
        (name, str(date_counts.date)): (
            date_counts.rows,
            date_counts.ready,
            date_counts.incomplete,
            date_counts.failures,
        )
        for name, of_table in counts.items()
        for date_counts in of_table
    }
    assert found["player_daily_cache", "2021-11-05"][0] > 0
    assert found["player_daily_cache", "2021-11-05"][3] > 0

    assert call(monkeypatch, "status", *dates) == 3
    shown = capsys.readouterr().out
    assert "incomplete: a game of the row's window is not covered" in shown
    assert "player_daily_cache: 1 dates with games have no rows, first 2021-11-06, last 2021-11-06" in shown
    assert "sample data" in shown


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--season", "2021", "--from", "2021-11-01"), "leave out --from and --to"),
        (("--from", "2021-11-02", "--to", "2021-11-01"), "is before --from"),
    ],
)
def test_contradicting_dates_are_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    assert call(monkeypatch, "status", *options) == 2
    assert message in capsys.readouterr().err
