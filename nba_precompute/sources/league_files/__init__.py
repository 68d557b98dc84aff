"""The league's public files: recognized by content, and read into the raw tables of `tables/league.py`.

Here: what the site answers and archives store (V3 JSON, result sets as JSON or CSV, play-by-play V2, an availability
CSV), their traps, and what to do where two files have the same game. Not here: any use of the network, the declarations
of the raw tables (`tables/league.py`), and deriving the five sources from them (`sql/derive/`, `sources/importing.py`).
"""

from __future__ import annotations

from nba_precompute.sources.league_files.model import LeagueFile, Problem, Unrecognized
from nba_precompute.sources.league_files.reading import read, recognize

__all__ = ["LeagueFile", "Problem", "Unrecognized", "read", "recognize"]
