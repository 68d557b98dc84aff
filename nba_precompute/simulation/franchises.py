"""The thirty teams: abbreviation, conference and division, in a fixed order.

A team's position in `TRICODES` is its number everywhere in this package. Consecutive fives are a division,
consecutive fifteens a conference; the schedule's formula relies on that.
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
"""Not teams of the league: they stand on the All-Star game's schedule row alone."""
