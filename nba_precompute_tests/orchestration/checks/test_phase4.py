"""The checks of the tables in runs of every kind: each partition gets its own result, and no plan stays open."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from nba_precompute import definitions as product
from nba_precompute.orchestration.checks.phase4 import PHASE4_CHECKS, SPECS
from nba_precompute.orchestration.dagster_private.check_results import CheckState, check_states
from nba_precompute.orchestration.dagster_private.event_log import PooledSqliteEventLogStorage
from nba_precompute.orchestration.dagster_private.records import materialization_ids
from nba_precompute.orchestration.run_errors import run_error
from nba_precompute.quality.names import COMPLETE, PLAUSIBLE, VALID
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBSession, DuckDBWarehouse
from nba_precompute_tests.orchestration.checks.faults import MLFS, PCF, PDC, TDZA
from nba_precompute_tests.support.dagster_runs import check_statuses, evaluations, materialize
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import REPOSITORY, execute

pytestmark = pytest.mark.slow

FACTORS, CACHE, STORE = PCF.name, PDC.name, MLFS.name
KEYS = [f"2021-10-{day}" for day in range(26, 31)]
GAP = "2021-10-28"
"""A team of this date's slate has no player in the context: `complete` fails, and nothing else."""

OUTDATED = CheckState(is_finished=True, has_passed=True, is_current=False)


