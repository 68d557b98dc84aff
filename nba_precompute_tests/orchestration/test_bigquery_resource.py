"""BigQuery as a Dagster resource: configured in Dagster, in the environment, or in both."""

from __future__ import annotations

import dagster as dg
import pytest

from nba_precompute.orchestration.bigquery_resource import BigQueryWarehouseResource
from nba_precompute.orchestration.default_resources import build_resources
from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.orchestration.names import IO_MANAGER, WAREHOUSE
from nba_precompute.warehouse import WarehouseError
from nba_precompute.warehouse.bigquery import BigQueryWarehouse


def test_what_is_configured_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "the-environments")
    monkeypatch.setenv("NBA_BIGQUERY_LOCATION", "EU")
    settings = BigQueryWarehouseResource(project="dagsters", maximum_bytes_billed=10**9).settings()
    assert (settings.project, settings.location) == ("dagsters", "EU")
    assert settings.maximum_bytes_billed == 10**9
    assert BigQueryWarehouseResource().settings().project == "the-environments"


def test_a_setting_that_cannot_be_is_named_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the definitions are loaded: a code location that cannot load says less."""
    monkeypatch.delenv("NBA_BIGQUERY_PROJECT", raising=False)
    resource = BigQueryWarehouseResource()
    with pytest.raises(WarehouseError, match="needs NBA_BIGQUERY_PROJECT"):
        resource.open()


def test_a_key_is_not_shown() -> None:
    resource = BigQueryWarehouseResource(project="a-project", gcp_credentials="c2VjcmV0")
    assert "c2VjcmV0" not in repr(resource) + repr(resource.open()) + resource.open().describe()


def test_the_io_manager_has_the_runs_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_WAREHOUSE", "bigquery")
    monkeypatch.setenv("NBA_BIGQUERY_PROJECT", "the-environments")
    configured = {WAREHOUSE: {"config": {"dataset_prefix": "tonight_"}}}
    with dg.build_resources(build_resources({}), resource_config=configured) as built:
        io_manager = getattr(built, IO_MANAGER)
        assert isinstance(io_manager, MergeIOManager)
        for warehouse in (built.warehouse.open(), io_manager._warehouse()):
            assert isinstance(warehouse, BigQueryWarehouse)
            assert (warehouse.settings.project, warehouse.settings.dataset_prefix) == ("the-environments", "tonight_")
