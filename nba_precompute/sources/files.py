"""Directories of Phase 3 files, at most one per source table, read with exactly the declared columns and types.

Here: finding the files, and Parquet. Not here: CSV (`csv_files.py`), the accepted types (`declared.py`) and loading
(`loading.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.sources.csv_files import read_csv
from nba_precompute.sources.declared import Phase3Error, declared_table, places_of
from nba_precompute.sources.league_files import recognize
from nba_precompute.tables import SOURCES, Source

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = (".parquet", ".csv", ".csv.gz")

_FILES_TO_RECOGNIZE = 20


def read_directory(directory: Path) -> dict[str, pa.Table]:
    """Read `<table>.parquet`, `.csv` or `.csv.gz` of some or all of the five source tables (contract, section 2).

    Other files and other columns are ignored, and so is the case of a column's name. Parquet columns must have their
    declared type; also accepted are narrower integers, FLOAT64 with only whole values for INT64, integers and decimals
    for FLOAT64, timestamps without a time zone (taken as UTC), timestamps at midnight for DATE, and columns of
    Parquet's null type. Not accepted are FLOAT32 for FLOAT64, and strings for any other type. CSV cells:
    `csv_files.read_csv`.

    Returns:
        The tables that have a file, by name, in the order of the declarations, each with exactly its declared columns,
        in order.

    Raises:
        Phase3Error: with one line per problem of any file, such as
            `<path>: column points: expected INT64, found STRING`; also if there is no file of any table.
    """
    return read_directories([directory])[0]


def read_directories(directories: Sequence[Path]) -> list[dict[str, pa.Table]]:
    """Read each directory as `read_directory` does, and report the problems of all in one error.

    Raises:
        Phase3Error: as `read_directory`.
    """
    problems: list[str] = []
    result = []
    for directory in directories:
        tables, found = _read(directory)
        result.append(tables)
        problems += found
    if problems:
        raise Phase3Error(problems)
    return result


def is_phase3(directory: Path) -> bool:
    """Return True if the folder has a file that is named after one of the five sources, and is none of the league's."""
    return any(not recognize(path) for paths in _paths(directory).values() for path in paths)


def _paths(directory: Path) -> dict[str, list[Path]]:
    return {
        name: [path for format_ in FORMATS if (path := directory / f"{name}{format_}").exists()] for name in SOURCES
    }


def _read(directory: Path) -> tuple[dict[str, pa.Table], list[str]]:
    if not directory.exists():
        return {}, [f"{directory}: no such directory"]
    paths = _paths(directory)
    if not any(paths.values()):
        if form := _public_form(directory):
            return {}, [_told_import(directory, form)]
        return {}, [f"{directory}: no Phase 3 file; expected some of {', '.join(SOURCES)}, as {', '.join(FORMATS)}"]
    problems = []
    tables = {}
    for name, found in paths.items():
        if len(found) > 1:
            problems.append(f"{directory}: {' and '.join(path.name for path in found)} both exist; keep one")
        elif found and (form := recognize(found[0])):
            problems.append(_told_import(found[0], form))
        elif found:
            tables[name], misfits = _read_file(found[0], SOURCES[name])
            problems += [f"{found[0]}: {misfit}" for misfit in misfits]
    return tables, problems


def _told_import(path: Path, form: str) -> str:
    return f"{path}: {form} of the league, not Phase 3; run `nba-precompute import {path}`"


def _public_form(path: Path) -> str | None:
    """Return the form of a file of the league, or of the first ones in a folder; None if they have none."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return next((form for file in files[:_FILES_TO_RECOGNIZE] if (form := recognize(file))), None)


def _read_file(path: Path, source: Source) -> tuple[pa.Table | None, list[str]]:
    try:
        return _read_parquet(path, source) if path.suffix == ".parquet" else read_csv(path, source)
    except OSError as error:
        return None, [f"cannot be read: {error}"]


def _read_parquet(path: Path, source: Source) -> tuple[pa.Table | None, list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not read_table, which adds a column for every folder of the path named `name=value`.
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = {names[place] for column in source.column_names for place in places_of(column, names)}
            table = file.read(columns=sorted(wanted))
    except pa.ArrowException as error:
        return None, [f"cannot be read as Parquet: {error}"]
    return declared_table(source, table, names)
