"""BigQuery as a Dagster resource: dagster-gcp's, with what this warehouse has besides a project and a location.

Only imported where `NBA_WAREHOUSE=bigquery`: Google's libraries take a second to load.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from dagster_gcp import BigQueryResource
from dagster_gcp.bigquery.utils import setup_gcp_creds
from pydantic import Field

from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse

if TYPE_CHECKING:
    from google.cloud import bigquery


class BigQueryWarehouseResource(BigQueryResource):
    """The warehouse that `NBA_BIGQUERY_*` describe; what is configured here or in a run goes before the environment."""

    gcp_credentials: str | None = Field(
        default=None,
        repr=False,
        description="A service account's key in base64, as an EnvVar; without it Application Default Credentials.",
    )
    dataset_prefix: str | None = Field(default=None, description="Stands before the name of every dataset.")
    staging_dataset: str | None = Field(default=None, description="Where staging tables live until a run ends.")
    endpoint: str | None = Field(default=None, description="Instead of Google's: private access, or an emulator.")
    maximum_bytes_billed: int | None = Field(default=None, description="A query that would cost more fails.")
    timeout_seconds: int | None = Field(default=None, description="A job that takes longer is cancelled.")

    def settings(self) -> BigQuerySettings:
        """The settings; credentials are not among them.

        Raises:
            WarehouseError: if one is missing or cannot be.
        """
        names = ("project", "location", "dataset_prefix", "staging_dataset", "endpoint")
        limits = ("maximum_bytes_billed", "timeout_seconds")
        configured = {
            f"NBA_BIGQUERY_{name.upper()}": str(getattr(self, name))
            for name in (*names, *limits)
            if getattr(self, name) is not None
        }
        return BigQuerySettings.from_environment({**os.environ, **configured})

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """A client with the configured key, else with Application Default Credentials.

        Raises:
            WarehouseError: if there are none, or a setting is wrong.
        """
        with setup_gcp_creds(self.gcp_credentials) if self.gcp_credentials else nullcontext():
            yield self.settings().client()

    def get_object_to_set_on_execution_context(self) -> BigQueryWarehouseResource:
        """This resource: dagster-gcp's puts a client into the context, which opens nothing of ours."""
        return self

    def open(self) -> BigQueryWarehouse:
        """The warehouse; opens nothing yet, sessions do.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return BigQueryWarehouse(self.settings(), self.get_client)
