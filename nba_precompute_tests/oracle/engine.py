"""The oracle: reads the sources once, then computes one date at a time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nba_precompute_tests.oracle import (
    composite,
    daily_cache,
    feature_store,
    shot_zones,
    sources,
    team_defense,
)
from nba_precompute_tests.oracle.cleaning import Cleaned, Row, clean, effective_schedule, season_of
from nba_precompute_tests.oracle.common import Result
from nba_precompute_tests.oracle.season import AsOf, Season

TABLES = (team_defense.NAME, shot_zones.NAME, composite.NAME, daily_cache.NAME, feature_store.NAME)
"""In dependency order."""


@dataclass
class Day:
    """The contents of the five tables for one date.

    Attributes:
        rows: table -> entity -> column -> value, rounded as stored.
        failures: table -> entity -> reason.
    """

    rows: dict[str, dict[str, dict[str, Any]]]
    failures: dict[str, dict[str, str]]


class Oracle:
    """Recomputes any date from the Phase 3 rows; every date on its own, from the facts before it."""

    def __init__(self, phase3: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Clean the rows of the sources, by table name, and index them by season."""
        players = clean(sources.PLAYER_GAMES, phase3[sources.PLAYER_GAMES.name])
        defense = clean(sources.TEAM_DEFENSE_GAMES, phase3[sources.TEAM_DEFENSE_GAMES.name])
        offense = clean(sources.TEAM_OFFENSE_GAMES, phase3[sources.TEAM_OFFENSE_GAMES.name])
        context = clean(sources.CONTEXT, phase3[sources.CONTEXT.name])
        schedule = effective_schedule(phase3[sources.SCHEDULE.name])

        self._seasons: dict[int, Season] = defaultdict(Season)
        for year, games in _by_season(schedule).items():
            self._seasons[year].add_schedule(games)
        for year, (rows, ambiguous) in _cleaned_by_season(players).items():
            self._seasons[year].add_player_games(rows, ambiguous)
        for year, (rows, ambiguous) in _cleaned_by_season(context).items():
            self._seasons[year].add_context(rows, ambiguous)
        for year, games in _by_season(defense.rows).items():
            self._seasons[year].add_team_games(defense=games, offense=())
        for year, games in _by_season(offense.rows).items():
            self._seasons[year].add_team_games(defense=(), offense=games)
        for season in self._seasons.values():
            season.index()

    def day(self, date: dt.date) -> Day:
        """Compute the five tables for the date; all are empty if no game is scheduled."""
        view = AsOf(self._seasons.get(season_of(date), Season()), date)
        if not view.is_game_date:
            return Day(rows={table: {} for table in TABLES}, failures={table: {} for table in TABLES})

        results: dict[str, Result] = {}
        results[team_defense.NAME] = defense, _ = team_defense.compute(view)
        results[shot_zones.NAME] = shots, _ = shot_zones.compute(view)
        results[composite.NAME] = factors, _ = composite.compute(view, shots, defense)
        results[daily_cache.NAME] = cache, _ = daily_cache.compute(view, shots)
        results[feature_store.NAME] = feature_store.compute(view, shots, defense, factors, cache)
        return Day(
            rows={table: rows for table, (rows, _) in results.items()},
            failures={table: failures for table, (_, failures) in results.items()},
        )


def _by_season(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[season_of(row["game_date"])].append(row)
    return found


def _cleaned_by_season(cleaned: Cleaned) -> dict[int, tuple[list[Row], list[list[Row]]]]:
    """Season -> its rows, and the row groups of its ambiguous keys."""
    rows = _by_season(cleaned.rows)
    ambiguous: dict[int, list[list[Row]]] = defaultdict(list)
    for candidates in cleaned.ambiguous.values():
        ambiguous[season_of(candidates[0]["game_date"])].append(candidates)
    return {year: (rows.get(year, []), ambiguous.get(year, [])) for year in rows.keys() | ambiguous.keys()}
