"""BigQuery settings: projects, location, datasets, endpoint, limits.

Here: `NBA_BIGQUERY_*`, names of datasets, the client. Not here: statements and requests (`jobs.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nba_precompute.tables import EVERY_TABLE, Source, Table
from nba_precompute.warehouse.protocol import WarehouseError

if TYPE_CHECKING:
    from google.cloud import bigquery

DATASETS = tuple(dict.fromkeys(table.dataset for table in EVERY_TABLE))
"""The datasets, by their declared names."""

NO_CREDENTIALS = (
    "run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or run where a service account "
    "is attached"
)

_PROJECT = re.compile(r"[a-z0-9.:-]{1,60}")
_DATASET = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True)
class BigQuerySettings:
    """The settings; none of them is secret.

    Attributes:
        project: the project that holds the datasets.
        billing_project: the project that pays for the jobs; None for `project`.
        phase3_project: the project that holds the sources, in datasets without the prefix; None for `project`, with the
            prefix.
        location: of the datasets and of every job.
        dataset_prefix: prepended to every dataset's name, for several deployments in one project.
        datasets: the actual names of renamed datasets, by declared name.
        staging_dataset: the dataset of a run's staging tables, which live until it ends.
        endpoint: replaces Google's, for private access or an emulator.
        is_emulator: True if the endpoint is an emulator, which needs no credentials.
        maximum_bytes_billed: a query that would be billed more fails before it runs.
        timeout_seconds: a job that takes longer is canceled.

    Raises:
        WarehouseError: if a setting is invalid; names its variable.
    """

    project: str
    billing_project: str | None = None
    phase3_project: str | None = None
    location: str = "US"
    dataset_prefix: str = ""
    datasets: Mapping[str, str] = field(default_factory=dict)
    staging_dataset: str = "nba_staging"
    endpoint: str | None = None
    is_emulator: bool = False
    maximum_bytes_billed: int | None = None
    timeout_seconds: int = 1800

    def __post_init__(self) -> None:
        for name in ("project", "billing_project", "phase3_project"):
            value = getattr(self, name)
            if value is not None and not _PROJECT.fullmatch(value):
                raise WarehouseError(f"NBA_BIGQUERY_{name.upper()} is {value!r}; it must be a project id")
        if unknown := sorted(set(self.datasets) - set(DATASETS)):
            raise WarehouseError(
                f"NBA_BIGQUERY_DATASETS renames {', '.join(unknown)}; the datasets are {', '.join(DATASETS)}"
            )
        for name in (*DATASETS, self.staging_dataset):
            if not _DATASET.fullmatch(self.dataset(name)):
                raise WarehouseError(
                    f"{self.dataset(name)!r} is not a dataset name (letters, digits and _ only); "
                    "correct NBA_BIGQUERY_DATASETS, _DATASET_PREFIX or _STAGING_DATASET"
                )
        if self.is_emulator and not self.endpoint:
            raise WarehouseError("NBA_BIGQUERY_EMULATOR requires NBA_BIGQUERY_ENDPOINT, the emulator's address")
        if self.endpoint:
            address = urlsplit(self.endpoint)
            if address.scheme not in ("http", "https") or not address.hostname or address.username or address.password:
                raise WarehouseError("NBA_BIGQUERY_ENDPOINT must be a URL such as https://host, without a user")
            if address.scheme == "http" and not self.is_emulator:
                raise WarehouseError(
                    "NBA_BIGQUERY_ENDPOINT is http, which would send the credentials unencrypted; "
                    "use https, or set NBA_BIGQUERY_EMULATOR=1 if it is an emulator"
                )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> BigQuerySettings:
        """Read the `NBA_BIGQUERY_*` variables (docs/bigquery.md lists them).

        Raises:
            WarehouseError: if the project is missing, a variable is unknown, or a value is invalid.
        """
        given = {
            name.removeprefix("NBA_BIGQUERY_").lower(): value
            for name, value in environment.items()
            if name.startswith("NBA_BIGQUERY_") and value
        }
        known = {*cls.__dataclass_fields__, "emulator"} - {"is_emulator"}
        if unknown := sorted(set(given) - known):
            names = ", ".join(f"NBA_BIGQUERY_{name.upper()}" for name in unknown)
            raise WarehouseError(f"unknown setting {names}; docs/bigquery.md lists the settings")
        if "project" not in given:
            raise WarehouseError("NBA_WAREHOUSE=bigquery needs NBA_BIGQUERY_PROJECT, the project id")
        return cls(
            project=given["project"],
            billing_project=given.get("billing_project"),
            phase3_project=given.get("phase3_project"),
            location=given.get("location", cls.location),
            dataset_prefix=given.get("dataset_prefix", cls.dataset_prefix),
            datasets=_renamed(given.get("datasets", "")),
            staging_dataset=given.get("staging_dataset", cls.staging_dataset),
            endpoint=given.get("endpoint"),
            is_emulator=_flag("emulator", given.get("emulator", "0")),
            maximum_bytes_billed=_positive("maximum_bytes_billed", given.get("maximum_bytes_billed")),
            timeout_seconds=_positive("timeout_seconds", given.get("timeout_seconds")) or cls.timeout_seconds,
        )

    def dataset(self, name: str) -> str:
        """Return the actual name of a dataset, given its declared name."""
        return self.dataset_prefix + self.datasets.get(name, name)

    def dataset_path(self, table: Table | Source) -> str:
        """Return `project.dataset` of a table."""
        if isinstance(table, Source) and self.phase3_project is not None:
            return f"{self.phase3_project}.{self.datasets.get(table.dataset, table.dataset)}"
        return f"{self.project}.{self.dataset(table.dataset)}"

    def path(self, table: Table | Source) -> str:
        """Return `project.dataset.table`, the table's name in the API."""
        return f"{self.dataset_path(table)}.{table.name}"

    def relation(self, table: Table | Source) -> str:
        """Return the table's name in GoogleSQL, in backquotes."""
        return f"`{self.path(table)}`"

    @contextmanager
    def connected(self) -> Iterator[bigquery.Client]:
        """Open a client, and close it at the end.

        Raises:
            WarehouseError: as `client`.
        """
        client = self.client()
        try:
            yield client
        finally:
            client.close()

    def client(self) -> bigquery.Client:
        """Return a client with Application Default Credentials, or without credentials for an emulator.

        Raises:
            WarehouseError: if no credentials are found.
        """
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import bigquery

        try:
            return bigquery.Client(
                project=self.billing_project or self.project,
                location=self.location,
                credentials=AnonymousCredentials() if self.is_emulator else None,
                client_options={"api_endpoint": self.endpoint} if self.endpoint else None,
            )
        except DefaultCredentialsError as error:
            raise WarehouseError(f"BigQuery: no credentials found; {NO_CREDENTIALS}") from error


def _positive(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise WarehouseError(f"NBA_BIGQUERY_{name.upper()} is {text!r}; it must be a positive whole number")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise WarehouseError(f"NBA_BIGQUERY_{name.upper()} is {text!r}; it must be 0 or 1")
    return text == "1"


def _renamed(text: str) -> dict[str, str]:
    pairs = [pair.split("=") for pair in text.split(",") if pair]
    if any(len(pair) != 2 for pair in pairs):
        raise WarehouseError(f"NBA_BIGQUERY_DATASETS is {text!r}; it must look like nba_raw=raw,nba_analytics=phase3")
    return {declared.strip(): actual.strip() for declared, actual in pairs}
