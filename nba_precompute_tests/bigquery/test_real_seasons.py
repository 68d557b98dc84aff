"""Two real seasons over the wire: loaded and backfilled with the product's commands, and equal to DuckDB's."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from nba_precompute import features
from nba_precompute.operations.explain.reading import explain
from nba_precompute.sql import RunDates
from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES, Table
from nba_precompute.warehouse import Warehouse
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bigquery.fixtures import NewWarehouse, variables
from nba_precompute_tests.bigquery.proxy import Proxy
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.dagster_runs import materialize, records
from nba_precompute_tests.support.league import days, new_warehouse, real_season_directory, real_tables, run
from nba_precompute_tests.support.running import Shell

pytestmark = pytest.mark.slow

NOVEMBER = days(dt.date(2021, 11, 1), dt.date(2021, 11, 30))
SEASONS = days(dt.date(2021, 10, 19), dt.date(2022, 12, 31))
"""A whole season and the first months of the next, in one run."""
TWELVE = [
    *map(dt.date.fromisoformat, ("2021-10-19", "2021-10-22", "2021-12-25", "2022-01-17", "2022-02-26", "2022-04-10")),
    *days(dt.date(2022, 12, 23), dt.date(2022, 12, 28)),
]
"""A season's first and last dates, a Christmas, a date without games, and consecutive nights."""

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@dataclass
class Seasons:
    """The seasons in both warehouses, with the Dagster instance and the jobs of each backfill."""

    bigquery: BigQueryWarehouse
    duckdb: DuckDBWarehouse
    instance: dg.DagsterInstance
    jobs: dict[str, list[str]]


@pytest.fixture(scope="module")
def seasons(
    new_bigquery: NewWarehouse, session_proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seasons]:
    directories = [str(real_season_directory(season)) for season in (2021, 2022)]
    folder = tmp_path_factory.mktemp("seasons")
    warehouse = new_bigquery()
    shell = Shell.at(folder, **variables(warehouse))
    assert "is ready" in shell.succeed("nba-precompute", "init")
    assert "26,039" in shell.succeed("nba-precompute", "load-phase3", *directories)
    jobs: dict[str, list[str]] = {}

    def backfill(name: str, dates: list[dt.date], instance: dg.DagsterInstance) -> None:
        session_proxy.reset()
        assert materialize(warehouse, str(dates[0]), str(dates[-1]), instance=instance).success
        jobs[name] = [f"{job.job['configuration']['labels']['asset']} {job.step}" for job in session_proxy.jobs]

    with dg.DagsterInstance.ephemeral() as instance:
        backfill("seasons", SEASONS, instance)
        backfill("november again", NOVEMBER, instance)
        yield Seasons(bigquery=warehouse, duckdb=in_duckdb(folder / "nba.duckdb"), instance=instance, jobs=jobs)


def in_duckdb(path: Path) -> DuckDBWarehouse:
    import pyarrow as pa

    tables = [real_tables(season) for season in (2021, 2022)]
    warehouse = new_warehouse(path, {name: pa.concat_tables([season[name] for season in tables]) for name in tables[0]})
    run(warehouse, [*NOVEMBER, *TWELVE])
    return warehouse


def rows(warehouse: Warehouse, table: Table, dates: list[dt.date]) -> pd.DataFrame:
    """Return every business column and the hash, in key order."""
    columns = ", ".join([*(column.name for column in table.columns), "data_hash"])
    with warehouse.reading("test") as session:
        return session.frame(
            f"SELECT {columns} FROM {session.relation(table)} WHERE {RunDates.of(dates).dates_of(table.date_column)} "
            f"ORDER BY {', '.join(table.key)}"
        )


