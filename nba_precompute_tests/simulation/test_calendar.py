"""The schedule: the league's formula, a plausible calendar, postponed and moved games."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from nba_precompute.simulation.calendar import Dates, _Board, draw_schedule, season_pairings
from nba_precompute.simulation.franchises import ALL_STAR_TRICODES, TRICODES
from nba_precompute_tests.simulation.conftest import Season


@pytest.mark.parametrize(
    ("season_year", "opening", "last", "all_star", "thanksgiving"),
    [
        (2021, (2021, 10, 19), (2022, 4, 10), (2022, 2, 20), (2021, 11, 25)),
        (2022, (2022, 10, 18), (2023, 4, 9), (2023, 2, 19), (2022, 11, 24)),
        (2023, (2023, 10, 17), (2024, 4, 7), (2024, 2, 18), (2023, 11, 23)),
    ],
)
def test_landmarks(
    season_year: int,
    opening: tuple[int, int, int],
    last: tuple[int, int, int],
    all_star: tuple[int, int, int],
    thanksgiving: tuple[int, int, int],
) -> None:
    dates = Dates.of(season_year)
    found = [dates.date(day) for day in (dates.opening, dates.last, dates.all_star, dates.idle[0])]
    assert found == [dt.date(*day) for day in (opening, last, all_star, thanksgiving)]


@pytest.mark.parametrize("seed", range(5))
def test_formula_82_games_half_at_home_and_two_to_four_meetings(seed: int) -> None:
    pairings = season_pairings(np.random.default_rng(seed))
    assert pairings.shape == (1230, 2)
    assert (np.bincount(pairings[:, 0]) == 41).all()
    assert (np.bincount(pairings[:, 1]) == 41).all()
    meetings = np.zeros((30, 30), dtype=int)
    np.add.at(meetings, (pairings[:, 0], pairings[:, 1]), 1)
    meetings += meetings.T
    for team in range(30):
        rivals = [o for o in range(30) if o // 5 == team // 5 and o != team]
        conference = [o for o in range(30) if o // 15 == team // 15 and o // 5 != team // 5]
        others = [o for o in range(30) if o // 15 != team // 15]
        assert set(meetings[team, rivals]) == {4}
        assert sorted(meetings[team, conference]) == [3] * 4 + [4] * 6
        assert set(meetings[team, others]) == {2}


def test_all_1230_games_end_up_played(season: Season) -> None:
    assert season.row("SELECT count(*), count(DISTINCT game_id) FROM regular") == (1230, 1230)
    assert set(
        season.rows(
            "SELECT team, count(*), sum(home::INT) FROM appearance WHERE game_type = 'regular_season' GROUP BY team"
        )
    ) == {(tricode, 82, 41) for tricode in TRICODES}


def test_nobody_plays_himself(season: Season) -> None:
    season.never("SELECT * FROM nbac_schedule WHERE home_team_tricode = away_team_tricode")


def test_no_team_has_two_games_on_a_date_whichever_rows_are_read(season: Season) -> None:
    """Include postponed and stale rows: a reader who counts them must not see a team twice."""
    season.never(
        """
        WITH sides AS (
            SELECT game_date, home_team_tricode AS team FROM nbac_schedule
            UNION ALL SELECT game_date, away_team_tricode FROM nbac_schedule
        )
        SELECT game_date, team FROM sides GROUP BY ALL HAVING count(*) > 1
        """
    )


def test_slates_are_of_two_to_fifteen_games(season: Season) -> None:
    smallest, largest = season.row("SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM regular GROUP BY game_date)")
    assert 2 <= smallest <= 4
    assert largest == 15


@pytest.mark.parametrize("seed", range(24))
def test_no_calendar_has_a_slate_of_one(seed: int) -> None:
    """Slates of one game are rare; the draw of seed 17 leaves one to move."""
    games = draw_schedule(np.random.default_rng(seed), Dates.of(2021), "SIM").games
    slates = np.bincount(games.day)
    assert slates[slates > 0].min() >= 2
    assert slates.max() == 15


@pytest.mark.parametrize("seed", range(10))
def test_a_day_keeps_at_least_two_games_when_others_are_displaced(seed: int) -> None:
    dates = Dates.of(2021)
    board = _Board(np.random.default_rng(seed), dates)
    pairings = np.arange(10).reshape(5, 2)
    board.day_of = np.full(5, -1)
    one_day, other_day = dates.opening + 10, dates.opening + 14
    for game, day in enumerate([one_day, one_day, other_day, other_day, other_day]):
        board._put(game, pairings[game], day)
    moved = board.displace(pairings, 5, only_later=False)
    assert moved
    assert sorted(np.bincount(board.day_of)[[one_day, other_day]]) == [2, 3]


def test_displacing_games_by_the_hundred() -> None:
    rng = np.random.default_rng(0)
    pairings = season_pairings(rng)
    board = _Board(rng, Dates.of(2021))
    assert board.place(pairings)
    before = board.day_of.copy()
    moved = board.displace(pairings, 1000, only_later=False)
    assert len(moved) == len({game for game, _ in moved}) > 100
    assert all(before[game] == old != board.day_of[game] for game, old in moved)
    slates = np.bincount(board.day_of)
    assert slates[slates > 0].min() >= 2
    assert set(before) == set(board.day_of)
    assert (board.day_of == Dates.of(2021).last).sum() == 15


def test_calendar_has_the_usual_empty_days(season: Season) -> None:
    dates = Dates.of(season.season_year)
    played_on = {date for (date,) in season.rows("SELECT DISTINCT game_date FROM regular")}
    assert min(played_on) == dates.date(dates.opening)
    assert max(played_on) == dates.date(dates.last)
    assert 155 <= len(played_on) <= 170
    thanksgiving, christmas_eve = (dates.date(day) for day in dates.idle)
    assert (thanksgiving.month, thanksgiving.weekday()) == (11, 3)
    assert (christmas_eve.month, christmas_eve.day) == (12, 24)
    all_star_break = [dates.date(dates.all_star + shift) for shift in range(-2, 4)]
    assert not played_on & {thanksgiving, christmas_eve, *all_star_break}
    assert christmas_eve + dt.timedelta(1) in played_on


def test_back_to_backs_happen_but_never_three_nights_in_a_row(season: Season) -> None:
    rest = """
        SELECT team, game_date - lag(game_date) OVER teams AS days,
               game_date - lag(game_date, 2) OVER teams AS two_games
        FROM appearance WHERE game_type = 'regular_season'
            WINDOW teams AS (PARTITION BY team ORDER BY game_date)
    """
    season.never(f"SELECT * FROM ({rest}) WHERE two_games = 2")
    per_team = [n for (n,) in season.rows(f"SELECT count(*) FILTER (days = 1) FROM ({rest}) GROUP BY team")]
    assert len(per_team) == 30
    assert min(per_team) >= 5
    assert max(per_team) <= 28
    assert season.value(f"SELECT count(*) FROM ({rest}) WHERE days >= 3") > 200


def test_postponed_games_keep_their_id_and_are_played_later(season: Season) -> None:
    pairs = season.rows(
        """
        SELECT old.game_date, new.game_date, old.game_type, new.game_status,
               old.home_team_tricode = new.home_team_tricode AND old.away_team_tricode = new.away_team_tricode
        FROM nbac_schedule old JOIN nbac_schedule new USING (game_id)
        WHERE old.game_status = 4 AND new.game_status <> 4
        """
    )
    assert len(pairs) >= 5
    assert len(pairs) == season.value("SELECT count(*) FROM nbac_schedule WHERE game_status = 4")
    for postponed_on, played_on, game_type, status, same_teams in pairs:
        assert postponed_on < played_on
        assert (game_type, status, same_teams) == ("regular_season", 3, True)


def test_moved_games_leave_a_stale_row_behind(season: Season) -> None:
    pairs = season.rows(
        """
        SELECT old.game_date, new.game_date FROM nbac_schedule old JOIN nbac_schedule new USING (game_id)
        WHERE old.game_status = 1 AND new.game_status = 3
        """
    )
    assert len(pairs) >= 3
    assert len(pairs) == season.value("SELECT count(*) FROM nbac_schedule WHERE game_status = 1")
    assert all(old != new for old, new in pairs)


def test_a_date_that_lost_a_game_has_others(season: Season) -> None:
    season.never(
        "SELECT game_date FROM nbac_schedule WHERE game_status IN (1, 4) "
        "AND game_date NOT IN (SELECT game_date FROM regular)"
    )


def test_pre_season_and_all_star_are_on_the_schedule_alone(season: Season) -> None:
    assert season.value("SELECT count(*) FROM nbac_schedule WHERE game_type = 'preseason'") >= 3
    season.never(
        "SELECT * FROM nbac_schedule WHERE game_type = 'preseason' "
        "AND game_date >= (SELECT min(game_date) FROM regular)"
    )
    assert season.rows(
        "SELECT home_team_tricode, away_team_tricode FROM nbac_schedule WHERE game_type = 'all_star'"
    ) == [ALL_STAR_TRICODES]
    for table in ("player_game_summary", "context", "offense", "defense"):
        season.never(f"SELECT game_id FROM {table} WHERE game_id NOT IN (SELECT game_id FROM final)")


def test_only_known_teams_statuses_and_types_occur(season: Season) -> None:
    teams = {t for (t,) in season.rows("SELECT DISTINCT team FROM appearance")}
    assert teams == set(TRICODES)
    assert {s for (s,) in season.rows("SELECT DISTINCT game_status FROM nbac_schedule")} == {1, 3, 4}
    assert {t for (t,) in season.rows("SELECT DISTINCT game_type FROM nbac_schedule")} == {
        *("preseason", "regular_season", "all_star", "play_in", "playoffs")
    }
