"""Box scores add up, and their figures are realistic."""

from __future__ import annotations

import numpy as np
import pytest

from nba_precompute.simulation.box_scores import _share_minutes
from nba_precompute_tests.simulation.conftest import Season


def test_every_game_played_has_both_teams_in_every_table(season: Season) -> None:
    for table, team in (("offense", "team_abbr"), ("defense", "defending_team_abbr")):
        season.never(
            f"""
            (SELECT game_id, game_date, team, opponent FROM appearance)
            EXCEPT (SELECT game_id, game_date, {team}, opponent_team_abbr FROM {table})
            """
        )
        assert season.value(f"SELECT count(*) FROM {table}") == season.value("SELECT count(*) FROM appearance")
    season.never(
        """
        SELECT * FROM player_game_summary p LEFT JOIN appearance a
          ON a.game_id = p.game_id AND a.game_date = p.game_date AND a.team = p.team_abbr
         AND a.opponent = p.opponent_team_abbr AND a.home = p.home_game
        WHERE a.game_id IS NULL
        """
    )


def test_points_are_what_the_shots_are_worth(season: Season) -> None:
    season.never(
        "SELECT * FROM played WHERE points IS DISTINCT FROM "
        "2 * (paint_makes + mid_range_makes) + 3 * three_pt_makes + ft_makes"
    )


def test_zones_and_assists_sum_to_the_field_goals(season: Season) -> None:
    season.never(
        """
        SELECT * FROM played
        WHERE paint_attempts + mid_range_attempts + three_pt_attempts IS DISTINCT FROM fg_attempts
           OR paint_makes + mid_range_makes + three_pt_makes IS DISTINCT FROM fg_makes
           OR assisted_fg_makes + unassisted_fg_makes IS DISTINCT FROM fg_makes
        """
    )


def test_nobody_makes_more_than_he_attempts(season: Season) -> None:
    for kind in ("paint", "mid_range", "three_pt", "fg", "ft"):
        season.never(f"SELECT * FROM played WHERE NOT ({kind}_makes BETWEEN 0 AND {kind}_attempts)")
    season.never("SELECT * FROM played WHERE assisted_fg_makes < 0 OR unassisted_fg_makes < 0")


def test_minutes_sum_exactly_to_five_men_times_the_clock(season: Season) -> None:
    totals = dict(
        season.rows(
            """
            SELECT minutes, count(*) FROM (
                SELECT sum(CAST(minutes_played AS DECIMAL(38, 9))) AS minutes FROM played
                    GROUP BY game_id, team_abbr
            ) GROUP BY minutes
            """
        )
    )
    assert set(totals) <= {240 + 25 * overtimes for overtimes in range(6)}
    assert totals[240] > 2300
    overtime_share = (sum(totals.values()) - totals[240]) / sum(totals.values())
    assert 0.03 < overtime_share < 0.1
    season.never(
        "SELECT game_id FROM (SELECT game_id, team_abbr, round(sum(minutes_played)) AS m "
        "FROM played GROUP BY ALL) "
        "GROUP BY game_id HAVING min(m) <> max(m)"
    )


def test_minutes_are_whole_tenths_and_no_longer_than_the_game(season: Season) -> None:
    season.never("SELECT * FROM played WHERE minutes_played IS NULL OR minutes_played < 0.1")
    season.never("SELECT * FROM played WHERE minutes_played <> round(minutes_played, 1)")
    season.never(
        "SELECT * FROM (SELECT minutes_played, sum(minutes_played) "
        "OVER (PARTITION BY game_id, team_abbr) AS total "
        "FROM played) WHERE minutes_played > total / 5"
    )


def test_eight_to_thirteen_men_play(season: Season) -> None:
    sizes = {n for (n,) in season.rows("SELECT DISTINCT count(*) FROM played GROUP BY game_id, game_date, team_abbr")}
    assert sizes == set(range(8, 14))


def test_team_rows_are_the_sums_of_the_players(season: Season) -> None:
    season.never(
        """
        WITH sums AS (
            SELECT game_id, game_date, team_abbr, opponent_team_abbr, sum(points) AS points,
                   sum(paint_attempts) AS pa, sum(paint_makes) AS pm, sum(mid_range_attempts) AS ma,
                   sum(mid_range_makes) AS mm, sum(three_pt_attempts) AS ta, sum(three_pt_makes) AS tm
            FROM played GROUP BY ALL
        )
        SELECT * FROM sums
        LEFT JOIN offense o ON o.game_date = sums.game_date AND o.team_abbr = sums.team_abbr
        LEFT JOIN defense d ON d.game_date = sums.game_date
            AND d.defending_team_abbr = sums.opponent_team_abbr
        WHERE points IS DISTINCT FROM points_scored OR points IS DISTINCT FROM points_allowed
           OR pa IS DISTINCT FROM opp_paint_attempts OR pm IS DISTINCT FROM opp_paint_makes
           OR ma IS DISTINCT FROM opp_mid_range_attempts OR mm IS DISTINCT FROM opp_mid_range_makes
           OR ta IS DISTINCT FROM opp_three_pt_attempts OR tm IS DISTINCT FROM opp_three_pt_makes
           OR points_in_paint_allowed IS DISTINCT FROM 2 * pm
               OR mid_range_points_allowed IS DISTINCT FROM 2 * mm
           OR three_pt_points_allowed IS DISTINCT FROM 3 * tm
        """
    )


