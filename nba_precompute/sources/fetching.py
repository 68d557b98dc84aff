"""The league's files from its site, for an import: schedule, rosters, box scores and plays.

Here: which files a season or a date needs, one polite request at a time (by `nba_api`, an optional dependency), and
what the site's answers mean. Not here: reading the files (`league_files/`). Nothing else of the package asks that site.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.calendar import season_label, season_of
from nba_precompute.sources.league_files.forms import form_of, parse
from nba_precompute.sources.league_files.model import Problem, Unknown, Unreadable
from nba_precompute.sources.league_files.schedules import FINAL
from nba_precompute.tables.sources import COUNTING_GAME_TYPES

if TYPE_CHECKING:
    import datetime as dt

SCHEDULE, ROSTER, BOX_SCORE, PLAYS = "scheduleleaguev2", "commonteamroster", "boxscoretraditionalv3", "playbyplayv3"

TRIES = 3
_LONGEST_WAIT = 60
"""Seconds before another try, at most."""

OnFile = Callable[[int, int], None]
"""A callback that takes the number of files that are done and of all."""


class SiteError(Exception):
    """Raised if the site cannot be asked or does not answer, with the next step; what is written stays."""


class _NoAnswer(Exception):
    """Raised for a try that got no answer."""


@dataclass
class Fetched:
    """The result of a fetch.

    Attributes:
        written: files that were written.
        there: files that were there before, and were not asked for.
        missing: files of which the site has nothing; they were not written.
    """

    written: int = 0
    there: int = 0
    missing: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Wanted:
    """A file, and the question whose answer it holds."""

    path: Path
    endpoint: str
    asked: Mapping[str, Any]
    anew: bool = False


def fetch_season(folder: Path, season: int, *, pause: float, timeout: float, on_file: OnFile | None = None) -> Fetched:
    """Write the files of a season, and leave those that are there: the same call goes on where an earlier one ended.

    These are the schedule, which is always asked for anew, the roster of every team, and the box score and the plays of
    every final game that counts.

    Args:
        season: the year in which it starts.
        pause: seconds between two requests.
        timeout: seconds to wait for an answer.

    Raises:
        SiteError: if `nba_api` is not installed, or the site does not answer.
    """
    site = _Site(pause, timeout)
    games = _schedule(site, folder, season)
    return _write(site, [*_rosters(folder, season, games), *_games(folder, games)], on_file)


def fetch_date(folder: Path, date: dt.date, *, pause: float, timeout: float, on_file: OnFile | None = None) -> Fetched:
    """Write the files of a date, also those that are there: the league corrects box scores for days.

    These are the schedule, the roster of every team (rosters of one day do not have a person twice, also after a
    trade), and the box scores and the plays of the date's games that count and are final.

    Args:
        pause, timeout: as of `fetch_season`.

    Raises:
        SiteError: as `fetch_season`.
    """
    site = _Site(pause, timeout)
    season = season_of(date)
    games = _schedule(site, folder, season)
    of_date = [game for game in games if game["game_date"] == date]
    return _write(site, [*_rosters(folder, season, games, anew=True), *_games(folder, of_date, anew=True)], on_file)


_Row = Mapping[str, Any]


def _schedule(site: _Site, folder: Path, season: int) -> list[_Row]:
    """Write the schedule, and return its counting games."""
    path = folder / SCHEDULE / f"{season_label(season)}.json"
    if problem := site.write(_Wanted(path, SCHEDULE, {"season": season_label(season)})):
        raise SiteError(f"no schedule of {season_label(season)}: {problem.text}")
    rows = parse(path, form_of(path))["league_games"].to_pylist()
    return [row for row in rows if row["game_type"] in COUNTING_GAME_TYPES]


def _rosters(folder: Path, season: int, games: Iterable[_Row], *, anew: bool = False) -> list[_Wanted]:
    label = season_label(season)
    teams = {game[side] for game in games for side in ("home_team_id", "away_team_id") if game[side]}
    return [
        _Wanted(folder / ROSTER / label / f"{team}.json", ROSTER, {"team_id": team, "season": label}, anew)
        for team in sorted(teams)
    ]


def _games(folder: Path, games: Iterable[_Row], *, anew: bool = False) -> list[_Wanted]:
    return [
        _Wanted(folder / endpoint / f"{game['game_id']}.json", endpoint, {"game_id": game["game_id"]}, anew)
        for game in games
        if game["game_status"] == FINAL
        for endpoint in (BOX_SCORE, PLAYS)
    ]


def _write(site: _Site, wanted: Sequence[_Wanted], on_file: OnFile | None) -> Fetched:
    result = Fetched(written=1)  # the schedule
    for done, file in enumerate(wanted, 1):
        if file.path.exists() and not file.anew:
            result.there += 1
        elif problem := site.write(file):
            result.missing.append(problem)
        else:
            result.written += 1
        if on_file:
            on_file(done, len(wanted))
    return result


class _Site:
    """The league's site, asked one question at a time."""

    def __init__(self, pause: float, timeout: float) -> None:
        self._pause, self._timeout = pause, timeout
        self._asked = False
        try:
            from nba_api.stats import endpoints
        except ImportError:
            raise SiteError("nba_api is not installed; run `pip install 'nba_precompute[fetch]'`") from None
        self._endpoints = {
            SCHEDULE: endpoints.ScheduleLeagueV2,
            ROSTER: endpoints.CommonTeamRoster,
            BOX_SCORE: endpoints.BoxScoreTraditionalV3,
            PLAYS: endpoints.PlayByPlayV3,
        }

    def write(self, wanted: _Wanted) -> Problem | None:
        """Ask for a file, and write it if the answer can be read; return what is wrong with the answer otherwise.

        A file is there in whole or not at all.

        Raises:
            SiteError: if the site does not answer, or answers something else, in every try.
        """
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        part = wanted.path.with_name(f".{wanted.path.name}.part")
        tries = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=self._pause, max=_LONGEST_WAIT),
            retry=retry_if_exception_type(_NoAnswer),
            reraise=True,
        )
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            form = tries(self._answer, wanted, part)
            parse(part, form)
            part.replace(wanted.path)
        except _NoAnswer as error:
            raise SiteError(
                f"{wanted.path.name}: {error}, {TRIES} times. The site often does not answer addresses of data "
                "centers, nor many requests in a short time: try again later, with a longer --pause, or from another "
                "network. The same command goes on where this one ended"
            ) from None
        except Unreadable as error:
            return Problem(wanted.path, str(error))
        except OSError as error:
            raise SiteError(f"{wanted.path} cannot be written: {error.strerror}") from None
        finally:
            part.unlink(missing_ok=True)
        return None

    def _answer(self, wanted: _Wanted, part: Path) -> Any:
        """Write an answer to a file, and return its form, which is that of the question."""
        import requests
        from nba_api.stats.library.http import NBAStatsHTTP

        if self._asked:
            time.sleep(self._pause)
        self._asked = True
        question = self._endpoints[wanted.endpoint](**wanted.asked, get_request=False)
        try:
            answer = NBAStatsHTTP().send_api_request(question.endpoint, question.parameters, timeout=self._timeout)
        except requests.Timeout:
            raise _NoAnswer(f"no answer within {self._timeout:g} seconds") from None
        except requests.RequestException as error:
            raise _NoAnswer(f"no answer ({type(error).__name__})") from None
        part.write_text(answer.get_response(), encoding="utf-8")
        try:
            form = form_of(part)
        except (Unreadable, Unknown) as error:
            raise _NoAnswer(f"the site answered: {error}") from None
        if form.name != wanted.endpoint:
            raise _NoAnswer(f"the site answered: {form.name}")
        return form
