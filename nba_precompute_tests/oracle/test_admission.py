"""Admission and identity (contract, section 2a) in the tiny league, worked out by hand."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from nba_precompute_tests.oracle import TABLES, Day, Oracle
from nba_precompute_tests.oracle.admission import Calendar, effective_schedule
from nba_precompute_tests.oracle.tiny_league import (
    STAR,
    Phase3,
    Row,
    box_score,
    change,
    context,
    defense,
    game,
    offense,
    tiny_league,
)

DEFENSE, SHOTS, COMPOSITE, CACHE, FEATURES = TABLES
CONTEXT_TABLES = (COMPOSITE, CACHE, FEATURES)
PLAYERS, LISTED, SCHEDULE = "player_game_summary", "upcoming_player_game_context", "nbac_schedule"

TONIGHT = dt.date(2021, 12, 1)
GAMES = [TONIGHT - dt.timedelta(days=days) for days in range(20, 0, -2)]
"""Ten games, the newest two days before tonight. `aaa1` scores 10, 12, ..., 28."""
OFF_DAY = GAMES[6] + dt.timedelta(days=1)
PRESEASON = GAMES[0] - dt.timedelta(days=10)
NEWEST = GAMES[-1]
LATE = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def league() -> Phase3:
    return tiny_league(GAMES, TONIGHT)


def tonight(league: Phase3) -> Day:
    return Oracle(league).day(TONIGHT)


def of(key: str, *dates: dt.date) -> Any:
    return lambda row: row["player_lookup"] == key and (not dates or row["game_date"] in dates)


def star_of(date: dt.date, points: int = 99, **values: Any) -> Row:
    return box_score(date, "AAA", 1, points, **values)


# --- Rows that are set aside ------------------------------------------------------------------------------


MOVED = f"game-{GAMES[2]}"


@pytest.mark.parametrize(
    ("kind", "row", "schedule"),
    [
        pytest.param("blank_key", star_of(NEWEST, player_lookup=None), [], id="no key"),
        pytest.param("blank_key", star_of(NEWEST, player_lookup=""), [], id="empty key"),
        pytest.param("blank_key", star_of(NEWEST, player_lookup="  "), [], id="key of spaces"),
        pytest.param("blank_key", star_of(NEWEST, team_abbr=None), [], id="no team"),
        pytest.param("blank_key", star_of(NEWEST, team_abbr=" "), [], id="team of spaces"),
        pytest.param("blank_key", star_of(NEWEST, team_abbr="", season_year=2020), [], id="the first rule counts"),
        pytest.param("wrong_season", star_of(NEWEST, season_year=2020), [], id="the season before"),
        pytest.param("wrong_season", star_of(NEWEST, season_year=22021), [], id="another league's season"),
        pytest.param("not_counting", star_of(PRESEASON), [], id="before the first game"),
        pytest.param("not_counting", star_of(OFF_DAY), [game(OFF_DAY, game_type="preseason")], id="preseason"),
        pytest.param("not_counting", star_of(OFF_DAY), [game(OFF_DAY, game_type="cup_final")], id="Cup final"),
        pytest.param("not_counting", star_of(OFF_DAY), [game(OFF_DAY, game_status=4)], id="called off"),
        pytest.param(
            "not_counting",
            star_of(OFF_DAY, team_abbr="EST"),
            [game(OFF_DAY, game_type="all_star", home_team_tricode="EST", away_team_tricode="WST")],
            id="All-Star",
        ),
        pytest.param(
            "not_counting",
            star_of(OFF_DAY, team_abbr="CCC", game_id="exhibition"),
            [game(OFF_DAY, game_id="exhibition", game_type="preseason")],
            id="another team code, but the game of a scheduled one that does not count",
        ),
        pytest.param(
            "not_counting",
            star_of(OFF_DAY, game_id="of another id"),
            [game(OFF_DAY, game_id=MOVED, game_status=1)],
            id="the place that a moved game left",
        ),
        pytest.param("not_counting", star_of(OFF_DAY, game_id=MOVED), [], id="a game of another date"),
        pytest.param("not_counting", star_of(NEWEST, game_id=MOVED), [], id="a game of another date, on a game date"),
        pytest.param("off_schedule", star_of(NEWEST, team_abbr="CCC", game_id="?"), [], id="unknown team and game"),
        pytest.param("off_schedule", star_of(NEWEST, team_abbr="CCC", game_id=None), [], id="unknown team, no game"),
        pytest.param("off_schedule", star_of(OFF_DAY, game_id="?"), [], id="nobody plays that day"),
    ],
)
def test_a_row_that_is_set_aside_changes_nothing(league: Phase3, kind: str, row: Row, schedule: list[Row]) -> None:
    """It is newer than the player's own row of the date, if there is one: duplicates are dropped afterwards."""
    before = tonight(copy.deepcopy(league))
    league[SCHEDULE] += schedule
    assert tonight(league) == before
    league[PLAYERS].append(row | {"processed_at": LATE})
    oracle = Oracle(league)
    assert oracle.findings - Oracle({**league, PLAYERS: league[PLAYERS][:-1]}).findings == {
        (PLAYERS, row["game_date"], kind): 1
    }
    assert oracle.day(TONIGHT) == before


