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
        Column(name="table_name", type="STRING", description="table that lacks the row", nullable=False),
        Column(name="as_of_date", type="DATE", description="game date of the missing row", nullable=False),
        Column(name="entity_id", type="STRING", description="player or team of the missing row", nullable=False),
        Column(
            name="reason",
            type="STRING",
            description="reason why there is no row",
            nullable=False,
            values=FAILURE_REASONS,
        ),
        Column(name="detail", type="STRING", description="details of the reason", nullable=False),
    ),
    bookkeeping=TIMESTAMPS[:1],
)

FAILURE_KEY = (*PRECOMPUTE_FAILURES.key, "table_name")
"""The columns that identify a failure; one entity may have failures in several tables."""