@EVERY_TABLE
@pytest.mark.parametrize("dates", [NOVEMBER, TWELVE], ids=["November 2021", "12 dates"])
def test_duckdb_and_bigquery_agree(seasons: Seasons, table: Table, dates: list[dt.date]) -> None:
    there, here = rows(seasons.bigquery, table, dates), rows(seasons.duckdb, table, dates)
    assert len(here) >= 10 * 30
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_the_same_players_fail_for_the_same_reasons(seasons: Seasons) -> None:
    names = "table_name, as_of_date, entity_id, reason, detail"
    found = []
    for warehouse in (seasons.bigquery, seasons.duckdb):
        with warehouse.reading("test") as session:
            found.append(
                session.query(
                    f"SELECT {names} FROM {session.relation(PRECOMPUTE_FAILURES)} "
                    f"WHERE {RunDates.of([*NOVEMBER, *TWELVE]).dates_of('as_of_date')} ORDER BY {names}"
                )
            )
    there, here = found
    assert here
    assert there == here


def test_six_jobs_a_table_whatever_the_dates(seasons: Seasons) -> None:
    """A season of 165 game dates and a third of the next take as many jobs as one date (`test_runs.py`)."""
    steps = ("inspect", "stage", "audit", "merge_failures", "merge", "read_back")
    assert sorted(seasons.jobs["seasons"]) == sorted(f"{table} {step}" for table in TABLES for step in steps)


def test_november_again_is_only_looked_at(seasons: Seasons) -> None:
    """Every date is recorded; a second run computes and writes nothing."""
    assert sorted(seasons.jobs["november again"]) == sorted(f"{table} inspect" for table in TABLES)
    for table in TABLES:
        found = records(seasons.instance, table, [str(date) for date in SEASONS])
        assert len(found) == len(SEASONS)
        for date in SEASONS:
            expected = "skipped: inputs" if date in NOVEMBER else "computed: no earlier record"
            assert found[str(date)]["decision"].startswith(expected), (table, date)
            assert found[str(date)]["inserted"] == (0 if date in NOVEMBER else found[str(date)]["rows"])


def test_features_and_labels_are_the_same_from_either_warehouse(seasons: Seasons) -> None:
    ours, theirs = (
        features.load(NOVEMBER[-3], NOVEMBER[-1], warehouse=warehouse).to_arrow()
        for warehouse in (seasons.bigquery, seasons.duckdb)
    )
    assert ours.num_rows > 300
    assert ours.equals(theirs)


def test_a_row_is_explained_in_the_same_way(seasons: Seasons) -> None:
    store, christmas = TABLES["ml_feature_store_v2"], dt.date(2021, 12, 25)
    ours, theirs = (
        dataclasses.asdict(explain(warehouse, store, "jaysontatum", christmas))
        for warehouse in (seasons.bigquery, seasons.duckdb)
    )
    assert ours == theirs
    assert "Recomputing would change no value." in ours["summary"]


def test_bigquery_is_compared_with_a_duckdb_file(
    seasons: Seasons, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables(seasons.bigquery).items():
        monkeypatch.setenv(name, value)
    against = ("--against", str(seasons.duckdb.path), "--json")
    assert call(monkeypatch, "diff", "--from", str(NOVEMBER[-3]), "--to", str(NOVEMBER[-1]), *against) == 0
    assert json.loads(capsys.readouterr().out)["is_equal"]
    # The DuckDB file lacks the last of these dates.
    assert call(monkeypatch, "diff", "--from", "2021-11-30", "--to", "2021-12-01", *against) == 3
    assert all(table["added"] for table in json.loads(capsys.readouterr().out)["tables"][:5])
    assert call(monkeypatch, "diff", "--from", "2021-11-30", "--to", "2021-12-01", "--against", "nothing_") == 1
    assert "has no table nba_precompute.team_defense_zone_analysis" in capsys.readouterr().err
    prefix = seasons.bigquery.settings.dataset_prefix
    assert call(monkeypatch, "diff", "--from", "2021-11-30", "--to", "2021-12-01", "--against", prefix) == 2
    assert "is this warehouse itself" in " ".join(capsys.readouterr().err.replace("│", " ").split())
