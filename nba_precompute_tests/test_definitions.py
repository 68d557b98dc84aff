"""The code location: assets, their dependencies by date, and what the UI is told about them."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlglot
from sqlglot import exp

from nba_precompute.definitions import build_defs, defs
from nba_precompute.orchestration.assets.phase3 import PHASE3_ASSETS
from nba_precompute.orchestration.names import IO_MANAGER, WAREHOUSE
from nba_precompute.quality.names import COMPLETE, COMPLETE_THROUGH, PLAUSIBLE, VALID
from nba_precompute.sql import fill, logical_name
from nba_precompute.tables import SOURCES, TABLES, Table
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.platform import FixedWarehouse

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@pytest.fixture(scope="module")
def graph() -> Any:
    dg.Definitions.validate_loadable(defs)
    return defs.get_repository_def().asset_graph


@EVERY_TABLE
def test_each_table_is_a_daily_partitioned_asset_of_phase4(graph: Any, table: Table) -> None:
    node = graph.get(dg.AssetKey(table.name))
    assert node.group_name == "phase4"
    assert node.backfill_policy == dg.BackfillPolicy.single_run()
    assert node.kinds == {"duckdb", "sql"}
    assert node.owners == ["team:nba-analytics"]
    assert node.description == table.description
    assert node.code_version
    assert isinstance(node.partitions_def, dg.DailyPartitionsDefinition)


@EVERY_TABLE
def test_the_ui_knows_every_column_and_where_it_comes_from(graph: Any, table: Table) -> None:
    metadata = graph.get(dg.AssetKey(table.name)).metadata
    schema = metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == [column.name for column in table.published_columns]
    lineage = metadata["dagster/column_lineage"].deps_by_column
    assert set(lineage) == {column.name for column in table.columns if column.lineage}
    assert metadata["dagster/table_name"] == f"{table.dataset}.{table.name}"


@EVERY_TABLE
def test_dependencies_are_the_declarations(graph: Any, table: Table) -> None:
    parents = graph.get(dg.AssetKey(table.name)).parent_keys
    assert {key.to_user_string() for key in parents} == {*table.sources, *table.upstreams}


@pytest.mark.parametrize(
    ("upstream", "expected"),
    [
        ("player_game_summary", ("2022-02-09", "2022-03-10")),
        ("team_offense_game_summary", ("2022-02-09", "2022-03-10")),
        ("nbac_schedule", ("2022-03-11", "2022-03-11")),
        ("upcoming_player_game_context", ("2022-03-11", "2022-03-11")),
        ("player_shot_zone_analysis", ("2022-03-11", "2022-03-11")),
    ],
)
def test_a_date_reads_box_scores_before_it_and_the_rest_of_the_date(
    graph: Any, upstream: str, expected: tuple[str, str]
) -> None:
    key = dg.AssetKey("ml_feature_store_v2")
    mapping = graph.get(key).partition_mappings[dg.AssetKey(upstream)]
    partitions = graph.get(key).partitions_def
    upstream_partitions = graph.get(dg.AssetKey(upstream)).partitions_def
    assert partitions is not None
    assert upstream_partitions is not None
    with dg.partition_loading_context(effective_dt=dt.datetime(2022, 4, 1, tzinfo=dt.UTC)):
        subset = partitions.subset_with_partition_keys(["2022-03-11"])
        mapped = mapping.get_upstream_mapped_partitions_result_for_partitions(subset, partitions, upstream_partitions)
        keys = sorted(mapped.partitions_subset.get_partition_keys())
    assert (keys[0], keys[-1]) == expected


def test_phase_3_is_external_and_described() -> None:
    assert {spec.key.to_user_string() for spec in PHASE3_ASSETS} == set(SOURCES)
    for spec in PHASE3_ASSETS:
        source = SOURCES[spec.key.to_user_string()]
        assert spec.group_name == "phase3"
        columns = spec.metadata["dagster/column_schema"].columns
        assert [column.name for column in columns] == list(source.column_names)


def test_the_leagues_files_are_upstream_of_phase_3(graph: Any) -> None:
    for name in SOURCES:
        statement = sqlglot.parse_one(fill(f"derive/{name}", relation=logical_name, seasons=[2022]), read="bigquery")
        read = {scan.name for scan in statement.find_all(exp.Table) if scan.db}
        assert {key.to_user_string() for key in graph.get(dg.AssetKey(name)).parent_keys} == read
    groups = {graph.get(dg.AssetKey(name)).group_name for name in LEAGUE_TABLES}
    assert groups == {"league_files"}


@EVERY_TABLE
def test_each_table_has_three_checks_by_partition_and_a_deadline(graph: Any, table: Table) -> None:
    keys = {key.name: key for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(table.name)}
    assert set(keys) == {COMPLETE, VALID, PLAUSIBLE, COMPLETE_THROUGH}
    nodes = {name: graph.get(key) for name, key in keys.items()}
    assert {name for name, node in nodes.items() if node.blocking} == {VALID}, "one date must not stop a range"
    assert {name for name, node in nodes.items() if node.partitions_def} == {COMPLETE, VALID, PLAUSIBLE}
    assert all(node.description for node in nodes.values())


def test_each_source_has_its_coverage_by_partition(graph: Any) -> None:
    for name in SOURCES:
        node = graph.get(dg.AssetCheckKey(dg.AssetKey(name), COMPLETE))
        assert node.partitions_def == graph.get(dg.AssetKey(name)).partitions_def
        assert not node.blocking


def test_the_job_has_all_five_tables_and_their_checks_by_partition(graph: Any) -> None:
    job = defs.resolve_job_def("phase4")
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == set(TABLES)
    assert {(key.asset_key.to_user_string(), key.name) for key in job.asset_layer.asset_graph.asset_check_keys} == {
        (table, check) for table in TABLES for check in (COMPLETE, VALID, PLAUSIBLE)
    }


def test_loading_the_definitions_warns_of_no_beta() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "default",
            "-c",
            "from nba_precompute.definitions import defs; defs.get_repository_def()",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "BetaWarning" not in done.stderr
    assert "PreviewWarning" not in done.stderr


def test_a_deployment_replaces_the_warehouse_of_every_definition(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "other.duckdb")
    repository = build_defs({WAREHOUSE: FixedWarehouse(warehouse)}).get_repository_def()
    resources = repository.get_job("phase4").resource_defs
    with dg.build_resources({name: resources[name] for name in (WAREHOUSE, IO_MANAGER)}) as built:
        assert built.warehouse.open() is warehouse
        assert getattr(built, IO_MANAGER)._warehouse() is warehouse


def test_loading_the_definitions_opens_no_warehouse_and_no_heavy_library() -> None:
    code = (
        "import sys, dagster; before = set(sys.modules); import nba_precompute.definitions; "
        "print(sorted({'duckdb', 'pandas', 'pyarrow', 'sqlglot', 'numpy'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
