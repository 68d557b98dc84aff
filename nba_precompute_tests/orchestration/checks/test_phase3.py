"""The coverage checks of Phase 3: each source and date has its own result, in one step and one query.

Those of the schedule say whether a date has to wait for box scores (contract, section 3, the check `complete`).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest

from nba_precompute.orchestration.checks.phase3 import phase3_coverage
from nba_precompute.orchestration.dagster_private.check_results import CheckState, check_states
from nba_precompute.orchestration.observer import record
from nba_precompute.quality.names import COMPLETE, LEAGUE_COMPLETE
from nba_precompute.tables import SOURCES
from nba_precompute.tables.sources import FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBSession, DuckDBWarehouse
from nba_precompute_tests.support.dagster_runs import check_statuses, evaluations, materialize
from nba_precompute_tests.support.league import execute, new_warehouse
from nba_precompute_tests.support.platform import Phase3, until

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
TODAY = dt.date(2021, 10, 24)
KEYS = [f"2021-10-{day}" for day in range(19, 24)]
GAP, AFTER_GAP = "2021-10-21", "2021-10-22"
TEAM = "ATL"
"""The team whose defense row of `GAP` is missing: it plays then and on the 23rd, not on the 22nd and not today."""
SLATE, LEAGUE = (SCHEDULE, COMPLETE), (SCHEDULE, LEAGUE_COMPLETE)

Clock = Callable[..., None]


@pytest.fixture(scope="module")
def league(small_season: Phase3, tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    warehouse = new_warehouse(tmp_path_factory.mktemp("league") / "nba.duckdb", until(small_season, TODAY))
    days = {
        str(game["game_date"])
        for game in small_season[SCHEDULE].to_pylist()
        if TEAM in (game["home_team_tricode"], game["away_team_tricode"])
        and game["game_date"] <= TODAY
        and game["game_type"] != "preseason"
    }
    assert days == {GAP, "2021-10-23"}
    execute(
        warehouse,
        f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_date = '{GAP}' AND defending_team_abbr = '{TEAM}'",
    )
    return warehouse


@pytest.fixture
def instance(league: DuckDBWarehouse, clock: Clock) -> Iterator[dg.DagsterInstance]:
    clock(TODAY)
    with dg.DagsterInstance.ephemeral() as instance:
        record(instance, league)
        yield instance


def check(
    league: DuckDBWarehouse,
    instance: dg.DagsterInstance,
    first: str | None,
    last: str | None = None,
    checks: Any = tuple((name, COMPLETE) for name in SOURCES),
) -> dg.ExecuteInProcessResult:
    return materialize(
        league,
        first,
        last,
        instance=instance,
        asset_checks=[phase3_coverage],
        selection=dg.AssetSelection.checks(*(dg.AssetCheckKey(dg.AssetKey(name), check) for name, check in checks)),
        raise_on_error=False,
    )


FAILING = {(DEFENSE, GAP), (SCHEDULE, AFTER_GAP), (SCHEDULE, "2021-10-23")}
"""The source that has the gap, and the dates that wait for it: the next one, and the one on which the team plays."""


def expected(keys: list[str], sources: Any = tuple(SOURCES)) -> dict[tuple[str, str, str], str]:
    return {
        (name, COMPLETE, key): "FAILED" if (name, key) in FAILING else "SUCCEEDED" for name in sources for key in keys
    }


def test_a_range_has_a_result_for_every_source_and_date_in_one_query(
    league: DuckDBWarehouse, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    query = DuckDBSession.query

    def counted(self: DuckDBSession, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return query(self, sql, *more)

    monkeypatch.setattr(DuckDBSession, "query", counted)
    result = check(league, instance, KEYS[0], KEYS[-1])
    assert result.success, "an incomplete source is a finding, not a failure of the run"
    assert len(asked) == 1
    assert check_statuses(instance, result.run_id) == expected(KEYS)
    states = check_states(instance, dg.AssetCheckKey(dg.AssetKey(DEFENSE), COMPLETE))
    assert states == {key: CheckState(True, key != GAP, is_current=True) for key in KEYS}


def test_one_date_of_one_source_is_judged_alone_and_says_who_is_missing_and_why(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    result = check(league, instance, GAP, checks=[(DEFENSE, COMPLETE)])
    assert check_statuses(instance, result.run_id) == expected([GAP], [DEFENSE])
    (evaluation,) = evaluations(instance, result.run_id).values()
    numbers = {name: value.value for name, value in evaluation.metadata.items()}
    assert numbers["covered_teams"] == numbers["expected_teams"] - 1 == numbers["dagster/partition_row_count"]
    assert evaluation.description == (
        f"{numbers['covered_teams']} of {numbers['expected_teams']} teams are covered, without "
        f"{TEAM} (no team defense row)"
    )


def test_a_date_waits_for_the_newest_game_date_and_for_the_teams_that_it_reads(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    """Today the team does not play: only a table of all teams waits for its window."""
    keys = [*KEYS, str(TODAY)]
    result = check(league, instance, keys[0], keys[-1], checks=[SLATE, LEAGUE])
    found = {
        key: evaluation.description
        for key, evaluation in evaluations(instance, result.run_id).items()
        if not evaluation.passed
    }
    newest = f"uncovered sides on the newest game date before: {TEAM} on {GAP}: no team defense row"
    window = f"teams with less than 90 % of their window covered: {TEAM} "
    assert found == {
        (COMPLETE, AFTER_GAP): newest,
        (COMPLETE, "2021-10-23"): f"{window}(0 of 1 games)",
        (LEAGUE_COMPLETE, AFTER_GAP): f"{window}(0 of 1 games); {newest}",
        (LEAGUE_COMPLETE, "2021-10-23"): f"{window}(0 of 1 games)",
        (LEAGUE_COMPLETE, str(TODAY)): f"{window}(1 of 2 games)",
    }


def test_without_a_partition_every_observed_date_is_judged(
    league: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    result = check(league, instance, None)
    statuses = check_statuses(instance, result.run_id)
    known_ahead = {
        (name, COMPLETE, str(TODAY)): "SUCCEEDED" for name in SOURCES if name not in FACT_SOURCES
    }  # today's box scores have not been observed
    whole = {(name, COMPLETE, None): "FAILED" if name in (DEFENSE, SCHEDULE) else "SUCCEEDED" for name in SOURCES}
    assert statuses == expected(KEYS) | known_ahead | whole


def test_before_anything_is_observed_it_says_what_to_do(league: DuckDBWarehouse, clock: Clock) -> None:
    clock(TODAY)
    with dg.DagsterInstance.ephemeral() as instance:
        result = check(league, instance, None)
        failure = result.failure_data_for_node("phase3_coverage")
        assert failure is not None
        assert "run `nba-precompute observe`" in str(failure.error)


def test_a_date_without_a_schedule_fails(league: DuckDBWarehouse, instance: dg.DagsterInstance, clock: Clock) -> None:
    clock(dt.date(2023, 1, 10))
    result = check(league, instance, "2023-01-05", checks=[(OFFENSE, COMPLETE)])
    (evaluation,) = evaluations(instance, result.run_id).values()
    assert (evaluation.passed, evaluation.description) == (False, "the schedule has no game of the season")


def test_a_date_after_today_is_refused(league: DuckDBWarehouse, instance: dg.DagsterInstance) -> None:
    result = check(league, instance, "2021-10-25", checks=[(OFFENSE, COMPLETE)])
    failure = result.failure_data_for_node("phase3_coverage")
    assert failure is not None
    assert "2021-10-25 is after today" in str(failure.error)
