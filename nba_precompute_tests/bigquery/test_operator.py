"""The operator's commands on BigQuery: the plan with its bytes, and the report after the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import dagster as dg
import pytest

from nba_precompute.operations.plan.make import make_plan
from nba_precompute.operations.plan.records import State
from nba_precompute.operations.report.page import build_report
from nba_precompute.quality.waivers import WaiverError, add, read, remove
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.bigquery.proxy import Proxy
from nba_precompute_tests.oracle.tiny_league import tiny_league
from nba_precompute_tests.support.dagster_runs import materialize
from nba_precompute_tests.support.league import set_up, to_tables

GAMES = [dt.date(2021, 10, day) for day in (20, 22, 24, 26, 28, 30)]
TONIGHT = dt.date(2021, 11, 1)


@pytest.fixture
def warehouse(new_bigquery: NewWarehouse, proxy: Proxy) -> BigQueryWarehouse:
    warehouse = new_bigquery()
    set_up(warehouse, to_tables(tiny_league(GAMES, TONIGHT)))
    return warehouse


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_a_gap_is_waived_and_the_waiver_removed(warehouse: BigQueryWarehouse) -> None:
    lost = GAMES[-1]
    with warehouse.writing("test") as session:
        session.execute(
            f"DELETE FROM {session.relation(SOURCES['team_offense_game_summary'])} "
            f"WHERE game_date = DATE '{lost}' AND team_abbr = 'AAA'",
            "test",
        )
    waiver = add(warehouse, lost, "AAA", "the feed's file is 'lost' \\ gone", "pat")
    assert add(warehouse, lost, "AAA", waiver.reason, "somebody else") == waiver
    with pytest.raises(WaiverError, match="BBB on 2021-10-30 is covered"):
        add(warehouse, lost, "BBB", "lost", "pat")
    with warehouse.reading("test") as session:
        assert read(session, GAMES[0], TONIGHT) == [waiver]
    assert (waiver.reason, waiver.created_at.tzinfo is not None) == ("the feed's file is 'lost' \\ gone", True)
    assert remove(warehouse, lost, "AAA") == waiver
    with warehouse.reading("test") as session:
        assert read(session, GAMES[0], TONIGHT) == []


@pytest.mark.slow
def test_the_plan_knows_bytes_and_the_page_knows_the_run(
    instance: dg.DagsterInstance, warehouse: BigQueryWarehouse
) -> None:
    plan = make_plan(instance, warehouse, TONIGHT, TONIGHT)
    assert {by_date[TONIGHT].state for by_date in plan.entries.values()} == {State.MISSING}
    assert plan.bytes is not None

    materialize(warehouse, str(TONIGHT), instance=instance)
    report = build_report(instance, warehouse, 2021)
    assert [(summary.fresh, summary.expected) for summary in report.summaries] == [(1, 7)] * len(TABLES)
    assert report.summaries[-1].rows == 10
    assert {problem.date for problem in report.problems} == set(GAMES)
