"""Phase 3 rows into the warehouse: files are read strictly, then replace what is there for their dates."""

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
