"""Games and people, merged from all files that tell of them.

Here: one row per game from schedules and logs, one row per person and season from rosters and indexes. Not here: box
scores and plays, where one file has everything (`repeats.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files.model import Problem
from nba_precompute.sources.league_files.rows import to_table, transposed
from nba_precompute.sources.league_files.schedules import FINAL, NOT_PLAYED

if TYPE_CHECKING:
    import pyarrow as pa

Merged = tuple[dict[Path, "pa.Table"], list[Problem]]
"""The rows by the file that they are from, and contradictions."""


def merged_games(files: Iterable[tuple[Path, pa.Table]]) -> Merged:
    """Return one row per game: of the furthest status, then of the latest date (contract, section 2).

    A row of status 4 is the last choice: the game has been moved. Two final rows must have the same date and teams;
    nothing may be loaded of a game where they do not.
    """
    best: dict[str, tuple[Path, dict[str, Any]]] = {}
    contradictions: dict[str, Problem] = {}
    for path, table in files:
        for row in table.to_pylist():
            game_id = row["game_id"]
            before = best.setdefault(game_id, (path, row))
            if before[1] is row:
                continue
            if row["game_status"] == before[1]["game_status"] == FINAL and (difference := _differing(row, before[1])):
                contradictions.setdefault(
                    game_id,
                    Problem(
                        path,
                        f"{game_id} contradicts {before[0]}: {difference}; nothing of the game is loaded",
                        games=(game_id,),
                    ),
                )
            if _order(row) > _order(before[1]):
                best[game_id] = path, row
    return _by_file("league_games", best.values()), list(contradictions.values())


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["game_status"] != NOT_PLAYED, row["game_status"], row["game_date"]


def _differing(row: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    for column in ("game_date", "home_team_tricode", "away_team_tricode"):
        if row[column] != before[column]:
            return f"{column} {row[column]} and {before[column]}"
    return ""


def merged_people(files: Iterable[tuple[Path, pa.Table]]) -> Merged:
    """Return one row per person and season; the first known value of each column stands, rosters before indexes.

    A person on the rosters of two teams, as after a trade, is on the last one, and the problem says so.
    """
    people: dict[tuple[Any, ...], tuple[Path, dict[str, Any]]] = {}
    teams: dict[tuple[Any, ...], list[tuple[Path, str]]] = {}
    problems = []
    for path, table in files:
        for row in table.to_pylist():
            key = row["person_id"], row["season_year"]
            first, before = people.setdefault(key, (path, dict(row)))
            if row["roster_team_id"]:
                teams.setdefault(key, []).append((path, row["roster_team_id"]))
            if row["birth_date"] and before["birth_date"] and row["birth_date"] != before["birth_date"]:
                problems.append(
                    Problem(
                        path,
                        f"person {key[0]} contradicts {first}: birth_date {row['birth_date']} and "
                        f"{before['birth_date']}; the first stands",
                    )
                )
            for column, value in row.items():
                if before[column] is None:
                    before[column] = value
    for key, found in teams.items():
        if len({team for _, team in found}) > 1:
            path, newest = found[-1]
            people[key][1]["roster_team_id"] = newest
            problems.append(
                Problem(
                    path,
                    f"person {key[0]} is of team {newest} here and of {found[0][1]} in {found[0][0]}; the last stands",
                )
            )
    return _by_file("league_people", people.values()), problems


def _by_file(name: str, rows: Iterable[tuple[Path, Mapping[str, Any]]]) -> dict[Path, pa.Table]:
    grouped: dict[Path, list[Mapping[str, Any]]] = {}
    for path, row in rows:
        grouped.setdefault(path, []).append(row)
    return {path: to_table(name, transposed(found)) for path, found in grouped.items()}