def test_a_row_without_a_date_is_counted_under_none(league: Phase3) -> None:
    league[PLAYERS].append(star_of(NEWEST, game_date=None))
    assert Oracle(league).findings == {(PLAYERS, None, "blank_key"): 1}


def test_an_unknown_season_or_game_is_no_objection(league: Phase3) -> None:
    before = tonight(copy.deepcopy(league))
    for name in (PLAYERS, LISTED, "team_offense_game_summary", "team_defense_game_summary", SCHEDULE):
        change(league[name], lambda row: True, season_year=None)
    change(league[PLAYERS], lambda row: True, game_id=None)
    oracle = Oracle(league)
    assert (oracle.day(TONIGHT), oracle.findings) == (before, {})


def test_a_foreign_team_code_in_a_counting_game_is_admitted(league: Phase3) -> None:
    """The row is the player's, and the side of his team lacks it."""
    change(league[PLAYERS], of(STAR, NEWEST), team_abbr="CCC")
    oracle = Oracle(league)
    row = oracle.day(TONIGHT).rows[CACHE][STAR]
    assert (row["points_avg_season"], row["actual_games_count"]) == (19.0, 9)
    assert oracle.findings == {}


def test_team_rows_are_set_aside_as_well(league: Phase3) -> None:
    before = tonight(copy.deepcopy(league))
    points = {"AAA": 300, "BBB": 300}
    for make, column, name in (
        (offense, "team_abbr", "team_offense_game_summary"),
        (defense, "defending_team_abbr", "team_defense_game_summary"),
    ):
        rows = [
            make(NEWEST, "AAA", points) | {column: ""},
            make(NEWEST, "AAA", points) | {"season_year": 2020},
            make(PRESEASON, "AAA", points),
            make(NEWEST, "AAA", points) | {"game_id": MOVED},
            make(NEWEST, "AAA", points) | {"game_id": "?", column: "CCC"},
        ]
        league[name] += [row | {"processed_at": LATE} for row in rows]
        oracle = Oracle(league)
        assert {key: count for key, count in oracle.findings.items() if key[0] == name} == {
            (name, NEWEST, "blank_key"): 1,
            (name, NEWEST, "wrong_season"): 1,
            (name, PRESEASON, "not_counting"): 1,
            (name, NEWEST, "not_counting"): 1,
            (name, NEWEST, "off_schedule"): 1,
        }
    assert oracle.day(TONIGHT) == before


def test_the_context_of_a_game_date(league: Phase3) -> None:
    """Only its key and its season are asked; a team off the slate or a blank one is a failure with a reason."""
    before = tonight(copy.deepcopy(league))
    league[LISTED] += [
        context(TONIGHT, "AAA", 6, player_lookup=" "),
        context(TONIGHT, "AAA", 6, season_year=2020),
        context(TONIGHT, "AAA", 7, team_abbr="CCC", game_id="?"),
        context(TONIGHT, "AAA", 8, team_abbr=" "),
        context(TONIGHT, "AAA", 9, opponent_team_abbr=None, game_id=MOVED),
    ]
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    for table in CONTEXT_TABLES:
        assert day.rows[table] == before.rows[table]
        assert day.failures[table] == dict.fromkeys(("aaa7", "aaa8", "aaa9"), "CONTEXT_INVALID")
    assert oracle.findings == {(LISTED, TONIGHT, "blank_key"): 1, (LISTED, TONIGHT, "wrong_season"): 1}


