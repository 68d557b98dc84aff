"""The names of assets and their groups that other modules speak of."""

from __future__ import annotations

PHASE3_GROUP = "phase3"
PHASE4_GROUP = "phase4"
READY = "phase4_ready"
REPORT_GROUP = "report"
REPORT = "phase4_report"
OWNERS = ["team:nba-analytics"]
IO_MANAGER = "merge_io_manager"
