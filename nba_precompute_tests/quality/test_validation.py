"""Validation of a date range: gaps, weeks and their ceiling, the summary, the command and the job."""

import datetime as dt
import json
from collections.abc import Mapping

import dagster as dg
import pytest
from typer.testing import CliRunner

from nba_precompute.cli import app
from nba_precompute.definitions import defs
from nba_precompute.orchestration.checks.phase4 import SPECS
from nba_precompute.orchestration.dagster_private.records import report_materializations
from nba_precompute.orchestration.names import READY
from nba_precompute.quality.names import VALID
from nba_precompute.quality.validation import TableValidation, as_dict, markdown, validate
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.orchestration.checks.faults import MLFS, PDC, TDZA
from nba_precompute_tests.support.dagster_runs import check_statuses, materialize
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute, published, run

pytestmark = pytest.mark.slow

D = dt.date.fromisoformat

GAP, INVALID = D("2021-10-27"), D("2021-11-02")
FIRST_WEEK, THIRD_WEEK = D("2021-10-18"), D("2021-11-01")


@pytest.fixture(scope="module")
def damaged(first_weeks: FirstWeeks, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """A cache without one date and with a duplicate key; a store whose first week is ready and whose third is not."""
    warehouse = first_weeks.copy(tmp_path_factory.mktemp("damaged"))
    cache, store = (f'"{table.dataset}"."{table.name}"' for table in (PDC, MLFS))
    execute(
        warehouse,
        f"DELETE FROM {cache} WHERE cache_date = '{GAP}'",
        f"DELETE FROM nba_precompute.precompute_failures WHERE table_name = '{PDC.name}' AND as_of_date = '{GAP}'",
        f"INSERT INTO {cache} SELECT * FROM {cache} WHERE cache_date = '{INVALID}' LIMIT 1",
        f"UPDATE {store} SET is_production_ready = TRUE WHERE game_date < '{FIRST_WEEK + dt.timedelta(days=7)}'",
        f"UPDATE {store} SET is_production_ready = FALSE WHERE game_date >= '{THIRD_WEEK}'",
    )
    return warehouse


@pytest.fixture(scope="module")
def found(damaged: DuckDBWarehouse, first_weeks: FirstWeeks) -> Mapping[str, TableValidation]:
    return {validation.table.name: validation for validation in validate(damaged, first_weeks.dates, (TDZA, PDC, MLFS))}


def test_a_table_without_faults_holds(found: Mapping[str, TableValidation]) -> None:
    validation = found[TDZA.name]
    assert validation.problems == []
    assert validation.holds
    assert validation.failed_dates() == []


def test_a_gap_is_named_once_and_fails_its_date(found: Mapping[str, TableValidation]) -> None:
    validation = found[PDC.name]
    assert validation.gaps == [GAP]
    assert [text for text in validation.problems if str(GAP) in text] == [f"{GAP}: no rows and no failures"]
    assert validation.failed_dates() == [GAP, INVALID]
    assert validation.failed_dates([VALID]) == [INVALID]
    assert not validation.holds


def test_a_refused_date_fails_with_its_reasons(damaged: DuckDBWarehouse) -> None:
    """One that has rows, one that has none, and one without a game, which counts nothing."""
    dates = [GAP, GAP + dt.timedelta(days=1), D("2021-10-18")]
    (clean,) = validate(damaged, dates[1:], [PDC])
    assert clean.holds
    (found,) = validate(damaged, dates, [PDC], {PDC.name: dict.fromkeys(dates, ("few games", "no team"))})
    assert found.problems == [
        f"{GAP}: no rows and no failures; few games; no team",
        *(f"{date}: complete: refused: {reason}" for date in sorted(dates[1:]) for reason in ("few games", "no team")),
    ]
    assert found.failed_dates() == sorted(dates)


def test_a_broken_rule_is_named_with_its_date_and_check(found: Mapping[str, TableValidation]) -> None:
    assert f"{INVALID}: {VALID}: keys published more than once: 1" in " ".join(found[PDC.name].problems)
    assert found[PDC.name].total("duplicates") == 1


def test_the_ready_rows_of_a_week_are_compared_with_its_ceiling(
    found: Mapping[str, TableValidation], first_weeks: FirstWeeks
) -> None:
    """The ceiling of a week is the share of rows whose player and team both have five earlier games."""
    first, second, third = found[MLFS.name].weeks
    assert [first.monday, second.monday, third.monday] == [FIRST_WEEK, D("2021-10-25"), THIRD_WEEK]
    sampled = dict.fromkeys((first.monday, second.monday, third.monday), 0)
    for (date, _), row in published(first_weeks.warehouse, MLFS).items():
        if row["games_in_sample"] >= 5 and row["expected_games_count"] >= 5:
            sampled[date - dt.timedelta(days=date.weekday())] += 1
    assert [week.sampled_rows for week in (first, second, third)] == list(sampled.values())
    assert sampled[FIRST_WEEK] == 0 < sampled[THIRD_WEEK]
    assert first.problem == f"{first.ready_rows} rows are ready, but only 0 can be"
    assert second.problem == ""
    assert third.problem == f"0% of the rows are ready, but {third.ceiling:.0%} can be"
    assert first.outcomes == sum(
        judgment.rows + judgment.failures
        for date, judgment in found[MLFS.name].judgments.items()
        if date < FIRST_WEEK + dt.timedelta(days=7)
    )


def test_the_summary_is_a_table_with_every_problem_and_warning_below_it(
    found: Mapping[str, TableValidation], first_weeks: FirstWeeks
) -> None:
    lines = markdown(list(found.values())).splitlines()
    cells = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in lines[2:5]}
    validation = found[PDC.name]
    assert cells[PDC.name][:5] == [
        str(len(first_weeks.dates)),
        f"{validation.total('rows'):,}",
        f"{validation.total('failures'):,}",
        "1",
        "1",
    ]
    assert cells[PDC.name][-2:] == ["2", "0"]
    assert cells[TDZA.name][3:5] == ["0", "0"]
    problems = [f"- {name}, {text}" for name, validation in found.items() for text in validation.problems]
    assert 0 < len(problems) <= 50
    warnings = [f"- {name}, {text}" for name, validation in found.items() for text in validation.warnings]
    assert warnings
    assert lines[6:] == [*problems, "", "Warnings:", "", *warnings]


