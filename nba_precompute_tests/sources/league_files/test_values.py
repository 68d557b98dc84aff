"""Each trap of a single value: ids, dates, minutes, statuses, team codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nba_precompute.sources.league_files import cells
from nba_precompute.sources.league_files.model import Unreadable
from nba_precompute.sources.league_files.rebounds import offensive_rebounds
from nba_precompute.sources.league_files.teams import TEAM_CODES, team_of
from nba_precompute_tests.sources.league_files.reading import Result, read_all
from nba_precompute_tests.support import league_files as files

OPENING = dt.date(2022, 10, 18)
GAMES = files.season(2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("34:12", (34.2, True)),
        ("34.000000:12", (34.2, True)),
        ("PT34M12.00S", (34.2, True)),
        ("PT34M", (34.0, True)),
        ("0:00", (0.0, True)),
        ("265:00", (265.0, True)),
        ("34.2", (34.2, False)),
        ("34.25", (34.25, True)),
        (240.0, (240.0, False)),
        (34, (34.0, False)),
        ("0", (0.0, False)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_minutes(value: Any, expected: tuple[float | None, bool | None]) -> None:
    assert cells.minutes(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0022200001", "0022200001"),
        ("22200001", "0022200001"),
        (22200001, "0022200001"),
        ("22200001.0", "0022200001"),
        ("0062500001", "0062500001"),
    ],
)
def test_a_game_id_gets_its_leading_zeros_back(value: Any, expected: str) -> None:
    assert cells.game_id(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2022-10-18", OPENING),
        ("2022-10-18T00:00:00", OPENING),
        ("2022-10-18T00:00:00Z", OPENING),
        ("20221018", OPENING),
        ("OCT 18, 2022", OPENING),
        ("10/18/2022 00:00:00", OPENING),
        ("", None),
    ],
)
def test_dates(value: str, expected: dt.date | None) -> None:
    assert cells.date(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("2022-23", 2022), ("2022", 2022), ("22022", 2022), (2022, 2022), (None, None)]
)
def test_seasons(value: Any, expected: int | None) -> None:
    assert cells.season(value) == expected


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        (cells.minutes, "34:72"),
        (cells.minutes, "-3"),
        (cells.minutes, "PT"),
        (cells.minutes, "DNP"),
        (cells.game_id, "1022200001"),  # another league
        (cells.game_id, "SIM2200001"),
        (cells.game_id, ""),
        (cells.date, "2022-10-18T23:30:00Z"),  # the time of some zone
        (cells.date, "18.10.2022"),
        (cells.date, "2022-02-30"),
        (cells.season, "last"),
        (cells.whole, "7.5"),
        (cells.whole, "many"),
        (cells.flag, "maybe"),
        (cells.seconds_left, "soon"),
    ],
)
def test_what_does_not_fit_is_refused(convert: Callable[[Any], Any], value: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        convert(value)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("001", "preseason"),
        ("002", "regular_season"),
        ("003", "all_star"),
        ("004", "playoffs"),
        ("005", "play_in"),
        ("006", "cup_final"),
    ],
)
def test_the_prefix_of_the_id_tells_the_type_and_the_digits_after_it_the_season(prefix: str, expected: str) -> None:
    assert cells.game_type(f"{prefix}2200001") == expected
    assert cells.season_of_game(f"{prefix}2200001") == 2022
    assert cells.season_of_game(f"{prefix}9500001") == 1995


# Teams


@pytest.mark.parametrize(
    ("other", "code"),
    [
        *(("GS", "GSW"), ("NY", "NYK"), ("SA", "SAS"), ("NO", "NOP"), ("UTAH", "UTA"), ("WSH", "WAS")),
        *(("BRK", "BKN"), ("CHO", "CHA"), ("PHO", "PHX"), ("SAN", "SAS"), ("NJN", "BKN"), ("mil", "MIL")),
    ],
)
def test_codes_of_other_sites_mean_the_leagues_team(other: str, code: str) -> None:
    team_id, found = team_of(None, other, "regular_season")
    assert found == code
    assert TEAM_CODES[str(team_id)] == code
    assert team_of(team_id, other, "regular_season") == (team_id, code)


def test_the_id_decides_over_a_code_that_is_unknown() -> None:
    assert team_of(1610612766, "XXX", "regular_season") == ("1610612766", "CHA")
    assert team_of("1610612766.0", None, "regular_season") == ("1610612766", "CHA")


@pytest.mark.parametrize(
    ("team_id", "code", "game_type", "text"),
    [
        (None, "GSX", "regular_season", "team GSX is not one of the league's; the nearest code is GSW"),
        (50009, "MRA", "playoffs", r"team MRA \(id 50009\) is not one of the league's; .*"),
        (None, "??", "regular_season", "team [?][?] is not one of the league's; its codes are ATL, BKN, .*"),
        (1610612738, "MIL", "regular_season", "team id 1610612738 is BOS, but its code there is MIL"),
    ],
)
def test_an_unknown_team_is_refused_with_the_nearest(team_id: Any, code: str, game_type: str, text: str) -> None:
    with pytest.raises(Unreadable, match=f"^{text}$"):
        team_of(team_id, code, game_type)


@pytest.mark.parametrize(("team_id", "code"), [(0, None), (0, ""), ("0", "TBD"), (None, None)])
def test_a_team_that_is_not_drawn_is_none(team_id: Any, code: str | None) -> None:
    assert team_of(team_id, code, "regular_season") == (None, None)


def test_guests_keep_their_codes_where_guests_play() -> None:
    assert team_of(50009, "MRA", "preseason") == ("50009", "MRA")
    assert team_of(None, "EST", "all_star") == (None, "EST")


# Schedules


def scheduled(tmp_path: Path, *games: Any) -> dict[str, dict[str, Any]]:
    path = files.write_json(tmp_path / "schedule.json", files.schedule_v2([], games))
    result = read_all(path)
    assert result.problems == []
    return {row["game_id"]: row for row in result.rows["league_games"]}


def test_the_date_is_the_eastern_one(tmp_path: Path) -> None:
    game = files.schedule_game("0022200001", OPENING, "BOS", "MIL")
    assert game["gameDateUTC"] == "2022-10-19T00:00:00Z"
    assert scheduled(tmp_path, game)["0022200001"]["game_date"] == OPENING


def test_a_game_that_is_not_drawn_has_no_teams(tmp_path: Path) -> None:
    game = files.schedule_game("0022201201", OPENING, None, None, status=1, text="TBD")
    row = scheduled(tmp_path, game)["0022201201"]
    assert [row[name] for name in row if "team" in name] == [None] * 4
    assert row["game_status"] == 1


@pytest.mark.parametrize(
    ("text", "status"), [("PPD", 4), ("Postponed", 4), ("Cancelled", 4), ("Canceled", 4), ("7:30 pm ET", 1)]
)
def test_a_game_that_was_called_off_says_so_in_its_text(tmp_path: Path, text: str, status: int) -> None:
    game = files.schedule_game("0022200001", OPENING, "BOS", "MIL", status=1, text=text) | {"postponedStatus": "Y"}
    assert scheduled(tmp_path, game)["0022200001"]["game_status"] == status


@pytest.mark.parametrize("spelled", [True, "true"])
def test_a_game_that_was_not_necessary_was_not_played(tmp_path: Path, spelled: bool | str) -> None:
    def game(number: int, series: int, status: int, **more: Any) -> dict[str, Any]:
        text = "Final" if status == 3 else ""
        return files.schedule_game(f"00422001{series}{number}", OPENING, "BOS", "MIL", status=status, text=text, **more)

    swept = [game(number, 1, 3, scores=(100, 90)) for number in (1, 2, 3, 4)]
    swept += [game(number, 1, 1, if_necessary=spelled) for number in (5, 6, 7)]
    open_ = [game(number, 2, 3, scores=(100, 90)) for number in (1, 2, 3)] + [game(4, 2, 3, scores=(90, 100))]
    open_ += [game(5, 2, 1, if_necessary="false"), game(6, 2, 1, if_necessary=spelled)]
    found = scheduled(tmp_path, *swept, *open_)
    assert [found[f"004220011{number}"]["game_status"] for number in range(1, 8)] == [3, 3, 3, 3, 4, 4, 4]
    assert [found[f"004220012{number}"]["game_status"] for number in range(1, 7)] == [3, 3, 3, 3, 1, 1]


# Minutes beside statistics


def logged(tmp_path: Path, **values: Any) -> dict[str, Any]:
    """Read a log whose first row has these values, with all its counts 0."""
    headers, rows = files.player_log(GAMES[:1])
    changes = dict.fromkeys(files.COUNTS, 0) | values
    rows[0] = [changes.get(name, cell) for name, cell in zip(headers, rows[0], strict=True)]
    result = read_all(files.write_csv(tmp_path / "log.csv", (headers, rows)))
    assert result.problems == []
    return result.rows["league_player_games"][0]


def test_a_whole_0_beside_a_counted_statistic_is_unknown(tmp_path: Path) -> None:
    row = logged(tmp_path, MIN=0, FGA=1)
    assert (row["minutes"], row["has_seconds"], row["did_play"], row["fg_attempts"]) == (None, None, True, 1)


def test_a_whole_0_without_one_stays(tmp_path: Path) -> None:
    row = logged(tmp_path, MIN=0)
    assert (row["minutes"], row["has_seconds"], row["did_play"]) == (0.0, False, True)


@pytest.mark.parametrize(
    ("minutes", "fouls", "comment", "expected"),
    [
        ("0:00", 0, "", (None, None, False)),
        ("0:00", 1, "", (None, None, True)),
        ("PT00M00.00S", 0, "", (None, None, False)),
        ("", 0, "DND - Injury/Illness", (None, None, False)),
        ("", 1, "", (None, None, True)),
        ("0", 1, "", (None, None, True)),
        ("0", 0, "", (0.0, False, True)),
        ("16", 0, "", (16.0, False, True)),
        ("PT34M12.00S", 0, "", (34.2, True, True)),
    ],
)
def test_minutes_of_v3(
    tmp_path: Path, minutes: str, fouls: int, comment: str, expected: tuple[float | None, bool | None, bool]
) -> None:
    answer = files.box_score_v3(GAMES[0])
    player = answer["boxScoreTraditional"]["homeTeam"]["players"][8]
    player["comment"] = comment
    player["statistics"] |= {"minutes": minutes, "foulsPersonal": fouls}
    result = read_all(files.write_json(tmp_path / "game.json", answer))
    row = result.by_key("league_player_games")[GAMES[0].game_id, str(player["personId"])]
    assert (row["minutes"], row["has_seconds"], row["did_play"]) == expected
    assert row["comment"] == (comment or None)


# Plays


def plays(tmp_path: Path, *changes: dict[str, Any]) -> Result:
    """Read play-by-play V3 whose first actions are changed."""
    answer = files.plays_v3(GAMES[0])
    for action, change in zip(answer["game"]["actions"], changes, strict=False):
        action |= change
    return read_all(files.write_json(tmp_path / "plays.json", answer))


def test_without_a_team_a_person_is_a_team_or_nobody_who_plays(tmp_path: Path) -> None:
    own = {"actionType": "Turnover", "teamId": 0, "personId": 1610612738}
    replay = {"actionType": "Instant Replay", "teamId": 0, "personId": 357, "isFieldGoal": 0, "shotResult": ""}
    first, second, *_ = plays(tmp_path, own, replay).rows["league_plays"]
    assert (first["kind"], first["team_id"], first["person_id"]) == ("turnover", "1610612738", None)
    assert (second["kind"], second["team_id"], second["person_id"]) == ("other", None, None)


def test_without_a_description_v2_tells_no_value(tmp_path: Path) -> None:
    headers, rows = files.plays_v2(GAMES[0])
    for place, name in enumerate(headers):
        if name.endswith("DESCRIPTION"):
            for row in rows:
                row[place] = None
    plays = read_all(files.write_csv(tmp_path / "plays.csv", (headers, rows))).rows["league_plays"]
    assert {row["value"] for row in plays} == {None}
    assert {row["is_made"] for row in plays if row["kind"] == "field_goal"} == {True, False}
    assert {row["is_made"] for row in plays if row["kind"] == "free_throw"} == {None}


def test_the_live_form_is_refused(tmp_path: Path) -> None:
    result = plays(tmp_path, {}, {"actionType": "2pt"})
    assert result.texts == ["plays.json: actions of type 2pt: the live form, which is not read; use playbyplayv3"]
    assert result.rows == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([(0, 1), (1, 1), (1, 2)], [False, True, False]),
        ([(1, 1), (0, 1), (1, 2)], [True, False, False]),  # entered late
        ([(0, 1), (2, 1), (2, 1), (3, 1)], [False, True, True, True]),  # two within a second
        ([(1, 1), (1, 1)], [None, None]),  # one of each, but which
        ([(0, 1), (2, 2)], [False, None]),  # some are missing
    ],
)
def test_rebounds_are_told_by_their_counts(counts: list[tuple[int, int]], expected: list[bool | None]) -> None:
    texts = [(place, "somebody", f"Vellin REBOUND (Off:{off} Def:{def_})") for place, (off, def_) in enumerate(counts)]
    found = offensive_rebounds(texts)
    assert [found.get(place) for place in range(len(counts))] == expected
