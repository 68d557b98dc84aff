"""Fetching from a loopback server that answers as the league's site does, well or badly."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from nba_precompute.cli import main
from nba_precompute.sources import fetching
from nba_precompute.sources.fetching import SiteError, fetch_date, fetch_season
from nba_precompute_tests.sources.league_files.reading import read_all
from nba_precompute_tests.support import league_files as files

GAMES = files.season(3, possessions=3)
NEXT_GAME = files.schedule_game("0022200009", dt.date(2022, 12, 25), "LAL", "NYK", status=1, text="7:30 pm ET")
PRESEASON = files.schedule_game("0012200001", GAMES[0].date, "BOS", "MIL")


@dataclass
class Site:
    """What the site answers, and what it was asked.

    Attributes:
        spoiled: another answer, or seconds to wait before the right one, by endpoint and first parameter.
        asked: the questions, in order.
        at_once: the most questions that were open at the same time.
    """

    spoiled: dict[tuple[str, str], str | float] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    at_once: int = 0
    _open: int = 0

    def answer(self, endpoint: str, parameters: dict[str, str]) -> str:
        about = parameters.get("GameID") or parameters.get("TeamID") or parameters["Season"]
        self.asked.append((endpoint, about))
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        try:
            spoiled = self.spoiled.get((endpoint, about))
            if isinstance(spoiled, float):
                time.sleep(spoiled)
            return spoiled if isinstance(spoiled, str) else json.dumps(_right(endpoint, about))
        finally:
            self._open -= 1


def _right(endpoint: str, about: str) -> dict[str, Any]:
    games = {game.game_id: game for game in GAMES}
    if endpoint == "scheduleleaguev2":
        return files.schedule_v2(GAMES, [PRESEASON, NEXT_GAME])
    if endpoint == "commonteamroster":
        team = {str(number): code for code, number in files.TEAM_IDS.items()}[about]
        return files.result_set("CommonTeamRoster", files.team_roster(team))
    return {"boxscoretraditionalv3": files.box_score_v3, "playbyplayv3": files.plays_v3}[endpoint](games[about])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve a site on the loopback interface, and point `nba_api` there."""
    if not os.environ.get("CI"):
        pytest.importorskip("nba_api", reason="nba_api is not installed: pip install 'nba_precompute[fetch]'")
    from nba_api.stats.library.http import NBAStatsHTTP

    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlparse(self.path)
            parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
            body = found.answer(url.path.rpartition("/")[2], parameters).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(NBAStatsHTTP, "base_url", f"http://127.0.0.1:{server.server_port}/stats/{{endpoint}}")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def there(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def of_games(*games: files.Game) -> set[str]:
    return {
        f"{endpoint}/{game.game_id}.json" for game in games for endpoint in ("boxscoretraditionalv3", "playbyplayv3")
    }


SCHEDULE = "scheduleleaguev2/2022-23.json"


def roster(*teams: str) -> set[str]:
    return {f"commonteamroster/2022-23/{files.TEAM_IDS[team]}.json" for team in teams}


def test_a_season_is_written_as_an_import_reads_it(site: Site, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    fetched = fetch_season(
        tmp_path, 2022, pause=0, timeout=5, on_file=lambda done, total: progress.append((done, total))
    )
    assert there(tmp_path) == {SCHEDULE} | roster("BOS", "MIL", "NYK", "LAL") | of_games(*GAMES)
    assert (fetched.written, fetched.there, fetched.missing) == (11, 0, [])
    assert progress == [(n, 10) for n in range(1, 11)]
    assert site.at_once == 1
    result = read_all(tmp_path)
    assert result.problems == []
    assert len(result.forms) == 11


def test_the_same_call_asks_only_for_what_is_not_there(site: Site, tmp_path: Path) -> None:
    fetch_season(tmp_path, 2022, pause=0, timeout=5)
    lost = tmp_path / f"playbyplayv3/{GAMES[1].game_id}.json"
    lost.unlink()
    site.asked.clear()
    fetched = fetch_season(tmp_path, 2022, pause=0, timeout=5)
    assert site.asked == [("scheduleleaguev2", "2022-23"), ("playbyplayv3", GAMES[1].game_id)]
    assert (fetched.written, fetched.there) == (2, 9)
    assert lost.exists()


def test_a_date_is_asked_for_anew(site: Site, tmp_path: Path) -> None:
    for _ in range(2):
        site.asked.clear()
        fetched = fetch_date(tmp_path, GAMES[2].date, pause=0, timeout=5)
        assert (fetched.written, fetched.there) == (7, 0)
        assert len(site.asked) == 7
    assert there(tmp_path) == {SCHEDULE} | roster("BOS", "MIL", "NYK", "LAL") | of_games(GAMES[2])


def test_before_the_games_of_a_date_there_are_the_schedule_and_the_rosters(site: Site, tmp_path: Path) -> None:
    fetch_date(tmp_path, dt.date(2022, 12, 25), pause=0, timeout=5)
    assert there(tmp_path) == {SCHEDULE} | roster("BOS", "MIL", "NYK", "LAL")


def test_an_empty_answer_is_named_and_not_written(site: Site, tmp_path: Path) -> None:
    game = GAMES[1].game_id
    site.spoiled["boxscoretraditionalv3", game] = '{"boxScoreTraditional": {"gameId": "", "homeTeam": {"players": []}}}'
    site.spoiled["playbyplayv3", game] = json.dumps({"game": {"gameId": game, "actions": []}})
    fetched = fetch_season(tmp_path, 2022, pause=0, timeout=5)
    assert [problem.path.relative_to(tmp_path).as_posix() for problem in fetched.missing] == [
        f"boxscoretraditionalv3/{game}.json",
        f"playbyplayv3/{game}.json",
    ]
    assert fetched.missing[0].text.startswith("the answer has no players; the box score is missing")
    assert there(tmp_path) == {SCHEDULE} | roster("BOS", "MIL", "NYK", "LAL") | of_games(GAMES[0], GAMES[2])


@pytest.mark.parametrize(
    ("spoiled", "text"),
    [
        ("<html>Access Denied</html>", "the site answered: an HTML page"),
        ("", "the site answered: the file is empty"),
        ('{"Message":"An error has occurred."}', "the site answered: an HTML page"),  # nba_api makes a page of it
        (json.dumps(files.plays_v3(GAMES[1])), "the site answered: playbyplayv3"),
        (1.0, "no answer within 0.2 seconds"),
    ],
)
def test_no_answer_is_tried_again_and_then_said_and_what_is_written_stays(
    site: Site, tmp_path: Path, spoiled: str | float, text: str
) -> None:
    question = ("boxscoretraditionalv3", GAMES[1].game_id)
    site.spoiled[question] = spoiled
    with pytest.raises(SiteError, match=rf"^{GAMES[1].game_id}\.json: {text}.*, 3 times\. The site often .*") as caught:
        fetch_season(tmp_path, 2022, pause=0, timeout=0.2)
    assert "\n" not in str(caught.value)
    assert site.asked.count(question) == fetching.TRIES
    assert there(tmp_path) == {SCHEDULE} | roster("BOS", "MIL", "NYK", "LAL") | of_games(GAMES[0])
    del site.spoiled[question]
    assert fetch_season(tmp_path, 2022, pause=0, timeout=5).there == 6


def test_between_two_requests_there_is_a_pause(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(fetching.time, "sleep", pauses.append)
    fetch_date(tmp_path, GAMES[2].date, pause=1.5, timeout=5)
    assert pauses == [1.5] * (len(site.asked) - 1)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["nba-precompute", "fetch", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int | None)
    return ended.value.code or 0


def test_the_command_names_what_is_missing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site.spoiled["playbyplayv3", GAMES[0].game_id] = '{"game": {"actions": []}}'
    arguments = [str(tmp_path), "--season", "2022-23", "--pause", "0"]
    assert call(monkeypatch, *arguments) == 3
    output = capsys.readouterr().out
    assert "10 files written, 0 were there" in output
    assert f"{GAMES[0].game_id}.json: the answer has no actions" in output
    site.spoiled.clear()
    assert call(monkeypatch, *arguments) == 0


def test_without_a_schedule_nothing_can_be_fetched(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site.spoiled["scheduleleaguev2", "2022-23"] = '{"leagueSchedule": {"gameDates": []}}'
    assert call(monkeypatch, str(tmp_path), "--date", "2022-12-25", "--pause", "0") == 1
    assert "no schedule of 2022-23: the answer has no games" in capsys.readouterr().err
    assert there(tmp_path) == set()


@pytest.mark.parametrize("arguments", [[], ["--season", "2022-23", "--date", "2022-12-25"], ["--season", "last"]])
def test_a_season_or_a_date_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert call(monkeypatch, str(tmp_path), *arguments) == 2


def test_without_nba_api_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nba_api.stats", None)
    monkeypatch.setitem(sys.modules, "nba_api", None)
    assert call(monkeypatch, str(tmp_path), "--season", "2022-23") == 1
    assert "pip install 'nba_precompute[fetch]'" in capsys.readouterr().err
