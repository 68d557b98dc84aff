"""Declaration of `waivers`: gaps in the box scores that will never close, each with an operator's reason (contract,
section 3)."""

from __future__ import annotations

from nba_precompute.tables.schema import TIMESTAMPS, Column, Table

WAIVERS = Table(
    dataset="nba_precompute",
    name="waivers",
    description="Sides of games that will never be covered: checks and automation no longer wait for them, while the "
    "completeness columns still count them as missing.",
    date_column="game_date",
    entity_column="team_abbr",
    columns=(
        Column(name="game_date", type="DATE", description="date of the game", nullable=False),
        Column(name="team_abbr", type="STRING", description="team whose side of the game is waived", nullable=False),
        Column(name="reason", type="STRING", description="reason why the gap will never close", nullable=False),
        Column(name="waived_by", type="STRING", description="operator who waived it", nullable=False),
    ),
    bookkeeping=TIMESTAMPS[:1],
)