@pytest.fixture(scope="module")
def league(first_weeks: FirstWeeks, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    warehouse = first_weeks.copy(tmp_path_factory.mktemp("league"))
    execute(
        warehouse,
        "DELETE FROM nba_analytics.upcoming_player_game_context AS c USING (SELECT MIN(team_abbr) AS team FROM "
        f"nba_analytics.upcoming_player_game_context WHERE game_date = '{GAP}') WHERE team_abbr = team "
        f"AND game_date = '{GAP}'",
    )
    return warehouse


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def after_a_range(league: DuckDBWarehouse, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return run(league, instance, KEYS[0], KEYS[-1])


def run(
    league: DuckDBWarehouse,
    instance: dg.DagsterInstance,
    first: str | None,
    last: str | None = None,
    selection: Any = (FACTORS,),
) -> dg.ExecuteInProcessResult:
    """Run the factors and their checks, or another selection."""
    return materialize(
        league,
        first,
        last,
        instance=instance,
        asset_checks=PHASE4_CHECKS,
        selection=selection if isinstance(selection, dg.AssetSelection) else list(selection),
        raise_on_error=False,
    )


def only_checks(*tables: str) -> dg.AssetSelection:
    return dg.AssetSelection.checks_for_assets(*(dg.AssetKey(table) for table in tables))


def expected(keys: list[str], table: str = FACTORS, gap: str = GAP) -> dict[tuple[str, str, str], str]:
    return {
        (table, check, key): "FAILED" if (check, key) == (COMPLETE, gap) else "SUCCEEDED"
        for check in SPECS
        for key in keys
    }


def assert_newest_is_judged(instance: dg.DagsterInstance, keys: list[str], table: str = FACTORS) -> None:
    """Assert that every check has a result for the current rows of each partition."""
    for check in SPECS:
        states = check_states(instance, dg.AssetCheckKey(dg.AssetKey(table), check))
        for key in keys:
            passed = (check, key) != (COMPLETE, GAP)
            assert states[key] == CheckState(is_finished=True, has_passed=passed, is_current=True), (check, key)


def test_a_range_run_gives_every_partition_its_own_result(
    instance: dg.DagsterInstance, after_a_range: dg.ExecuteInProcessResult
) -> None:
    assert after_a_range.success, "`complete` must not stop a range"
    assert check_statuses(instance, after_a_range.run_id) == expected(KEYS)
    assert_newest_is_judged(instance, KEYS)


def test_the_result_names_the_broken_rule_and_carries_numbers(
    instance: dg.DagsterInstance, after_a_range: dg.ExecuteInProcessResult
) -> None:
    found = evaluations(instance, after_a_range.run_id)
    failed = found[COMPLETE, GAP]
    assert (failed.description or "").startswith("teams of the slate with no player in the context: 1 (e.g. ")
    assert failed.severity is dg.AssetCheckSeverity.ERROR
    numbers = {name: value.value for name, value in failed.metadata.items()}
    assert numbers["broken_rules"] == 1
    assert numbers["dagster/partition_row_count"] + numbers["failures"] == numbers["population"] > 0
    assert numbers["teams"] > 0
    before = found[COMPLETE, KEYS[1]]
    assert before.description is None
    assert before.metadata["broken_rules"].value == 0


@pytest.mark.parametrize(
    ("first", "last", "keys"),
    [(GAP, None, [GAP]), (GAP, GAP, [GAP]), (KEYS[1], None, KEYS[1:2]), (KEYS[0], KEYS[-1], KEYS)],
    ids=["one partition", "a range of one", "its neighbor", "the range again"],
)
@pytest.mark.usefixtures("after_a_range")
def test_another_run_judges_its_own_partitions_again(
    league: DuckDBWarehouse, instance: dg.DagsterInstance, first: str, last: str | None, keys: list[str]
) -> None:
    result = run(league, instance, first, last)
    assert result.success
    assert check_statuses(instance, result.run_id) == expected(keys)
    assert_newest_is_judged(instance, KEYS)


@pytest.mark.parametrize(
    ("first", "last", "keys"),
    [(KEYS[1], KEYS[3], KEYS[1:4]), (GAP, None, [GAP]), (None, None, KEYS)],
    ids=["a range", "one date", "execute all"],
)
@pytest.mark.usefixtures("after_a_range")
def test_a_run_of_the_checks_alone_judges_what_stands_there(
    league: DuckDBWarehouse, instance: dg.DagsterInstance, first: str | None, last: str | None, keys: list[str]
) -> None:
    ids = materialization_ids(instance, dg.AssetKey(FACTORS))
    result = run(league, instance, first, last, only_checks(FACTORS))
    assert result.success
    # Without a partition Dagster plans each check once more; that plan is closed by a summary.
    whole = {(FACTORS, check, None): "FAILED" if check == COMPLETE else "SUCCEEDED" for check in SPECS}
    assert check_statuses(instance, result.run_id) == expected(keys) | ({} if first else whole)
    assert materialization_ids(instance, dg.AssetKey(FACTORS)) == ids
    assert_newest_is_judged(instance, KEYS)


@pytest.mark.usefixtures("after_a_range")
def test_a_check_of_what_stood_there_before_is_outdated(league: DuckDBWarehouse) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(league, instance, KEYS[0], KEYS[1])
        materialize(league, KEYS[0], instance=instance, selection=[FACTORS])
        states = check_states(instance, dg.AssetCheckKey(dg.AssetKey(FACTORS), VALID))
        assert states[KEYS[0]] == OUTDATED
        assert states[KEYS[1]].is_current


@pytest.fixture(scope="module")
def damaged(league: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """A player has scored 9,000 points the night before, and a team allows twice as much as is plausible."""
    warehouse = DuckDBWarehouse(Path(shutil.copy(league.path, tmp_path_factory.mktemp("damaged"))))
    execute(
        warehouse,
        "UPDATE nba_analytics.player_game_summary SET points = 9000 WHERE game_date = '2021-10-29' AND player_lookup = "
        "(SELECT MIN(g.player_lookup) FROM nba_analytics.player_game_summary AS g "
        "JOIN nba_analytics.upcoming_player_game_context AS c ON c.player_lookup = g.player_lookup "
        "WHERE g.game_date = '2021-10-29' AND g.points > 0 AND c.game_date = '2021-10-30')",
        "UPDATE nba_analytics.team_defense_game_summary SET defensive_rating = 220 "
        "WHERE defending_team_abbr = (SELECT MIN(team_abbr) FROM nba_analytics.team_offense_game_summary)",
    )
    return warehouse


def test_an_invalid_table_stops_what_is_downstream_in_the_same_run(damaged: DuckDBWarehouse) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(damaged, instance, KEYS[-2], KEYS[-1], [CACHE, STORE])
        assert not result.success
        statuses = check_statuses(instance, result.run_id)
        assert statuses[CACHE, VALID, KEYS[-1]] == "FAILED"
        assert statuses[CACHE, VALID, KEYS[-2]] == "SUCCEEDED"
        assert set(materialization_ids(instance, dg.AssetKey(CACHE))) == set(KEYS[-2:])
        assert not materialization_ids(instance, dg.AssetKey(STORE))
        error = run_error(result.get_run_failure_event())
        assert error is not None
        assert error.dates == (dt.date.fromisoformat(KEYS[-1]),)
        assert f"{KEYS[-1]}: rows with an impossible points_avg_" in error.message


def test_an_implausible_table_only_warns(damaged: DuckDBWarehouse) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(damaged, instance, "2021-11-05", None, [TDZA.name])
        assert result.success
        found = evaluations(instance, result.run_id)
        # Not complete either: of a game with 9,000 points too many nothing is covered.
        assert {check for (check, _), evaluation in found.items() if not evaluation.passed} == {COMPLETE, PLAUSIBLE}
        warning = found[PLAUSIBLE, "2021-11-05"]
        assert (warning.severity, warning.blocking) == (dg.AssetCheckSeverity.WARN, False)
        assert "defensive_rating_last_15 out of its range (with at least 5 games): 1" in (warning.description or "")


def test_the_checks_of_one_date_and_of_many_cost_one_query_a_table(
    league: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    query: Callable[..., Any] = DuckDBSession.query

    def counted(self: DuckDBSession, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return query(self, sql, *more)

    monkeypatch.setattr(DuckDBSession, "query", counted)
    with dg.DagsterInstance.ephemeral() as instance:
        run(league, instance, KEYS[0], None, only_checks(TDZA.name, FACTORS))
        assert len(asked) == 2
        run(league, instance, KEYS[0], KEYS[-1], only_checks(TDZA.name, FACTORS))
        assert len(asked) == 4


def pooled(home: Path) -> dg.DagsterInstance:
    shutil.copy(REPOSITORY / "deploy" / "local" / "dagster.yaml", home)
    return dg.DagsterInstance.from_config(str(home))


def stock(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.local_temp(str(home))


def content(instance: dg.DagsterInstance, run_id: str) -> list[Any]:
    """Return the recorded check results of a run, without times and ids; each is about the newest materialization."""
    ids = materialization_ids(instance, dg.AssetKey(TDZA.name))
    found = []
    for (check, key), evaluation in sorted(evaluations(instance, run_id).items(), key=str):
        assert evaluation.target_materialization_data is not None
        assert evaluation.target_materialization_data.storage_id == ids[str(key)]
        numbers = (evaluation.metadata, evaluation.severity, evaluation.blocking)
        found.append((check, key, evaluation.passed, evaluation.description, *numbers))
    return [found, check_statuses(instance, run_id)]


@pytest.mark.parametrize(("storage", "kind"), [(pooled, PooledSqliteEventLogStorage), (stock, SqliteEventLogStorage)])
def test_events_in_batches_and_one_by_one_leave_the_same_on_record(
    league: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    storage: Callable[[Path], dg.DagsterInstance],
    kind: type,
) -> None:
    found = []
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with storage(tmp_path) as instance:
        assert type(instance.event_log_storage) is kind
        for size in ("0", "4"):
            monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", size)
            result = run(league, instance, KEYS[0], KEYS[2], [TDZA.name])
            assert result.success
            found.append(content(instance, result.run_id))
    assert found[0] == found[1]
    assert found[0][1] == expected(KEYS[:3], TDZA.name, gap="")


def test_the_job_checks_all_five_tables_of_its_date_and_nothing_else(
    league: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(league.path))
    with dg.DagsterInstance.ephemeral() as instance:
        job = product.defs.resolve_job_def("phase4")
        result = job.execute_in_process(instance=instance, tags={"dagster/partition": KEYS[1]})
        assert check_statuses(instance, result.run_id) == {
            (table, check, KEYS[1]): "SUCCEEDED" for table in TABLES for check in SPECS
        }
