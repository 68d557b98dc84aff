"""Names that several modules use: assets, groups, owners, resource keys.

Here: names of Dagster definitions. Not here: names of checks (`quality/names.py`), of tables (`tables/`).
"""

from __future__ import annotations

LEAGUE_FILES_GROUP = "league_files"
PHASE3_GROUP = "phase3"
PHASE4_GROUP = "phase4"
READY = "phase4_ready"
REPORT_GROUP = "report"
REPORT = "phase4_report"
OWNERS = ["team:nba-analytics"]
WAREHOUSE = "warehouse"
IO_MANAGER = "merge_io_manager"


def checks_step(table: str) -> str:
    """Return the name of the step that runs the checks of a table; the step of the table has the table's name."""
    return f"{table}_checks"
