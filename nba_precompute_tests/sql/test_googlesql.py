"""Google's analyzer, with the language features of BigQuery, accepts every statement that the product can send."""

from __future__ import annotations

import re

import pytest

from nba_precompute.sql import DIRECTORY, RunDates
from nba_precompute.tables import EVERY_TABLE, TABLES, Column, Table
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute_tests.sql.import_statements import import_statements, units_of
from nba_precompute_tests.sql.judge import Judge
from nba_precompute_tests.sql.statements import (
    ONE_DATE,
    SEASON,
    SETTINGS,
    every_statement,
    other_statements,
    stage_of,
    staged_columns,
    statements_of_a_run,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def judge() -> Judge:
    """An analyzer over the declared tables and their stages."""
    tables = {SETTINGS.path(table): table.published_columns for table in EVERY_TABLE}
    tables |= {stage_of(table).strip("`"): staged_columns(table) for table in EVERY_TABLE}
    for raw in LEAGUE_TABLES.values():
        tables |= {SETTINGS.path(raw): raw.columns, stage_of(raw).strip("`"): raw.columns}
        tables[units_of(raw).strip("`")] = (Column("unit", "STRING"), Column("state", "STRING"))
    return Judge(tables)


def refused(judge: Judge, statements: dict[str, str]) -> list[str]:
    """Return the analyzer's errors."""
    found = []
    for name, sql in statements.items():
        try:
            judge.analyze(sql)
        except Exception as error:
            found.append(f"{name}: {error}")
    return found


@pytest.mark.parametrize("run", [ONE_DATE, SEASON], ids=["one date", "a season"])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_statement_of_a_run_is_googlesql(judge: Judge, table: Table, run: RunDates) -> None:
    assert refused(judge, statements_of_a_run(table, run)) == []


def test_every_other_statement_is_googlesql(judge: Judge) -> None:
    """The statements of init, loading, observing and the readers of tables."""
    assert refused(judge, other_statements(SEASON)) == []


def test_every_statement_of_an_import_is_googlesql(judge: Judge) -> None:
    assert refused(judge, import_statements()) == []


def test_no_statement_is_left_out() -> None:
    """Each template is analyzed: alone or within `stage`; the statements of a script one by one.

    The forms of sources are analyzed over their own tables (`test_predecessor_forms.py`).
    """
    templates = {path.stem for path in DIRECTORY.rglob("*.sql") if path.parts[-3] != "forms"}
    macros = {
        name
        for path in DIRECTORY.rglob("*.sql")
        for name in re.findall(r"import 'macros/(\w+)\.sql'", path.read_text(encoding="utf-8"))
    }
    analyzed = {re.split(r"\W", name)[0] for name in (*every_statement(ONE_DATE), *import_statements())}
    within_stage = {*TABLES, "frame"}
    assert analyzed == templates - macros - within_stage - {"replace_all"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("SUM(points) AS points", "SUM(pionts) AS points"),
        ("game_status IS DISTINCT FROM 4", "game_status IS DISTINCT FROM 'final'"),
        ("COALESCE(CAST(days_rest AS STRING), '~')", "COALESCE(days_rest, '~')"),
        ("COUNT(*) > 1", "list_count([1]) > 1"),
        ("COUNT(*) > 1", "5::INT64 > 1"),
        ("MAX(IF(game_type = 'playoffs', 1, 0))", "SUM([game_type])"),
        ("MAX(IF(game_type = 'playoffs', 1, 0))", "MAX([game_type])"),
        ("  WHERE TRUE  -- GoogleSQL requires a WHERE with QUALIFY\n", ""),
        ("CAST(minutes_played AS NUMERIC)", "CAST(minutes_played AS NUMERIC(38, 9))"),
        ("GROUP BY game_date, team_abbr", "GROUP BY game_date, team_abbr, [team_abbr]"),
    ],
    ids=[
        "a misspelled column",
        "a wrong type",
        "a missing CAST",
        "a DuckDB function",
        "a DuckDB cast",
        "an array summed",
        "the largest array",
        "a bare QUALIFY",
        "a parameter in a CAST",
        "grouping by an array",
    ],
)
def test_the_analyzer_catches(judge: Judge, right: str, wrong: str) -> None:
    sql = statements_of_a_run(TABLES["player_daily_cache"], ONE_DATE)["stage (player_daily_cache)"]
    assert right in sql
    with pytest.raises(Exception, match="INVALID_ARGUMENT"):
        judge.analyze(sql.replace(right, wrong))
