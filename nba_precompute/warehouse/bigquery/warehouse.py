"""A BigQuery project as a warehouse.

Here: sessions and capabilities. Writers do not queue: of two MERGE statements on one table BigQuery rejects one, which
is retried. Not here: statements (`session.py`), tables (`schema.py`), names and credentials (`settings.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from nba_precompute.sql.source_forms import NO_FORMS, Forms
from nba_precompute.warehouse.bigquery.session import BigQuerySession
from nba_precompute.warehouse.bigquery.settings import BigQuerySettings
from nba_precompute.warehouse.protocol import NO_LABELS, Capabilities

if TYPE_CHECKING:
    from google.cloud import bigquery


class BigQueryWarehouse:
    """The datasets of a project, or of two; see `protocol.Warehouse`.

    Args:
        clients: opens a client for as long as a session lasts; None for `settings.connected`.
        forms: the forms of the sources.
    """

    name = "bigquery"

    def __init__(
        self,
        settings: BigQuerySettings,
        clients: Callable[[], AbstractContextManager[bigquery.Client]] | None = None,
        forms: Forms = NO_FORMS,
    ) -> None:
        self.settings = settings
        self.forms = forms
        self._clients = clients or settings.connected

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(bills_bytes=True, keeps_history=True, file=None)

    def describe(self) -> str:
        where = f"BigQuery project {self.settings.project} in {self.settings.location}"
        prefix = f", datasets {self.settings.dataset_prefix}*" if self.settings.dataset_prefix else ""
        phase3 = f", Phase 3 in {self.settings.phase3_project}" if self.settings.phase3_project else ""
        billing = f", paid by {self.settings.billing_project}" if self.settings.billing_project else ""
        endpoint = f", at {self.settings.endpoint}" if self.settings.endpoint else ""
        return where + prefix + phase3 + billing + endpoint

    def writing(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[BigQuerySession]:
        return self._session(purpose, labels, is_read_only=False)

    def reading(self, purpose: str, labels: Mapping[str, str] = NO_LABELS) -> AbstractContextManager[BigQuerySession]:
        return self._session(purpose, labels, is_read_only=True)

    @contextmanager
    def _session(self, purpose: str, labels: Mapping[str, str], *, is_read_only: bool) -> Iterator[BigQuerySession]:
        with self._clients() as client:
            session = BigQuerySession(
                client,
                self.settings,
                labels or {"purpose": purpose},
                is_read_only=is_read_only,
                forms=self.forms,
            )
            try:
                yield session
            finally:
                session.close()
