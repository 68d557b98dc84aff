"""The forms of the predecessor's tables: Google's analyzer accepts them, and every scan bounds the partition column."""

from __future__ import annotations

from typing import cast

import pytest
import sqlglot
from sqlglot import exp

from nba_precompute.sql.source_forms import PREDECESSOR, SourceForm
from nba_precompute.tables import SOURCES, Column
from nba_precompute.tables.schema import ColumnType
from nba_precompute.warehouse.forms import widened
from nba_precompute_tests.sql.judge import Judge
from nba_precompute_tests.sql.statements import SETTINGS
from nba_precompute_tests.support.predecessor import DATES, schema_of

EVERY_FORM = pytest.mark.parametrize(("name", "date"), [(name, date) for date in DATES for name in SOURCES])
SCHEDULE = "nbac_schedule"


def select_of(name: str, date: str) -> str:
    """Return the SELECT for the columns of a date."""

    def rendered(name: str, schedule: str = "") -> str:
        source = SOURCES[name]
        form = SourceForm(source, PREDECESSOR)
        return form.select(SETTINGS.relation(source), schema_of(name, date)["columns"], schedule)

    return rendered(name, "" if name == SCHEDULE else rendered(SCHEDULE))


@EVERY_FORM
def test_every_scan_has_a_bound_of_its_own(name: str, date: str) -> None:
    """`require_partition_filter` refuses a query without one; the emulator looks at the statement, not at each scan."""
    statement = sqlglot.parse_one(select_of(name, date), read="bigquery")
    scans = [table for table in statement.find_all(exp.Table) if table.name in SOURCES]
    assert {table.name for table in scans} == {name} | ({SCHEDULE} if name == "player_game_summary" else set())
    for table in scans:
        holder = table.find_ancestor(exp.Select)
        assert holder is not None
        where = holder.args["where"]
        bounds = [bound for bound in where.find_all(exp.GTE) if bound.this.name == "game_date"]
        assert [bound.expression.find(exp.Literal).name for bound in bounds] == ["1946-11-01"]


@pytest.mark.slow
@pytest.mark.parametrize("date", DATES)
def test_googles_analyzer_accepts_them(date: str) -> None:
    def columns(name: str) -> tuple[Column, ...]:
        types = schema_of(name, date)["columns"].items()
        return tuple(Column(column, type_of(type_)) for column, type_ in types if not type_.startswith("ARRAY"))

    judge = Judge({SETTINGS.path(source): columns(name) for name, source in SOURCES.items()})
    for name in SOURCES:
        judge.analyze(select_of(name, date))


def type_of(type_: str) -> ColumnType:
    """Return a type of their schemas as the analyzer knows it, without parameters."""
    name = type_.removesuffix(" NOT NULL").split("(")[0]
    return cast(ColumnType, "BOOL" if name == "BOOLEAN" else name)


@pytest.mark.slow
def test_googles_analyzer_accepts_what_widens_a_type() -> None:
    date = SOURCES[SCHEDULE].columns[1]
    widening = widened(date, "game_date", "DATETIME")
    Judge({}).analyze(f"SELECT {widening} AS game_date FROM (SELECT DATETIME '2021-10-19 00:00:00' AS game_date)")
