"""`init` on BigQuery: tables as declared, and differing tables amended or refused."""

from __future__ import annotations

import dataclasses

import pytest
from google.cloud.bigquery import TimePartitioning

from nba_precompute.tables import EVERY_TABLE, SOURCES, TABLES, Column, Table
from nba_precompute.warehouse.bigquery import BigQueryWarehouse, schema
from nba_precompute.warehouse.schema_sync import Drift, deploy, differences
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.bigquery.proxy import Proxy

TDZA = TABLES["team_defense_zone_analysis"]


@pytest.fixture(scope="module")
def warehouse(new_bigquery: NewWarehouse) -> BigQueryWarehouse:
    """Return a warehouse with a renamed dataset and all tables created by `init`."""
    warehouse = new_bigquery(datasets={"nba_raw": "raw_data"}, location="EU")
    with warehouse.writing("test") as session:
        made = deploy(session)
    assert [difference.kind for difference in made] == ["table"] * len(EVERY_TABLE)
    return warehouse


def test_tables_are_stored_as_the_contract_says(warehouse: BigQueryWarehouse) -> None:
    client = warehouse.settings.client()
    for table in EVERY_TABLE:
        found = client.get_table(warehouse.settings.path(table))
        entity = table.entity_column if isinstance(table, Table) else next(c for c in table.key if c != "game_date")
        assert found.time_partitioning.field == table.date_column
        assert found.time_partitioning.type_ == "DAY"
        assert found.time_partitioning.expiration_ms is None
        assert found.clustering_fields == [entity]
        assert found.expires is None
        assert found.description == table.description
        assert found.labels == {"managed_by": "nba_precompute"}
        assert {field.name: (schema.deployed_type(field), field.mode, field.description) for field in found.schema} == {
            column.name: (
                column.type,
                "REPEATED" if column.type.startswith("ARRAY") else "NULLABLE" if column.nullable else "REQUIRED",
                column.description or None,
            )
            for column in table.published_columns
        }
    datasets = {dataset.dataset_id: client.get_dataset(dataset.reference) for dataset in client.list_datasets()}
    prefix = warehouse.settings.dataset_prefix
    assert {name for name in datasets if name.startswith(prefix)} == {
        f"{prefix}{name}" for name in ("raw_data", "nba_analytics", "nba_precompute", "nba_predictions")
    }
    assert datasets[f"{prefix}raw_data"].location == "EU"
    assert datasets[f"{prefix}raw_data"].labels == {"managed_by": "nba_precompute"}


def test_init_again_changes_nothing_and_runs_no_job(warehouse: BigQueryWarehouse, proxy: Proxy) -> None:
    with warehouse.writing("test") as session:
        assert deploy(session) == []
    assert proxy.jobs == []
    assert {request.method for request in proxy.requests} == {"GET"}


def deployed_as(warehouse: BigQueryWarehouse, table: Table, layout: str = "", **columns: Column | None) -> None:
    """Create the table with other columns than declared (None: without the column), or with another layout."""
    changed = [columns.get(column.name, column) for column in table.published_columns]
    changed += [column for name, column in columns.items() if name not in {c.name for c in table.published_columns}]
    with warehouse.writing("test") as session:
        session.schema.create_dataset(warehouse.settings.dataset_path(table))
        path = warehouse.settings.path(table)
        sql = schema.create_statement(path, table, [column for column in changed if column])
        if layout:
            sql = sql[: sql.index("PARTITION BY")] + layout
        session.execute(sql, "test")


def test_new_nullable_columns_and_descriptions_are_added(new_bigquery: NewWarehouse) -> None:
    warehouse = new_bigquery()
    pace = TDZA.column("opponent_pace")
    old = dataclasses.replace(TDZA.column("data_hash"), description="as it was")
    deployed_as(warehouse, TDZA, opponent_pace=None, data_hash=old)
    with warehouse.writing("test") as session:
        found = differences(session, [TDZA])
        assert [(difference.kind, difference.name, difference.safe) for difference in found] == [
            ("column", "opponent_pace", True),
            ("description", "data_hash", True),
        ]
        deploy(session, [TDZA])
        assert differences(session, [TDZA]) == []
        deployed = session.schema.deployed(TDZA)
    assert deployed is not None
    assert deployed.columns["opponent_pace"].description == pace.description


PACE = TDZA.column("opponent_pace")
TEAM = TDZA.column("team_abbr")
HASH = TDZA.column("data_hash")