def test_every_game_has_one_winner_and_he_scored_more(season: Season) -> None:
    season.never(
        """
        SELECT * FROM offense a JOIN offense b ON a.game_id = b.game_id AND a.opponent_team_abbr = b.team_abbr
        WHERE a.win_flag IS DISTINCT FROM a.points_scored > b.points_scored
            OR a.points_scored = b.points_scored
        """
    )


def test_possessions_pace_and_ratings_agree(season: Season) -> None:
    season.never(
        """
        WITH clock AS (
            SELECT game_date, team_abbr, round(sum(minutes_played)) / 5 AS minutes FROM played GROUP BY ALL
        )
        SELECT * FROM offense o JOIN clock c USING (game_date, team_abbr)
        JOIN defense d ON d.game_date = o.game_date AND d.defending_team_abbr = o.opponent_team_abbr
        WHERE abs(o.pace - 48 * o.possessions / c.minutes) > 0.051
           OR abs(o.offensive_rating - 100 * o.points_scored / o.possessions) > 0.0051
           OR o.offensive_rating <> d.defensive_rating
           OR o.pace <> d.opponent_pace
        """
    )
    season.never(
        "SELECT * FROM offense a JOIN offense b "
        "ON a.game_id = b.game_id AND a.opponent_team_abbr = b.team_abbr "
        "WHERE abs(a.pace - b.pace) > 2"
    )


def test_blocks_are_among_the_misses(season: Season) -> None:
    for zone in ("paint", "mid_range", "three_pt"):
        season.never(
            f"SELECT * FROM defense WHERE NOT (blocks_{zone} BETWEEN 0 AND opp_{zone}_attempts - opp_{zone}_makes)"
        )
    paint, mid_range, three = season.row(
        "SELECT avg(blocks_paint), avg(blocks_mid_range), avg(blocks_three_pt) FROM defense"
    )
    assert paint > 3
    assert 0 < mid_range < 1
    assert 0 < three < 1


def test_usage_is_a_share_of_the_team_and_unknown_under_a_minute(season: Season) -> None:
    season.never("SELECT * FROM played WHERE (usage_rate IS NULL) <> (minutes_played < 1)")
    assert season.value("SELECT count(*) FROM played WHERE minutes_played < 1") > 20
    # 100 is what five men on court use together; who played less than a minute is missing from the sum, and nobody
    # uses more than all of it.
    season.never("SELECT * FROM played WHERE usage_rate > 100")
    season.never(
        """
        SELECT * FROM (
            SELECT sum(usage_rate * minutes_played) / (sum(minutes_played) / 5) AS used,
                   sum(minutes_played) FILTER (minutes_played < 1 OR usage_rate = 100) AS unknown
            FROM played GROUP BY game_id, team_abbr
        ) WHERE abs(used - 100) > CASE WHEN unknown IS NULL THEN 0.3 ELSE 6 END
        """
    )


def test_true_shooting(season: Season) -> None:
    season.never("SELECT * FROM played WHERE (ts_pct IS NULL) <> (fg_attempts + ft_attempts = 0)")
    season.never("SELECT * FROM played WHERE abs(ts_pct - points / (2 * (fg_attempts + 0.44 * ft_attempts))) > 0.00051")
    assert season.value("SELECT count(*) FROM played WHERE ts_pct IS NULL") > 20


def test_who_did_not_play_has_zeros_or_nulls(season: Season) -> None:
    counts = [
        *("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes", "paint_attempts", "paint_makes"),
        *("mid_range_attempts", "mid_range_makes", "three_pt_attempts", "three_pt_makes"),
        *("assisted_fg_makes", "unassisted_fg_makes"),
    ]
    for column in ("minutes_played", *counts):
        season.never(f"SELECT * FROM absent WHERE {column} <> 0")
        zeros, nulls = season.row(f"SELECT count({column}), count(*) - count({column}) FROM absent")
        assert min(zeros, nulls) > 1000
    season.never("SELECT * FROM absent WHERE usage_rate IS NOT NULL OR ts_pct IS NOT NULL")
    for column in counts:
        season.never(f"SELECT * FROM played WHERE {column} IS NULL")


