"""Where BigQuery is and how it is reached: project, location, datasets, endpoint, limits. No statement is made here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table
from nba_precompute.warehouse.protocol import WarehouseError

if TYPE_CHECKING:
    from google.cloud import bigquery

_DECLARED: tuple[Source | Table, ...] = (*SOURCES.values(), *TABLES.values(), PRECOMPUTE_FAILURES)

DATASETS = tuple(dict.fromkeys(table.dataset for table in _DECLARED))
"""The datasets by the names that the declarations use."""

NO_CREDENTIALS = (
    "run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or run where a service account "
    "is attached"
)

_PROJECT = re.compile(r"[a-z0-9.:-]{1,60}")
_DATASET = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True)
class BigQuerySettings:
    """The settings; nothing in them is secret.

    Attributes:
        project: pays for the jobs and has the datasets.
        location: of the datasets and of every job.
        dataset_prefix: stands before every dataset's name: several deployments in one project.
        datasets: other names for datasets that are called otherwise there, by the declared name.
        staging_dataset: where a run's staging tables live until it ends.
        endpoint: instead of Google's, for private access or an emulator.
        is_emulator: the endpoint is an emulator: no credentials are looked for.
        maximum_bytes_billed: a query that would be billed more fails before it runs.
        timeout_seconds: a job that takes longer is cancelled.

    Raises:
        WarehouseError: naming the setting that cannot be, and its variable.
    """

    project: str
    location: str = "US"
    dataset_prefix: str = ""
    datasets: Mapping[str, str] = field(default_factory=dict)
    staging_dataset: str = "nba_staging"
    endpoint: str | None = None
    is_emulator: bool = False
    maximum_bytes_billed: int | None = None
    timeout_seconds: int = 1800

    def __post_init__(self) -> None:
        if not _PROJECT.fullmatch(self.project):
            raise WarehouseError(f"NBA_BIGQUERY_PROJECT is {self.project!r}; it must be the id of a project")
        if unknown := sorted(set(self.datasets) - set(DATASETS)):
            raise WarehouseError(
                f"NBA_BIGQUERY_DATASETS renames {', '.join(unknown)}; the datasets are {', '.join(DATASETS)}"
            )
        for name in (*DATASETS, self.staging_dataset):
            if not _DATASET.fullmatch(self.dataset(name)):
                raise WarehouseError(f"{self.dataset(name)!r} cannot be a dataset: letters, digits and _ alone")
        if self.is_emulator and not self.endpoint:
            raise WarehouseError("NBA_BIGQUERY_EMULATOR needs NBA_BIGQUERY_ENDPOINT, the emulator's address")
        if self.endpoint:
            address = urlsplit(self.endpoint)
            if address.scheme not in ("http", "https") or not address.hostname or address.username or address.password:
                raise WarehouseError("NBA_BIGQUERY_ENDPOINT must be an address such as https://host, without a user")
            if address.scheme == "http" and not self.is_emulator:
                raise WarehouseError(
                    "NBA_BIGQUERY_ENDPOINT is http, which would show the credentials to everybody on the way; "
                    "use https, or set NBA_BIGQUERY_EMULATOR=1 where it is an emulator"
                )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> BigQuerySettings:
        """The settings that `NBA_BIGQUERY_*` give (docs/bigquery.md lists them).

        Raises:
            WarehouseError: if the project is missing, or a value cannot be.
        """
        given = {
            name.removeprefix("NBA_BIGQUERY_").lower(): value
            for name, value in environment.items()
            if name.startswith("NBA_BIGQUERY_") and value
        }
        known = {*cls.__dataclass_fields__, "emulator"} - {"is_emulator"}
        if unknown := sorted(set(given) - known):
            raise WarehouseError(f"there is no setting {', '.join(f'NBA_BIGQUERY_{name.upper()}' for name in unknown)}")
        if "project" not in given:
            raise WarehouseError("NBA_WAREHOUSE=bigquery needs NBA_BIGQUERY_PROJECT, the id of the project")
        return cls(
            project=given["project"],
            location=given.get("location", cls.location),
            dataset_prefix=given.get("dataset_prefix", cls.dataset_prefix),
            datasets=_renamed(given.get("datasets", "")),
            staging_dataset=given.get("staging_dataset", cls.staging_dataset),
            endpoint=given.get("endpoint"),
            is_emulator=_truth("emulator", given.get("emulator", "0")),
            maximum_bytes_billed=_positive("maximum_bytes_billed", given.get("maximum_bytes_billed")),
            timeout_seconds=_positive("timeout_seconds", given.get("timeout_seconds")) or cls.timeout_seconds,
        )

    def dataset(self, name: str) -> str:
        """The dataset's name there, of its declared name."""
        return self.dataset_prefix + self.datasets.get(name, name)

    def path(self, table: Table | Source) -> str:
        """`project.dataset.table`, as the API takes it."""
        return f"{self.project}.{self.dataset(table.dataset)}.{table.name}"

    def relation(self, table: Table | Source) -> str:
        """The table in GoogleSQL, backquoted."""
        return f"`{self.path(table)}`"

    @contextmanager
    def connected(self) -> Iterator[bigquery.Client]:
        """`client`, closed in the end.

        Raises:
            WarehouseError: as `client`.
        """
        client = self.client()
        try:
            yield client
        finally:
            client.close()

    def client(self) -> bigquery.Client:
        """A client with Application Default Credentials, or with none for an emulator.

        Raises:
            WarehouseError: if there are no credentials.
        """
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import bigquery

        try:
            return bigquery.Client(
                project=self.project,
                location=self.location,
                credentials=AnonymousCredentials() if self.is_emulator else None,
                client_options={"api_endpoint": self.endpoint} if self.endpoint else None,
            )
        except DefaultCredentialsError as error:
            raise WarehouseError(f"BigQuery: there are no credentials; {NO_CREDENTIALS}") from error


def _positive(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise WarehouseError(f"NBA_BIGQUERY_{name.upper()} is {text!r}; it must be a positive whole number")
    return int(text)


def _truth(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise WarehouseError(f"NBA_BIGQUERY_{name.upper()} is {text!r}; it must be 0 or 1")
    return text == "1"


def _renamed(text: str) -> dict[str, str]:
    pairs = [pair.split("=") for pair in text.split(",") if pair]
    if any(len(pair) != 2 for pair in pairs):
        raise WarehouseError(f"NBA_BIGQUERY_DATASETS is {text!r}; it must look like nba_raw=raw,nba_analytics=phase3")
    return {declared.strip(): there.strip() for declared, there in pairs}