def test_a_long_summary_says_how_much_it_leaves_out(found: Mapping[str, TableValidation]) -> None:
    many = [found[PDC.name]] * 30
    assert markdown(many).splitlines()[-1] == f"- and {30 * len(found[PDC.name].problems) - 50} more"
    assert markdown([found[TDZA.name]]).splitlines()[-1] == "No rule is broken on any date."


def test_the_json_output_has_the_same_counts(found: Mapping[str, TableValidation]) -> None:
    shown = as_dict(found[PDC.name])
    assert shown["table"] == PDC.name
    assert (shown["gaps"], shown["duplicates"], shown["dates_failed"]) == ([GAP], 1, [GAP, INVALID])
    assert (shown["holds"], shown["problems"]) == (False, found[PDC.name].problems)


def command(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, str]:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(warehouse.path))
    done = CliRunner().invoke(app, ["validate", *options])
    return done.exit_code, done.output


def test_the_command_ends_with_0_only_if_everything_holds(
    first_weeks: FirstWeeks, damaged: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, shown = command(first_weeks.warehouse, monkeypatch, *first_weeks.span, "--json")
    assert code == 0
    tables = json.loads(shown)
    assert [table["table"] for table in tables] == list(TABLES)
    assert all(table["holds"] and table["problems"] == table["warnings"] == [] for table in tables)
    code, shown = command(damaged, monkeypatch, "--from", str(GAP), "--to", str(GAP))
    assert code == 3
    assert f"{PDC.name}, {GAP}: no rows and no failures" in shown


WARNED = "team_defense_zone_analysis, 2021-11-05: plausible: rows with defensive_rating_last_15 out of its range"


@pytest.fixture(scope="module")
def implausible(first_weeks: FirstWeeks, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """A last date on which a team allows twice as much as is plausible, and nothing else is wrong."""
    warehouse = first_weeks.copy(tmp_path_factory.mktemp("implausible"))
    execute(
        warehouse,
        "UPDATE nba_analytics.team_defense_game_summary SET defensive_rating = 220 "
        "WHERE defending_team_abbr = (SELECT MIN(defending_team_abbr) FROM nba_analytics.team_defense_game_summary)",
    )
    run(warehouse, first_weeks.dates[-1:])
    return warehouse


def test_a_warning_is_no_problem(implausible: DuckDBWarehouse, first_weeks: FirstWeeks) -> None:
    """Opponents' ratings of 89.1 in a real first week made `validate` end with 3."""
    validations = validate(implausible, first_weeks.dates[-1:])
    assert all(validation.holds and validation.problems == [] for validation in validations)
    (warning,) = validations[0].warnings
    assert f"{TDZA.name}, {warning}".startswith(WARNED)
    assert as_dict(validations[0])["warnings"] == [warning]
    lines = markdown(validations).splitlines()
    assert lines[2].endswith("| 0 | 1 |"), "dates failed, warnings"
    assert lines[lines.index("Warnings:") + 2].startswith(f"- {WARNED}")
    assert "No rule is broken" not in lines[-1]


def test_a_warning_changes_the_exit_code_only_if_strict(
    implausible: DuckDBWarehouse, first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    date = str(first_weeks.dates[-1])
    span = ("--from", date, "--to", date)
    code, shown = command(implausible, monkeypatch, *span)
    assert code == 0
    assert f"warning: {WARNED}" in shown
    assert "no problem on any date, " in shown
    assert "no rule is broken" not in shown
    assert command(implausible, monkeypatch, *span, "--strict")[0] == 3
    assert command(first_weeks.warehouse, monkeypatch, *span, "--strict")[0] == 0


def test_the_job_does_not_fail_on_warnings_alone(
    implausible: DuckDBWarehouse, first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(implausible.path))
    date = first_weeks.dates[-1]
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("validate_phase4").execute_in_process(
            instance=instance,
            run_config=dg.RunConfig({"validate_range": {"config": {"date_ranges": [f"{date}/{date}"]}}}),
        )
        assert result.success
        (event,) = instance.fetch_observations(dg.AssetKey(READY), limit=10).records
    assert event.asset_observation is not None
    metadata = event.asset_observation.metadata
    assert metadata["problems"].value == 0
    assert metadata["warnings"].value > 0
    assert WARNED in str(metadata["summary"].value)


@pytest.mark.parametrize(
    ("first", "last", "expected", "words"),
    [
        ("2024-11-01", "2024-11-30", 3, "there is neither a schedule nor a row from 2024-11-01 to 2024-11-30"),
        ("2021-08-01", "2021-08-31", 3, "there is neither a schedule nor a row"),
        ("2019-12-25", "2019-12-25", 3, "there is neither a schedule nor a row"),
        ("2022-02-18", "2022-02-19", 0, "the schedule has no game from 2022-02-18 to 2022-02-19"),
    ],
    ids=["no season", "summer", "before the calendar", "the All-Star break"],
)
def test_where_nothing_is_nothing_holds(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, first: str, last: str, expected: int, words: str
) -> None:
    """Dates with neither schedule nor rows ended with 0 and "no rule is broken on any date"."""
    span = ("--from", first, "--to", last)
    code, shown = command(first_weeks.warehouse, monkeypatch, *span)
    assert code == expected
    assert f"nothing to check: {words}" in shown
    assert "no rule is broken" not in shown
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    done = CliRunner().invoke(app, ["validate", *span, "--json"])
    assert done.exit_code == expected
    assert all(table["dates_checked"] == 0 for table in json.loads(done.stdout))
    assert words in done.stderr
    done = CliRunner().invoke(app, ["coverage", *span])
    assert done.exit_code == expected
    assert words in done.stdout


def test_the_summary_of_nothing_says_so(first_weeks: FirstWeeks) -> None:
    validations = validate(first_weeks.warehouse, [D("2024-11-01")])
    assert markdown(validations).splitlines()[-1].startswith("There was nothing to check")


def test_the_job_leaves_a_result_per_partition_and_one_summary_and_fails(
    damaged: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(damaged.path))
    date_ranges = [f"{GAP}/{GAP}", f"{INVALID - dt.timedelta(days=1)}/{INVALID}"]
    keys = [str(GAP), str(INVALID - dt.timedelta(days=1)), str(INVALID)]
    with dg.DagsterInstance.ephemeral() as instance:
        materialize(damaged, keys[1], instance=instance, selection=[TDZA.name])
        recorded = [(table, key) for table in TABLES for key in keys if (table, key) != (PDC.name, str(GAP))]
        report_materializations(instance, [dg.AssetMaterialization(table, partition=key) for table, key in recorded])
        result = defs.resolve_job_def("validate_phase4").execute_in_process(
            instance=instance,
            run_config=dg.RunConfig({"validate_range": {"config": {"date_ranges": date_ranges, "reason": "test"}}}),
            raise_on_error=False,
        )
        assert not result.success
        failure = result.failure_data_for_node("validate_range")
        assert failure is not None
        assert f"{PDC.name} fails on 2 dates, first {GAP}, last {INVALID}" in str(failure.error)
        failed = {(PDC.name, VALID, str(INVALID))}
        # The changed rows no longer match their hash.
        failed |= {(MLFS.name, VALID, key) for key in keys[1:]}
        statuses = check_statuses(instance, result.run_id)
        # A result for a partition that was never materialized would shadow that of the run that materializes it.
        assert set(statuses) == {(table, check, key) for table, key in recorded for check in SPECS}
        assert {key for key, status in statuses.items() if status != "SUCCEEDED"} == failed
        (event,) = instance.fetch_observations(dg.AssetKey(READY), limit=10).records
        observation = event.asset_observation
        assert observation is not None
        assert observation.description == f"validation of {', '.join(date_ranges)} (test)"
        assert observation.metadata["dates"].value == 3
        assert f"| {PDC.name} | 3 |" in str(observation.metadata["summary"].value)
