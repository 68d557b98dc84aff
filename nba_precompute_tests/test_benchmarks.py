"""The workloads of `make bench` run, and the floor does the work of the product."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from nba_precompute.tables import TABLES
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import REPOSITORY, published


def workload() -> ModuleType:
    spec = importlib.util.spec_from_file_location("workload", REPOSITORY / "benchmarks" / "workload.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_floor_yields_a_row_or_failure_for_everyone_whom_the_product_published(first_weeks: FirstWeeks) -> None:
    date = first_weeks.dates[-1]
    found = workload().floor(first_weeks.warehouse.path, date, date)["tables"]
    with first_weeks.warehouse.reading("test") as session:
        failures = {
            row["table_name"]: row["n"]
            for row in session.query(
                "SELECT table_name, COUNT(*) AS n FROM `nba_precompute.precompute_failures` "
                f"WHERE as_of_date = DATE '{date}' GROUP BY table_name"
            )
        }
    assert {name: measured["rows"] for name, measured in found.items()} == {
        name: len(published(first_weeks.warehouse, table, date)) + failures.get(name, 0)
        for name, table in TABLES.items()
    }
