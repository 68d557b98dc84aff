"""Every statement is GoogleSQL: Google's own analyser accepts it against the declared schemas.

`zetasql` is the analyser behind BigQuery, compiled to WebAssembly; loading it takes half a minute, so these tests share
it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder, TypeFactory
from zetasql.types import AnalyzerOptions, LanguageOptions, ProductMode, TypeKind, ZetaSQLBuiltinFunctionOptions

from nba_precompute.sql import RunDates, render
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Column, Table
from nba_precompute_tests.league import days

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("zetasql")]

ONE_DATE = RunDates.of([dt.date(2021, 11, 5)])
TWO_SEASONS = RunDates.of(days(dt.date(2021, 10, 19), dt.date(2023, 4, 9)))

KINDS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "BOOL": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "TIMESTAMP": TypeKind.TYPE_TIMESTAMP,
}

Analyse = Callable[[str], None]


@pytest.fixture(scope="session")
def analyse() -> Analyse:
    """Raises where a statement is not valid GoogleSQL over the declared tables and their stages."""
    language = LanguageOptions.maximum_features()
    language.product_mode = ProductMode.PRODUCT_EXTERNAL
    catalog = CatalogBuilder("warehouse")

    def add(name: str, columns: Sequence[Column]) -> None:
        table = TableBuilder(name)
        for column in columns:
            if column.type.startswith("ARRAY"):
                element = TypeFactory.create_simple_type(KINDS[column.type[6:-1]])
                table.add_column(column.name, TypeFactory.create_array_type(element))
            else:
                table.add_column(column.name, KINDS[column.type])
        catalog.add_table(table.build())

    for source in SOURCES.values():
        add(f"{source.dataset}.{source.name}", source.columns)
    for table in (*TABLES.values(), PRECOMPUTE_FAILURES):
        add(f"{table.dataset}.{table.name}", table.published_columns)
        staged = (
            Column("failure_reason", "STRING"),
            Column("failure_detail", "STRING"),
            Column("copy_number", "INT64"),
        )
        add(f"stage_{table.name}", (*table.columns, Column("data_hash", "STRING"), *staged))
    built = catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language)).build()
    analyser = Analyzer(AnalyzerOptions(language_options=language), built)
    return lambda sql: analyser.analyze_statement(sql)


def statements(table: Table, run: RunDates) -> dict[str, str]:
    """Every statement that a run of the table sends, by template."""

    def fingerprint(columns: Sequence[str]) -> str:
        return f"CAST(FARM_FINGERPRINT(TO_JSON_STRING(STRUCT({', '.join(columns)}))) AS NUMERIC)"

    stage, now = f"`stage_{table.name}`", "TIMESTAMP '2022-01-01 00:00:00+00'"
    return {
        "inspect": render("inspect", table, run, fingerprint=fingerprint),
        "stage": render("stage", table, run, select=render(table.name, table, run)),
        "frame": render("frame", table, run, rows=stage),
        "audit": render("audit", table, run, stage=stage),
        "merge_failures": render("merge_failures", table, run, stage=stage, now=now),
        "merge": render("merge", table, run, stage=stage, now=now),
        "read_back": render("read_back", table, run),
        "coverage": render("coverage", table, run),
    }


@pytest.mark.parametrize("run", [ONE_DATE, TWO_SEASONS], ids=["one date", "two seasons"])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_statement_is_googlesql(analyse: Analyse, table: Table, run: RunDates) -> None:
    for sql in statements(table, run).values():
        analyse(sql)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("SUM(points) AS points", "SUM(pionts) AS points"),
        ("game_status IS DISTINCT FROM 4", "game_status IS DISTINCT FROM 'final'"),
        ("COALESCE(CAST(days_rest AS STRING), '~')", "COALESCE(days_rest, '~')"),
        ("COUNT(*) >= 5", "list_count([1]) >= 5"),
        ("MAX(IF(game_type = 'playoffs', 1, 0))", "SUM([game_type])"),
        ("  WHERE TRUE  -- GoogleSQL wants a WHERE beside a QUALIFY\n", ""),
    ],
    ids=[
        "a misspelt column",
        "a wrong type",
        "a missing CAST",
        "a DuckDB function",
        "an array summed",
        "a bare QUALIFY",
    ],
)
def test_the_analyser_catches(analyse: Analyse, right: str, wrong: str) -> None:
    sql = statements(TABLES["player_daily_cache"], ONE_DATE)["stage"]
    assert right in sql
    with pytest.raises(Exception, match="INVALID_ARGUMENT"):
        analyse(sql.replace(right, wrong))
