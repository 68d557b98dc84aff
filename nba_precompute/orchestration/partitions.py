"""Dagster's partitions of the calendar, and the partition mapping of the box scores.

Here: partition definitions and mappings. Not here: which dates are game dates or may be computed (`calendar.py`).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.calendar import FIRST_DATE, LEAGUE_TIME, OFF_SEASON_MONTHS
from nba_precompute.tables.common import LOOKBACK_DAYS

GAME_DATES = dg.DailyPartitionsDefinition(
    start_date=FIRST_DATE.isoformat(),
    timezone=str(LEAGUE_TIME),
    end_offset=1,  # today's slate has a partition before today is over
    # The off-season; an `end_date` in the past would leave phantom partitions behind it.
    exclusions=[f"0 0 * {month} *" for month in OFF_SEASON_MONTHS] or None,
)

BOX_SCORES_BEFORE = dg.TimeWindowPartitionMapping(start_offset=-LOOKBACK_DAYS, end_offset=-1)
