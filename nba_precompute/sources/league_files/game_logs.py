"""`leaguegamelog` and its like: box scores of a season, a row per player or per team and game, as JSON or CSV.

Here: the rows, and the games that they tell of. Not here: who was listed and did not play, which no log has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rows import COUNT, COUNTS, WHOLE_NUMBER, to_table, transposed
from nba_precompute.sources.league_files.schedules import FINAL
from nba_precompute.sources.league_files.teams import Team, team_of

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("GAME_ID", "GAME_DATE", "MATCHUP", "MIN", "PTS", "FGA")
"""The columns by which a log is recognized; a log of players has `PLAYER_ID`, too."""

_MATCHUP = re.compile(r"([A-Z]{2,4}) (vs\.|@) ([A-Z]{2,4})")


def parse_players(grid: Grid) -> dict[str, pa.Table]:
    """Read the players who played, and the games.

    Raises:
        Unreadable: if a column is missing, a cell does not fit, or a team code means no team.
    """
    grid.require(*COLUMNS, "PLAYER_ID", *_counted_columns())
    log = _Log(grid)
    counts = _counts(grid)
    # A whole number of minutes is rounded: 0 beside a shot or a rebound is less than half a minute, and unknown.
    minutes = [
        (None, None) if value == 0 and not exact and any(counted) else (value, exact)
        for (value, exact), *counted in zip(_minutes(grid), *counts.values(), strict=True)
    ]
    columns = {
        **log.common,
        "person_id": grid.known("PLAYER_ID", cells.decimal_id, "a person's id"),
        "player_name": grid.typed("PLAYER_NAME", cells.text, "a name"),
        "did_play": [True] * grid.rows,
        "comment": [None] * grid.rows,
        "minutes": [value for value, _ in minutes],
        "has_seconds": [exact for _, exact in minutes],
        **counts,
        "plus_minus": grid.typed("PLUS_MINUS", cells.whole, WHOLE_NUMBER),
    }
    return {"league_games": log.games(), "league_player_games": to_table("league_player_games", columns)}


def parse_teams(grid: Grid) -> dict[str, pa.Table]:
    """Read the teams' totals, and the games.

    Raises:
        Unreadable: as `parse_players`.
    """
    grid.require(*COLUMNS, *_counted_columns())
    log = _Log(grid)
    columns = {**log.common, "minutes": [value for value, _ in _minutes(grid)], **_counts(grid)}
    return {"league_games": log.games(), "league_team_games": to_table("league_team_games", columns)}


def _counted_columns() -> list[str]:
    return [column for column, _ in COUNTS.values()]


def _counts(grid: Grid) -> dict[str, list[int | None]]:
    return {name: grid.typed(column, cells.count, COUNT) for name, (column, _) in COUNTS.items()}


def _minutes(grid: Grid) -> list[cells.Minutes]:
    return [pair or (None, None) for pair in grid.typed("MIN", cells.minutes, "minutes")]


class _Log:
    """The columns that both logs share, and the games."""

    def __init__(self, grid: Grid) -> None:
        game_ids = grid.known("GAME_ID", cells.game_id, "a game id")
        matchups = grid.known("MATCHUP", _matchup, "a matchup such as BOS vs. MIL")
        team_ids, codes = grid.cells("TEAM_ID"), grid.cells("TEAM_ABBREVIATION")
        self._dates = dict(zip(game_ids, grid.known("GAME_DATE", cells.date, "a date"), strict=True))
        self._sides: dict[str, set[tuple[Team, Team]]] = defaultdict(set)
        find = cache(_team_in)
        teams = [
            find(game_id, team_id, code or own)
            for game_id, team_id, code, (own, _, _) in zip(game_ids, team_ids, codes, matchups, strict=True)
        ]
        there = {(game_id, team[1]): team for game_id, team in zip(game_ids, teams, strict=True)}
        for game_id, team, (_, sign, code) in zip(game_ids, teams, matchups, strict=True):
            opponent = find(game_id, None, code)
            opponent = there.get((game_id, opponent[1]), opponent)  # with the id, which a matchup does not have
            if opponent != team:  # the log of 1996-97 has `NYK vs. NYK`, among rows of NYK vs. CHH
                self._sides[game_id].add((team, opponent) if sign == "vs." else (opponent, team))
        homes = {game_id: next(iter(sides))[0] for game_id, sides in self._sides.items() if len(sides) == 1}
        self.common: dict[str, Sequence[Any]] = {
            "game_id": game_ids,
            "team_id": [team[0] for team in teams],
            "team_tricode": [team[1] for team in teams],
            "is_home": [
                homes[game_id] == team if game_id in homes else None
                for game_id, team in zip(game_ids, teams, strict=True)
            ],
        }

    def games(self) -> pa.Table:
        """Return the games, all final: a log has a game once it is over.

        Left out is a game of which both rows say `vs.`, or both `@`, as on a neutral floor: its home side is unknown.
        """
        rows = []
        for game_id, sides in self._sides.items():
            if len(sides) == 1:
                ((home, away),) = sides
                rows.append(
                    {
                        "game_id": game_id,
                        "game_date": self._dates[game_id],
                        "season_year": cells.season_of_game(game_id),
                        "home_team_id": home[0],
                        "home_team_tricode": home[1],
                        "away_team_id": away[0],
                        "away_team_tricode": away[1],
                        "game_status": FINAL,
                        "game_type": cells.game_type(game_id),
                    }
                )
        return to_table("league_games", transposed(rows))


def _team_in(game_id: str, team_id: object, code: object) -> Team:
    try:
        return team_of(team_id, code, cells.game_type(game_id))
    except Unreadable as error:
        raise Unreadable(f"game {game_id}: {error}") from None


def _matchup(cell: object) -> tuple[str, str, str] | None:
    """Return the team's own code, `vs.` at home or `@`, and the opponent's code."""
    spelled = cells.text(cell)
    if spelled is None:
        return None
    found = _MATCHUP.fullmatch(spelled)
    if not found:
        raise ValueError(cell)
    return found[1], found[2], found[3]
