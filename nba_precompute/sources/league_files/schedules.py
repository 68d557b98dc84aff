"""`scheduleleaguev2`: the schedule of a season, from the pre-season to the last game of the finals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.answers import game_id_of
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rows import to_table, transposed
from nba_precompute.sources.league_files.teams import team_of

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "leagueSchedule"

SCHEDULED, LIVE, FINAL, NOT_PLAYED = 1, 2, 3, 4
"""A game's status: the first three are the league's."""

WINS_OF_A_SERIES = 4

# The league's field `postponedStatus` is no help: some seasons have one value for every game.
_CALLED_OFF = re.compile(r"(?i)^(ppd|postponed|cancell?ed)\b")


def parse(answer: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Read the games. The date is the Eastern one; a game that starts in the evening has the next day's date in UTC.

    A game is of status 4 if its text says so, or if one team has won the series before it: the schedule goes on listing
    games that were to be played only if necessary.

    Raises:
        Unreadable: if there are no games, or a value does not fit.
    """
    schedule = answer.get(KEY) or {}
    games = [game for date in schedule.get("gameDates") or () for game in date.get("games") or ()]
    if not games:
        raise Unreadable("the answer has no games; the schedule is missing, which is not a season without games")
    by_id = [(game_id_of(game), game) for game in games]
    decided = _decided_series(by_id)
    rows = [_row(game_id, game, decided) for game_id, game in by_id]
    return {"league_games": to_table("league_games", transposed(rows))}


def _row(game_id: str, game: Mapping[str, Any], decided: set[str]) -> dict[str, Any]:
    try:
        date = cells.date(game.get("gameDateEst"))
        status = cells.whole(game.get("gameStatus"))
    except ValueError as error:
        raise Unreadable(f"game {game_id}: {error} does not fit") from None
    if date is None:
        raise Unreadable(f"game {game_id} has no gameDateEst")
    if status not in (SCHEDULED, LIVE, FINAL):
        raise Unreadable(f"game {game_id}: expected gameStatus 1, 2 or 3, found {status}")
    was_called_off = bool(_CALLED_OFF.match(str(game.get("gameStatusText") or "").strip()))
    if status == SCHEDULED and (was_called_off or _series(game_id) in decided):
        status = NOT_PLAYED
    type_ = cells.game_type(game_id)
    teams = {}
    for side in ("home", "away"):
        team = game.get(f"{side}Team") or {}
        try:
            teams[f"{side}_team_id"], teams[f"{side}_team_tricode"] = team_of(
                team.get("teamId"), team.get("teamTricode"), type_
            )
        except Unreadable as error:
            raise Unreadable(f"game {game_id}: {error}") from None
    return {
        "game_id": game_id,
        "game_date": date,
        "season_year": cells.season_of_game(game_id),
        **teams,
        "game_status": status,
        "game_type": type_,
    }


def _series(game_id: str) -> str:
    """Return what the games of a playoff series share: the last digit of an id is the number in the series."""
    return game_id[:9]


def _decided_series(games: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    wins: Counter[tuple[str, Any]] = Counter()
    for game_id, game in games:
        home, away = game.get("homeTeam") or {}, game.get("awayTeam") or {}
        if game.get("gameStatus") == FINAL and cells.game_type(game_id) == "playoffs":
            winner = home if (home.get("score") or 0) > (away.get("score") or 0) else away
            wins[_series(game_id), winner.get("teamId")] += 1
    return {series for (series, _), count in wins.items() if count >= WINS_OF_A_SERIES}
