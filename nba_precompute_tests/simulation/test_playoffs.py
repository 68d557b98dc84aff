"""Play-in and playoffs: pairings, and no game that is not needed."""

from __future__ import annotations

from itertools import pairwise

from nba_precompute.simulation.franchises import TRICODES
from nba_precompute_tests.simulation.conftest import Season

EAST = set(TRICODES[:15])


def _regular_wins(season: Season) -> dict[str, int]:
    return dict(
        season.rows(
            "SELECT team_abbr, sum(win_flag::INT) FROM offense WHERE game_id IN (SELECT game_id "
            "FROM regular) GROUP BY 1"
        )
    )


def _games(season: Season, game_type: str) -> list[tuple[str, str, str, object]]:
    """Home team, away team, winner and date, in order."""
    return season.rows(
        f"""
        SELECT home_team_tricode, away_team_tricode, team_abbr, f.game_date
        FROM final f JOIN offense o ON o.game_id = f.game_id AND o.game_date = f.game_date AND o.win_flag
        WHERE game_type = '{game_type}' ORDER BY f.game_date, f.game_id
        """
    )


def _series(season: Season) -> dict[frozenset[str], list[tuple[str, str, object]]]:
    """Home team, winner and date of each game, by the two teams."""
    series: dict[frozenset[str], list[tuple[str, str, object]]] = {}
    for home, away, winner, date in _games(season, "playoffs"):
        series.setdefault(frozenset((home, away)), []).append((home, winner, date))
    return series


def test_play_in_has_six_games_between_the_seventh_to_tenth(season: Season) -> None:
    games = _games(season, "play_in")
    assert len(games) == 6
    wins = _regular_wins(season)
    for conference in (EAST, set(TRICODES) - EAST):
        played = [game for game in games if game[0] in conference]
        assert len(played) == 3
        teams = {team for home, away, _, _ in played for team in (home, away)}
        assert len(teams) == 4
        ranked = sorted((wins[team] for team in conference), reverse=True)
        assert sorted((wins[team] for team in teams), reverse=True) == ranked[6:10]
        # The third game is between the loser of the better pair and the winner of the other.
        better = max(played[:2], key=lambda game: max(wins[game[0]], wins[game[1]]))
        other = next(game for game in played[:2] if game is not better)
        loser = better[0] if better[2] == better[1] else better[1]
        assert (played[2][0], played[2][1]) == (loser, other[2])


def test_fifteen_series_stop_at_four_wins(season: Season) -> None:
    series = _series(season)
    assert len(series) == 15
    for games in series.values():
        winners = [winner for _, winner, _ in games]
        last = winners[-1]
        assert 4 <= len(winners) <= 7
        assert winners.count(last) == 4
        assert all(winners.count(team) < 4 for team in set(winners) - {last})


def test_series_alternate_homes_and_never_play_on_consecutive_days(season: Season) -> None:
    for games in _series(season).values():
        homes = [home for home, _, _ in games]
        better = homes[0]
        expected = [True, True, False, False, True, False, True][: len(homes)]
        assert [home == better for home in homes] == expected
        dates = [date for _, _, date in games]
        assert all((after - before).days >= 2 for before, after in pairwise(dates))  # type: ignore[operator]


def test_bracket_of_sixteen_where_losers_are_out(season: Season) -> None:
    series = sorted(_series(season).items(), key=lambda item: str(item[1][0][2]))
    alive = {team for teams, _ in series for team in teams}
    assert len(alive) == 16
    assert len(alive & EAST) == 8
    for expected in (16, 8, 4, 2):
        round_, series = series[: expected // 2], series[expected // 2 :]
        assert {team for teams, _ in round_ for team in teams} == alive
        assert len(alive) == expected
        if expected > 2:
            assert all(len(teams & EAST) in (0, 2) for teams, _ in round_)
        alive = {games[-1][1] for _, games in round_}


def test_the_best_six_of_each_conference_qualify_directly(season: Season) -> None:
    wins = _regular_wins(season)
    for conference in (EAST, set(TRICODES) - EAST):
        qualified = {team for teams in _series(season) for team in teams} & conference
        through_play_in = {team for home, away, _, _ in _games(season, "play_in") for team in (home, away)}
        direct = qualified - through_play_in
        assert len(direct) == 6
        assert min(wins[team] for team in direct) >= max(wins[team] for team in conference - direct)


def test_post_season_follows_the_regular_season_and_ends_in_june(season: Season) -> None:
    last_regular = season.value("SELECT max(game_date) FROM regular")
    first_play_in, last_play_in = season.row(
        "SELECT min(game_date), max(game_date) FROM final WHERE game_type = 'play_in'"
    )
    first_playoff, last_playoff = season.row(
        "SELECT min(game_date), max(game_date) FROM final WHERE game_type = 'playoffs'"
    )
    assert last_regular < first_play_in <= last_play_in < first_playoff
    assert (last_playoff.month, last_playoff.year) in (
        (5, season.season_year + 1),
        (6, season.season_year + 1),
    )
    assert last_playoff.month == 6 or last_playoff.day > 25