def test_the_context_of_a_date_without_a_game(league: Phase3) -> None:
    league[SCHEDULE].append(game(OFF_DAY, game_status=4))
    league[LISTED] += [
        context(OFF_DAY, "AAA", 1),
        context(OFF_DAY, "AAA", 2, team_abbr=None),
        context(OFF_DAY, "AAA", 3, team_abbr="CCC", game_id=MOVED),
        context(PRESEASON, "AAA", 4, team_abbr="", game_id="?"),
    ]
    oracle = Oracle(league)
    assert oracle.findings == {(LISTED, OFF_DAY, "not_counting"): 3, (LISTED, PRESEASON, "not_counting"): 1}
    assert oracle.refusal(OFF_DAY) is None
    league[LISTED].append(context(OFF_DAY, "AAA", 5, team_abbr="CCC", game_id="?"))
    oracle = Oracle(league)
    assert oracle.findings[LISTED, OFF_DAY, "off_schedule"] == 1
    assert oracle.refusal(OFF_DAY) == f"no counting game, but rows off schedule in {LISTED}"


# --- The schedule -----------------------------------------------------------------------------------------


def test_effective_schedule() -> None:
    later = TONIGHT + dt.timedelta(days=7)
    rows = [
        game(TONIGHT, game_id="moved", game_status=1),
        game(later, game_id="moved", game_status=4),
        game(TONIGHT, game_id="twice", game_status=1),
        game(TONIGHT, game_id="twice", game_status=3),
        game(later, game_id="twice", game_status=None),
        game(TONIGHT, game_id="later", game_status=1),
        game(later, game_id="later", game_status=1),
        game(TONIGHT, game_id="codes", home_team_tricode="CCC"),
        game(TONIGHT, game_id="codes"),
        game(TONIGHT, game_id="off", game_status=4),
        game(TONIGHT, game_id="untyped", game_type=None),
        # The type is asked of the effective row alone.
        game(TONIGHT, game_id="retyped", game_status=1),
        game(TONIGHT, game_id="retyped", game_status=3, game_type="cup_final"),
    ]
    assert {
        (row["game_id"], row["game_date"], row["game_status"], row["home_team_tricode"])
        for row in effective_schedule(rows)
    } == {
        ("moved", TONIGHT, 1, "AAA"),
        ("twice", TONIGHT, 3, "AAA"),
        ("later", later, 1, "AAA"),
        ("codes", TONIGHT, 3, "CCC"),
        ("off", TONIGHT, 4, "AAA"),
        ("untyped", TONIGHT, 3, "AAA"),
        ("retyped", TONIGHT, 3, "AAA"),
    }
    calendar = Calendar.of(rows)
    assert {row["game_id"] for row in calendar.counting_games} == {"moved", "twice", "later", "codes"}
    assert calendar.first_date == TONIGHT


def test_schedule_rows_that_are_set_aside(league: Phase3) -> None:
    """A Cup game without teams is no game, and no 31st team plays."""
    before = tonight(copy.deepcopy(league))
    league[SCHEDULE] += [
        game(OFF_DAY, game_id="undrawn", home_team_tricode="", away_team_tricode=""),
        game(OFF_DAY, game_id="half drawn", home_team_tricode=None),
        game(OFF_DAY, game_id=" "),
        game(OFF_DAY, game_id="last season's", season_year=2020),
    ]
    oracle = Oracle(league)
    assert oracle.findings == {(SCHEDULE, OFF_DAY, "blank_key"): 3, (SCHEDULE, OFF_DAY, "wrong_season"): 1}
    assert oracle.day(TONIGHT) == before
    # Such a row explains nothing.
    league[PLAYERS].append(star_of(OFF_DAY, game_id="half drawn"))
    assert Oracle(league).findings[PLAYERS, OFF_DAY, "off_schedule"] == 1


@pytest.mark.parametrize("game_type", [None, "", "pre_season", "Playoffs"])
def test_a_type_out_of_the_closed_set_does_not_count(league: Phase3, game_type: str | None) -> None:
    change(league[SCHEDULE], lambda row: row["game_date"] == NEWEST, game_type=game_type)
    oracle = Oracle(league)
    assert oracle.findings[SCHEDULE, NEWEST, "unknown_game_type"] == 1
    assert oracle.findings[PLAYERS, NEWEST, "not_counting"] == 10
    assert oracle.day(TONIGHT).rows[CACHE][STAR]["games_played_season"] == 9