def test_some_are_on_the_bench_and_some_not_on_the_active_list(season: Season) -> None:
    kinds = dict(season.rows("SELECT (is_active, is_dnp)::VARCHAR, count(*) FROM player_game_summary GROUP BY 1"))
    assert set(kinds) == {"(true, false)", "(true, true)", "(false, true)"}
    assert min(kinds.values()) > 2000
    season.never(
        "SELECT game_id FROM player_game_summary WHERE is_active GROUP BY game_id, team_abbr HAVING count(*) > 13"
    )


def test_league_averages_are_those_of_the_real_league(season: Season) -> None:
    """Compare with means of real seasons, with tolerance for the luck of one season."""
    shares = season.row(
        """
        SELECT sum(paint_attempts) / sum(fg_attempts), sum(mid_range_attempts) / sum(fg_attempts),
               sum(paint_makes) / sum(paint_attempts), sum(mid_range_makes) / sum(mid_range_attempts),
               sum(three_pt_makes) / sum(three_pt_attempts), sum(ft_makes) / sum(ft_attempts),
               sum(assisted_fg_makes) / sum(fg_makes)
        FROM played
        """
    )
    assert shares == pytest.approx((0.474, 0.128, 0.566, 0.406, 0.354, 0.775, 0.607), abs=0.035)
    points, spread, pace, possessions = season.row(
        "SELECT avg(points_scored), stddev(points_scored), avg(pace), avg(possessions) FROM offense"
    )
    assert (points, spread) == (pytest.approx(110.6, abs=4), pytest.approx(12.5, abs=2))
    assert (pace, possessions) == (pytest.approx(100.6, abs=1.5), pytest.approx(101.1, abs=1.5))


def test_figures_stay_in_realistic_ranges(season: Season) -> None:
    season.never("SELECT * FROM offense WHERE pace NOT BETWEEN 90 AND 110")
    season.never("SELECT * FROM offense WHERE points_scored NOT BETWEEN 60 AND 175")
    assert season.value("SELECT avg((points_scored BETWEEN 80 AND 150)::INT) FROM offense") > 0.985
    season.never(
        "SELECT * FROM (SELECT avg(usage_rate) AS usage FROM played GROUP BY player_lookup "
        "HAVING count(*) >= 30) "
        "WHERE usage NOT BETWEEN 5 AND 40"
    )
    most_wins, fewest_wins = season.row(
        "SELECT max(w), min(w) FROM (SELECT sum(win_flag::INT) AS w FROM offense "
        "WHERE game_id IN (SELECT game_id FROM regular) GROUP BY team_abbr)"
    )
    assert 48 <= most_wins <= 74
    assert 7 <= fewest_wins <= 34
    at_home = season.value(
        "SELECT avg(o.win_flag::INT) FROM offense o JOIN appearance a "
        "ON a.game_id = o.game_id AND a.game_date = o.game_date AND a.team = o.team_abbr WHERE a.home"
    )
    assert 0.5 < at_home < 0.64


def test_load_is_broad_enough_for_every_rule_of_fatigue(season: Season) -> None:
    """Each rule of the fatigue score (games, minutes, back-to-backs) is reached by some players."""
    load = """
        SELECT count(*) OVER week AS games, sum(minutes_played) OVER week AS minutes,
               avg(minutes_played) OVER week AS per_game, sum(b2b) OVER fortnight AS b2b
        FROM (SELECT *, (game_date - lag(game_date)
            OVER (PARTITION BY player_lookup ORDER BY game_date) = 1)::INT AS b2b
              FROM played)
        WINDOW week AS (PARTITION BY player_lookup ORDER BY game_date RANGE BETWEEN INTERVAL 6 DAYS PRECEDING
                        AND CURRENT ROW),
               fortnight AS (PARTITION BY player_lookup ORDER BY game_date
                   RANGE BETWEEN INTERVAL 13 DAYS PRECEDING
                        AND CURRENT ROW)
    """
    for rule in ("games >= 4", "minutes > 150", "per_game > 35", "b2b >= 2", "b2b = 1"):
        assert season.value(f"SELECT count(*) FROM ({load}) WHERE {rule}") > 20


@pytest.mark.parametrize("men", [8, 9, 13])
def test_shared_minutes_are_exact_positive_and_capped(men: int) -> None:
    rng = np.random.default_rng(men)
    wanted = np.zeros((200, 17))
    wanted[:, :men] = rng.lognormal(2, 2, (200, men))
    tenths = _share_minutes(wanted, 2400, 430)
    assert (tenths.sum(axis=1) == 2400).all()
    assert tenths.max() <= 430
    assert tenths[:, :men].min() >= 1
    assert (tenths[:, men:] == 0).all()
