"""Every form of the same games gives the same facts, whatever its files are called."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nba_precompute.sources.league_files import recognize
from nba_precompute.sources.league_files.forms import FORMS
from nba_precompute.sources.league_files.rows import COUNTS
from nba_precompute_tests.sources.league_files.reading import NOON, Result, read_all
from nba_precompute_tests.support import league_files as files

GAMES = files.season(3, overtimes={2: 1})


@pytest.fixture(scope="module")
def v3(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return read_all(files.write_v3(tmp_path_factory.mktemp("v3"), GAMES))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return read_all(files.write_archive(tmp_path_factory.mktemp("archive"), GAMES))


@pytest.fixture(scope="module", params=["v3", "archive"])
def either(request: pytest.FixtureRequest) -> Result:
    return request.getfixturevalue(request.param)


def test_both_are_read_without_a_problem(either: Result) -> None:
    assert not either.problems
    assert not either.unrecognized


def test_games_have_date_teams_and_type(either: Result) -> None:
    found = {
        key: (row["game_date"], row["home_team_tricode"], row["away_team_tricode"], row["home_team_id"])
        for (key,), row in either.by_key("league_games").items()
    }
    assert found == {game.game_id: (game.date, game.home, game.away, str(files.TEAM_IDS[game.home])) for game in GAMES}
    assert {(row["game_status"], row["game_type"], row["season_year"]) for row in either.rows["league_games"]} == {
        (3, "regular_season", 2022)
    }


def test_box_scores_are_those_of_the_games(either: Result) -> None:
    rows = either.by_key("league_player_games")
    for game in GAMES:
        for team in game.teams:
            for person in files.roster(team):
                if game.seconds(person):
                    row = rows[game.game_id, str(person.person_id)]
                    counts = game.counts(team, person)
                    assert {name: row[name] for name in COUNTS} == {
                        name: counts[log] for name, (log, _) in COUNTS.items()
                    }
                    assert (row["player_name"], row["team_tricode"]) == (person.name, team)
                    assert (row["is_home"], row["did_play"]) == (team == game.home, True)


def test_v3_has_seconds_and_those_who_did_not_play(v3: Result) -> None:
    rows = v3.by_key("league_player_games")
    overtime = GAMES[1]
    for person in files.roster(overtime.home):
        row = rows[overtime.game_id, str(person.person_id)]
        seconds = overtime.seconds(person)
        if seconds:
            assert (row["minutes"], row["has_seconds"], row["comment"]) == (seconds / 60, True, None)
        else:
            assert (row["minutes"], row["has_seconds"], row["did_play"]) == (None, None, False)
            assert row["comment"] == "DNP - Coach's Decision"


def test_a_log_has_whole_minutes_of_those_who_played(archive: Result) -> None:
    rows = archive.rows["league_player_games"]
    assert len(rows) == 3 * 16
    assert {row["has_seconds"] for row in rows} == {False}
    assert {row["minutes"] for row in rows if row["game_id"] == GAMES[0].game_id} == {37, 28, 18, 10}


def test_totals_have_the_turnovers_of_the_team_only_in_a_log(v3: Result, archive: Result) -> None:
    for game in GAMES:
        for team in game.teams:
            key = game.game_id, str(files.TEAM_IDS[team])
            counts = game.counts(team)
            log, totals = archive.by_key("league_team_games")[key], v3.by_key("league_team_games")[key]
            assert log["turnovers"] == counts["TOV"]
            assert totals["turnovers"] is None
            assert log["minutes"] == totals["minutes"] == 240 + 25 * game.overtimes
            assert log["offensive_rebounds"] == totals["offensive_rebounds"] == counts["OREB"]
    assert any(event.kind == "turnover" and not event.person for game in GAMES for event in game.events)


def test_plays_are_those_of_the_games(either: Result) -> None:
    rows = [row for row in either.rows["league_plays"] if row["kind"] not in ("other", "block", "steal")]
    events = [event for game in GAMES for event in game.events]
    assert len(rows) == len(events)
    for row, event in zip(rows, events, strict=True):
        person = str(event.person.person_id) if event.person else None
        assert (row["kind"], row["person_id"]) == (event.kind, person)
        assert row["team_id"] == str(files.TEAM_IDS[event.team])
        assert (row["period"], row["seconds_left"]) == (event.period, event.seconds_left)
        is_shot = event.kind == "field_goal"
        assert row["is_made"] is (event.is_made if event.kind in ("field_goal", "free_throw") else None)
        assert row["value"] == (event.value if is_shot else None)
        assert row["is_assisted"] is (event.other is not None if is_shot and event.is_made else None)
        assert row["is_blocked"] is (event.other is not None if is_shot and not event.is_made else None)
        of_a_player = event.kind == "rebound" and event.person
        assert row["is_offensive"] is (event.is_offensive if of_a_player else None)
        other = str(event.other.person_id) if event.other else None
        assert row["blocker_id"] == (other if is_shot and not event.is_made else None)


def test_v3_has_coordinates_and_v2_the_assister(v3: Result, archive: Result) -> None:
    shots = [event for game in GAMES for event in game.events if event.kind == "field_goal"]
    in_v3 = [row for row in v3.rows["league_plays"] if row["kind"] == "field_goal"]
    assert [(row["x"], row["y"]) for row in in_v3] == [(event.x, event.y) for event in shots]
    in_v2 = [row for row in archive.rows["league_plays"] if row["kind"] == "field_goal"]
    assert [row["assister_id"] for row in in_v2] == [
        str(event.other.person_id) if event.other and event.is_made else None for event in shots
    ]
    assert {row["x"] for row in in_v2} | {row["assister_id"] for row in in_v3} == {None}


def test_v3_has_a_row_for_every_block_and_steal(v3: Result) -> None:
    kinds = Counter(row["kind"] for row in v3.rows["league_plays"])
    totals = sum((game.counts(team) for game in GAMES for team in game.teams), Counter[str]())
    assert (kinds["block"], kinds["steal"]) == (totals["BLK"], totals["STL"])
    assert kinds["block"] > 0
    assert kinds["steal"] > 0


def test_shots_are_those_of_the_games(archive: Result) -> None:
    shots = [(game, event) for game in GAMES for event in game.events if event.kind == "field_goal"]
    assert [
        (row["game_id"], row["game_date"], row["x"], row["y"], row["is_made"], row["value"])
        for row in archive.rows["league_shots"]
    ] == [(game.game_id, game.date, event.x, event.y, event.is_made, event.value) for game, event in shots]


def test_rows_say_where_and_when_they_are_from(v3: Result) -> None:
    rows = v3.rows["league_plays"]
    assert {row["file"] for row in rows} == {f"playbyplayv3/{game.game_id}.json" for game in GAMES}
    assert {row["processed_at"] for row in rows} == {NOON}


def test_rosters_have_birth_dates_and_an_index_the_team(tmp_path: Path) -> None:
    files.write_people(tmp_path, ["BOS"])
    index = files.result_set("PlayerIndex", files.player_index(), Season="2022-23")
    result = read_all(files.write_json(tmp_path / "index.json", index).parent)
    assert result.problems == []
    people = result.by_key("league_people")
    known, unknown = files.roster("BOS")[2], files.roster("MIL")[2]
    row = people[str(known.person_id), 2022]
    assert (row["player_name"], row["birth_date"]) == (known.name, known.birth_date)
    row = people[str(unknown.person_id), 2022]
    assert (row["birth_date"], row["roster_team_id"]) == (None, str(files.TEAM_IDS["MIL"]))
    assert len(people) == 18


def test_an_availability_file_is_kept_as_it_is(tmp_path: Path) -> None:
    person = files.roster("BOS")[0]
    path = files.write_availability(tmp_path / "reports.csv", [(GAMES[0].date, person, "Questionable", "left knee")])
    (row,) = read_all(path).rows["league_availability"]
    assert (row["game_date"], row["player"], row["status"], row["reason"], row["person_id"]) == (
        GAMES[0].date,
        person.name,
        "Questionable",
        "left knee",
        None,
    )


def samples(folder: Path) -> dict[str, Path]:
    """A file of every form, named so that the name tells nothing."""
    game = GAMES[0]
    answers = {
        "scheduleleaguev2": files.schedule_v2(GAMES),
        "boxscoretraditionalv3": files.box_score_v3(game),
        "playbyplayv3": files.plays_v3(game),
    }
    tabular = {
        "game log of players": files.player_log(GAMES),
        "game log of teams": files.team_log(GAMES),
        "playbyplayv2": files.plays_v2(game),
        "shotchartdetail": files.shots(GAMES),
        "commonteamroster": files.team_roster("BOS"),
        "playerindex": files.player_index(),
        "availability": (["game_date", "player", "status"], [["2022-10-18", "Bo Carrow Jr.", "out"]]),
    }
    return {name: files.write_json(folder / f"{n}.txt", answer) for n, (name, answer) in enumerate(answers.items())} | {
        name: files.write_csv(folder / f"{n}.json", rows) for n, (name, rows) in enumerate(tabular.items())
    }


def test_every_form_is_recognized_by_its_content(tmp_path: Path) -> None:
    found = samples(tmp_path)
    assert found.keys() == FORMS.keys()
    assert {name: recognize(path) for name, path in found.items()} == {name: name for name in FORMS}
    assert sorted(read_all(tmp_path).forms) == sorted(FORMS)


@pytest.mark.parametrize("key", ["resultSets", "resultSet"])
def test_a_result_set_is_found_among_others_and_after_the_rows(tmp_path: Path, key: str) -> None:
    headers, rows = files.player_log(files.season(4, possessions=2))
    many = [
        {"name": "Coaches", "headers": ["COACH_ID"], "rowSet": [[7]] * 9},
        {"rowSet": rows * 20, "headers": headers},
    ]
    sets = many if key == "resultSets" else many[1]
    path = files.write_json(tmp_path / "answer.json", {key: sets})
    assert path.stat().st_size > 1 << 16
    assert recognize(path) == "game log of players"


def test_columns_are_found_by_name_in_any_order_case_and_number(tmp_path: Path) -> None:
    headers, rows = files.player_log(GAMES)
    turned = [name.lower() for name in reversed(headers)]
    more = (["ANYTHING", *turned], [[1, *reversed(row)] for row in rows])
    plain = read_all(files.write_csv(tmp_path / "a.csv", (headers, rows))).rows
    other = read_all(files.write_csv(tmp_path / "b.csv.gz", more, index=True)).rows
    for table, found in plain.items():
        assert [row | {"file": ""} for row in other[table]] == [row | {"file": ""} for row in found]


def test_hidden_files_are_left_out_and_others_are_named(tmp_path: Path) -> None:
    files.write_text(tmp_path / ".cache" / "log.csv", files.as_csv(files.player_log(GAMES)))
    files.write_text(tmp_path / "README.md", "Logs of three games\n")
    files.write_text(tmp_path / "odd.csv", "one,two,three\n1,2,3\n")
    files.write_json(tmp_path / "live.json", {"scoreboard": {}})
    (tmp_path / "table.parquet").write_bytes(b"PAR1\x00\x01")
    result = read_all(tmp_path)
    assert result.forms == []
    assert result.problems == []
    assert {item.path.name: item.text for item in result.unrecognized} == {
        "README.md": "not a form that is read",
        "live.json": "JSON with scoreboard: not a form that is read",
        "odd.csv": "columns ONE, TWO, THREE, ...: not a form that is read",
        "table.parquet": "not a text file",
    }