# --- Zones ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fg_attempts", "paint", "disagree"),
    [
        (20, 4, False),
        (20, 12, False),
        (20, 3, True),
        (20, 13, True),
        (None, 99, False),
        (20, None, False),
        (0, 0, True),
    ],
)
def test_zones_that_do_not_add_up_to_field_goals(
    league: Phase3, fg_attempts: int | None, paint: int | None, disagree: bool
) -> None:
    """With 4 from mid-range and 8 threes: 16 to 24 of 20 agree."""
    change(league[PLAYERS], of(STAR, NEWEST), fg_attempts=fg_attempts, paint_attempts=paint)
    oracle = Oracle(league)
    assert oracle.findings == ({(PLAYERS, NEWEST, "zones_disagree"): 1} if disagree else {})
    day = oracle.day(TONIGHT)
    row = day.rows[SHOTS][STAR]
    unknown = disagree or paint is None
    assert (row["games_in_sample_10"], row["zone_games_10"]) == (10, 9 if unknown else 10)
    assert row["data_quality_issues"] == (["zone_data_missing"] if unknown else [])
    assert day.rows[CACHE][STAR]["points_avg_season"] == 19.0


def test_a_player_without_an_attempt_has_agreeing_zones(league: Phase3) -> None:
    none = {f"{zone}_attempts": 0 for zone in ("paint", "mid_range", "three_pt")}
    change(league[PLAYERS], of(STAR, NEWEST), fg_attempts=0, **none)
    assert Oracle(league).findings == {}


# --- Refused dates ----------------------------------------------------------------------------------------


def test_a_season_without_a_counting_game_is_refused(league: Phase3) -> None:
    change(league[SCHEDULE], lambda row: True, game_type="preseason")
    day = tonight(league)
    assert day.refusal == "the season has no counting game"
    assert day.rows == {table: {} for table in TABLES} == day.failures
    assert Oracle(league).refusal(dt.date(2030, 1, 1)) == "the season has no counting game"


def test_a_date_without_a_game_needs_an_explanation_for_its_rows(league: Phase3) -> None:
    league[PLAYERS].append(star_of(OFF_DAY, game_id=MOVED))
    assert Oracle(league).refusal(OFF_DAY) is None
    stray = offense(OFF_DAY, "AAA", {"AAA": 1, "BBB": 2}) | {"game_id": "?"}
    league["team_offense_game_summary"].append(stray)
    oracle = Oracle(league)
    assert oracle.refusal(OFF_DAY) == "no counting game, but rows off schedule in team_offense_game_summary"
    assert oracle.refusal(TONIGHT) is None, "only that date"


def test_a_cut_off_schedule_refuses_the_date(league: Phase3) -> None:
    """Of 140 rows and n more, at most a tenth may be off schedule: 15 of 155, but not 16 of 156."""
    for n, refused in ((15, False), (16, True)):
        strangers = [box_score(NEWEST, "AAA", i, 5, game_id="?", team_abbr="CCC") for i in range(n)]
        # Rows of tonight and later do not enter.
        strangers += [box_score(TONIGHT, "AAA", i, 5, game_id="?", team_abbr="CCC") for i in range(50)]
        oracle = Oracle(league | {PLAYERS: league[PLAYERS] + strangers})
        assert (oracle.refusal(TONIGHT) is not None) is refused
        assert oracle.refusal(NEWEST) is None, "before it, every row was explained"
    # A row that another rule sets aside counts among the rows: 16 of 160 is no more than a tenth.
    harmless = [star_of(NEWEST, season_year=2020) for _ in range(4)]
    assert Oracle(league | {PLAYERS: league[PLAYERS] + strangers + harmless}).refusal(TONIGHT) is None


# --- Identity ---------------------------------------------------------------------------------------------


def points(row: Row) -> tuple[float, int]:
    return row["points_avg_season"], row["games_played_season"]


def another(date: dt.date, scored: int, **values: Any) -> Row:
    """A game of another person with the star's key, who plays for BBB."""
    return box_score(date, "BBB", 9, scored, player_lookup=STAR, universal_player_id="another", **values)


