"""A damaged or foreign file is named in one line, nothing of it is used, and the others are read."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nba_precompute_tests.sources.league_files.reading import read_all
from nba_precompute_tests.support import league_files as files

GAMES = files.season(2)
BOX_SCORE = json.dumps(files.box_score_v3(GAMES[0]))
LOG = files.as_csv(files.player_log(GAMES))


def with_cell(column: str, value: Any, row: int = 2) -> str:
    """Return the log with another value in a row, counted from 1."""
    headers, rows = files.player_log(GAMES)
    rows[row - 1][headers.index(column)] = value
    return files.as_csv((headers, rows))


def without(column: str) -> str:
    headers, rows = files.player_log(GAMES)
    place = headers.index(column)
    return files.as_csv(
        ([*headers[:place], *headers[place + 1 :]], [[*row[:place], *row[place + 1 :]] for row in rows])
    )


def empty(name: str, rows: files.Rows, **asked: Any) -> str:
    return json.dumps(files.result_set(name, (rows[0], []), **asked))


def changed(answer: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> str:
    change(answer)
    return json.dumps(answer)


DAMAGED = {
    "an HTML page": ("<!DOCTYPE html><html>Access Denied</html>", "an HTML page; the site answered with a page .*"),
    "nothing": ("", "the file is empty"),
    "cut JSON": (BOX_SCORE[:-40], "cut off: its JSON is not complete .*"),
    "cut within a text": (BOX_SCORE[: BOX_SCORE.index("Carrow") + 3], "cut off: its JSON is not complete .*"),
    "not JSON": (BOX_SCORE.replace('"awayTeam"', "awayTeam", 1), "not valid JSON .*"),
    "a cut log": (LOG[:-30], "row 32 has 13 values for 27 columns; is the file cut off[?]"),
    "an open quote": (LOG.replace("Bo Carrow", '"Bo Carrow', 1), "line .*: not valid CSV .*"),
    "a text for a number": (with_cell("PTS", "many"), "column PTS: expected a count, found 'many' in row 2"),
    "a negative count": (with_cell("PTS", -2), "column PTS: expected a count, found '-2' in row 2"),
    "another league": (with_cell("GAME_ID", 1022200001), "column GAME_ID: expected a game id, found '1022200001' .*"),
    "a time of day": (with_cell("GAME_DATE", "2022-10-18T23:30:00Z"), "column GAME_DATE: expected a date, found .*"),
    "no matchup": (with_cell("MATCHUP", "BOS - MIL"), "column MATCHUP: expected a matchup such as BOS vs. MIL, .*"),
    "an unknown team": (
        with_cell("MATCHUP", "BOS vs. MIX"),
        "game 0022200001: team MIX is not one .*; the nearest code is MI.",
    ),
    "no column": (without("FG3A"), "column FG3A is missing"),
    "a column twice": (LOG.replace("PLUS_MINUS", "PTS", 1), "column PTS occurs 2 times"),
    "no rows": (
        empty("LeagueGameLog", files.player_log([]), Season="2025-26"),
        "no rows for Season 2025-26; they are missing, which is not the same as none",
    ),
    "no plays of V2": (empty("PlayByPlay", files.plays_v2(GAMES[0]), GameID="0022500100"), "no rows for GameID 00.*"),
    "plays twice": (
        files.as_csv((files.plays_v2(GAMES[0])[0], files.plays_v2(GAMES[0])[1] * 2)),
        "event 1 of game 0022200001 occurs twice: .*",
    ),
    "no box score": ('{"meta": {}, "boxScoreTraditional": null}', "the answer has no players; .*"),
    "no players": (
        changed(files.box_score_v3(GAMES[0]), lambda a: a["boxScoreTraditional"]["awayTeam"].update(players=[])),
        "awayTeam has no players",
    ),
    "no actions": ('{"game": {"gameId": "0022200001", "actions": []}}', "the answer has no actions; .*"),
    "no games": ('{"leagueSchedule": {"gameDates": []}}', "the answer has no games; .*"),
    "a status": (
        json.dumps(files.schedule_v2([], [files.schedule_game("0022200001", GAMES[0].date, "BOS", "MIL", status=7)])),
        "game 0022200001: expected gameStatus 1, 2 or 3, found 7",
    ),
    "a schedule of another league": (
        json.dumps(files.schedule_v2([], [files.schedule_game("1022200001", GAMES[0].date, "BOS", "MIL")])),
        "gameId '1022200001' is not one of the league's",
    ),
    "a text for a player": (
        changed(files.box_score_v3(GAMES[0]), lambda a: a["boxScoreTraditional"]["awayTeam"].update(players=["x"])),
        "does not have the structure of boxscoretraditionalv3 .*",
    ),
    "a text for an action number": (
        changed(files.plays_v3(GAMES[0]), lambda a: a["game"]["actions"][1].update(actionNumber="x")),
        "does not have the structure of playbyplayv3 .*",
    ),
    "a shot without a result": (
        changed(files.plays_v3(GAMES[0]), lambda a: a["game"]["actions"][1].update(isFieldGoal=1, shotResult="")),
        "action 2: .* does not fit",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_the_file_is_named_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    content, text = DAMAGED[name]
    files.write_json(tmp_path / "good.json", files.box_score_v3(GAMES[1]))
    files.write_text(tmp_path / "bad.json", content)
    result = read_all(tmp_path)
    (problem,) = result.problems
    assert problem.path == tmp_path / "bad.json"
    assert re.fullmatch(text, problem.text)
    assert result.forms == ["boxscoretraditionalv3"]
    assert {row["file"] for rows in result.rows.values() for row in rows} == {"good.json"}


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every object or list of a JSON value with each of its keys or places."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from nodes(value[key])


def test_whatever_stands_in_the_place_of_a_value_is_read_or_named(tmp_path: Path) -> None:
    rng = random.Random(0)
    answers = [files.box_score_v3(GAMES[0]), files.plays_v3(GAMES[0]), files.schedule_v2(GAMES)]
    answers += [files.result_set("LeagueGameLog", files.player_log(GAMES[:1]))]
    outcomes = set()
    for _ in range(100):
        answer = json.loads(json.dumps(rng.choice(answers)))
        place, key = rng.choice(list(nodes(answer)))
        place[key] = rng.choice([None, "", "x", [], {}, {"a": 1}, [1], -1, 10**30, True, float("nan")])
        path = files.write_json(tmp_path / "answer.json", answer)
        result = read_all(path)
        assert len(result.forms) + len(result.problems) + len(result.unrecognized) == 1
        assert not any("\n" in text for text in result.texts)
        outcomes.add((bool(result.forms), bool(result.problems)))
    assert {(True, False), (False, True)} <= outcomes


def test_several_cells_are_counted(tmp_path: Path) -> None:
    headers, rows = files.player_log(GAMES)
    for row in rows[4:7]:
        row[headers.index("AST")] = "x"
    path = files.write_csv(tmp_path / "log.csv", (headers, rows))
    assert read_all(path).texts == ["log.csv: column AST: expected a count, found 'x' in row 5 (and 2 more such cells)"]


def test_a_compressed_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(LOG.encode())[:-20])
    (text,) = read_all(tmp_path).texts
    assert text.startswith("log.csv.gz: the .gz file is cut off or damaged")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert read_all(tmp_path / "seasons").texts == ["seasons: no such file or folder"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"\xef\xbb\xbf" + LOG.encode())
    assert read_all(tmp_path).forms == ["game log of players"]
