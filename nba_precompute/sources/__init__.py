"""Sources: the Phase 3 tables and the schedule, loaded from files and observed in the warehouse.

Here: strict reading of files as declared, loading, the rule for simulated games, and observation. Not here: the
declarations (`tables/sources.py`), cleaning, which is SQL (`sql/macros/sources.sql`), and recording observations in
Dagster (`orchestration/observer.py`).
"""

from __future__ import annotations

from nba_precompute.sources.declared import Phase3Error
from nba_precompute.sources.files import read_directory
from nba_precompute.sources.loading import Loaded, OnTable, load, load_directories
from nba_precompute.sources.sample import SampleConflict

__all__ = [
    "Loaded",
    "OnTable",
    "Phase3Error",
    "SampleConflict",
    "load",
    "load_directories",
    "read_directory",
]
