"""Phase 3 rows into the warehouse: files are read strictly, then replace what is there for their dates."""

from __future__ import annotations

from nba_precompute.phase3.declared import Phase3Error
from nba_precompute.phase3.files import read_directory
from nba_precompute.phase3.loading import Loaded, OnTable, load, load_directories
from nba_precompute.phase3.sample import SampleConflict

__all__ = [
    "Loaded",
    "OnTable",
    "Phase3Error",
    "SampleConflict",
    "load",
    "load_directories",
    "read_directory",
]
