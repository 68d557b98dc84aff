"""BigQuery settings from the environment, valid and invalid, and DDL; no service is contacted."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from nba_precompute.tables import SOURCES, TABLES, Column
from nba_precompute.tables.league import LEAGUE_SHOTS as SHOTS
from nba_precompute.warehouse import WarehouseError, warehouse_from_environment
from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse
from nba_precompute.warehouse.bigquery.jobs import label
from nba_precompute.warehouse.bigquery.schema import create_statement

SCHEDULE = SOURCES["nbac_schedule"]


def settings(**variables: str) -> BigQuerySettings:
    given = {"PROJECT": "a-project"} | variables
    return BigQuerySettings.from_environment({f"NBA_BIGQUERY_{name}": value for name, value in given.items()})


def test_the_environment_names_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_WAREHOUSE", "bigquery")
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "a-project")
    monkeypatch.setenv("NBA_BIGQUERY_LOCATION", "europe-west1")
    monkeypatch.setenv("NBA_BIGQUERY_DATASET_PREFIX", "staging_")
    monkeypatch.setenv("NBA_BIGQUERY_DATASETS", "nba_raw=raw, nba_analytics=phase3")
    warehouse = warehouse_from_environment()
    assert isinstance(warehouse, BigQueryWarehouse)
    assert warehouse.settings.relation(SCHEDULE) == "`a-project.staging_raw.nbac_schedule`"
    assert warehouse.settings.relation(TABLES["ml_feature_store_v2"]) == (
        "`a-project.staging_nba_predictions.ml_feature_store_v2`"
    )
    assert warehouse.describe() == "BigQuery project a-project in europe-west1, datasets staging_*"


def test_three_projects_pay_hold_phase_3_and_hold_phase_4() -> None:
    found = settings(
        BILLING_PROJECT="a-payer", PHASE3_PROJECT="their-project", DATASET_PREFIX="next_", DATASETS="nba_raw=raw"
    )
    assert found.relation(SCHEDULE) == "`their-project.raw.nbac_schedule`", "theirs has no prefix"
    assert found.relation(TABLES["player_daily_cache"]) == "`a-project.next_nba_precompute.player_daily_cache`"
    assert BigQueryWarehouse(found).describe() == (
        "BigQuery project a-project in US, datasets next_*, Phase 3 in their-project, paid by a-payer"
    )
    emulated = dataclasses.replace(found, endpoint="http://127.0.0.1:1", is_emulator=True)
    assert emulated.client().project == "a-payer"


def test_the_defaults_are_googles_own_service() -> None:
    found = settings()
    assert (found.location, found.endpoint, found.is_emulator) == ("US", None, False)
    assert (found.maximum_bytes_billed, found.timeout_seconds) == (None, 1800)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"PROJECT": ""}, "needs NBA_BIGQUERY_PROJECT"),
        ({"PROJECT": "a`project"}, "must be a project id"),
        ({"PHASE3_PROJECT": "a project"}, "NBA_BIGQUERY_PHASE3_PROJECT is 'a project'; it must be a project id"),
        ({"DATASET_PREFIX": "no-dash-"}, "is not a dataset name"),
        ({"DATASETS": "nba_rau=raw"}, "renames nba_rau; the datasets are nba_raw"),
        ({"DATASETS": "nba_raw"}, "must look like"),
        ({"MAXIMUM_BYTES_BILLED": "1e9"}, "must be a positive whole number"),
        ({"TIMEOUT_SECONDS": "0"}, "must be a positive whole number"),
        ({"EMULATOR": "yes"}, "must be 0 or 1"),
        ({"EMULATOR": "1"}, "requires NBA_BIGQUERY_ENDPOINT"),
        ({"ENDPOINT": "http://127.0.0.1:9050"}, "would send the credentials unencrypted"),
        ({"ENDPOINT": "https://somebody:secret@host"}, "without a user"),
        ({"ENDPOINT": "host:9050"}, "must be a URL"),
        ({"MAXIMUM_BYTES": "1"}, "unknown setting NBA_BIGQUERY_MAXIMUM_BYTES; docs/bigquery.md"),
    ],
)
def test_an_invalid_setting_is_named(variables: dict[str, str], words: str) -> None:
    with pytest.raises(WarehouseError, match=words) as caught:
        settings(**variables)
    assert "secret" not in str(caught.value)


def test_without_credentials_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(WarehouseError, match="no credentials found; run `gcloud auth application-default login`"):
        settings().client()


def test_an_endpoint_alone_is_no_reason_to_go_without_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(WarehouseError, match="no credentials found"):
        settings(ENDPOINT="https://private.example").client()


def test_a_carriage_return_in_a_description_is_escaped() -> None:
    """Raw, it would end the line inside the literal; BigQuery refuses such a statement."""
    column = Column("points", "INT64", "one\r\ntwo")
    sql = create_statement("a-project.nba_raw.nbac_schedule", SCHEDULE, [column])
    assert "OPTIONS (description = 'one\\r\\ntwo')" in sql
    assert "\r" not in sql


def test_a_raw_table_is_clustered_by_game_and_not_partitioned() -> None:
    raw, source = (create_statement(f"p.nba_raw.{table.name}", table, table.columns) for table in (SHOTS, SCHEDULE))
    assert "CLUSTER BY `game_id`" in raw
    assert "PARTITION" not in raw
    assert "PARTITION BY `game_date`\nCLUSTER BY `game_id`" in source


def test_labels_are_what_bigquery_allows() -> None:
    assert label("Team Defense/É") == "team-defense--"
    assert len(label("x" * 100)) == 63


def test_duckdb_does_not_load_googles_libraries() -> None:
    code = (
        "import sys; from nba_precompute.warehouse import warehouse_from_environment; warehouse_from_environment(); "
        "import nba_precompute.warehouse.bigquery; "
        "sys.exit(any(name.startswith('google.cloud') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
