"""Reading files in a test: the rows by raw table, and what was said about the files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from nba_precompute.sources.league_files import LeagueFile, Problem, Unrecognized, read
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.warehouse.types import arrow_type

NOON = dt.datetime(2022, 10, 20, 12, tzinfo=dt.UTC)

Row = Mapping[str, Any]


@dataclass
class Result:
    """All that was read.

    Attributes:
        rows: by raw table; of tables without rows, none.
        forms: of the files, in the order in which they were read.
    """

    rows: dict[str, list[dict[str, Any]]]
    forms: list[str]
    problems: list[Problem]
    unrecognized: list[Unrecognized]
    repeated: int

    def by_key(self, table: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return the rows of a table by its declared key, which must be one."""
        key = LEAGUE_TABLES[table].key
        result = {tuple(row[column] for column in key): row for row in self.rows[table]}
        assert len(result) == len(self.rows[table])
        return result

    @property
    def texts(self) -> list[str]:
        """The problems, with the names of files without their folders."""
        return [f"{problem.path.name}: {problem.text}" for problem in self.problems]


def read_all(*paths: Path) -> Result:
    """Read everything; every table must have exactly the declared columns."""
    tables: dict[str, list[pa.Table]] = {}
    result = Result({}, [], [], [], 0)
    for item in read(paths, NOON):
        match item:
            case Problem():
                result.problems.append(item)
            case Unrecognized():
                result.unrecognized.append(item)
            case LeagueFile():
                result.forms.append(item.form)
                result.repeated += item.repeated
                for name, table in item.tables.items():
                    declared = [(column.name, arrow_type(column.type)) for column in LEAGUE_TABLES[name].columns]
                    assert table.schema == pa.schema(declared), name
                    tables.setdefault(name, []).append(table)
    result.rows = {name: pa.concat_tables(parts).to_pylist() for name, parts in tables.items()}
    return result
