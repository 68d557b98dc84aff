"""Golden tests: real files give the values of the real Phase 3 seasons, by game and person."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nba_precompute_tests.sources.league_files.reading import Result, read_all
from nba_precompute_tests.support.league import SAMPLES, existing, real_tables

RECORDED_GAME = "0022200552"


@pytest.fixture(scope="module")
def raw() -> Path:
    return existing(SAMPLES.parent / "raw")


@pytest.fixture(scope="module")
def logs(raw: Path) -> Result:
    return read_all(raw / "player_logs")


@pytest.fixture(scope="module")
def games(raw: Path) -> Result:
    return read_all(raw / "games_2021-22")


@pytest.fixture(scope="module")
def recorded(raw: Path) -> Result:
    return read_all(raw / "nba_api_recorded")


Rows = dict[tuple[str, str], dict[str, Any]]
"""Box scores of Phase 3 by game and key of the player."""


@pytest.fixture(scope="module")
def phase3() -> Rows:
    return {
        (row["game_id"], row["player_lookup"]): row
        for season in (2021, 2022)
        for row in real_tables(season)["player_game_summary"].to_pylist()
    }


def key_of(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def test_season_logs_have_every_row_of_two_seasons(logs: Result, phase3: Rows) -> None:
    found = {(row["game_id"], key_of(row["player_name"])): row for row in logs.rows["league_player_games"]}
    assert logs.problems == []
    # One row of the log is of someone who was on the court for no second.
    assert found.keys() - phase3.keys() == {("0022200140", "dennisschroder")}
    assert len(phase3) == 51_933
    for key, row in phase3.items():
        log = found[key]
        columns = ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes")
        assert [log[name] for name in columns] == [row[name] for name in columns]
        assert (log["team_tricode"], log["is_home"]) == (row["team_abbr"], row["home_game"])
        assert log["minutes"] is None or abs(log["minutes"] - row["minutes_played"]) <= 0.5
    assert sum(row["minutes"] is None for row in found.values()) == 29


def test_season_logs_have_every_game_of_two_seasons(logs: Result) -> None:
    columns = [
        "game_id",
        "game_date",
        "season_year",
        "home_team_tricode",
        "away_team_tricode",
        "game_type",
        "game_status",
    ]
    expected = {
        tuple(row[name] for name in columns)
        for season in (2021, 2022)
        for row in real_tables(season)["nbac_schedule"].select(columns).to_pylist()
    }
    assert {tuple(row[name] for name in columns) for row in logs.rows["league_games"]} == expected


def test_play_by_play_of_40_games_adds_up(games: Result, logs: Result, phase3: Rows) -> None:
    assert games.problems == []
    assert sorted(games.forms) == ["playbyplayv2"] * 40 + ["shotchartdetail"]
    plays = games.rows["league_plays"]
    there = {row["game_id"] for row in plays}
    assert len(there) == 40
    names = {row["person_id"]: key_of(row["player_name"]) for row in logs.rows["league_player_games"]}
    counted = counts_of(plays, names)
    for (game_id, lookup), row in phase3.items():
        if game_id in there:
            found = {what: counted[what][game_id, lookup] for what in counted}
            assert found == counts_of_box_score(row), (game_id, lookup)
    logged = {
        (row["game_id"], row["person_id"]): row for row in logs.rows["league_player_games"] if row["game_id"] in there
    }
    for column, kind in (("blocks", "blocker_id"), ("assists", "assister_id")):
        by_person = Counter((row["game_id"], row[kind]) for row in plays if row[kind])
        assert {key: by_person[key] for key in logged} == {key: row[column] for key, row in logged.items()}
    rebounds = [row for row in plays if row["kind"] == "rebound" and row["person_id"]]
    offensive = Counter((row["game_id"], row["person_id"]) for row in rebounds if row["is_offensive"])
    assert {key: offensive[key] for key in logged} == {key: row["offensive_rebounds"] for key, row in logged.items()}
    turnovers = Counter((row["game_id"], row["person_id"]) for row in plays if row["kind"] == "turnover")
    assert {key: turnovers[key] for key in logged} == {key: row["turnovers"] for key, row in logged.items()}
    assert sum(row["kind"] == "turnover" and row["person_id"] is None for row in plays) == 57


def test_shots_of_40_games_are_the_field_goals_of_their_plays(games: Result) -> None:
    shots = {(row["game_id"], row["event_id"]): row for row in games.rows["league_shots"]}
    goals = {
        (row["game_id"], row["action_number"]): row for row in games.rows["league_plays"] if row["kind"] == "field_goal"
    }
    assert len(shots) == 7126
    assert shots.keys() == goals.keys()
    for key, shot in shots.items():
        goal = goals[key]
        assert (shot["person_id"], shot["is_made"], shot["team_id"]) == (
            goal["person_id"],
            goal["is_made"],
            goal["team_id"],
        )
        assert shot["value"] in (None, goal["value"])


def test_the_recorded_game_in_v3(recorded: Result, phase3: Rows) -> None:
    box_score = {row["person_id"]: row for row in recorded.rows["league_player_games"]}
    expected = {lookup: row for (game, lookup), row in phase3.items() if game == RECORDED_GAME}
    played = {key_of(row["player_name"]): row for row in box_score.values() if row["did_play"]}
    assert played.keys() == expected.keys()
    for lookup, row in expected.items():
        assert played[lookup]["points"] == row["points"]
        assert played[lookup]["minutes"] == pytest.approx(row["minutes_played"], abs=0.1)
    assert [row["comment"] for row in box_score.values() if not row["did_play"]] == [
        "DNP - Injury/Illness",
        *["DNP - Coach's Decision"] * 3,
    ]
    names = {person: key_of(row["player_name"]) for person, row in box_score.items()}
    plays = recorded.rows["league_plays"]
    counted = counts_of(plays, names)
    for lookup, row in expected.items():
        assert {what: counted[what][RECORDED_GAME, lookup] for what in counted} == counts_of_box_score(row)
    goals = [row for row in plays if row["kind"] == "field_goal"]
    assert all(row["x"] is not None for row in goals)
    assert Counter(names[row["blocker_id"]] for row in goals if row["blocker_id"]) == Counter(
        {key_of(row["player_name"]): row["blocks"] for row in box_score.values() if row["blocks"]}
    )


def test_the_other_recorded_answers(recorded: Result) -> None:
    forms = Counter(recorded.forms)
    assert forms == Counter(
        [
            "boxscoretraditionalv3",
            "playbyplayv3",
            "game log of teams",
            "shotchartdetail",
            "commonteamroster",
            "playerindex",
        ]
    )
    # Of five games on neutral floors, both rows of the log have the team at home.
    assert recorded.texts == [
        "leaguegamelog.json.gz: 5 games, such as 0022500147, have both teams at home or both away; only a schedule "
        "tells which is right: add a file of scheduleleaguev2"
    ]
    assert len(recorded.rows["league_games"]) == 1688 // 2 - 5
    assert len(recorded.rows["league_shots"]) == 532
    people = recorded.rows["league_people"]
    assert (len(people), sum(row["birth_date"] is not None for row in people)) == (557, 19)
    assert {row["season_year"] for row in people} == {2025}


def counts_of(plays: Iterable[dict[str, Any]], names: dict[str, str]) -> dict[str, Counter[Any]]:
    """Count what Phase 3 counts, by game and player."""
    result: dict[str, Counter[Any]] = {
        what: Counter() for what in ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes", "assisted")
    }
    for row in plays:
        person = row["person_id"]
        key = row["game_id"], names.get(person)
        shot = {"field_goal": "fg", "free_throw": "ft"}.get(row["kind"])
        if shot:
            result[f"{shot}_attempts"][key] += 1
            result[f"{shot}_makes"][key] += row["is_made"]
            result["points"][key] += (row["value"] or 1) * row["is_made"]
            result["assisted"][key] += bool(row["is_assisted"])
    return result


def counts_of_box_score(row: dict[str, Any]) -> dict[str, int]:
    columns = ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes")
    return {name: row[name] for name in columns} | {"assisted": row["assisted_fg_makes"]}