def test_two_people_with_one_key_who_never_meet(league: Phase3) -> None:
    """The star misses two games, on which the other one scores 50; each has his own games, by his id."""
    league[PLAYERS] = [row for row in league[PLAYERS] if not of(STAR, *GAMES[:2])(row)]
    league[PLAYERS] += [another(date, 50) for date in GAMES[:2]]
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    assert points(day.rows[CACHE][STAR]) == (21.0, 8)  # 14 to 28
    assert day.rows[COMPOSITE][STAR]["days_rest"] == 2
    for table in CONTEXT_TABLES:
        assert day.failures[table] == {}
    # Shot zones have no context row that says who is meant.
    assert day.failures[SHOTS] == {STAR: "AMBIGUOUS_PLAYER"}
    assert day.rows[CACHE][STAR]["shot_zone_data_available"] is False
    assert oracle.findings == {(PLAYERS, GAMES[2], "several_people"): 1}

    # The other one is listed under the key: his games.
    change(league[LISTED], of(STAR), universal_player_id="another", team_abbr="BBB", opponent_team_abbr="AAA")
    assert points(tonight(league).rows[CACHE][STAR]) == (50.0, 2)

    # Listed without an id, the key means two people.
    change(league[LISTED], of(STAR), universal_player_id=None)
    day = tonight(league)
    for table in (SHOTS, *CONTEXT_TABLES):
        assert day.failures[table] == {STAR: "AMBIGUOUS_PLAYER"}

    # Before the second one appeared, there was nothing to confuse.
    league[LISTED].append(context(GAMES[2], "BBB", 9, player_lookup=STAR, universal_player_id=None))
    day = Oracle(league).day(GAMES[2])
    assert points(day.rows[CACHE][STAR]) == (50.0, 2)
    assert STAR in day.rows[SHOTS]


def test_one_is_listed_under_another_key(league: Phase3) -> None:
    """Then the key is the other's alone."""
    league[PLAYERS].append(another(GAMES[0], 50))
    league[LISTED].append(context(TONIGHT, "BBB", 9, player_lookup="renamed", universal_player_id="another"))
    day = tonight(league)
    assert day.failures[SHOTS] == {}
    assert points(day.rows[CACHE]["renamed"]) == (50.0, 1)
    assert day.rows[SHOTS]["renamed"]["games_in_sample_10"] == 1
    assert points(day.rows[CACHE][STAR]) == (19.0, 10)


def test_two_people_with_one_key_in_one_game(league: Phase3) -> None:
    """They are no duplicates, and each counts for his team."""
    league[PLAYERS].append(another(GAMES[0], 5))
    change(
        league["team_offense_game_summary"],
        lambda row: (row["game_date"], row["team_abbr"]) == (GAMES[0], "BBB"),
        points_scored=105,
    )
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    for team in ("aaa2", "bbb2"):
        assert day.rows[CACHE][team]["actual_games_count"] == 10
    assert points(day.rows[CACHE][STAR]) == (19.0, 10)
    assert day.failures[SHOTS] == {STAR: "AMBIGUOUS_PLAYER"}
    assert oracle.findings == {(PLAYERS, GAMES[0], "several_people"): 1}
    assert oracle.day(GAMES[0]).failures[CACHE] == {}, "what is not known yet harms nobody"


def test_rows_of_nobody(league: Phase3) -> None:
    """A game without an id under a key of two people enters no window and no population, but the team's points."""
    league[PLAYERS].append(another(GAMES[0], 50))
    change(league[PLAYERS], of(STAR, NEWEST), universal_player_id=" ")
    league[LISTED] = [row for row in league[LISTED] if not of(STAR)(row)]
    league[LISTED] += [
        context(TONIGHT, "AAA", 1, player_lookup="one", universal_player_id="aaa1-id"),
        context(TONIGHT, "BBB", 9, player_lookup="two", universal_player_id="another"),
    ]
    day = tonight(league)
    assert points(day.rows[CACHE]["one"]) == (18.0, 9)  # 10 to 26
    assert points(day.rows[CACHE]["two"]) == (50.0, 1)
    assert day.rows[CACHE]["one"]["actual_games_count"] == 10
    assert STAR not in day.rows[SHOTS].keys() | day.failures[SHOTS].keys()


def test_a_game_without_an_id_on_a_date_with_two_people_is_a_row_of_its_own(league: Phase3) -> None:
    league[PLAYERS] += [another(GAMES[0], 0), another(GAMES[0], 7, minutes_played=1.0) | {"universal_player_id": None}]
    change(
        league["team_offense_game_summary"],
        lambda row: (row["game_date"], row["team_abbr"]) == (GAMES[0], "BBB"),
        points_scored=107,
    )
    oracle = Oracle(league)
    assert oracle.day(TONIGHT).rows[CACHE]["bbb2"]["actual_games_count"] == 10
    assert oracle.findings == {(PLAYERS, GAMES[0], "several_people"): 1}, "it is no duplicate"


