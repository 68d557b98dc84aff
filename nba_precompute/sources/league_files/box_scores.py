"""`boxscoretraditionalv3`: the box score of a game, with everyone who was listed and the totals of both teams.

The totals have no turnovers here: V3 leaves out the team's own, which every rate needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.answers import game_id_of
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rows import COUNT, COUNTS, WHOLE_NUMBER, to_table, transposed
from nba_precompute.sources.league_files.teams import Team, team_of

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "boxScoreTraditional"


def parse(answer: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Read the players and the totals.

    Raises:
        Unreadable: if the league has no players for the game, which means that the box score is missing, or a value
            does not fit.
    """
    box_score = answer.get(KEY)
    if not box_score or not any((box_score.get(side) or {}).get("players") for side in ("homeTeam", "awayTeam")):
        raise Unreadable("the answer has no players; the box score is missing, which is not a game without players")
    game_id = game_id_of(box_score)
    players: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for side in ("homeTeam", "awayTeam"):
        team = box_score.get(side) or {}
        if not team.get("players"):
            raise Unreadable(f"{side} has no players")
        of_team = _Side(game_id, side, team)
        players += [of_team.player(player) for player in team["players"]]
        if team.get("statistics"):
            totals.append(of_team.totals(team["statistics"]))
    tables = {"league_player_games": to_table("league_player_games", transposed(players))}
    if totals:
        tables["league_team_games"] = to_table("league_team_games", transposed(totals))
    return tables


class _Side:
    """The rows of one team."""

    def __init__(self, game_id: str, side: str, team: Mapping[str, Any]) -> None:
        self.side = side
        found: Team = team_of(team.get("teamId"), team.get("teamTricode"), cells.game_type(game_id))
        if found[0] is None:
            raise Unreadable(f"{side} has players but no team id")
        self.common = {
            "game_id": game_id,
            "team_id": found[0],
            "team_tricode": found[1],
            "is_home": side == "homeTeam",
        }

    def player(self, player: Mapping[str, Any]) -> dict[str, Any]:
        person_id = self._value(player, "personId", cells.decimal_id, "a person's id")
        statistics = player.get("statistics") or {}
        where = f"of person {person_id}"
        counts = self._counts(statistics, where)
        minutes, has_seconds = self._value(statistics, "minutes", cells.minutes, "minutes", where)
        name = " ".join(part for part in (player.get("firstName"), player.get("familyName")) if part)
        counted = any(counts.values())
        if minutes == 0 and (has_seconds or counted):
            # 0:00 is someone who did not play; a whole 0, as in old seasons, is less than half a minute, and unknown
            # beside a statistic.
            minutes, has_seconds = None, None
        return {
            **self.common,
            "person_id": person_id,
            "player_name": cells.text(name),
            "did_play": minutes is not None or counted,
            "comment": cells.text(player.get("comment")),
            "minutes": minutes,
            "has_seconds": has_seconds,
            **counts,
            "plus_minus": self._value(statistics, "plusMinusPoints", cells.whole, WHOLE_NUMBER, where),
        }

    def totals(self, statistics: Mapping[str, Any]) -> dict[str, Any]:
        minutes, _ = self._value(statistics, "minutes", cells.minutes, "minutes")
        counts = self._counts(statistics, "of the team")
        # V3 adds up the players' turnovers, without the team's own (shot clock, eight seconds); only the plays, and the
        # log of teams, have those.
        return {**self.common, "minutes": minutes, **counts, "turnovers": None}

    def _counts(self, statistics: Mapping[str, Any], where: str) -> dict[str, int | None]:
        return {column: self._value(statistics, key, cells.count, COUNT, where) for column, (_, key) in COUNTS.items()}

    def _value(self, found: Mapping[str, Any], key: str, convert: Any, expected: str, where: str = "") -> Any:
        value = found.get(key)
        try:
            converted = convert(value)
        except (ValueError, TypeError):
            raise Unreadable(f"{self.side}: {key} {where}: expected {expected}, found {value!r}") from None
        if converted is None and key == "personId":
            raise Unreadable(f"{self.side}: a player has no personId")
        return converted
