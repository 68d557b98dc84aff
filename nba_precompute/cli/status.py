"""`status`: progress of the seasons, by month or date, with row counts and open problems."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from nba_precompute.calendar import FIRST_DATE, calendar_between, season_dates, season_label, season_of, today
from nba_precompute.cli.app import PARTIAL, AsJson, OutputFormat, Strict, dagster_home, date_option
from nba_precompute.cli.output import SAMPLE_NOTE, Cell, ShownColumn, data_table, number_columns, print_json, say, show
from nba_precompute.cli.waive import waivers_table
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from nba_precompute.operations.status import Status, StatusLine
    from nba_precompute.quality.waivers import Waiver

COUNTS_NOTE = "incomplete: a game of the row's window is not covered by Phase 3; failed: no row, with a recorded reason"


def command(
    season: Annotated[
        int | None,
        typer.Option(
            "--season",
            min=season_of(FIRST_DATE),
            metavar="YEAR",
            help="Only the season that starts in this year, such as 2021 for 2021-22.",
        ),
    ] = None,
    first: Annotated[dt.datetime | None, date_option("--from", "First date. Default: the first season.")] = None,
    last: Annotated[dt.datetime | None, date_option("--to", "Last date, inclusive. Default: today.")] = None,
    by_date: Annotated[bool, typer.Option("--dates", help="Show row counts of every date instead of months.")] = False,
    form: Annotated[
        OutputFormat, typer.Option("--format", help="`markdown` prints a checklist for a wiki.")
    ] = OutputFormat.TEXT,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Show the progress of every table: fresh dates, row counts, last update and open problems.

    A date is fresh if a run would skip it (see `plan`). Without a season or dates, all seasons with a schedule are
    shown. Ends with exit code 3 if a problem is open, if a date with games has neither rows nor failures, or if the
    dates have no schedule. A failed check `plausible` is a warning, which counts only with `--strict`. Waived gaps are
    listed (see `waive`).

    Example: `nba-precompute status --season 2021 --format markdown`
    """
    import dagster as dg

    from nba_precompute.operations.status import read_status
    from nba_precompute.quality.row_counts import have_schedule

    is_range = first is not None or last is not None
    if season is not None:
        if is_range:
            raise typer.BadParameter("--season already sets the dates; leave out --from and --to")
        start, end = season_dates(season)
    else:
        start, end = first.date() if first else FIRST_DATE, last.date() if last else today()
        if end < start:
            raise typer.BadParameter(f"--to {end} is before --from {start}")
    warehouse = warehouse_from_environment()
    dagster_home()
    with dg.DagsterInstance.get() as instance:
        found = read_status(instance, warehouse, start, end)
    lines = {year: found.by_date(year) if by_date else found.by_month(year) for year in found.seasons}
    missing = {
        name: [counts.date for counts in of_table.values() if counts.is_missing]
        for name, of_table in found.row_counts.items()
    }
    if as_json:
        print_json([_as_dict(year, line) for year, of_season in lines.items() for line in of_season])
    elif form is OutputFormat.MARKDOWN:
        typer.echo(_markdown(found, lines, by_date=by_date))
    else:
        _show(lines, missing, found.waivers, by_date=by_date)
    every_line = [line for of_season in lines.values() for line in of_season]
    is_open = any(not line.is_done or (strict and line.warnings) for line in every_line)
    if not lines:
        is_text = form is OutputFormat.TEXT and not as_json
        say(
            "the schedule has no game on these dates up to today; if it should have some, load Phase 3",
            "yellow",
            stderr=not is_text,
        )
        is_open = bool(found.plan.work()) or not have_schedule(warehouse, calendar_between(start, end))
    if is_open or any(missing.values()):
        raise typer.Exit(PARTIAL)


def show_missing(missing: Mapping[str, Sequence[dt.date]]) -> None:
    """Print, by table, the dates with games that have neither rows nor failures."""
    for name, dates in missing.items():
        if dates:
            say(f"{name}: {len(dates)} dates with games have no rows, first {dates[0]}, last {dates[-1]}", "red")


def _share(line: StatusLine) -> str:
    return "-" if line.ready_share is None else f"{line.ready_share:.0%}"


def _updated(line: StatusLine) -> str:
    return f"{line.updated:%Y-%m-%d %H:%M}" if line.updated else "never"


def _period(line: StatusLine, *, by_date: bool) -> str:
    return str(line.first) if by_date else f"{line.first:%Y-%m}"


