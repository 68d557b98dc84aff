"""Unusable numbers: NaN, infinity, -0, and NULL zone counts (contract, sections 1 and 2)."""

from __future__ import annotations

import math

import pytest

from nba_precompute.tables import SOURCES
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    CONTEXT_TABLES,
    DEFENSE,
    GAMES,
    LAST,
    MLFS,
    OFFENSE,
    PCF,
    PDC,
    PSZA,
    TABLES,
    TDZA,
    Result,
    change,
    copied,
    dates_of,
)
from nba_precompute_tests.bad_input.one_run import Scenario, in_one_run, of
from nba_precompute_tests.support.league import Rows

FLOATS = {
    source: [column.name for column in SOURCES[source].columns if column.type == "FLOAT64"]
    for source in (GAMES, DEFENSE, OFFENSE, CONTEXT)
}
ZONES = ("paint", "mid_range", "three_pt")
COUNTS = [f"{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")]


def with_floats(rows: Rows, value: float | None) -> Rows:
    """Put the value in every FLOAT64 column of every source, each in games of its own."""
    result = copied(rows)
    for source, where in (
        (GAMES, "player_lookup"),
        (DEFENSE, "defending_team_abbr"),
        (OFFENSE, "team_abbr"),
        (CONTEXT, "player_lookup"),
    ):
        for i, column in enumerate(FLOATS[source]):
            team = ("ATL", "BOS", "CHI")[i]
            entity = f"{team.lower()}player1" if where == "player_lookup" else team
            dates = [LAST] if source == CONTEXT else dates_of(team)[-4::2]
            for date in dates:
                change(result, source, {where: entity, "game_date": date}, **{column: value})
    return result


def test_the_sources_have_float_columns() -> None:
    """The tests below damage every declared FLOAT64 column."""
    assert {column for columns in FLOATS.values() for column in columns} == {
        "minutes_played",
        "usage_rate",
        "ts_pct",
        "defensive_rating",
        "opponent_pace",
        "possessions",
        "pace",
        "offensive_rating",
        "projected_usage_rate",
    }


@in_one_run
def test_nan_and_infinity_are_null(league: Rows, baseline: Result) -> Scenario:
    """In every FLOAT64 column of every source they give the same result as NULL."""
    values = (None, math.nan, math.inf, -math.inf)
    null, *others = yield of(*(with_floats(league, value) for value in values))
    for other in others:
        assert other.differences_to(null) == []
    # It is seen: minutes unknown, ...
    assert null.of(PDC)["atlplayer1"]["minutes_avg_season"] == 37.3  # the mean of the others
    assert null.of(PDC)["atlplayer1"]["minutes_in_last_7_days"] == pytest.approx(2 * 37.3)
    for table, entity, column in (
        (PDC, "bosplayer1", "usage_rate_last_10"),
        (PDC, "chiplayer1", "ts_pct_last_10"),
        (TDZA, "ATL", "defensive_rating_last_15"),
        (TDZA, "BOS", "opponent_pace"),
        (PDC, "bosplayer2", "team_pace_last_10"),
        (PDC, "chiplayer2", "team_off_rating_last_10"),
        (PCF, "atlplayer1", "recent_usage_rate"),
    ):
        assert null.of(table)[entity][column] != baseline.of(table)[entity][column]
        assert null.of(table)[entity][column] is not None


@in_one_run
def test_negative_zero_is_zero(league: Rows) -> Scenario:
    """-0 becomes 0 when a source is read: no stored value is -0, and no text or hash depends on it."""
    minus, plus = yield of(with_floats(league, -0.0), with_floats(league, 0.0))
    assert minus.differences_to(plus) == []
    # Nobody who is on court for -0 minutes played.
    assert minus.of(PDC)["atlplayer1"]["games_played_season"] == len(dates_of("ATL")) - 2
    for table in TABLES:
        for row in minus.of(table).values():
            for column, value in row.items():
                for number in value if isinstance(value, list) else [value]:
                    if isinstance(number, float):
                        assert math.isfinite(number), f"{table}.{column}"
                        assert number or math.copysign(1, number) > 0, f"{table}.{column} is -0"


