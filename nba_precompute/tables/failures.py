"""Declaration of `precompute_failures`: who got no row, and why (contract, section 3)."""

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
        Column("table_name", "STRING", "the table without the row", nullable=False),
        Column("as_of_date", "DATE", "the game date that the row would be for", nullable=False),
        Column("entity_id", "STRING", "the player or team", nullable=False),
        Column("reason", "STRING", "why there is no row", nullable=False, values=FAILURE_REASONS),
        Column("detail", "STRING", "the reason, in words", nullable=False),
    ),
    bookkeeping=TIMESTAMPS[:1],
)

FAILURE_KEY = (*PRECOMPUTE_FAILURES.key, "table_name")
"""What identifies a failure: it is told apart by the table that it is about as well."""
