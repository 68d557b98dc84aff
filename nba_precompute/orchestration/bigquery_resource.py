"""BigQuery as a resource: dagster-gcp's, with this warehouse's additional settings.

Here: configuration in Dagster, which takes precedence over `NBA_BIGQUERY_*`. Not here: the meaning of the settings
(`warehouse/bigquery/settings.py`). Imported only under `NBA_WAREHOUSE=bigquery`: Google's libraries take a second to
load.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from dagster_gcp import BigQueryResource
from dagster_gcp.bigquery.utils import setup_gcp_creds
from pydantic import Field

from nba_precompute.orchestration.resources import WarehouseResource
from nba_precompute.warehouse.bigquery import BigQuerySettings, BigQueryWarehouse
from nba_precompute.warehouse.forms import forms_from_environment

if TYPE_CHECKING:
    from google.cloud import bigquery


class BigQueryWarehouseResource(WarehouseResource, BigQueryResource):
    """The BigQuery warehouse; a value configured here or in a run takes precedence over `NBA_BIGQUERY_*`."""

    gcp_credentials: str | None = Field(
        default=None,
        repr=False,
        description="Key of a service account in base64, as an EnvVar. Default: Application Default Credentials.",
    )
    billing_project: str | None = Field(default=None, description="Project that pays for the jobs. Default: project.")
    phase3_project: str | None = Field(
        default=None, description="Project of the sources, in datasets without the prefix. Default: project, with it."
    )
    dataset_prefix: str | None = Field(default=None, description="Prefix of every dataset name.")
    staging_dataset: str | None = Field(default=None, description="Dataset of the staging tables; a run drops its own.")
    endpoint: str | None = Field(
        default=None, description="Endpoint for private access, or of an emulator. Default: Google's."
    )
    maximum_bytes_billed: int | None = Field(default=None, description="A query that would process more bytes fails.")
    timeout_seconds: int | None = Field(default=None, description="A job that takes longer is canceled.")

    def settings(self) -> BigQuerySettings:
        """Return the settings, without credentials.

        Raises:
            WarehouseError: if a setting is missing or invalid.
        """
        names = (
            "project",
            "billing_project",
            "phase3_project",
            "location",
            "dataset_prefix",
            "staging_dataset",
            "endpoint",
        )
        limits = ("maximum_bytes_billed", "timeout_seconds")
        configured = {
            f"NBA_BIGQUERY_{name.upper()}": str(getattr(self, name))
            for name in (*names, *limits)
            if getattr(self, name) is not None
        }
        return BigQuerySettings.from_environment({**os.environ, **configured})

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """Yield a client with the configured key, or else with Application Default Credentials.

        Raises:
            WarehouseError: if there are no credentials, or a setting is wrong.
        """
        with setup_gcp_creds(self.gcp_credentials) if self.gcp_credentials else nullcontext():
            yield self.settings().client()

    def get_object_to_set_on_execution_context(self) -> BigQueryWarehouseResource:
        """Return this resource; dagster-gcp would put a client into the context."""
        return self

    def open(self, *, in_run: bool = True) -> BigQueryWarehouse:
        """Return the warehouse; it connects when a session is opened, and no reader has to wait.

        Raises:
            WarehouseError: if a setting is wrong.
        """
        return BigQueryWarehouse(self.settings(), self.get_client, forms_from_environment())
