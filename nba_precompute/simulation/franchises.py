"""The thirty teams, ordered by conference and division.

A team's position in `TRICODES` is its number everywhere in this package. Each group of five is a division and each
group of fifteen a conference; the formula of the schedule relies on that.
"""

from __future__ import annotations

TRICODES = (
    *("BOS", "BKN", "NYK", "PHI", "TOR"),
    *("CHI", "CLE", "DET", "IND", "MIL"),
    *("ATL", "CHA", "MIA", "ORL", "WAS"),
    *("DEN", "MIN", "OKC", "POR", "UTA"),
    *("GSW", "LAC", "LAL", "PHX", "SAC"),
    *("DAL", "HOU", "MEM", "NOP", "SAS"),
)

N_TEAMS = len(TRICODES)
TEAMS_PER_DIVISION = 5
TEAMS_PER_CONFERENCE = 15

ALL_STAR_TRICODES = ("EST", "WST")
"""Not teams of the league: they occur only in the schedule row of the All-Star game."""
