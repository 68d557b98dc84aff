"""`import`: the league's public files into the five sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nba_precompute.cli.app import PARTIAL, AsJson, Refused
from nba_precompute.cli.load_phase3 import load_progress, show_loaded
from nba_precompute.cli.output import console, data_table, number_columns, print_json, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from nba_precompute.sources.importing import Imported, OnStep

LINES = 20
"""The most files or games that are named per kind; `--json` names all."""


def command(
    paths: Annotated[list[Path], typer.Argument(exists=True, metavar="PATH...")],
    allow_shrink: Annotated[
        bool,
        typer.Option("--allow-shrink", help="Import even if a season of a source loses more than a fifth of its rows."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import the league's public files.

    Each PATH is a file, or a folder with files at any depth: V3 JSON (scheduleleaguev2, boxscoretraditionalv3,
    playbyplayv3), game logs of players or teams, play-by-play V2, shotchartdetail, commonteamroster, playerindex, and
    an availability CSV with the columns game_date, player, status. A file is recognized by its content; it may be
    gzipped. No network is used.

    A game replaces the same game of an earlier import. Then the five sources are derived for the seasons of the files,
    and the dates that differ are replaced, all in one transaction. The same files again change nothing. A folder of
    Phase 3 files, named after the sources, is loaded as by `load-phase3`.

    Ends with exit code 3 if a file could not be used, or if games lack a box score, a date or some of their shots.

    Example: `nba-precompute import archive/2022-23 rosters/2022-23 availability.csv`
    """
    from nba_precompute.sources import load_directories
    from nba_precompute.sources.files import is_phase3
    from nba_precompute.sources.importing import import_files

    warehouse = warehouse_from_environment()
    prepared = [path for path in paths if is_phase3(path)]
    is_partial = False
    if prepared:
        with load_progress() as on_table:
            for directory, loaded in load_directories(warehouse, prepared, on_table, allow_shrink=allow_shrink):
                is_partial |= show_loaded(str(directory), loaded)
    if public := [path for path in paths if path not in prepared]:
        with _progress() as on_step:
            imported = import_files(warehouse, public, on_step, allow_shrink=allow_shrink)
        if os.environ.get("DAGSTER_HOME"):
            _record(imported)
        if as_json:
            print_json(_as_json(imported))
        else:
            _show(imported)
        if not imported.forms:
            raise Refused("no file was read; nothing was imported")
        is_partial |= imported.is_partial
    if is_partial:
        raise typer.Exit(PARTIAL)


def _record(imported: Imported) -> None:
    """Record in Dagster which dates of the raw tables were replaced; `observe` does so for the sources."""
    import dagster as dg

    from nba_precompute.orchestration.assets.league_files import record_import

    with dg.DagsterInstance.get() as instance:
        record_import(instance, imported)


@contextmanager
def _progress() -> Iterator[OnStep]:
    """Show what is being done, and of the files how many are read."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("looking for files", total=None)
        yield lambda step, done, total: progress.update(task, description=step, completed=done, total=total)


def _show(imported: Imported) -> None:
    from nba_precompute.sources.gaps import KINDS, MISSING

    if imported.forms:
        rows = [(form.form, f"{form.files:,}", f"{form.games:,}", f"{form.rows:,}") for form in imported.forms]
        show(data_table("files", [*text_columns("form"), *number_columns("files", "games", "rows")], rows))
    if imported.tables:
        counts = [
            (table.table, *(f"{n:,}" for n in (table.changed, table.same, table.kept))) for table in imported.tables
        ]
        headings = number_columns("replaced", "unchanged", "kept")
        show(data_table("games, rosters or dates by raw table", [*text_columns("table"), *headings], counts))
    if imported.loaded:
        show_loaded(f"derived sources, {_seasons(imported.seasons)}", imported.loaded)
    if imported.repeated:
        say(f"{imported.repeated:,} rows stand in several files, and count once")
    if any(raw.kept for raw in imported.tables):
        say("kept: the warehouse has them in a richer form, with seconds or the places of shots")
    _list("cannot be used", imported.problems)
    _list("in no form that is read", imported.unrecognized)
    for kind, words in KINDS.items():
        found = [gap for gap in imported.gaps if gap.kind == kind]
        if kind in MISSING:
            _list(words, found)
        elif found:
            say(f"{words}: {len(found):,} of {imported.box_scores:,}")
    for column, features in imported.features.items():
        say(f"{column} is unknown in every row; it enters {', '.join(features)}")


def _list(what: str, found: Sequence[object]) -> None:
    if not found:
        return
    say(f"{what}: {len(found):,}", "yellow")
    for one in found[:LINES]:
        say(f"  {one}", "yellow")
    if len(found) > LINES:
        say(f"  and {len(found) - LINES:,} more", "yellow")


def _seasons(seasons: Sequence[int]) -> str:
    from nba_precompute.calendar import season_label

    return ", ".join(map(season_label, seasons))


def _as_json(imported: Imported) -> dict[str, Any]:
    return {
        "files": [asdict(form) for form in imported.forms],
        "problems": [str(problem) for problem in imported.problems],
        "unrecognized": [str(file) for file in imported.unrecognized],
        "rows_in_several_files": imported.repeated,
        "raw_tables": [
            {"table": raw.table, "replaced": raw.changed, "unchanged": raw.same, "kept": raw.kept}
            for raw in imported.tables
        ],
        "seasons": imported.seasons,
        "sources": [asdict(source) for source in imported.loaded if source.rows or source.removed_sample_rows],
        "changed_dates": imported.dates,
        "gaps": [asdict(gap) for gap in imported.gaps],
        "unknown_columns": imported.features,
    }
