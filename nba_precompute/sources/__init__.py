"""Sources: the Phase 3 tables and the schedule, loaded or derived from files, and observed in the warehouse.

Here: strict reading of files as declared, loading, the import of the league's public files, the rules for simulated
games and for loads that take rows away, observation, and an examination of the sources as they are read. Not here: the
declarations (`tables/sources.py`, `tables/league.py`), the forms of sources (`warehouse/forms.py`), cleaning and
derivation, which are SQL (`sql/macros/sources.sql`, `sql/derive/`), and recording observations in Dagster
(`orchestration/observer.py`).
"""

from __future__ import annotations

from nba_precompute.sources.declared import Phase3Error
from nba_precompute.sources.files import read_directory
from nba_precompute.sources.loading import DateSpan, Loaded, OnTable, load, load_directories
from nba_precompute.sources.sample import SampleConflict
from nba_precompute.sources.shrink import Loss, ShrinkRefused

__all__ = [
    "DateSpan",
    "Loaded",
    "Loss",
    "OnTable",
    "Phase3Error",
    "SampleConflict",
    "ShrinkRefused",
    "load",
    "load_directories",
    "read_directory",
]