@pytest.mark.parametrize("unknown", [None, "", "  "])
def test_a_row_without_an_id_beside_one_with_it_is_its_duplicate(league: Phase3, unknown: str | None) -> None:
    league[PLAYERS].append(star_of(NEWEST, 38, universal_player_id=unknown, processed_at=LATE))
    oracle = Oracle(league)
    assert points(oracle.day(TONIGHT).rows[CACHE][STAR]) == (20.0, 10)
    assert oracle.findings == {(PLAYERS, NEWEST, "duplicates"): 1, (PLAYERS, NEWEST, "conflicts"): 1}


def test_one_id_under_two_keys_on_one_date_is_one_game(league: Phase3) -> None:
    league[PLAYERS].append(star_of(NEWEST, 38, player_lookup="alias", processed_at=LATE))
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    assert points(day.rows[CACHE][STAR]) == (20.0, 10)
    assert "alias" not in day.rows[SHOTS]
    assert oracle.findings == {(PLAYERS, NEWEST, kind): 1 for kind in ("duplicates", "conflicts", "several_keys")}


def test_a_renamed_person_has_one_history(league: Phase3) -> None:
    change(league[PLAYERS], of(STAR, *GAMES[6:]), player_lookup="renamed")
    for listed in (STAR, "renamed"):
        change(league[LISTED], lambda row: row["universal_player_id"] == "aaa1-id", player_lookup=listed)
        oracle = Oracle(league)
        day = oracle.day(TONIGHT)
        assert points(day.rows[CACHE][listed]) == (19.0, 10)
        # The key of the output is that of the context row.
        (other,) = {STAR, "renamed"} - {listed}
        for table in (SHOTS, *CONTEXT_TABLES):
            assert listed in day.rows[table]
            assert other not in day.rows[table].keys() | day.failures[table].keys()
        assert oracle.findings == {(PLAYERS, GAMES[6], "several_keys"): 1}
    # Without a context row, shot zones take the key of the newest game.
    league[LISTED] = [row for row in league[LISTED] if row["universal_player_id"] != "aaa1-id"]
    day = tonight(league)
    assert STAR not in day.rows[SHOTS]
    assert day.rows[SHOTS]["renamed"]["games_in_sample_10"] == 10
    assert Oracle(league).day(GAMES[6]).rows[SHOTS][STAR]["games_in_sample_10"] == 6


@pytest.mark.parametrize("where", ["everywhere", "the box scores", "the context", "the first weeks"])
def test_missing_ids_are_filled_in_by_the_key(league: Phase3, where: str) -> None:
    """As long as a key means one person, he has all games under it."""
    before = tonight(copy.deepcopy(league))
    if where != "the context":
        change(
            league[PLAYERS], of(STAR, *(GAMES[:5] if where == "the first weeks" else GAMES)), universal_player_id=None
        )
    if where in ("everywhere", "the context"):
        change(league[LISTED], of(STAR), universal_player_id="")
    oracle = Oracle(league)
    assert (oracle.day(TONIGHT), oracle.findings) == (before, {})


def test_a_key_without_any_id_is_a_person_until_it_gets_one(league: Phase3) -> None:
    """From the day after, the games without an id are those of the id."""
    change(league[PLAYERS], of(STAR, *GAMES[:5]), universal_player_id=None)
    league[LISTED] = [row for row in league[LISTED] if not of(STAR)(row)]
    oracle = Oracle(league)
    for date, games in ((GAMES[5], 5), (GAMES[6], 6), (TONIGHT, 10)):
        assert oracle.day(date).rows[SHOTS][STAR]["games_in_sample_10"] == games
    assert oracle.findings == {}


