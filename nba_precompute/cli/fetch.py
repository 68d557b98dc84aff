"""`fetch`: the league's files from its site, for `import`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nba_precompute.cli.app import PARTIAL, Refused, date_option
from nba_precompute.cli.output import console, say


def command(
    folder: Annotated[Path, typer.Argument(file_okay=False, metavar="DIRECTORY")],
    season: Annotated[
        str | None, typer.Option("--season", metavar="YYYY-YY", help="All files of a season that are not there yet.")
    ] = None,
    date: Annotated[
        dt.datetime | None, date_option("--date", "The files of a date, also those that are there.")
    ] = None,
    pause: Annotated[
        float, typer.Option("--pause", min=0, metavar="SECONDS", help="Wait so long between two requests.")
    ] = 1.0,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, metavar="SECONDS", help="Wait so long for an answer.")
    ] = 30.0,
) -> None:
    """Fetch the league's files from its site.

    Writes the schedule, rosters, box scores and plays (V3 JSON) into DIRECTORY, and nothing else: `import` reads them.
    A season has some 2,700 files, which take about an hour; after an interruption, the same command goes on. For a
    date, the schedule and the rosters can be fetched before its games, and the box scores and plays after them.

    Needs `pip install 'nba_precompute[fetch]'`. One request is made at a time, and tried three times. The site does not
    answer many data centers and cloud machines at all.

    Ends with exit code 3 if the site has nothing for some of the files.

    Example: `nba-precompute fetch league --season 2022-23 && nba-precompute import league`
    """
    from nba_precompute.sources.fetching import SiteError, fetch_date, fetch_season
    from nba_precompute.sources.league_files import cells

    try:
        year = cells.season(season)
    except ValueError:
        raise typer.BadParameter(f"--season: expected a season such as 2022-23, found {season}") from None
    if (year is None) == (date is None):
        raise typer.BadParameter("one of --season and --date is needed")
    try:
        with _progress() as on_file:
            if year is not None:
                fetched = fetch_season(folder, year, pause=pause, timeout=timeout, on_file=on_file)
            elif date is not None:
                fetched = fetch_date(folder, date.date(), pause=pause, timeout=timeout, on_file=on_file)
    except SiteError as error:
        raise Refused(str(error)) from None
    say(f"{folder}: {fetched.written:,} files written, {fetched.there:,} were there")
    if fetched.missing:
        say(f"the site has nothing for {len(fetched.missing):,} files:", "yellow")
        for problem in fetched.missing:
            say(f"  {problem}", "yellow")
        raise typer.Exit(PARTIAL)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (SpinnerColumn(), TextColumn("fetching files"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
