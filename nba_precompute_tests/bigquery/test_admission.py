"""A week with every kind of row that admission sets aside, over the wire: the same as in DuckDB, row by row."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from nba_precompute.publishing.records import Outcome
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES
from nba_precompute.warehouse import Warehouse
from nba_precompute_tests.bad_input.helpers import DATES, LAST, build_league
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.oracle import Oracle
from nba_precompute_tests.proof.dirt import dirty
from nba_precompute_tests.support.league import days, new_warehouse, published, run, set_up, to_tables

pytestmark = pytest.mark.slow

ROWS = dirty(build_league(), seed=0)
"""Six teams over four weeks, with rows of every kind to set aside and every other fault."""
WEEK = days(DATES[9], LAST)


@dataclass
class Seen:
    """A warehouse after the run of the week."""

    warehouse: Warehouse
    outcomes: dict[str, Outcome]
    observed: list[SourceDate]

    @classmethod
    def after_the_run(cls, warehouse: Warehouse) -> Seen:
        return cls(
            warehouse=warehouse, outcomes=run(warehouse, WEEK), observed=observe(warehouse, days(DATES[0], LAST)).dates
        )

    def failures(self) -> list[dict[str, Any]]:
        columns = "table_name, as_of_date, entity_id, reason, detail"
        with self.warehouse.reading("test") as session:
            return session.query(
                f"SELECT {columns} FROM {session.relation(PRECOMPUTE_FAILURES)} ORDER BY {columns}", "test"
            )

    def findings(self) -> dict[tuple[str, dt.date, str], int]:
        return {
            (entry.source, entry.date, kind): finding.count
            for entry in self.observed
            for kind, finding in entry.findings.items()
        }


@pytest.fixture(scope="module")
def bigquery(new_bigquery: NewWarehouse) -> Seen:
    warehouse = new_bigquery()
    set_up(warehouse, to_tables(ROWS))
    return Seen.after_the_run(warehouse)


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    path = tmp_path_factory.mktemp("admission") / "nba.duckdb"
    return Seen.after_the_run(new_warehouse(path, to_tables(ROWS)))


def test_every_row_and_failure_is_the_same(bigquery: Seen, duckdb: Seen) -> None:
    for table in TABLES.values():
        assert published(bigquery.warehouse, table) == published(duckdb.warehouse, table) != {}
    assert bigquery.failures() == duckdb.failures() != []


def test_the_same_dates_are_refused_for_the_same_reasons(bigquery: Seen, duckdb: Seen) -> None:
    oracle = Oracle(ROWS)
    refused = {date for date in WEEK if oracle.refusal(date) is not None}
    assert refused
    for name in TABLES:
        assert bigquery.outcomes[name].refused == duckdb.outcomes[name].refused
        assert bigquery.outcomes[name].refused.keys() == refused


def test_the_observation_is_the_same(bigquery: Seen, duckdb: Seen) -> None:
    """Only the fingerprints are each engine's own."""
    there, here = (
        [dataclasses.replace(entry, fingerprint="") for entry in seen.observed] for seen in (bigquery, duckdb)
    )
    assert there == here
    findings = bigquery.findings()
    assert findings == Oracle(ROWS).findings_on(days(DATES[0], LAST))
    assert {kind for _, _, kind in findings} >= {
        "blank_key",
        "wrong_season",
        "not_counting",
        "off_schedule",
        "unknown_game_type",
    }
