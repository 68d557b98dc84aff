"""The league's teams: their ids, their codes, and the codes that other sites and other years use for them.

Here: which team an id or a code means, and the refusal of one that means none. Not here: the teams of the simulated
league (`simulation/franchises.py`).
"""

from __future__ import annotations

from difflib import get_close_matches

from nba_precompute.sources.league_files.model import Unreadable

TEAM_CODES = {
    "1610612737": "ATL",
    "1610612738": "BOS",
    "1610612739": "CLE",
    "1610612740": "NOP",
    "1610612741": "CHI",
    "1610612742": "DAL",
    "1610612743": "DEN",
    "1610612744": "GSW",
    "1610612745": "HOU",
    "1610612746": "LAC",
    "1610612747": "LAL",
    "1610612748": "MIA",
    "1610612749": "MIL",
    "1610612750": "MIN",
    "1610612751": "BKN",
    "1610612752": "NYK",
    "1610612753": "ORL",
    "1610612754": "IND",
    "1610612755": "PHI",
    "1610612756": "PHX",
    "1610612757": "POR",
    "1610612758": "SAC",
    "1610612759": "SAS",
    "1610612760": "OKC",
    "1610612761": "TOR",
    "1610612762": "UTA",
    "1610612763": "MEM",
    "1610612764": "WAS",
    "1610612765": "DET",
    "1610612766": "CHA",
}
"""The code of each team by the league's team id, which a franchise keeps when it moves."""

_OTHER_CODES = {
    "BKN": ("BRK", "NJN"),
    "CHA": ("CHO", "CHH"),
    "GSW": ("GS", "GOS"),
    "MEM": ("VAN",),
    "NOP": ("NO", "NOH", "NOK"),
    "NYK": ("NY",),
    "OKC": ("SEA",),
    "PHI": ("PHL",),
    "PHX": ("PHO",),
    "SAS": ("SA", "SAN"),
    "UTA": ("UTAH", "UTH"),
    "WAS": ("WSH",),
}
"""The codes of other sites (ESPN, Basketball-Reference, Kaggle), and the league's own of other years."""

_IDS = {spelled: number for number, code in TEAM_CODES.items() for spelled in (code, *_OTHER_CODES.get(code, ()))}

_NOT_DRAWN = "TBD"

GUESTS_IN = ("preseason", "all_star")
"""Types of games in which others than the league's teams play."""

Team = tuple[str | None, str | None]
"""A team's id and code, both None if it is not drawn."""


def team_of(team_id: object, code: object, game_type: str) -> Team:
    """Return the team that an id and a code mean; the id decides, and where it is missing, the code.

    A guest of a pre-season or All-Star game keeps the id and the code of the file. No id (or 0) and no code is a team
    that is not drawn.

    Raises:
        Unreadable: if the code means no team, or another one than the id.
    """
    number = str(team_id).removesuffix(".0") if team_id else ""
    given = str(code).strip().upper() if code else ""
    given = "" if given == _NOT_DRAWN else given
    number = "" if number == "0" else number
    if number in TEAM_CODES:
        if _IDS.get(given, number) != number:
            raise Unreadable(f"team id {number} is {TEAM_CODES[number]}, but its code there is {given}")
        return number, TEAM_CODES[number]
    if not number and given in _IDS:
        return _IDS[given], TEAM_CODES[_IDS[given]]
    if not number and not given:
        return None, None
    if game_type in GUESTS_IN:
        return number or None, given or None
    name = f"team {given} (id {number})" if given and number else f"team {given or f'id {number}'}"
    raise Unreadable(f"{name} is not one of the league's{_nearest(given)}")


def _nearest(code: str) -> str:
    close = get_close_matches(code, _IDS, n=1, cutoff=0.5)
    return (
        f"; the nearest code is {TEAM_CODES[_IDS[close[0]]]}"
        if close
        else f"; its codes are {', '.join(sorted(TEAM_CODES.values()))}"
    )
