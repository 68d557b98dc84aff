"""Every business column of the five tables, and every failure, equals what the oracle computes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute_tests.oracle import Oracle
from nba_precompute_tests.proof.agreement import differences, findings_of, report
from nba_precompute_tests.proof.dirt import dirty
from nba_precompute_tests.proof.seasons import COUNTED, PublishedSeason, Seasons
from nba_precompute_tests.support.league import days, execute, new_warehouse, real_tables, run, to_rows, to_tables

D = dt.date.fromisoformat

REAL_DATES = {
    2021: {
        "first night": D("2021-10-19"),
        "second night": D("2021-10-20"),
        "second week": D("2021-10-27"),
        "early": D("2021-11-12"),
        "no game: Thanksgiving": D("2021-11-25"),
        "after Thanksgiving": D("2021-11-26"),
        "Christmas": D("2021-12-25"),
        "mid-season": D("2022-01-12"),
        "trade deadline": D("2022-02-10"),
        "after the deadline": D("2022-02-11"),
        "no game: All-Star break": D("2022-02-19"),
        "after the break": D("2022-02-24"),
        "late": D("2022-03-15"),
        "last day": D("2022-04-10"),
    },
    2022: {
        "first night": D("2022-10-18"),
        "second night": D("2022-10-19"),
        "second week": D("2022-10-26"),
        "early": D("2022-11-12"),
        "no game: Thanksgiving": D("2022-11-24"),
        "after Thanksgiving": D("2022-11-25"),
        "Christmas": D("2022-12-25"),
        "mid-season": D("2023-01-11"),
        "trade deadline": D("2023-02-09"),
        "after the deadline": D("2023-02-10"),
        "no game: All-Star break": D("2023-02-18"),
        "after the break": D("2023-02-23"),
        "late": D("2023-03-15"),
        "last day": D("2023-04-09"),
    },
}


def _simulated_dates(season: PublishedSeason) -> dict[str, dt.date]:
    """Kinds of days that only a simulated season has."""

    def first(condition: str) -> dt.date:
        return season.ask(f"SELECT MIN(game_date) FROM games WHERE {condition}")[0][0]

    with season.warehouse.reading("test") as session:
        fallback = session.query(
            "SELECT MAX(analysis_date) AS d FROM `nba_precompute.team_defense_zone_analysis` "
            "WHERE league_avg_source = 'season'"
        )[0]["d"]
    return {
        "first night": season.game_dates[0],
        "second night": season.game_dates[1],
        "a game called off": first(f"game_status = 4 AND game_date IN (SELECT game_date FROM games WHERE {COUNTED})"),
        "mid-season": season.game_dates[80],
        "no game: All-Star": first("game_type = 'all_star'"),
        "after the deadline": D("2022-02-11"),
        "play-in": first("game_type = 'play_in'"),
        "play-offs": first("game_type = 'playoffs'"),
        "league average of the season": fallback,
        "last day": season.game_dates[-1],
    }


def _assert_agreement(season: PublishedSeason, dates: dict[str, dt.date]) -> None:
    oracle = Oracle(season.rows)
    found = []
    for what, date in dates.items():
        assert (date not in season.game_dates) == what.startswith("no game"), (what, date)
        cells, differing = differences(season.warehouse, oracle, date)
        assert (cells == 0) == what.startswith("no game"), f"{what} {date}: {cells} cells"
        found += differing
    assert not found, report(found)


@pytest.mark.slow
def test_the_comparison_finds_a_single_cell(seasons: Seasons, tmp_path: Path) -> None:
    """One wrong cell, one row that should not be, and one failure too few: all three are named."""
    season, date = seasons.real(2021), D("2021-10-20")
    own, oracle = season.copy(tmp_path), Oracle(season.rows)
    cells, found = differences(own, oracle, date)
    assert (cells > 1000, found) == (True, [])
    player = min(oracle.day(date).rows["player_composite_factors"])
    execute(
        own,
        "UPDATE nba_precompute.player_composite_factors SET fatigue_score = 99 "
        f"WHERE game_date = '{date}' AND player_lookup = '{player}'",
        "INSERT INTO nba_predictions.ml_feature_store_v2 SELECT * REPLACE ('nobody' AS player_lookup) "
        f"FROM nba_predictions.ml_feature_store_v2 WHERE game_date = '{date}' LIMIT 1",
        "DELETE FROM nba_precompute.precompute_failures "
        f"WHERE table_name = 'team_defense_zone_analysis' AND as_of_date = '{date}' AND entity_id = 'BOS'",
    )
    _, found = differences(own, oracle, date)
    assert [difference[:1] + difference[2:4] for difference in found] == [
        ("team_defense_zone_analysis", "BOS", "failure reason"),
        ("player_composite_factors", player, "fatigue_score"),
        ("player_composite_factors", player, "data_hash"),
        ("ml_feature_store_v2", "nobody", "the row"),
    ], report(found)


@pytest.mark.slow
@pytest.mark.parametrize("year", sorted(REAL_DATES))
def test_real_seasons(seasons: Seasons, year: int) -> None:
    assert len(REAL_DATES[year]) >= 12
    _assert_agreement(seasons.real(year), REAL_DATES[year])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_simulated_seasons(seasons: Seasons, seed: int) -> None:
    season = seasons.simulated(seed)
    dates = _simulated_dates(season)
    assert dates["league average of the season"] > dates["play-offs"]
    _assert_agreement(season, dates)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("season", "first", "last"), [("real", "2021-10-19", "2021-11-26"), ("simulated", "2022-04-09", "2022-05-08")]
)
def test_damaged_sources(tmp_path: Path, season: str, first: str, last: str) -> None:
    """The two agree even with every kind of source error at once."""
    phase3 = real_tables(2021) if season == "real" else simulate_season(2021, 0)
    rows = dirty(
        {
            name: [row for row in rows if name == "nbac_schedule" or row["game_date"] <= D(last)]
            for name, rows in to_rows(phase3).items()
        },
        seed=2,
    )
    warehouse = new_warehouse(tmp_path / "damaged.duckdb", to_tables(rows))
    oracle, found, reasons = Oracle(rows), [], set()
    dates = [date for date in days(D(first), D(last))[::5] if oracle.refusal(date) is None]
    run(warehouse, dates)
    for date in dates:
        found += differences(warehouse, oracle, date)[1]
        reasons |= {reason for failures in oracle.day(date).failures.values() for reason in failures.values()}
    assert len(dates) > 4
    assert reasons == {"NO_PRIOR_GAMES", "AMBIGUOUS_PLAYER", "CONTEXT_INVALID"}
    assert not found, report(found)
    span = days(D(first), D(last))
    assert findings_of(warehouse, span) == oracle.findings_on(span)
