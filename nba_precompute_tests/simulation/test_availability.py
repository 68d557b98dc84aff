"""Trades, signings, injuries, absences."""

from __future__ import annotations

import numpy as np
import pytest

from nba_precompute.simulation.availability import MAX_OUT_PER_TEAM, OUT, draw_availability
from nba_precompute.simulation.calendar import N_DAYS, Dates
from nba_precompute.simulation.league import ROSTER_SIZE, draw_players
from nba_precompute_tests.simulation.conftest import Season

DATES = Dates.of(2021)


@pytest.mark.parametrize("seed", range(4))
def test_rosters_stay_full_and_enough_men_are_never_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    players = draw_players(rng)
    drawn = draw_availability(rng, players, N_DAYS, DATES.opening, DATES.trade_deadline, DATES.last)
    for team in range(30):
        belongs = drawn.team == team
        assert belongs.sum(axis=0).min() >= ROSTER_SIZE
        assert (belongs & (drawn.report == OUT)).sum(axis=0).max() <= MAX_OUT_PER_TEAM


def test_a_few_dozen_are_traded_before_the_deadline(season: Season) -> None:
    deadline = DATES.of(season.season_year).date(DATES.of(season.season_year).trade_deadline)
    moves = season.rows(
        """
        SELECT player_lookup, game_date FROM (
            SELECT *, lag(team_abbr) OVER (PARTITION BY player_lookup ORDER BY game_date) AS before
                FROM context
        ) WHERE before <> team_abbr
        """
    )
    assert 24 <= len(moves) <= 80
    assert len({player for player, _ in moves}) == len(moves)
    assert all((date - deadline).days <= 5 for _, date in moves)
    both = season.value(
        "SELECT count(*) FROM (SELECT player_lookup FROM played GROUP BY 1 HAVING count(DISTINCT team_abbr) = 2)"
    )
    assert both >= 20


def test_box_scores_and_contexts_agree_on_the_team(season: Season) -> None:
    season.never(
        """
        SELECT * FROM player_game_summary p
        LEFT JOIN context c ON c.game_date = p.game_date AND c.player_lookup = p.player_lookup
        WHERE c.team_abbr IS DISTINCT FROM p.team_abbr OR c.opponent_team_abbr IS DISTINCT
            FROM p.opponent_team_abbr
           OR c.game_id IS DISTINCT FROM p.game_id OR c.home_game IS DISTINCT FROM p.home_game
           OR c.universal_player_id IS DISTINCT FROM p.universal_player_id
        """
    )


def test_some_sign_in_mid_season(season: Season) -> None:
    late = season.value(
        "SELECT count(*) FROM (SELECT player_lookup FROM context GROUP BY 1 HAVING min(game_date) > "
        "(SELECT min(game_date) + INTERVAL 20 DAYS FROM context))"
    )
    assert late >= 5


def test_reports_decide_who_can_play(season: Season) -> None:
    share = dict(
        season.rows(
            """
            SELECT coalesce(lower(player_status), 'none'), avg((p.player_lookup IS NOT NULL)::INT)
            FROM context c LEFT JOIN played p USING (game_date, player_lookup) GROUP BY 1
            """
        )
    )
    assert share["out"] == 0
    assert 0 <= share["doubtful"] < share["questionable"] < share["probable"]
    assert share["doubtful"] < 0.35
    # A report says nothing against him, and still the coach may not use him.
    assert 0.4 < share["none"] < 0.9


def test_long_absences_with_and_without_a_return(season: Season) -> None:
    returns = season.value(
        """
        SELECT count(*) FROM (
            SELECT player_lookup,
                   game_date - lag(game_date) OVER (PARTITION BY player_lookup ORDER BY game_date) AS days
            FROM played
        ) WHERE days > 30 AND player_lookup IN (
            SELECT player_lookup FROM played GROUP BY 1 HAVING avg(minutes_played) >= 15)
        """
    )
    assert returns >= 12
    never = "player_lookup NOT IN (SELECT player_lookup FROM played)"
    assert season.value(f"SELECT count(DISTINCT player_lookup) FROM context WHERE {never}") >= 5
    season_long = season.value(
        "SELECT count(*) FROM (SELECT player_lookup FROM context GROUP BY 1 "
        "HAVING bool_and(coalesce(lower(player_status) = 'out', FALSE)) AND count(*) >= 80)"
    )
    assert season_long >= 5
