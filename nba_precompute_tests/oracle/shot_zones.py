"""`player_shot_zone_analysis` (contract, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from nba_precompute_tests.oracle import formulas
from nba_precompute_tests.oracle.arithmetic import percent, ratio
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.common import Result, common_columns, is_stale
from nba_precompute_tests.oracle.rounding import stored_row
from nba_precompute_tests.oracle.season import AsOf
from nba_precompute_tests.oracle.sources import ZONES
from nba_precompute_tests.oracle.windows import newest

NAME = "player_shot_zone_analysis"
WINDOW = 10
LONG_WINDOW = 20
LONG_MINIMUM = 15

_ZONE_COUNTS = tuple(f"{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes"))
_MAKES = ("fg_makes", "assisted_fg_makes", "unassisted_fg_makes")


def compute(view: AsOf) -> Result:
    """Rows and failures of everyone who played earlier this season or is listed for the date."""
    rows, failures = {}, {}
    for player, persons in sorted(view.everybody().items()):
        person, *others = persons
        games = [] if person is None or others else view.history(person)
        if person is None or others:
            failures[player] = "AMBIGUOUS_PLAYER"
        elif not games:
            failures[player] = "NO_PRIOR_GAMES"
        else:
            rows[player] = _row(view, player, games)
    return rows, failures


class ZoneSums:
    """Attempts and makes by zone, over the games of a window in which every zone count is known."""

    def __init__(self, window: Sequence[Row]) -> None:
        entered = [game for game in window if all(game[column] is not None for column in _ZONE_COUNTS)]
        self.games = len(entered)
        # NULL rather than 0 where no game entered: nothing is known about his shots.
        self.shots = sum(game[f"{zone}_attempts"] for game in entered for zone in ZONES) if entered else None
        self._sums = {column: sum(game[column] for game in entered) for column in _ZONE_COUNTS}

    def rate(self, zone: str) -> Fraction | None:
        return percent(self._sums[f"{zone}_attempts"], self.shots)

    def pct(self, zone: str) -> Fraction | None:
        return ratio(self._sums[f"{zone}_makes"], self._sums[f"{zone}_attempts"])

    def per_game(self, zone: str) -> Fraction | None:
        return ratio(self._sums[f"{zone}_attempts"], self.games)


def _row(view: AsOf, player: str, games: Sequence[Row]) -> dict[str, Any]:
    window, last = newest(games, WINDOW), games[0]
    sums = ZoneSums(window)
    makes_known = [game for game in window if all(game[column] is not None for column in _MAKES)]
    makes = {column: sum(game[column] for game in makes_known) for column in _MAKES}

    row: dict[str, Any] = {"analysis_date": view.date, "player_lookup": player}
    row |= {f"{zone}_rate_last_10": sums.rate(zone) for zone in ZONES}
    row |= {f"{zone}_pct_last_10": sums.pct(zone) for zone in ZONES}
    row |= {f"{zone}_attempts_per_game": sums.per_game(zone) for zone in ZONES}
    row |= {
        "zone_games_10": sums.games,
        "total_shots_last_10": sums.shots,
        "assisted_rate_last_10": percent(makes["assisted_fg_makes"], makes["fg_makes"]),
        "unassisted_rate_last_10": percent(makes["unassisted_fg_makes"], makes["fg_makes"]),
    }
    row |= _long_window(games)
    row |= {
        "games_in_sample_10": len(window),
        "sample_quality_10": formulas.sample_quality(len(window), WINDOW),
        "primary_scoring_zone": formulas.primary_zone(*(sums.rate(zone) for zone in ZONES)),
        "team_abbr": last["team_abbr"],
        "last_game_date": last["game_date"],
        "days_since_last_game": (view.date - last["game_date"]).days,
        "data_quality_tier": formulas.player_tier(len(window)),
    }
    issues = [("stale_player", is_stale(games, view.date)), ("zone_data_missing", sums.games < len(window))]
    row |= common_columns(view, last["team_abbr"], WINDOW, window, issues)
    return stored_row(row)


def _long_window(games: Sequence[Row]) -> dict[str, Any]:
    """The newest 20 games; all NULL below 15 played games."""
    window = newest(games, LONG_WINDOW)
    enough = len(window) >= LONG_MINIMUM
    sums = ZoneSums(window)
    return {
        "paint_rate_last_20": sums.rate("paint") if enough else None,
        "paint_pct_last_20": sums.pct("paint") if enough else None,
        "games_in_sample_20": len(window) if enough else None,
        "sample_quality_20": formulas.sample_quality(len(window), LONG_WINDOW) if enough else None,
    }
