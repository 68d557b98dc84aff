"""A whole season, from the draw of the league to the five tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from nba_precompute.simulation import tables
from nba_precompute.simulation.availability import draw_availability
from nba_precompute.simulation.box_scores import BoxScores, play
from nba_precompute.simulation.calendar import N_DAYS, Dates, Games, draw_schedule
from nba_precompute.simulation.context import draw_contexts
from nba_precompute.simulation.league import draw_players, draw_teams
from nba_precompute.simulation.playoffs import play_post_season
from nba_precompute.tables.sources import SAMPLE_GAME_ID_PREFIX

FIRST_SEASON, LAST_SEASON = 1970, 2099


def simulate(season_year: int, seed: int) -> dict[str, pa.Table]:
    """See `simulate_season`."""
    if not FIRST_SEASON <= season_year <= LAST_SEASON:
        raise ValueError(f"season_year {season_year} is not within {FIRST_SEASON} to {LAST_SEASON}")
    if seed < 0:
        raise ValueError(f"seed {seed} is negative")
    # A stream per part, so that a change of one part leaves the draws of the others unchanged.
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence([season_year, seed]).spawn(6)]
    league_rng, calendar_rng, availability_rng, games_rng, context_rng, tables_rng = streams

    teams, players = draw_teams(league_rng), draw_players(league_rng)
    dates = Dates.of(season_year)
    schedule = draw_schedule(calendar_rng, dates, SAMPLE_GAME_ID_PREFIX)
    availability = draw_availability(availability_rng, players, N_DAYS, dates.opening, dates.trade_deadline, dates.last)

    def play_games(games: Games) -> BoxScores:
        return play(games_rng, games, teams, players, availability)

    regular_season = play_games(schedule.games)
    post_season = play_post_season(games_rng, regular_season, dates, SAMPLE_GAME_ID_PREFIX, play_games)
    games = Games.concatenate([schedule.games, *(batch for batch, _ in post_season)])
    scores = BoxScores.concatenate([regular_season, *(batch for _, batch in post_season)])
    contexts = draw_contexts(context_rng, games, players, availability, scores)
    return {
        "nbac_schedule": tables.schedule(dates, games, schedule.superfluous),
        "player_game_summary": tables.player_game_summary(tables_rng, dates, players, scores),
        "team_defense_game_summary": tables.team_defense_game_summary(dates, scores),
        "team_offense_game_summary": tables.team_offense_game_summary(dates, scores),
        "upcoming_player_game_context": tables.upcoming_player_game_context(dates, players, contexts),
    }