def _show(
    lines: Mapping[int, Sequence[StatusLine]],
    missing: Mapping[str, Sequence[dt.date]],
    waivers: Sequence[Waiver],
    *,
    by_date: bool,
) -> None:
    for year, of_season in lines.items():
        show(_season_table(year, of_season, by_date=by_date))
    every_line = [line for of_season in lines.values() for line in of_season]
    if by_date and lines:
        show(_totals(every_line))
        say(COUNTS_NOTE)
        show_missing(missing)
    if waivers:
        show(waivers_table(waivers))
    if any(line.sample_games for line in every_line):
        say(SAMPLE_NOTE, "yellow")


def _open(line: StatusLine) -> Text:
    """Join the problems and, in yellow, the warnings."""
    warnings = [Text(f"warning: {warning}", "yellow") for warning in line.warnings]
    return Text("; ").join([*(Text(problem) for problem in line.problems), *warnings])


def _season_table(year: int, lines: Sequence[StatusLine], *, by_date: bool) -> RichTable:
    rows: list[list[Cell] | None] = []
    before: dt.date | None = None
    for line in lines:
        if before and before != line.first:
            rows.append(None)
        progress = Text(f"{line.fresh}/{line.expected}", "green" if line.is_done else "yellow")
        rows.append(
            [
                "" if before == line.first else _period(line, by_date=by_date),
                line.table,
                progress,
                *(_counts(line) if by_date else [_share(line)]),
                _updated(line),
                _open(line),
            ]
        )
        before = line.first
    columns = [
        ShownColumn("date" if by_date else "month", wraps=False),
        ShownColumn("table", wraps=False),
        *number_columns("fresh", *(_COUNT_HEADINGS if by_date else ["ready"])),
        ShownColumn("updated", wraps=False),
        ShownColumn("open"),
    ]
    return data_table(f"{season_label(year)} (times in UTC)", columns, rows)


_COUNT_HEADINGS = ("rows", "ready", "incomplete", "failed")


def _counts(line: StatusLine) -> list[str]:
    return [f"{number:,}" for number in (line.rows, line.ready_rows, line.incomplete_rows, line.failures)]


def _totals(lines: Sequence[StatusLine]) -> RichTable:
    by_table: dict[str, list[StatusLine]] = defaultdict(list)
    for line in lines:
        by_table[line.table].append(line)
    rows = [
        (
            name,
            f"{sum(line.expected for line in of_table):,}",
            f"{sum(line.rows for line in of_table):,}",
            f"{sum(line.ready_rows for line in of_table):,}",
            f"{sum(line.incomplete_rows for line in of_table):,}",
            f"{sum(line.failures for line in of_table):,}",
        )
        for name, of_table in by_table.items()
    ]
    columns = [ShownColumn("table", wraps=False), *number_columns("game dates", *_COUNT_HEADINGS)]
    return data_table("in total", columns, rows)


def _markdown(found: Status, lines: Mapping[int, Sequence[StatusLine]], *, by_date: bool) -> str:
    """Format a checklist: a heading per season and table, a box per month (or date)."""
    text = ["# Phase 4"]
    for year, of_season in lines.items():
        text += ["", f"## {season_label(year)}"]
        for name in found.plan.entries:
            text += ["", f"### {name}", ""]
            for line in of_season:
                if line.table == name:
                    box = "x" if line.is_done else " "
                    problems = f"; open: {'; '.join(line.problems)}" if line.problems else ""
                    warnings = f"; warnings: {'; '.join(line.warnings)}" if line.warnings else ""
                    text.append(
                        f"- [{box}] {_period(line, by_date=by_date)}: {line.fresh} of {line.expected} dates, "
                        f"{_share(line)} ready, updated {_updated(line)}{problems}{warnings}"
                    )
    if found.waivers:
        text += ["", "## Waived gaps", ""]
        text += [f"- {waiver.date} {waiver.team}: {waiver.reason} ({waiver.waived_by})" for waiver in found.waivers]
    return "\n".join(text)


def _as_dict(year: int, line: StatusLine) -> dict[str, Any]:
    return {
        "season": year,
        "table": line.table,
        "first_date": line.first,
        "expected": line.expected,
        "fresh": line.fresh,
        "rows": line.rows,
        "ready_rows": line.ready_rows,
        "incomplete_rows": line.incomplete_rows,
        "failures": line.failures,
        "ready_share": line.ready_share,
        "updated": line.updated,
        "problems": list(line.problems),
        "warnings": list(line.warnings),
        "waivers": [asdict(waiver) for waiver in line.waivers],
    }