UNSAFE = {
    "type": ({"opponent_pace": dataclasses.replace(PACE, type="INT64")}, "", "expected FLOAT64, found INT64"),
    "nullable": ({"data_hash": dataclasses.replace(HASH, nullable=True)}, "", "expected required, found nullable"),
    "required": ({"opponent_pace": dataclasses.replace(PACE, nullable=False)}, "", "expected nullable, found required"),
    "an extra column": ({"mascot": Column("mascot", "STRING")}, "", "mascot: the column is not declared"),
    "partitioning": ({}, "CLUSTER BY team_abbr", "partitioned by nothing, expected analysis_date, by DAY"),
    "clustering": ({}, "PARTITION BY analysis_date", "clustered by nothing, expected team_abbr"),
}


@pytest.mark.parametrize(("columns", "layout", "words"), UNSAFE.values(), ids=UNSAFE)
def test_the_statements_of_a_refusal_make_it_right(
    new_bigquery: NewWarehouse, columns: dict[str, Column | None], layout: str, words: str, proxy: Proxy
) -> None:
    warehouse = new_bigquery()
    deployed_as(warehouse, TDZA, layout, **columns)
    proxy.reset()
    with warehouse.writing("test") as session:
        with pytest.raises(Drift, match=r"nothing was changed\. Run by hand:") as caught:
            deploy(session, [TDZA])
        assert {request.method for request in proxy.requests} == {"GET"}
        assert words in str(caught.value)
        text = str(caught.value)
        script = "\n".join(line for line in text.splitlines()[1:] if not line.startswith("nba_precompute."))
        session.execute(script, "by_hand")
        assert [difference for difference in differences(session, [TDZA]) if not difference.safe] == []
        deploy(session, [TDZA])
        assert differences(session, [TDZA]) == []


def test_a_table_that_expires_is_refused(new_bigquery: NewWarehouse) -> None:
    """The emulator fails on NULL options, so the statements are compared as text."""
    warehouse = new_bigquery()
    layout = (
        "PARTITION BY analysis_date CLUSTER BY team_abbr "
        "OPTIONS (expiration_timestamp = TIMESTAMP '2030-01-01 00:00:00+00')"
    )
    deployed_as(warehouse, TDZA, layout)
    client = warehouse.settings.client()
    table = client.get_table(warehouse.settings.path(TDZA))
    table.time_partitioning = TimePartitioning(field="analysis_date", expiration_ms=90 * 86_400_000)
    client.update_table(table, ["time_partitioning"])
    with warehouse.writing("test") as session, pytest.raises(Drift) as caught:
        deploy(session, [TDZA])
    relation = warehouse.settings.relation(TDZA)
    assert "expires 2030-01-01 00:00:00+00:00, expected never" in str(caught.value)
    assert "partitions expire after 90 days, expected never" in str(caught.value)
    assert f"ALTER TABLE {relation} SET OPTIONS (expiration_timestamp = NULL);" in str(caught.value)
    assert f"ALTER TABLE {relation} SET OPTIONS (partition_expiration_days = NULL);" in str(caught.value)


def test_a_required_column_cannot_be_added_to_rows_that_lack_it(new_bigquery: NewWarehouse) -> None:
    warehouse = new_bigquery()
    deployed_as(warehouse, TDZA, games_in_sample=None)
    with warehouse.writing("test") as session, pytest.raises(Drift) as caught:
        deploy(session, [TDZA])
    assert "games_in_sample: the required column is missing" in str(caught.value)
    assert f"DROP TABLE {warehouse.settings.relation(TDZA)};  -- then run `nba-precompute init` and a backfill" in str(
        caught.value
    )


def test_a_source_is_held_to_columns_and_types_alone(new_bigquery: NewWarehouse) -> None:
    """Phase 3 owns its tables: their layout, descriptions and other columns are not verified."""
    source = SOURCES["team_offense_game_summary"]
    theirs = [dataclasses.replace(column, description="theirs") for column in source.columns]
    warehouse = new_bigquery()
    with warehouse.writing("test") as session:
        session.schema.create_table(source, [*theirs[:-1], Column("attendance", "INT64")])
        (found,) = differences(session, [source])
        assert (found.kind, found.name, found.safe) == ("column", "processed_at", False)
        with pytest.raises(Drift, match="ADD COLUMN `processed_at` TIMESTAMP;"):
            deploy(session, [source])
