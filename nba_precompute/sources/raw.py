"""The raw tables of the league's files, and what an import changes in them: whole games, or what else is one unit.

Here: comparing staged rows with the warehouse's, and the raw tables as they are before and after an import. Not here:
reading files (`league_files/`), the sources that follow from raw tables (`deriving.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nba_precompute.sql import Relation, fill
from nba_precompute.tables import Source, Table
from nba_precompute.tables.league import IMPORT_UNITS, LEAGUE_GAMES, LEAGUE_PEOPLE, LEAGUE_TABLES
from nba_precompute.warehouse import Replacement, Session
from nba_precompute.warehouse.schema_sync import refuse_mismatches

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class RawChange:
    """What an import changes in a raw table.

    Attributes:
        given: the staged rows of the files.
        rows: the staged rows to write; `replaced` is the condition of the rows that they replace. Both are empty if
            nothing changes.
        changed, same, kept: numbers of units (`IMPORT_UNITS`): to be replaced, already as in the files, and left alone
            because the warehouse has a richer form of them (`RICHER_ROWS`).
    """

    table: Source
    given: str
    rows: str
    replaced: str
    changed: int
    same: int
    kept: int

    @property
    def replacement(self) -> Replacement:
        """The replacement that carries it out."""
        return Replacement(table=self.table, where=self.replaced, staged=self.rows)


def create_raw_tables(session: Session) -> None:
    """Create the raw tables unless they exist.

    Raises:
        SchemaMismatch: if one that exists does not match its declaration.
    """
    tables = list(LEAGUE_TABLES.values())
    deployed = session.schema.columns_of(tables)
    refuse_mismatches(session, [table for table in tables if deployed[table.name]])
    for table in tables:
        if not deployed[table.name]:
            session.schema.create_table(table, table.columns)


def stage(session: Session, rows: Mapping[str, Sequence[pa.Table]], without_games: Sequence[str]) -> dict[str, str]:
    """Stage the rows of the files by raw table.

    Args:
        without_games: games of which nothing is staged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    stages = {}
    for name, pieces in rows.items():
        table = pa.concat_tables(pieces)
        if without_games and "game_id" in table.column_names:
            table = table.filter(pc.invert(pc.is_in(table["game_id"], pa.array(without_games))))
        if table.num_rows:
            stages[name] = session.stage_rows(f"import_{name}", table)
    return stages


def changes(session: Session, stages: Mapping[str, str]) -> dict[str, RawChange]:
    """Compare the staged rows with the warehouse's, unit by unit; the file and the time of a row do not matter."""
    return {name: _change(session, LEAGUE_TABLES[name], given) for name, given in stages.items()}


def _change(session: Session, table: Source, given: str) -> RawChange:
    compared = [name for name in table.column_names if name not in ("file", "processed_at")]
    common = {"table": table, "given": given, "unit_columns": IMPORT_UNITS[table.name], "relation": session.relation}
    units = session.new_stage(f"units_{table.name}")
    select = fill("load/import_units", fingerprint=session.fingerprint(compared), **common)
    session.execute(session.staging(units, select), "stage")
    found = session.query(f"SELECT state, COUNT(*) AS units FROM {units} GROUP BY state", "compare")
    numbers = {row["state"]: row["units"] for row in found}
    rows = replaced = ""
    if "changed" in numbers:
        rows = session.new_stage(f"changed_{table.name}")
        session.execute(session.staging(rows, fill("load/import_rows", units=units, **common)), "stage")
        replaced = fill("load/import_replaced", units=units, **common)
    return RawChange(
        table=table,
        given=given,
        rows=rows,
        replaced=replaced,
        changed=numbers.get("changed", 0),
        same=numbers.get("same", 0),
        kept=numbers.get("kept", 0),
    )


def relation_after(session: Session, changed: Mapping[str, RawChange]) -> Relation:
    """Return the function that names the raw tables as the import leaves them."""

    def relation(table: Table | Source) -> str:
        change = changed.get(table.name)
        if change is None or not change.rows:
            return session.relation(table)
        return fill(
            "load/import_relation",
            table=table,
            relation=session.relation,
            replaced=change.replaced,
            changed=change.rows,
        )

    return relation


def seasons(session: Session, changed: Mapping[str, RawChange]) -> list[int]:
    """Return the seasons that the files may concern, changed or not."""
    given = {name: change.given for name, change in changed.items()}
    statement = fill(
        "derive/seasons",
        relation=relation_after(session, changed),
        before=session.relation,
        game_stages=[stage for name, stage in given.items() if "game_id" in LEAGUE_TABLES[name].column_names],
        people_stage=given.get("league_people"),
        availability_stage=given.get("league_availability"),
    )
    return [row["season_year"] for row in session.query(statement, "compare")]


def changed_dates(session: Session, change: RawChange, after: Relation) -> dict[dt.date, int]:
    """Return the number of rows to be written by date; none for people, who have no date, and for games without one."""
    if not change.rows or change.table is LEAGUE_PEOPLE:
        return {}
    statement = fill("load/import_dates", table=change.table, games=LEAGUE_GAMES, changed=change.rows, relation=after)
    return {row["as_of"]: row["row_count"] for row in session.query(statement, "compare")}
