"""Declaration of `precompute_failures`: population members without a row, with the reason (contract, section 3)."""

from __future__ import annotations

from nba_precompute.tables.common import FAILURE_REASONS
from nba_precompute.tables.schema import TIMESTAMPS, Column, Table

PRECOMPUTE_FAILURES = Table(
    dataset="nba_precompute",
    name="precompute_failures",
    description="The members of a table's population for a date that have no row, with the reason.",
    date_column="as_of_date",
    entity_column="entity_id",
    columns=(
        Column("table_name", "STRING", "table that lacks the row", nullable=False),
        Column("as_of_date", "DATE", "game date of the missing row", nullable=False),
        Column("entity_id", "STRING", "player or team of the missing row", nullable=False),
        Column("reason", "STRING", "reason why there is no row", nullable=False, values=FAILURE_REASONS),
        Column("detail", "STRING", "the reason, in words", nullable=False),
    ),
    bookkeeping=TIMESTAMPS[:1],
)

FAILURE_KEY = (*PRECOMPUTE_FAILURES.key, "table_name")
"""The columns that identify a failure; one entity may have failures in several tables."""
