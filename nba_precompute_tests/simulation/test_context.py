"""Contexts have the information of the moment before tip-off, and nothing later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nba_precompute.simulation.availability import draw_availability
from nba_precompute.simulation.box_scores import BoxScores, play
from nba_precompute.simulation.calendar import N_DAYS, Dates, draw_schedule
from nba_precompute.simulation.context import STATUS_WORDS, draw_contexts
from nba_precompute.simulation.league import draw_players, draw_teams
from nba_precompute_tests.simulation.conftest import Season


def test_rows_are_exactly_the_rosters_of_the_games_that_took_place(season: Season) -> None:
    season.never(
        """
        SELECT * FROM context c LEFT JOIN appearance a
          ON a.game_id = c.game_id AND a.game_date = c.game_date AND a.team = c.team_abbr
         AND a.opponent = c.opponent_team_abbr AND a.home = c.home_game
        WHERE a.game_id IS NULL
        """
    )
    sizes = season.rows("SELECT DISTINCT count(*) FROM context GROUP BY game_date, team_abbr")
    assert min(sizes)[0] >= 17
    assert max(sizes)[0] <= 19
    assert season.value("SELECT count(*) FROM (SELECT DISTINCT game_date, team_abbr FROM context)") == season.value(
        "SELECT count(*) FROM appearance"
    )


def test_whoever_is_in_a_box_score_was_listed_and_not_all_listed_played(season: Season) -> None:
    season.never("SELECT * FROM player_game_summary p ANTI JOIN context c USING (game_date, player_lookup)")
    assert season.value("SELECT count(*) FROM context ANTI JOIN played USING (game_date, player_lookup)") > 10_000


def test_nothing_is_listed_on_a_date_that_a_game_was_taken_from(season: Season) -> None:
    for table in ("context", "player_game_summary", "offense", "defense"):
        season.never(
            f"SELECT * FROM {table} t JOIN nbac_schedule s "
            "ON s.game_id = t.game_id AND s.game_date = t.game_date "
            "WHERE s.game_status <> 3"
        )


def test_statuses_are_spelled_in_several_ways_mostly_missing_sometimes_unknown(season: Season) -> None:
    words = dict(season.rows("SELECT player_status, count(*) FROM context GROUP BY 1"))
    assert set(words) == {None, *STATUS_WORDS}
    assert {w.lower() for w in words if w} == {
        *("available", "probable", "questionable", "doubtful", "out", "game time decision")
    }
    assert words[None] > 0.6 * sum(words.values())


def test_missing_values_are_the_exception_but_occur(season: Season) -> None:
    for column, most in (("player_age", 0.05), ("projected_usage_rate", 0.2), ("star_teammates_out", 0.1)):
        missing = season.value(f"SELECT avg(({column} IS NULL)::INT) FROM context")
        assert 0 < missing < most
    ready = dict(season.rows("SELECT is_production_ready, count(*) FROM context GROUP BY 1"))
    assert set(ready) == {True, False, None}
    assert ready[True] > 0.95 * sum(ready.values())


def test_ages_are_plausible_and_grow_by_at_most_a_year(season: Season) -> None:
    season.never("SELECT * FROM context WHERE player_age NOT BETWEEN 19 AND 40")
    season.never(
        "SELECT player_lookup FROM context GROUP BY 1 HAVING max(player_age) - min(player_age) > 1 "
        "OR arg_max(player_age, game_date) < min(player_age)"
    )
    birthdays = "SELECT player_lookup FROM context GROUP BY 1 HAVING max(player_age) > min(player_age)"
    assert season.value(f"SELECT count(*) FROM ({birthdays})") > 100
    for bounds in ("<= 20", "BETWEEN 30 AND 34", ">= 35"):
        assert season.value(f"SELECT count(*) FROM context WHERE player_age {bounds}") > 100


def test_stars_out_are_team_mates_reported_out(season: Season) -> None:
    season.never(
        """
        SELECT * FROM (
            SELECT *, lower(player_status) IS NOT DISTINCT FROM 'out' AS is_out,
                   count(*) FILTER (lower(player_status) = 'out')
                       OVER (PARTITION BY game_date, team_abbr) AS outs
            FROM context
        ) WHERE star_teammates_out NOT BETWEEN 0 AND outs - is_out::INT
        """
    )
    # Every available player has the same number; a star who is out has one less.
    season.never(
        """
        WITH seen AS (
            SELECT game_date, team_abbr, star_teammates_out
                AS n, lower(player_status) IS NOT DISTINCT FROM 'out' AS is_out
            FROM context WHERE star_teammates_out IS NOT NULL
        ), team AS (
            SELECT game_date, team_abbr, min(n) AS least, max(n) AS most FROM seen WHERE NOT is_out
                GROUP BY ALL
        )
        SELECT * FROM team JOIN seen USING (game_date, team_abbr)
        WHERE least <> most OR (is_out AND n NOT IN (most, most - 1))
        """
    )
    counts = dict(season.rows("SELECT star_teammates_out, count(*) FROM context GROUP BY 1"))
    assert min(counts[0], counts[1], counts[2]) > 50


def test_projected_usage_resembles_the_usage_that_follows(season: Season) -> None:
    season.never("SELECT * FROM context WHERE projected_usage_rate NOT BETWEEN 5 AND 40")
    assert (
        season.value(
            """
            SELECT corr(projected_usage_rate, usage_rate) FROM context
                JOIN played USING (game_date, player_lookup)
            WHERE minutes_played >= 15
            """
        )
        > 0.4
    )


def test_the_first_day_has_contexts_without_prior_games(season: Season) -> None:
    assert season.value("SELECT count(*) FROM context WHERE game_date = (SELECT min(game_date) FROM final)") > 60


def test_tables_were_written_before_tip_off_and_after_the_game(season: Season) -> None:
    season.never(
        "SELECT game_id FROM context "
        "WHERE processed_at <> (game_date + INTERVAL 12 HOURS)::TIMESTAMP AT TIME ZONE 'UTC'"
    )
    for table in ("player_game_summary", "offense", "defense"):
        season.never(
            f"SELECT game_id FROM {table} "
            "WHERE processed_at <> (game_date + INTERVAL 34 HOURS)::TIMESTAMP AT TIME ZONE 'UTC'"
        )


def test_contexts_do_not_know_the_game_nor_what_comes_after() -> None:
    """Change every box score from one day on: no context up to that day may change."""
    rng = np.random.default_rng(0)
    dates = Dates.of(2021)
    teams, players = draw_teams(rng), draw_players(rng)
    games = draw_schedule(rng, dates, "SIM").games
    availability = draw_availability(rng, players, N_DAYS, dates.opening, dates.trade_deadline, dates.last)
    scores = play(rng, games, teams, players, availability)
    falsified_from = dates.opening + 60
    later = scores.players["day"] >= falsified_from
    falsified = replace(
        scores,
        players={**scores.players, "usage": np.where(later, 99.0, scores.players["usage"])},
        teams={},
    )

    def contexts(of: BoxScores) -> dict[str, np.ndarray]:
        return draw_contexts(np.random.default_rng(1), games, players, availability, of)

    honest, deceived = contexts(scores), contexts(falsified)
    until = honest["day"] <= falsified_from
    for name, values in honest.items():
        np.testing.assert_array_equal(values[until], deceived[name][until])
    assert not np.array_equal(honest["usage"], deceived["usage"], equal_nan=True)
