"""Every scan of a partitioned table has literal bounds within its run, in the parsed statement."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlglot
from sqlglot import exp

from nba_precompute.sql import RunDates
from nba_precompute.tables import EVERY_TABLE, SOURCES, TABLES, WAIVERS, Table
from nba_precompute_tests.sql.statements import SETTINGS, every_statement, statements_of_a_run

DATES = [dt.date(2021, 11, 5), dt.date(2021, 11, 6), dt.date(2021, 11, 9)]
SEASON = (dt.date(2021, 7, 1), dt.date(2022, 6, 30))
STATEMENTS = {
    name: sql
    for name, sql in every_statement(RunDates.of(DATES)).items()
    # These create a table, add to one, or read other seasons than the run's.
    if not name.startswith(("create_table", "create_stage", "insert_staged", "held_rows"))
}
DATE_COLUMNS = {
    # Waivers are of games, so they are read like sources.
    (SETTINGS.dataset(table.dataset), table.name): (table.date_column, table.name in SOURCES or table is WAIVERS)
    for table in EVERY_TABLE
}


def dates_in(expression: exp.Expression) -> list[dt.date]:
    return [
        dt.date.fromisoformat(literal.this)
        for literal in expression.find_all(exp.Literal)
        if literal.is_string and len(literal.this) == 10 and literal.this[4] == "-"
    ]


def bounds(condition: exp.Expression | None, column: str) -> list[dt.date]:
    """Return the literal dates that bound the column in the condition; empty if a side is open."""
    if isinstance(condition, exp.Paren):
        return bounds(condition.this, column)
    if isinstance(condition, exp.And):
        return bounds(condition.left, column) or bounds(condition.right, column)
    if isinstance(condition, exp.Or):
        sides = [side for side in (condition.left, condition.right) if not is_empty(side, column)]
        found = [bounds(side, column) for side in sides]
        return [date for dates in found for date in dates] if all(found) else []
    if isinstance(condition, exp.EQ | exp.Between) and isinstance(condition.this, exp.Column):
        return dates_in(condition) if condition.this.name == column else []
    return []


def is_empty(condition: exp.Expression, column: str) -> bool:
    """Return True if the condition adds no partition except that of rows without a date."""
    if isinstance(condition, exp.Paren):
        return is_empty(condition.this, column)
    if isinstance(condition, exp.Is):
        return condition.this.name == column and isinstance(condition.expression, exp.Null)
    return isinstance(condition, exp.Boolean) and not condition.this


def scans(statement: exp.Expression) -> list[tuple[exp.Table, exp.Expression | None]]:
    """Return every scan of a partitioned table, with its condition."""
    found = []
    for table in statement.find_all(exp.Table):
        if (table.db, table.name) not in DATE_COLUMNS:
            continue
        holder = table.find_ancestor(exp.Select, exp.Delete, exp.Merge)
        assert holder is not None
        if isinstance(holder, exp.Merge):
            found.append((table, holder.args["on"]))
            found += [(table, when.args.get("condition")) for when in holder.args["whens"].expressions]
        else:
            where = holder.args.get("where")
            found.append((table, where.this if where else None))
    return found


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_scan_has_literal_bounds(name: str) -> None:
    """A source is read within the run's seasons, a table and the failures on its dates; a check reads some weeks."""
    found = scans(sqlglot.parse_one(STATEMENTS[name], read="bigquery"))
    if not name.startswith("stage of a frame"):
        assert found
    for table, condition in found:
        column, is_source = DATE_COLUMNS[table.db, table.name]
        dates = bounds(condition, column)
        assert dates, (name, table.name, condition and condition.sql(dialect="bigquery"))
        if is_source:
            assert SEASON[0] <= min(dates) <= max(dates) <= SEASON[1], (name, table.name)
        elif name.startswith("check"):
            # The check compares a row with those of the weeks before.
            assert DATES[0] - dt.timedelta(days=60) <= min(dates) <= max(dates) == DATES[-1], (name, table.name)
        else:
            assert set(dates) == set(DATES), (name, table.name)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_open_scan_is_found(table: Table) -> None:
    """The test above can fail: without one of its bounds, a merge is open."""
    sql = statements_of_a_run(table, RunDates.of(DATES[2:]))[f"merge ({table.name})"]
    merge = sqlglot.parse_one(sql, read="bigquery")
    merge.args["whens"].expressions[-1].set("condition", None)
    assert [bounds(condition, table.date_column) for _, condition in scans(merge)][-1] == []
