"""A refused date stays missing and fails `complete`; the other dates of its run go all the way, and the run fails."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute import definitions as product
from nba_precompute.orchestration import io_manager
from nba_precompute.orchestration.alerts import report_of
from nba_precompute.orchestration.assets.ready import phase4_ready
from nba_precompute.orchestration.checks.phase4 import PHASE4_CHECKS, SPECS
from nba_precompute.orchestration.dagster_private.records import materialization_ids
from nba_precompute.orchestration.jobs import PHASE4_JOB
from nba_precompute.orchestration.names import READY, checks_step
from nba_precompute.orchestration.refusals import failure_at, standing_refusals
from nba_precompute.orchestration.run_errors import InputsRefused, RunError, run_error
from nba_precompute.orchestration.state import not_passed
from nba_precompute.quality.names import COMPLETE
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.dagster_runs import ALL_ASSETS, check_statuses, evaluations, materialize
from nba_precompute_tests.support.league import execute, hashes, new_warehouse, off_schedule_row, run

pytestmark = pytest.mark.slow

TDZA, PSZA, PCF, PDC, MLFS = TABLES
KEYS = [f"2021-11-{day}" for day in range(23, 28)]
BAD = "2021-11-25"
"""Thanksgiving: no game, and in these leagues a box score of a game that the schedule does not know."""
OTHERS = [key for key in KEYS if key != BAD]
D = dt.date.fromisoformat


def reason(key: str) -> str:
    return f"rows of player_game_summary without a game on the schedule: 1 (e.g. somebody on {key})"


REASON = reason(BAD)
CORRECTED = "DELETE FROM nba_analytics.player_game_summary WHERE game_id = 'unknown'"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """A league without a fault and with nothing published, to copy."""
    return new_warehouse(tmp_path_factory.mktemp("league") / "nba.duckdb", simulate_season(2021))


def damaged(clean: DuckDBWarehouse, folder: Path, *bad: str) -> DuckDBWarehouse:
    warehouse = DuckDBWarehouse(Path(shutil.copy(clean.path, folder)))
    execute(warehouse, *(off_schedule_row(D(key)) for key in bad))
    return warehouse


@pytest.fixture
def league(clean: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    return damaged(clean, tmp_path, BAD)


@pytest.fixture(scope="module")
def one_at_a_time(clean: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple, str]:
    """What the dates leave when each runs alone."""
    warehouse = damaged(clean, tmp_path_factory.mktemp("alone"), BAD)
    for key in KEYS:
        run(warehouse, [D(key)])
    return hashes(warehouse)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def materialized(instance: dg.DagsterInstance, name: str) -> list[str]:
    return sorted(materialization_ids(instance, dg.AssetKey(name)))


def failed_steps(result: dg.ExecuteInProcessResult) -> dict[str, RunError]:
    events = [event for event in result.all_events if event.is_step_failure]
    return {str(event.step_key): error for event in events if (error := run_error(event))}


def run_range(
    league: DuckDBWarehouse,
    instance: dg.DagsterInstance,
    keys: Sequence[str] = tuple(KEYS),
    *,
    tables: Sequence[str] = tuple(TABLES),
    checks: bool = True,
) -> dg.ExecuteInProcessResult:
    """Run the dates from the first to the last key; one key is one partition."""
    return materialize(
        league,
        keys[0],
        keys[-1] if len(keys) > 1 else None,
        instance=instance,
        assets=(*ALL_ASSETS, phase4_ready),
        asset_checks=PHASE4_CHECKS if checks else (),
        selection=list(tables),
        raise_on_error=False,
    )


@dataclass(frozen=True)
class Ended:
    """A run of all five tables with their checks over the dates, one of which is refused."""

    league: DuckDBWarehouse
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult


@pytest.fixture(scope="module")
def ended(clean: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    league = damaged(clean, tmp_path_factory.mktemp("range"), BAD)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Ended(league, instance, run_range(league, instance))


def test_the_run_names_the_refused_date_and_its_reason(ended: Ended) -> None:
    assert not ended.result.success
    assert failed_steps(ended.result) == {
        checks_step(MLFS): RunError(
            kind="InputsRefused",
            message=f"refused 1 of 5 dates: {BAD}: {REASON}",
            dates=(D(BAD),),
            reasons={D(BAD): (REASON,)},
        )
    }


def test_the_other_dates_of_a_range_are_as_if_each_had_run_alone(ended: Ended, one_at_a_time: dict[tuple, str]) -> None:
    assert hashes(ended.league) == one_at_a_time
    assert {date for _, date, _ in one_at_a_time} == {D(key) for key in OTHERS}


def test_the_refused_date_is_missing_and_every_check_has_a_result_on_it(ended: Ended) -> None:
    for table in TABLES:
        assert materialized(ended.instance, table) == OTHERS
        assert standing_refusals(ended.instance, table, KEYS) == {D(BAD): (REASON,)}
    assert check_statuses(ended.instance, ended.result.run_id) == {
        (table, check, key): "FAILED" if (check, key) == (COMPLETE, BAD) else "SUCCEEDED"
        for table in TABLES
        for check in SPECS
        for key in KEYS
    }


def test_the_marker_is_set_on_the_other_dates_alone(ended: Ended) -> None:
    result = run_range(ended.league, ended.instance, tables=[READY])
    assert failed_steps(result) == {
        READY: RunError(
            kind="NotReady",
            message=f"1 of 5 dates are not ready: {BAD}: refused: {REASON}",
            dates=(D(BAD),),
            reasons={D(BAD): (f"refused: {REASON}",)},
        )
    }
    assert materialized(ended.instance, READY) == OTHERS


def test_the_check_and_the_alert_name_the_reason(league: DuckDBWarehouse, instance: dg.DagsterInstance) -> None:
    result = run_range(league, instance, tables=[TDZA])
    evaluation = evaluations(instance, result.run_id)[COMPLETE, BAD]
    assert evaluation.description == f"refused: {REASON}"
    (observed,) = instance.fetch_observations(dg.AssetKey(TDZA), limit=10).records
    assert observed.partition_key == BAD
    assert observed.asset_observation is not None
    assert observed.asset_observation.description == f"refused: {REASON}"
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failures",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    )
    report = report_of(context.for_run_failure())
    assert f"{checks_step(TDZA)}: InputsRefused: refused 1 of 5 dates: {BAD}: {REASON}" in report
    assert "next step: The other dates are published." in report


def test_a_check_only_run_and_a_validation_say_the_same(league: DuckDBWarehouse, instance: dg.DagsterInstance) -> None:
    run_range(league, instance, tables=[TDZA])
    checked = materialize(
        league,
        KEYS[0],
        KEYS[-1],
        instance=instance,
        asset_checks=PHASE4_CHECKS,
        selection=dg.AssetSelection.checks_for_assets(dg.AssetKey(TDZA)),
        raise_on_error=False,
    )
    assert checked.success, "it computes nothing, so it refuses nothing"
    failed = {key for key, evaluation in evaluations(instance, checked.run_id).items() if not evaluation.passed}
    assert failed == {(COMPLETE, BAD)}


@pytest.mark.parametrize(
    ("tables", "checks", "steps"),
    [
        ([TDZA, PSZA], True, [checks_step(TDZA), checks_step(PSZA)]),
        ([PSZA, PDC], True, [checks_step(PDC)]),
        ([TDZA, PSZA, PDC], False, [TDZA, PDC]),
        ([TDZA, PSZA, READY], True, [READY]),
        ([TDZA, PSZA, READY], False, [READY]),
    ],
)
def test_the_run_fails_at_its_last_steps_whatever_is_selected(
    league: DuckDBWarehouse,
    instance: dg.DagsterInstance,
    tables: list[str],
    checks: bool,
    steps: list[str],
) -> None:
    result = run_range(league, instance, tables=tables, checks=checks)
    assert not result.success
    errors = failed_steps(result)
    assert sorted(errors) == sorted(steps)
    assert all(REASON in error.reasons[D(BAD)][0] for error in errors.values())
    for table in tables:
        assert materialized(instance, table) == ([] if table == READY else OTHERS)


def test_what_a_failing_table_step_records_is_what_dagster_records(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    """The step of the last table fails if the run has no checks; its materializations are no poorer for it."""
    run_range(league, instance, tables=[TDZA], checks=False)
    with dg.DagsterInstance.ephemeral() as other:
        for key in OTHERS:
            assert run_range(league, other, [key], tables=[TDZA], checks=False).success
        for key in OTHERS:
            recorded, expected = (
                i.fetch_materializations(
                    dg.AssetRecordsFilter(dg.AssetKey(TDZA), asset_partitions=[key]), limit=5
                ).records
                for i in (instance, other)
            )
            assert len(recorded) == len(expected) == 1
            left, right = (found[0].asset_materialization for found in (recorded, expected))
            assert left is not None
            assert right is not None
            assert left.tags.keys() == right.tags.keys()
            assert left.metadata["content_hash"] == right.metadata["content_hash"]
            assert left.metadata.keys() - {"dagster/column_lineage"} == right.metadata.keys() - {
                "dagster/column_lineage"
            }


@pytest.mark.parametrize("bad", [["2021-11-25"], ["2022-02-18", "2022-02-19"]], ids=["one partition", "a range"])
@pytest.mark.parametrize("checks", [True, False])
def test_where_every_date_is_refused_nothing_is_written_or_materialized(
    clean: DuckDBWarehouse, tmp_path: Path, instance: dg.DagsterInstance, bad: list[str], checks: bool
) -> None:
    league = damaged(clean, tmp_path, *bad)
    result = run_range(league, instance, bad, checks=checks)
    (error,) = failed_steps(result).values()
    assert error.message.startswith(f"refused {len(bad)} of {len(bad)} dates: {bad[0]}: {reason(bad[0])}")
    assert error.reasons == {D(key): (reason(key),) for key in bad}
    assert hashes(league) == {}
    for table in TABLES:
        assert not instance.fetch_materializations(dg.AssetKey(table), limit=1).records, "nor without a partition"
    if checks:
        assert check_statuses(instance, result.run_id) == {
            (table, check, key): "FAILED" if check == COMPLETE else "SUCCEEDED"
            for table in TABLES
            for check in SPECS
            for key in bad
        }


def test_a_date_that_is_refused_after_it_was_published_keeps_its_rows_and_is_ready_no_more(
    clean: DuckDBWarehouse, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    league = damaged(clean, tmp_path)
    taken = OTHERS[1]

    def not_passed_of_table() -> list[str]:
        return [text for text in not_passed(instance, [taken])[D(taken)] if not text.endswith("is not materialized")]

    assert run_range(league, instance, tables=[TDZA]).success
    assert not_passed_of_table() == []
    before = hashes(league)
    schedule = "nba_raw.nbac_schedule"
    execute(
        league,
        f"CREATE TABLE taken AS SELECT * FROM {schedule} WHERE game_date = DATE '{taken}'",
        f"DELETE FROM {schedule} WHERE game_date = DATE '{taken}'",
    )
    assert not run_range(league, instance, [taken], tables=[TDZA], checks=False).success
    (refused,) = not_passed_of_table()
    assert refused.startswith("refused: ")
    assert "rows of player_game_summary without a game on the schedule: " in refused, "the checks passed before"
    result = run_range(league, instance, [taken], tables=[TDZA])
    assert {key for key, status in check_statuses(instance, result.run_id).items() if status == "FAILED"} == {
        (TDZA, COMPLETE, taken)
    }
    assert hashes(league) == before

    execute(league, f"INSERT INTO {schedule} SELECT * FROM taken", "DROP TABLE taken")
    assert run_range(league, instance, [taken], tables=[TDZA]).success
    assert not_passed_of_table() == []
    assert standing_refusals(instance, TDZA, KEYS) == {}
    assert hashes(league) == before


def test_an_upstream_that_is_missing_on_one_date_takes_down_that_date_alone(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    execute(league, CORRECTED)
    assert run_range(league, instance, tables=[TDZA, PSZA]).success
    execute(league, f"DELETE FROM nba_precompute.{TDZA} WHERE analysis_date = DATE '{OTHERS[0]}'")
    result = run_range(league, instance, tables=[PCF, PDC])
    assert failed_steps(result).keys() == {checks_step(PCF)}
    assert failed_steps(result)[checks_step(PCF)].reasons == {D(OTHERS[0]): (f"{TDZA} was never materialized",)}
    assert materialized(instance, PCF) == KEYS[1:]
    assert materialized(instance, PDC) == KEYS, "it does not read team defense"
    found = {
        key
        for key, status in check_statuses(instance, result.run_id).items()
        if status == "FAILED" and key[1] == COMPLETE
    }
    assert found == {(table, COMPLETE, OTHERS[0]) for table in (PCF, PDC)}, "the opponents have no defense row"


def test_after_a_crash_between_two_tables_a_second_run_leaves_the_same(
    league: DuckDBWarehouse,
    instance: dg.DagsterInstance,
    one_at_a_time: dict[tuple, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = io_manager.publish

    def crash(warehouse: object, table: object, *more: object, **named: object) -> object:
        if getattr(table, "name", "") == PDC:
            raise MemoryError("killed")
        return original(warehouse, table, *more, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(io_manager, "publish", crash)
        first = run_range(league, instance, tables=[PSZA, PDC])
    assert failed_steps(first).keys() == {PDC}
    assert (materialized(instance, PSZA), materialized(instance, PDC)) == (OTHERS, [])

    second = run_range(league, instance, tables=[PSZA, PDC])
    assert failed_steps(second).keys() == {checks_step(PDC)}
    assert materialized(instance, PSZA) == materialized(instance, PDC) == OTHERS
    assert hashes(league) == {key: digest for key, digest in one_at_a_time.items() if key[0] in (PSZA, PDC)}


def test_a_run_that_continues_a_failed_one_fails_too_as_long_as_a_date_is_refused(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    """Dagster runs again what failed, here the last checks alone, and would call that a success."""
    job = product.defs.resolve_job_def(PHASE4_JOB.name)
    run_range(league, instance, tables=[TDZA])

    def failure(*steps: str) -> InputsRefused | None:
        again = dg.DagsterRun(job.name, step_keys_to_execute=steps)
        return failure_at(checks_step(TDZA), TDZA, job, again, instance, KEYS)

    assert str(failure(checks_step(TDZA))) == f"refused 1 of 5 dates: {BAD}: {REASON}"
    assert failure(checks_step(TDZA), PCF, checks_step(PCF)) is None, "the last step does"
    execute(league, CORRECTED)
    assert run_range(league, instance, [BAD], tables=[TDZA]).success
    assert failure(checks_step(TDZA)) is None