@in_one_run
def test_unknown_zone_counts(league: Rows, baseline: Result) -> Scenario:
    """A game with a NULL count is left out of the zone sums, which are NULL if no game is left."""
    some, everything = copied(league), copied(league)
    newest = dates_of("DEN")[-3:]
    for date, column in zip(newest, ("paint_makes", "mid_range_attempts", "three_pt_makes"), strict=True):
        change(some, GAMES, {"player_lookup": "denplayer1", "game_date": date}, **{column: None})
        change(
            some,
            DEFENSE,
            {"defending_team_abbr": "LAL", "game_date": dates_of("LAL")[-1]},
            opp_paint_makes=None,
        )
    change(everything, GAMES, {"player_lookup": "denplayer1"}, **dict.fromkeys(COUNTS))
    opponent = baseline.of(PCF)["denplayer2"]["opponent_team_abbr"]
    change(everything, DEFENSE, {"defending_team_abbr": opponent}, **{f"opp_{column}": None for column in COUNTS})
    null_league = copied(league)
    change(null_league, GAMES, {}, **dict.fromkeys(COUNTS))
    change(null_league, DEFENSE, {}, **{f"opp_{column}": None for column in COUNTS})

    partly, wholly, nobody = yield of(some, everything, null_league)

    shots = partly.of(PSZA)["denplayer1"]
    assert (shots["zone_games_10"], shots["games_in_sample_10"]) == (7, 10)
    assert shots["data_quality_issues"] == ["zone_data_missing"]
    assert shots["is_production_ready"] is True
    assert sum(shots[f"{zone}_rate_last_10"] for zone in ZONES) == pytest.approx(100, abs=1e-3)
    defense = partly.of(TDZA)["LAL"]
    assert defense["data_quality_issues"] == ["zone_data_missing"]
    assert defense["paint_pct_allowed_last_15"] != baseline.of(TDZA)["LAL"]["paint_pct_allowed_last_15"]
    for column in (
        "mid_range_pct_allowed_last_15",
        "paint_blocks_per_game",
        "three_pt_attempts_allowed_per_game",
    ):
        assert defense[column] == baseline.of(TDZA)["LAL"][column]

    shots = wholly.of(PSZA)["denplayer1"]
    assert (shots["zone_games_10"], shots["games_in_sample_10"]) == (0, 10)
    for column in (
        "total_shots_last_10",
        "primary_scoring_zone",
        "paint_rate_last_10",
        "three_pt_pct_last_10",
    ):
        assert shots[column] is None
    defense = wholly.of(TDZA)[opponent]
    for column in (
        "paint_pct_allowed_last_15",
        "mid_range_defense_vs_league_avg",
        "strongest_zone",
        "weakest_zone",
    ):
        assert defense[column] is None
    assert defense["paint_blocks_per_game"] is not None
    factors = wholly.of(PCF)["denplayer1"]
    assert factors["missing_inputs"] == ["shot_zones", "team_defense"]
    assert factors["shot_zone_mismatch_score"] is None
    # His team mates know their zone, but not the opponent's defense of it.
    assert wholly.of(PCF)["denplayer2"]["missing_inputs"] == ["team_defense"]
    features = wholly.of(MLFS)["denplayer1"]
    assert features["pct_paint"] is None
    assert features["features"][18:21] == [0.30, 0.20, 0.35]
    assert features["feature_sources"][18:21] == ["default"] * 3
    assert features["is_quality_ready"] is False
    assert features["required_default_count"] == 4  # the three shares and the mismatch

    for table in CONTEXT_TABLES:
        assert nobody.of(table).keys() == baseline.of(table).keys()
        assert nobody.reasons(table) == baseline.reasons(table)
    for row in nobody.of(TDZA).values():
        assert row["strongest_zone"] is None
        assert row["data_quality_issues"] == ["zone_data_missing"]
    # Zones say nothing about coverage.
    assert {row["missing_games_count"] for table in TABLES for row in nobody.of(table).values()} == {0}


@in_one_run
def test_zones_that_disagree_with_the_field_goals_are_unknown(league: Rows, baseline: Result) -> Scenario:
    """As if all six were NULL, below 80 % and above 120 %; the game counts, and covers its team (case 09)."""
    name, newest = "denplayer1", dates_of("DEN")[-4:]
    unknown, within = copied(league), copied(league)
    for date, paint in zip(newest, (0, 15, 25, 100), strict=True):
        where = {"player_lookup": name, "game_date": date}
        shots = {"fg_attempts": 20, "mid_range_attempts": 0, "three_pt_attempts": 0}
        change(league, GAMES, where, **shots, paint_attempts=paint)
        change(unknown, GAMES, where, **shots, **dict.fromkeys(set(COUNTS) - shots.keys()))
        change(within, GAMES, where, **shots, paint_attempts=16 if paint < 20 else 24)
    disagreeing, null, agreeing = yield of(league, unknown, within)
    assert disagreeing.differences_to(null) == []
    shots = disagreeing.of(PSZA)[name]
    assert (shots["zone_games_10"], shots["games_in_sample_10"]) == (6, 10)
    assert shots["data_quality_issues"] == ["zone_data_missing"]
    assert disagreeing.of(PDC)[name]["games_played_season"] == baseline.of(PDC)[name]["games_played_season"]
    assert {row["missing_games_count"] for row in disagreeing.of(TDZA).values()} == {0}
    assert agreeing.of(PSZA)[name]["zone_games_10"] == 10
    text = (
        f"rows of {GAMES} with zone attempts that cannot be those of their field goals: 4 (e.g. {name} on {newest[0]})"
    )
    for table in TABLES:
        assert disagreeing.record(table).source_findings == text
        assert disagreeing.record(table).source_rows_set_aside == 0
        assert agreeing.record(table).source_findings == ""


@in_one_run
def test_points_and_minutes_that_are_unknown(league: Rows) -> Scenario:
    """NULL minutes: played if there was a shot or a point. NULL points: the game is uncovered."""
    newest = dates_of("MIA")[-1]
    box = {"game_date": newest, "team_abbr": "MIA"}
    change(league, GAMES, box | {"player_lookup": "miaplayer1"}, minutes_played=None)
    change(
        league,
        GAMES,
        box | {"player_lookup": "miaplayer2"},
        minutes_played=None,
        fg_attempts=0,
        ft_attempts=0,
        points=None,
    )
    change(league, GAMES, {"player_lookup": "chiplayer1", "game_date": dates_of("CHI")[-1]}, points=None)
    (result,) = yield of(league)
    played = len(dates_of("MIA"))
    assert result.of(PDC)["miaplayer1"]["games_played_season"] == played
    assert result.of(PDC)["miaplayer2"]["games_played_season"] == played - 1
    assert result.of(TDZA)["MIA"]["missing_games_count"] == 1
    assert result.of(TDZA)["CHI"]["missing_games_count"] == 1
    assert result.of(PDC)["chiplayer1"]["days_rest"] == (LAST - dates_of("CHI")[-1]).days
