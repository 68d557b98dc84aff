"""The same game in two files: the better form stands, equal rows count once, contradictions are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nba_precompute_tests.sources.league_files.reading import Result, read_all
from nba_precompute_tests.support import league_files as files

GAMES = files.season(2)
GAME_ID = GAMES[0].game_id
PERSON = files.roster("BOS")[1]


def one_more(rows: files.Rows, column: str, row: int = 1) -> files.Rows:
    """Return the rows with a count one higher in one of them."""
    headers, cells = rows
    place = headers.index(column)
    return headers, [[*r[:place], r[place] + 1, *r[place + 1 :]] if n == row else r for n, r in enumerate(cells)]


def without_origin(result: Result) -> dict[str, list[dict[str, Any]]]:
    return {name: [row | {"file": ""} for row in rows] for name, rows in result.rows.items()}


def test_equal_files_count_once(tmp_path: Path) -> None:
    once = read_all(files.write_v3(tmp_path / "once", GAMES))
    files.write_v3(tmp_path / "twice" / "a", GAMES)
    files.write_v3(tmp_path / "twice" / "b", GAMES)
    twice = read_all(tmp_path / "twice")
    assert twice.problems == []
    assert without_origin(twice) == without_origin(once)
    assert twice.repeated == sum(len(rows) for rows in once.rows.values())


def test_a_file_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    files.write_v3(tmp_path, GAMES)
    once = read_all(tmp_path)
    again = read_all(tmp_path, tmp_path / "playbyplayv3", tmp_path / "scheduleleaguev2" / "2022.json")
    assert (again.rows, again.forms, again.repeated) == (once.rows, once.forms, 0)


def test_v3_stands_before_logs_and_play_by_play_v2(tmp_path: Path) -> None:
    alone = read_all(files.write_v3(tmp_path / "v3", GAMES))
    files.write_archive(tmp_path / "archive", GAMES)
    both = read_all(tmp_path / "archive", tmp_path / "v3")
    assert both.problems == []
    for table in ("league_games", "league_player_games", "league_plays"):
        assert both.rows[table] == alone.rows[table]
    assert len(both.rows["league_shots"]) > 0


def test_totals_of_a_log_stand_before_those_of_a_box_score(tmp_path: Path) -> None:
    files.write_v3(tmp_path, GAMES)
    log = read_all(files.write_csv(tmp_path / "log.csv", files.team_log(GAMES)))
    both = read_all(tmp_path)
    assert both.problems == []
    assert both.rows["league_team_games"] == log.rows["league_team_games"]
    assert None not in {row["turnovers"] for row in both.rows["league_team_games"]}


def test_a_log_that_differs_from_the_box_score_is_named_and_the_box_score_stands(tmp_path: Path) -> None:
    files.write_v3(tmp_path, GAMES)
    files.write_csv(tmp_path / "log.csv", one_more(files.player_log(GAMES), "AST"))
    result = read_all(tmp_path)
    (problem,) = result.problems
    right = GAMES[0].counts("BOS", PERSON)["AST"]
    assert problem.text == (
        f"{GAME_ID} contradicts {tmp_path}/boxscoretraditionalv3/{GAME_ID}.json: person_id {PERSON.person_id}: "
        f"assists {right + 1} and {right}; boxscoretraditionalv3 stands"
    )
    assert problem.games == ()
    assert result.by_key("league_player_games")[GAME_ID, str(PERSON.person_id)]["assists"] == right


def test_someone_whom_the_box_score_does_not_have_is_named(tmp_path: Path) -> None:
    files.write_v3(tmp_path, GAMES)
    headers, rows = files.player_log(GAMES)
    rows[1][headers.index("PLAYER_ID")] = 77
    result = read_all(files.write_csv(tmp_path / "log.csv", (headers, rows)).parent)
    assert [text.partition(": person_id ")[2] for text in result.texts] == [
        "77: is not in the other file; boxscoretraditionalv3 stands"
    ]
    assert (GAME_ID, "77") not in result.by_key("league_player_games")


@pytest.mark.parametrize("form", ["box", "plays", "log", "shots"])
def test_two_files_of_a_form_that_differ_are_named_and_nothing_of_the_game_may_be_loaded(
    tmp_path: Path, form: str
) -> None:
    first, second = files.box_score_v3(GAMES[0]), files.box_score_v3(GAMES[0])
    second["boxScoreTraditional"]["homeTeam"]["players"][1]["statistics"]["steals"] += 1
    if form == "plays":
        first, second = files.plays_v3(GAMES[0]), files.plays_v3(GAMES[0])
        second["game"]["actions"][2]["clock"] = "PT00M00.00S"
    if form == "log":
        rows = files.player_log(GAMES)
        first, second = (files.result_set("LeagueGameLog", log) for log in (rows, one_more(rows, "STL")))
    if form == "shots":
        rows = files.shots(GAMES)
        first, second = (files.result_set("Shot_Chart_Detail", shots) for shots in (rows, one_more(rows, "LOC_X")))
    files.write_json(tmp_path / "a.json", first)
    files.write_json(tmp_path / "b.json", second)
    result = read_all(tmp_path)
    (problem,) = result.problems
    assert problem.path == tmp_path / "b.json"
    assert problem.games == (GAME_ID,)
    assert problem.text.startswith(f"{GAME_ID} contradicts {tmp_path}/a.json: ")
    assert problem.text.endswith("; nothing of the game is loaded: keep one of them")


def test_a_row_twice_in_one_file_counts_once_and_one_that_differs_is_named(tmp_path: Path) -> None:
    headers, rows = files.player_log(GAMES)
    path = files.write_csv(tmp_path / "log.csv", (headers, [*rows, rows[1]]))
    result = read_all(path)
    assert (result.problems, result.repeated, len(result.rows["league_player_games"])) == ([], 1, len(rows))
    _, changed = one_more((headers, rows), "STL")
    result = read_all(files.write_csv(path, (headers, [*rows, changed[1]])))
    assert [problem.games for problem in result.problems] == [(GAME_ID,)]
    assert " contradicts itself: " in result.problems[0].text


def test_files_that_have_a_part_of_a_game_each_are_put_together(tmp_path: Path) -> None:
    headers, rows = files.shots(GAMES)
    people = sorted({row[headers.index("PLAYER_ID")] for row in rows})
    for person in people:
        own = [row for row in rows if row[headers.index("PLAYER_ID")] == person]
        files.write_csv(tmp_path / f"{person}.csv", (headers, own))
    result = read_all(tmp_path)
    assert len(people) > 10
    assert (result.problems, result.repeated) == ([], 0)
    assert len(result.by_key("league_shots")) == len(rows)


# Games


def test_the_furthest_status_of_a_game_stands_then_the_latest_date(tmp_path: Path) -> None:
    first, second = GAMES[0].date, GAMES[1].date
    old = [
        files.schedule_game("0022200001", first, "BOS", "MIL", status=1, text="7:30 pm ET"),
        files.schedule_game("0022200002", first, "BOS", "MIL", status=1, text="PPD"),
        files.schedule_game("0022200003", first, None, None, status=1, text="TBD"),
    ]
    new = [
        files.schedule_game("0022200001", first, "BOS", "MIL"),
        files.schedule_game("0022200002", second, "BOS", "MIL", status=1, text="7:30 pm ET"),
        files.schedule_game("0022200003", second, "BOS", "MIL", status=1, text="7:30 pm ET"),
    ]
    files.write_json(tmp_path / "new.json", files.schedule_v2([], new))
    files.write_json(tmp_path / "old.json", files.schedule_v2([], old))
    result = read_all(tmp_path)
    assert result.problems == []
    assert {
        game_id: (row["game_status"], row["game_date"], row["home_team_tricode"])
        for (game_id,), row in result.by_key("league_games").items()
    } == {"0022200001": (3, first, "BOS"), "0022200002": (1, second, "BOS"), "0022200003": (1, second, "BOS")}


def test_a_log_tells_that_a_game_of_an_old_schedule_is_over(tmp_path: Path) -> None:
    files.write_json(
        tmp_path / "schedule.json",
        files.schedule_v2([], [files.schedule_game(GAME_ID, GAMES[0].date, "BOS", "MIL", status=1, text="")]),
    )
    files.write_csv(tmp_path / "log.csv", files.player_log(GAMES))
    result = read_all(tmp_path)
    assert result.problems == []
    assert {row["game_status"] for row in result.by_key("league_games").values()} == {3}


def test_final_games_must_agree_on_the_date(tmp_path: Path) -> None:
    late = GAMES[0].date.replace(day=19)
    files.write_json(
        tmp_path / "schedule.json", files.schedule_v2([], [files.schedule_game(GAME_ID, late, "BOS", "MIL")])
    )
    files.write_csv(tmp_path / "log.csv", files.player_log(GAMES))
    (problem,) = read_all(tmp_path).problems
    assert problem.games == (GAME_ID,)
    assert problem.text == (
        f"{GAME_ID} contradicts {tmp_path}/schedule.json: game_date 2022-10-18 and 2022-10-19; "
        "nothing of the game is loaded"
    )


def test_a_game_with_both_teams_at_home_needs_a_schedule(tmp_path: Path) -> None:
    headers, rows = files.team_log(GAMES)
    for row in rows[:2]:
        row[headers.index("MATCHUP")] = row[headers.index("MATCHUP")].replace("@", "vs.")
    path = files.write_csv(tmp_path / "log.csv", (headers, rows))
    result = read_all(path)
    assert result.texts == [
        f"log.csv: 1 games, such as {GAME_ID}, have both teams at home or both away; only a schedule tells which is "
        "right: add a file of scheduleleaguev2"
    ]
    assert set(result.by_key("league_games")) == {(GAMES[1].game_id,)}
    assert [row["is_home"] for row in result.rows["league_team_games"]] == [None, None, True, False]
    files.write_json(tmp_path / "schedule.json", files.schedule_v2(GAMES))
    result = read_all(tmp_path)
    assert result.problems == []
    assert len(result.by_key("league_games")) == 2


def test_a_row_that_has_the_team_as_its_own_opponent_tells_no_side(tmp_path: Path) -> None:
    headers, rows = files.player_log(GAMES)
    place = headers.index("MATCHUP")
    rows[1][place] = "BOS vs. BOS"
    result = read_all(files.write_csv(tmp_path / "log.csv", (headers, rows)))
    assert result.problems == []
    assert len(result.by_key("league_games")) == 2
    assert result.by_key("league_player_games")[GAME_ID, str(PERSON.person_id)]["is_home"] is True


# People and availability


def test_a_person_on_two_rosters_is_on_the_last_and_named(tmp_path: Path) -> None:
    headers, rows = files.team_roster("BOS")
    moved = [[files.TEAM_IDS["MIL"], *row[1:]] for row in rows[:1]]
    files.write_csv(tmp_path / "a.csv", (headers, rows))
    files.write_csv(tmp_path / "b.csv", (headers, moved))
    result = read_all(tmp_path)
    person = str(files.roster("BOS")[0].person_id)
    assert result.texts == [
        f"b.csv: person {person} is of team 1610612749 here and of 1610612738 in {tmp_path}/a.csv; the last stands"
    ]
    assert result.by_key("league_people")[person, 2022]["roster_team_id"] == "1610612749"


def test_two_birth_dates_of_a_person_are_named(tmp_path: Path) -> None:
    headers, rows = files.team_roster("BOS")
    files.write_csv(tmp_path / "a.csv", (headers, rows))
    other = [[*row[:4], "JAN 02, 1999", *row[5:]] for row in rows[:1]]
    files.write_csv(tmp_path / "b.csv", (headers, other))
    result = read_all(tmp_path)
    person = files.roster("BOS")[0]
    assert result.texts == [
        f"b.csv: person {person.person_id} contradicts {tmp_path}/a.csv: birth_date 1999-01-02 and "
        f"{person.birth_date}; the first stands"
    ]


def test_two_statuses_for_one_game_are_named(tmp_path: Path) -> None:
    rows = [(GAMES[0].date, PERSON, status, "") for status in ("questionable", "questionable", "out")]
    result = read_all(files.write_availability(tmp_path / "reports.csv", rows))
    assert [row["status"] for row in result.rows["league_availability"]] == ["questionable"]
    assert result.texts == [
        "reports.csv: game_date 2022-10-18 contradicts itself: player Bo Carrow Jr.: status out and questionable; "
        "the first stands"
    ]
