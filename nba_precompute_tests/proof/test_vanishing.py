"""A row of an entity that left the population disappears from its date; other dates are never touched."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nba_precompute.tables import TABLES
from nba_precompute_tests.proof.seasons import Seasons
from nba_precompute_tests.support.league import execute, hashes, run, written_at

D = dt.date.fromisoformat

CONTEXT = "nba_analytics.upcoming_player_game_context"
LISTED = ("player_composite_factors", "player_daily_cache", "ml_feature_store_v2")
"""The tables whose population is the context of the date."""


@pytest.mark.slow
def test_who_is_no_longer_listed_disappears_from_that_date_only(seasons: Seasons, tmp_path: Path) -> None:
    season, date = seasons.real(2021), D("2022-01-12")
    around = [date + dt.timedelta(days=n) for n in range(-2, 3)]
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    with_games = min(key[2] for key in before if key[:2] == ("player_daily_cache", date))
    assert before["player_daily_cache", date, with_games] != "NO_PRIOR_GAMES"
    without = min(
        key[2]
        for key, value in before.items()
        if key[:2] == ("player_shot_zone_analysis", date) and value == "NO_PRIOR_GAMES"
    )
    execute(
        own,
        f"DELETE FROM {CONTEXT} WHERE game_date = '{date}' AND player_lookup IN ('{with_games}', '{without}')",
    )
    outcomes = run(own, around)

    gone = {(name, date, player) for name in LISTED for player in (with_games, without)}
    gone.add(("player_shot_zone_analysis", date, without))  # known by nothing but the context
    assert gone <= before.keys()
    assert hashes(own) == {key: value for key, value in before.items() if key not in gone}
    assert written_at(own) == {key: value for key, value in times.items() if key not in gone}
    for name, outcome in outcomes.items():
        deleted = sum(key[0] == name and key in times for key in gone)
        assert outcome.merged.deleted == outcome.merged.written == deleted
        assert {partition.date for partition in outcome.partitions.values() if partition.deleted} == (
            {date} if deleted else set()
        )


@pytest.mark.slow
def test_a_team_that_leaves_the_schedule_disappears(seasons: Seasons, tmp_path: Path) -> None:
    """Its box scores are still there, but no population has the team; other dates keep their rows."""
    season, date, other = seasons.real(2021), D("2021-11-03"), D("2021-11-05")
    own = season.copy(tmp_path)
    before = hashes(own)
    execute(
        own,
        "UPDATE nba_raw.nbac_schedule SET game_status = 4 WHERE 'BOS' IN (home_team_tricode, away_team_tricode)",
    )
    run(own, [date], [TABLES["team_defense_zone_analysis"]])
    after = hashes(own)
    assert before.keys() - after.keys() == {("team_defense_zone_analysis", date, "BOS")}
    assert ("team_defense_zone_analysis", other, "BOS") in after
    changed = {key for key in after if after[key] != before[key]}
    assert {key[:2] for key in changed} <= {("team_defense_zone_analysis", date)}


@pytest.mark.slow
def test_rows_outside_the_dates_of_the_run_are_never_touched(seasons: Seasons, tmp_path: Path) -> None:
    """Foreign rows and failures stay on neighboring dates, also between two dates of the run, and go on its own."""
    season = seasons.real(2021)
    dates = [D("2021-12-13"), D("2021-12-15"), D("2021-12-16")]
    neighbors = [D("2021-12-12"), D("2021-12-14"), D("2021-12-17"), D("2021-11-25"), D("2022-12-15")]
    own = season.copy(tmp_path)
    clean = hashes(own)
    for table in TABLES.values():
        name = f"{table.dataset}.{table.name}"
        for date in dates + neighbors:
            execute(
                own,
                f"INSERT INTO {name} SELECT * REPLACE ('foreign' AS {table.entity_column}, "
                f"DATE '{date}' AS {table.date_column}) "
                f"FROM {name} WHERE {table.date_column} = '2021-12-14' LIMIT 1",
                "INSERT INTO nba_precompute.precompute_failures VALUES "
                f"('{table.name}', '{date}', 'foreign failure', 'NO_PRIOR_GAMES', 'planted', now())",
            )
    execute(
        own,
        "INSERT INTO nba_precompute.precompute_failures VALUES "
        f"('of another table', '{dates[0]}', 'foreign failure', 'NO_PRIOR_GAMES', 'planted', now())",
    )
    planted, times = hashes(own), written_at(own)
    assert len(planted) == len(clean) + 2 * 5 * 8 + 1
    run(own, dates)

    foreign = {key for key in planted if key[2].startswith("foreign") and key[1] in dates and key[0] in TABLES}
    assert hashes(own) == {key: value for key, value in planted.items() if key not in foreign}
    assert written_at(own) == {key: value for key, value in times.items() if key not in foreign}