def test_games_without_an_id_follow_a_renamed_person(league: Phase3) -> None:
    """The key of the first five games means him by a single row; two rows of one date are one game, the newest."""
    change(league[PLAYERS], of(STAR, *GAMES[:4]), universal_player_id=None)
    change(league[PLAYERS], of(STAR, *GAMES[5:]), player_lookup="renamed")
    change(league[LISTED], of(STAR), player_lookup="renamed")
    assert points(tonight(league).rows[CACHE]["renamed"]) == (19.0, 10)
    # On the newest date he has a row under each key: no duplicates of that date, which does not know that both are his.
    league[PLAYERS].append(star_of(NEWEST, 38, universal_player_id=None, processed_at=LATE))
    oracle = Oracle(league)
    assert points(oracle.day(TONIGHT).rows[CACHE]["renamed"]) == (20.0, 10)
    assert oracle.findings == {(PLAYERS, GAMES[5], "several_keys"): 1}
    league[PLAYERS][-1]["processed_at"] = None
    assert points(tonight(league).rows[CACHE]["renamed"]) == (19.0, 10)


def test_the_context_says_what_a_key_means(league: Phase3) -> None:
    """A second id in the context of the date makes games without an id nobody's; on other dates it does not."""
    change(league[PLAYERS], of(STAR), universal_player_id=None)
    league[LISTED].append(context(TONIGHT, "BBB", 9, player_lookup=STAR, universal_player_id="another"))
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    for table in (SHOTS, *CONTEXT_TABLES):
        assert day.failures[table] == {STAR: "AMBIGUOUS_PLAYER"}
        assert STAR not in day.rows[table]
    assert oracle.findings == {(LISTED, TONIGHT, "several_people"): 1}
    league[SCHEDULE].append(game(TONIGHT + dt.timedelta(days=2)))
    assert Oracle(league).day(TONIGHT + dt.timedelta(days=2)).rows[SHOTS][STAR]["games_in_sample_10"] == 10


def test_two_people_in_the_context(league: Phase3) -> None:
    league[LISTED] += [
        context(TONIGHT, "BBB", 9, player_lookup="newcomer", universal_player_id="x"),
        context(TONIGHT, "AAA", 9, player_lookup="newcomer", universal_player_id="y"),
        context(TONIGHT, "AAA", 9, player_lookup="newcomer", universal_player_id=None),
    ]
    day = tonight(league)
    for table in (SHOTS, *CONTEXT_TABLES):
        assert day.failures[table] == {"newcomer": "AMBIGUOUS_PLAYER"}


def test_one_person_listed_under_two_keys(league: Phase3) -> None:
    """The newest row wins; the other key is no member."""
    league[LISTED].append(context(TONIGHT, "AAA", 1, player_lookup="alias", player_age=35, processed_at=LATE))
    oracle = Oracle(league)
    day = oracle.day(TONIGHT)
    for table in (SHOTS, *CONTEXT_TABLES):
        assert "alias" in day.rows[table]
        assert STAR not in day.rows[table].keys() | day.failures[table].keys()
    assert day.rows[CACHE]["alias"]["player_age"] == 35
    assert points(day.rows[CACHE]["alias"]) == (19.0, 10)
    assert oracle.findings == {(LISTED, TONIGHT, kind): 1 for kind in ("duplicates", "conflicts", "several_keys")}
    # Where only the season tells that both are his, both are answered.
    change(league[LISTED], of(STAR), universal_player_id=None)
    oracle = Oracle(league)
    assert {points(oracle.day(TONIGHT).rows[CACHE][key]) for key in (STAR, "alias")} == {(19.0, 10)}
    assert oracle.findings == {}


def test_second_names_are_counted_on_the_date_of_the_second(league: Phase3) -> None:
    change(league[PLAYERS], of(STAR, GAMES[3], GAMES[8]), player_lookup="alias")
    change(league[PLAYERS], of(STAR, GAMES[5]), player_lookup="bbb1", universal_player_id="aaa1-id")
    assert Oracle(league).findings == {
        (PLAYERS, GAMES[3], "several_keys"): 1,
        (PLAYERS, GAMES[5], "several_keys"): 1,
        (PLAYERS, GAMES[5], "several_people"): 1,
    }


def test_what_comes_later_tells_nothing_about_a_key(league: Phase3) -> None:
    """As of tonight nobody else has the key, and the games without an id are the star's."""
    change(league[PLAYERS], of(STAR, *GAMES[:3]), universal_player_id=None)
    before = tonight(copy.deepcopy(league))
    later = TONIGHT + dt.timedelta(days=2)
    league[SCHEDULE].append(game(later))
    for date in (TONIGHT, later):
        league[PLAYERS] += [another(date, 50), star_of(date, player_lookup="renamed")]
    league[LISTED].append(context(later, "BBB", 9, player_lookup=STAR, universal_player_id="another"))
    assert tonight(league) == before
