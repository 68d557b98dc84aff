"""`export`: training sets from the feature store, as files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, dates_between
from nba_precompute.cli.output import SAMPLE_NOTE, data_table, number_columns, print_json, say, show, text_columns
from nba_precompute.operations.export import FileFormat
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nba_precompute.operations.export import SeasonFile

MOST_DATES = 10


def command(
    first: First,
    last: Last,
    out: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="New or empty folder, or an earlier export, which is replaced."),
    ],
    format: Annotated[FileFormat, typer.Option(help="File format; CSV needs `--wide`.")] = FileFormat.PARQUET,
    wide: Annotated[
        bool, typer.Option("--wide", help="Write a column `<feature>_source` per feature instead of one list.")
    ] = False,
    labels: Annotated[
        bool, typer.Option(help="Add the points that each player scored, and leave out players who did not play.")
    ] = True,
    include_rows_that_are_not_ready: Annotated[
        bool,
        typer.Option(
            "--include-rows-that-are-not-ready", help="Keep rows whose `is_quality_ready` is false; not for training."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a training set: one file per season with features, their sources and labels.

    Only rows that are ready are written, unless `--include-rows-that-are-not-ready` is given; `manifest.json` describes
    every column. Ends with exit code 3 if a date with games has no rows or no box score; the other dates are written.

    Example: `nba-precompute export --from 2021-10-19 --to 2022-04-10 --format parquet --out training`
    """
    from nba_precompute.operations.export import export

    if format is FileFormat.CSV and not wide:
        raise typer.BadParameter("CSV has no lists: add --wide", param_hint="--format")
    written = export(
        warehouse_from_environment(),
        dates_between(first, last),
        out,
        format=format,
        wide=wide,
        labels=labels,
        include_rows_that_are_not_ready=include_rows_that_are_not_ready,
    )
    if as_json:
        print_json({"out": str(out), "files": [asdict(file) for file in written]})
    else:
        _show(out, written)
    if not all(file.is_whole for file in written):
        raise typer.Exit(PARTIAL)


def _show(out: Path, written: Sequence[SeasonFile]) -> None:
    columns = [*text_columns("file"), *number_columns("rows", "left out: not ready", "left out: no label")]
    rows = [(file.name, f"{file.rows:,}", f"{file.not_ready:,}", f"{file.not_played:,}") for file in written]
    show(data_table(str(out), columns, rows))
    say("no label: listed, but did not play for that team; manifest.json describes every column")
    if any(file.is_sample for file in written):
        say(SAMPLE_NOTE, "yellow")
    for file in written:
        for dates, problem in ((file.missing_dates, "have no rows"), (file.unplayed_dates, "have no box score")):
            if dates:
                named = ", ".join(str(date) for date in dates[:MOST_DATES]) + (
                    " ..." if len(dates) > MOST_DATES else ""
                )
                say(f"{file.name}: {len(dates)} dates with games {problem}: {named}", "red")
