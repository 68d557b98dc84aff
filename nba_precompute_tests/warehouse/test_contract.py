"""The contract of a warehouse, for both engines: every method of Warehouse, Session and Schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nba_precompute.tables import Column, Source
from nba_precompute.tables.schema import ColumnType
from nba_precompute.warehouse import MergeCounts, Replacement, Session, Warehouse, WarehouseBusy, WarehouseError
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.protocol import StatementRefused
from nba_precompute.warehouse.schema_sync import differences
from nba_precompute.warehouse.types import arrow_type

DATE = dt.date(2021, 10, 19)
MOMENT = dt.datetime(2021, 10, 20, 10, 0, 0, 123456, tzinfo=dt.UTC)
NASTY = "it's \\n a \"test\"\r\nwith `marks`, \ttabs, \\' and é"
"""A description with everything that a string literal has to escape."""

KEY = (Column("game_date", "DATE", "the date", nullable=False), Column("team_abbr", "STRING", NASTY, nullable=False))
VALUES: dict[str, tuple[ColumnType, Any]] = {
    "points": ("INT64", 2**62),
    "pace": ("FLOAT64", 0.1),
    "is_home": ("BOOL", True),
    "processed_at": ("TIMESTAMP", MOMENT),
    "notes": ("ARRAY<STRING>", ["b", "a"]),
    "shares": ("ARRAY<FLOAT64>", [1.5, 0.1]),
}
NULLABLE = ("points", "pace", "is_home", "processed_at")
"""The columns that may be NULL in every engine: BigQuery has no NULL arrays."""


def source(name: str, *, without: str = "") -> Source:
    """Return a table with a column of every type, or without one of them."""
    columns = (Column(column, type_, f"the {column}") for column, (type_, _) in VALUES.items() if column != without)
    return Source(
        dataset="nba_raw",
        name=name,
        description=f"{name}: {NASTY}",
        columns=(*KEY, *columns),
        key=("game_date", "team_abbr"),
        placing_columns=("game_date", "team_abbr"),
    )


@pytest.fixture(scope="module", params=["duckdb", "bigquery"])
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Return an empty warehouse of each engine."""
    if request.param == "bigquery":
        return request.getfixturevalue("new_bigquery")()
    return DuckDBWarehouse(tmp_path_factory.mktemp("contract") / "nba.duckdb")


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.writing("contract") as session:
        yield session


def rows_of(table: Source, *entries: dict[str, Any]) -> pa.Table:
    """Return rows with the table's columns; a column that an entry does not name has its value in `VALUES`."""
    full = {name: value for name, (_, value) in VALUES.items()} | {"game_date": DATE}
    return pa.Table.from_pylist(
        [full | entry for entry in entries],
        pa.schema([(column.name, arrow_type(column.type)) for column in table.columns]),
    )


def filled(session: Session, table: Source, *entries: dict[str, Any]) -> None:
    """Create the table with these rows."""
    session.schema.create_table(table, table.columns)
    staged = session.stage_rows(table.name, rows_of(table, *entries))
    session.replace_all([Replacement(table=table, where="TRUE", staged=staged)])


def teams(session: Session, table: Source) -> dict[str, int]:
    rows = session.query(f"SELECT team_abbr, points FROM {session.relation(table)}")
    return {row["team_abbr"]: row["points"] for row in rows}


# Warehouse


def test_capabilities_tell_the_truth(warehouse: Warehouse, session: Session) -> None:
    can = warehouse.capabilities
    assert (session.bytes_of("SELECT 1 AS x") is not None) == can.bills_bytes
    if can.file is not None:
        assert can.file.is_file()
    else:
        assert isinstance(warehouse, BigQueryWarehouse)
    table = source("history")
    filled(session, table, {"team_abbr": "BOS", "points": 1})
    now = session.timestamp(dt.datetime.now(dt.UTC))
    past = f"SELECT points FROM {session.relation(table)} FOR SYSTEM_TIME AS OF {now}"
    if can.keeps_history:
        session.query(past)
    else:
        with pytest.raises(WarehouseError):
            session.query(past)


def test_one_writer_at_a_time_where_there_is_one_file(
    warehouse: Warehouse, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nba_precompute.warehouse.duckdb.settings.WRITER_PATIENCE_SECONDS", 0.1)
    if warehouse.capabilities.file is None:
        with warehouse.writing("a second writer") as other:
            assert other.query("SELECT 1 AS x") == [{"x": 1}]
    else:
        with pytest.raises(WarehouseBusy, match=r"a second writer: .* held by .*contract"):
            warehouse.writing("a second writer").__enter__()


def test_its_description_names_the_place(warehouse: Warehouse) -> None:
    place = warehouse.settings.project if isinstance(warehouse, BigQueryWarehouse) else warehouse.capabilities.file
    assert str(place) in warehouse.describe()


def test_reading_refuses_writes(warehouse: Warehouse) -> None:
    table, new = source("reading"), source("new")
    with warehouse.writing("set-up") as session:
        filled(session, table, {"team_abbr": "BOS", "points": 1})
        before = session.schema.deployed(table)
    delete = "DELETE FROM {} WHERE team_abbr = 'BOS'"
    with warehouse.reading("contract") as session:
        relation = session.relation(table)
        for write in (
            lambda: session.schema.create_table(new, new.columns),
            lambda: session.schema.amend_table(table, [Column("rebounds", "INT64")]),
            lambda: session.replace_all([Replacement(table=table, where="TRUE", staged=None)]),
            lambda: session.execute(delete.format(relation), "delete"),
            lambda: session.publish(delete.format(relation), delete.format(relation)),
        ):
            with pytest.raises(WarehouseError):
                write()
        assert teams(session, table) == {"BOS": 1}
        assert session.schema.deployed(table) == before
        assert session.schema.deployed(new) is None


def test_what_is_staged_ends_with_the_session(warehouse: Warehouse) -> None:
    with warehouse.writing("contract") as session:
        stage = session.new_stage("short")
        session.execute(session.staging(stage, "SELECT 1 AS x"), "stage")
        assert session.query(f"SELECT x FROM {stage}") == [{"x": 1}]
    with warehouse.reading("contract") as session, pytest.raises(WarehouseError):
        session.query(f"SELECT x FROM {stage}")


# Session: statements


def test_a_query_returns_python_values(session: Session) -> None:
    table = source("values")
    filled(session, table, {"team_abbr": "é'\\\n\r`"}, {"team_abbr": "nulls"} | dict.fromkeys(NULLABLE))
    full, nulls = session.query(f"SELECT * FROM {session.relation(table)} ORDER BY team_abbr DESC")
    if full["team_abbr"] == "nulls":
        full, nulls = nulls, full
    expected = {"game_date": DATE, "team_abbr": "é'\\\n\r`"} | {name: value for name, (_, value) in VALUES.items()}
    assert full == expected
    assert {name: type(value) for name, value in full.items()} == {
        name: type(value) for name, value in expected.items()
    }
    assert full["processed_at"].utcoffset() == dt.timedelta(0)
    assert nulls == expected | {"team_abbr": "nulls"} | dict.fromkeys(NULLABLE)


def test_a_frame_has_the_same_types_from_every_engine(session: Session) -> None:
    table = source("frames")
    filled(session, table, {"team_abbr": "A"})
    whole = session.frame(f"SELECT * FROM {session.relation(table)}")
    assert {name: str(dtype) for name, dtype in whole.dtypes.items()} == {
        "game_date": "datetime64[us]",
        "team_abbr": "object",
        "points": "int64",
        "pace": "float64",
        "is_home": "bool",
        "processed_at": "datetime64[us, UTC]",
        "notes": "object",
        "shares": "object",
    }
    (row,) = whole.to_dict("records")
    assert (row["points"], row["pace"], row["is_home"], row["game_date"].date()) == (2**62, 0.1, True, DATE)
    assert row["processed_at"] == MOMENT
    assert (list(row["notes"]), list(row["shares"])) == (["b", "a"], [1.5, 0.1])


def test_nulls_in_a_frame_have_the_same_types_from_every_engine(session: Session) -> None:
    table = source("null_frames")
    filled(session, table, {"team_abbr": "A", "points": 7}, {"team_abbr": "B"} | dict.fromkeys(NULLABLE))
    frame = session.frame(f"SELECT * FROM {session.relation(table)} ORDER BY team_abbr")
    assert {name: str(frame[name].dtype) for name in NULLABLE} == {
        "points": "Int64",
        "pace": "float64",
        "is_home": "boolean",
        "processed_at": "datetime64[us, UTC]",
    }
    assert frame.loc[1, list(NULLABLE)].isna().all()
    assert np.isclose(frame.loc[0, "points"], 7)


@pytest.mark.parametrize(
    "moment",
    [MOMENT, MOMENT.replace(microsecond=0), MOMENT.astimezone(dt.timezone(dt.timedelta(hours=-5)))],
    ids=["microseconds", "seconds", "another zone"],
)
def test_the_literal_of_a_moment_is_that_moment(session: Session, moment: dt.datetime) -> None:
    assert session.query(f"SELECT {session.timestamp(moment)} AS t") == [{"t": moment}]


def test_a_relation_is_the_table_in_every_statement(session: Session) -> None:
    table = source("relation")
    filled(session, table, {"team_abbr": "BOS", "points": 1})
    relation = session.relation(table)
    assert relation.startswith("`")
    assert session.query(f"SELECT COUNT(*) AS n FROM {relation}") == [{"n": 1}]
    session.execute(f"UPDATE {relation} SET points = 2 WHERE team_abbr = 'BOS'", "update")
    assert teams(session, table) == {"BOS": 2}


def test_a_sum_of_fingerprints_depends_on_the_rows_alone(session: Session) -> None:
    """Not on their order, but on every value, its column, and the number of equal rows."""

    def content(rows: str, columns: tuple[str, ...] = ("a", "b")) -> int:
        ((value,),) = (
            row.values()
            for row in session.query(f"SELECT SUM({session.fingerprint(columns)}) AS content FROM UNNEST([{rows}])")
        )
        return int(value)

    base = content("STRUCT('x' AS a, 1 AS b), STRUCT('y' AS a, 2 AS b)")
    assert content("STRUCT('y' AS a, 2 AS b), STRUCT('x' AS a, 1 AS b)") == base
    others = [
        content("STRUCT('x' AS a, 2 AS b), STRUCT('y' AS a, 1 AS b)"),
        content("STRUCT('x' AS a, 1 AS b), STRUCT('y' AS a, 2 AS b), STRUCT('y' AS a, 2 AS b)"),
        content("STRUCT('x' AS a, 1 AS b), STRUCT('y' AS a, CAST(NULL AS INT64) AS b)"),
        content("STRUCT('x' AS a, 1 AS b), STRUCT('y' AS a, 2 AS b)", ("b", "a")),
    ]
    assert len({base, *others}) == 5


def test_preparing_runs_nothing(session: Session) -> None:
    before = len(session.jobs)
    session.prepare(f"SELECT * FROM {session.relation(source('never_made'))}")
    assert len(session.jobs) == before


def test_jobs_are_listed_where_queries_are_billed(warehouse: Warehouse, session: Session) -> None:
    session.query("SELECT 1 AS x", "look")
    assert [job.step for job in session.jobs] == (["look"] if warehouse.capabilities.bills_bytes else [])


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT no_such_column FROM (SELECT 1 AS x)"])
def test_a_bad_statement_is_a_warehouse_error(session: Session, sql: str) -> None:
    for run in (session.query, session.frame, lambda text: session.execute(text, "run")):
        with pytest.raises(WarehouseError):
            run(sql)


def test_a_missing_table_is_an_error_with_the_next_step(session: Session) -> None:
    with pytest.raises(WarehouseError, match="`nba-precompute init`"):
        session.query(f"SELECT 1 FROM {session.relation(source('never_made'))}")


# Session: writing


def test_staged_rows_are_those_that_were_given(session: Session) -> None:
    table = source("staged")
    entries = ({"team_abbr": "A", "notes": []}, {"team_abbr": "B"} | dict.fromkeys(NULLABLE))
    given = rows_of(table, *entries)
    stage = session.stage_rows("staged", given)
    assert session.query(f"SELECT * FROM {stage} ORDER BY team_abbr") == given.to_pylist()
    assert session.stage_rows("staged", given) != stage
    empty = session.stage_rows("staged", given.slice(0, 0))
    assert session.query(f"SELECT COUNT(*) AS n FROM {empty}") == [{"n": 0}]


@pytest.mark.parametrize("value", [None, ["a", None]], ids=["NULL array", "NULL element"])
def test_a_null_array_is_kept_or_refused_but_never_changed(
    warehouse: Warehouse, session: Session, value: list[str | None] | None
) -> None:
    rows = pa.table({"notes": pa.array([value], pa.list_(pa.string()))})
    if isinstance(warehouse, BigQueryWarehouse):
        with pytest.raises(WarehouseError, match="nulls: column notes has 1 NULL arrays or elements"):
            session.stage_rows("nulls", rows)
    else:
        assert session.query(f"SELECT * FROM {session.stage_rows('nulls', rows)}") == [{"notes": value}]


def merges(session: Session, failures: Source, table: Source, *points: tuple[str, int]) -> tuple[str, str]:
    """Return a MERGE into each table that inserts new rows, updates differing ones and deletes all others."""
    stage = session.stage_rows("merged", rows_of(table, *({"team_abbr": t, "points": p} for t, p in points)))

    def merge(target: Source) -> str:
        names = ", ".join(target.column_names)
        return (
            f"MERGE INTO {session.relation(target)} AS t USING (SELECT {names} FROM {stage}) AS s "
            "ON t.team_abbr = s.team_abbr "
            "WHEN MATCHED AND t.points != s.points THEN UPDATE SET points = s.points "
            f"WHEN NOT MATCHED BY TARGET THEN INSERT ({names}) VALUES ({names}) "
            "WHEN NOT MATCHED BY SOURCE THEN DELETE"
        )

    return merge(failures), merge(table)


def test_publishing_counts_what_each_merge_wrote(session: Session) -> None:
    failures, table = source("merged_failures"), source("merged_rows")
    filled(session, failures)
    filled(session, table, *({"team_abbr": t, "points": p} for t, p in (("A", 1), ("B", 2), ("C", 3))))
    new = (("A", 1), ("B", 5), ("D", 4))
    counts = session.publish(*merges(session, failures, table, *new))
    assert counts == (MergeCounts(inserted=3), MergeCounts(inserted=1, updated=1, deleted=1))
    assert teams(session, table) == teams(session, failures) == dict(new)
    again = session.publish(*merges(session, failures, table, *new))
    assert [count.written for count in again] == [0, 0]


def test_a_failed_publication_leaves_what_the_engine_promises(warehouse: Warehouse, session: Session) -> None:
    """DuckDB writes nothing. BigQuery keeps the failures, which the next run corrects (docs/bigquery.md)."""
    failures, table = source("torn_failures"), source("torn_rows")
    filled(session, failures)
    filled(session, table, {"team_abbr": "A", "points": 1})
    merge_failures, merge = merges(session, failures, table, ("B", 2))
    with pytest.raises(WarehouseError):
        session.publish(merge_failures, merge.replace("s.points THEN", "s.no_such_column THEN"))
    assert teams(session, table) == {"A": 1}
    assert teams(session, failures) == ({"B": 2} if isinstance(warehouse, BigQueryWarehouse) else {})


def test_replacements_are_made_and_counted(session: Session) -> None:
    first, second = source("replaced_first"), source("replaced_second")
    for table in (first, second):
        filled(session, table, {"team_abbr": "A", "points": 1}, {"team_abbr": "B", "points": 2})
    staged = session.stage_rows("new", rows_of(first, *({"team_abbr": t, "points": 3} for t in "CDE")))
    counts = session.replace_all(
        [
            Replacement(table=first, where="team_abbr = 'A'", staged=staged),
            Replacement(table=second, where="points > 0", staged=None),
        ]
    )
    assert counts == [MergeCounts(inserted=3, deleted=1), MergeCounts(deleted=2)]
    assert teams(session, first) == {"B": 2, "C": 3, "D": 3, "E": 3}
    assert teams(session, second) == {}
    assert session.replace_all([]) == []


def test_replacements_are_made_all_or_none(session: Session) -> None:
    first, second = source("kept_first"), source("kept_second")
    for table in (first, second):
        filled(session, table, {"team_abbr": "A", "points": 1})
    staged = session.stage_rows("new", rows_of(first, {"team_abbr": "B", "points": 2}))
    with pytest.raises(WarehouseError):
        session.replace_all(
            [
                Replacement(table=first, where="TRUE", staged=staged),
                Replacement(table=second, where="no_such_column", staged=staged),
            ]
        )
    assert teams(session, first) == teams(session, second) == {"A": 1}


def test_the_columns_of_a_result_are_known_before_it_is_computed(session: Session) -> None:
    """A session without forms reads every table by its name."""
    select = (
        "SELECT 'x' AS name, CAST(1 AS INT64) AS points, CAST(1.5 AS NUMERIC) AS pace, CAST(1.5 AS FLOAT64) AS share, "
        "TRUE AS is_home, DATE '2021-10-19' AS day, DATETIME '2021-10-19 19:30:00' AS tip, "
        "TIMESTAMP '2021-10-19 19:30:00+00' AS moment"
    )
    assert session.columns_of_result(select) == {
        "name": "STRING",
        "points": "INT64",
        "pace": "NUMERIC",
        "share": "FLOAT64",
        "is_home": "BOOL",
        "day": "DATE",
        "tip": "DATETIME",
        "moment": "TIMESTAMP",
    }
    for statement in ("SELECT no_such_column FROM (SELECT 1 AS x) AS y", "SELECT * FROM `nba_raw.no_such_table`"):
        with pytest.raises(StatementRefused, match=r"no_such|not found"):
            session.columns_of_result(statement)
    assert source("any") not in session.forms


# Schema


def test_a_created_table_is_deployed_as_declared(session: Session) -> None:
    table = source("created")
    assert session.schema.deployed(table) is None
    assert session.schema.columns_of([table]) == {"created": {}}
    session.schema.create_table(table, table.columns)
    deployed = session.schema.deployed(table)
    assert deployed is not None
    assert deployed.description == table.description
    assert deployed.layout == session.schema.layout(table)
    assert list(deployed.columns) == list(table.column_names)
    for column in table.columns:
        found = deployed.columns[column.name]
        assert (found.type, found.description) == (column.type, column.description)
        assert found.nullable in (None, column.nullable)
    assert session.schema.columns_of([table]) == {"created": {column.name: column.type for column in table.columns}}
    session.schema.create_table(table, KEY)  # exists: stays as it is
    assert session.schema.deployed(table) == deployed


def test_a_required_column_takes_no_null(session: Session) -> None:
    table = source("required")
    session.schema.create_table(table, table.columns)
    staged = session.stage_rows("nulls", rows_of(table, {"team_abbr": None}))
    with pytest.raises(WarehouseError):
        session.replace_all([Replacement(table=table, where="TRUE", staged=staged)])


def test_an_amended_table_has_the_missing_columns_and_every_description(session: Session) -> None:
    table, old = source("amended"), source("amended", without="pace")
    described = [Column(column.name, column.type, "old", nullable=column.nullable) for column in old.columns]
    session.schema.create_table(old, described)
    missing = [column for column in table.columns if column.name == "pace"]
    session.schema.amend_table(table, missing)
    deployed = session.schema.deployed(table)
    assert deployed is not None
    assert deployed.description == table.description
    assert {name: (column.type, column.description) for name, column in deployed.columns.items()} == {
        column.name: (column.type, column.description) for column in table.columns
    }


def test_the_statements_of_a_remedy_resolve_the_differences(warehouse: Warehouse, session: Session) -> None:
    table, old = source("remedied"), source("remedied", without="pace")
    changed = [Column(column.name, "INT64") if column.name == "is_home" else column for column in old.columns]
    session.schema.create_table(old, changed)
    found = differences(session, [table])
    assert [(difference.kind, difference.name) for difference in found] == [("column", "pace"), ("type", "is_home")]
    deployed = session.schema.deployed(table)
    assert deployed is not None
    remedy = session.schema.remedy(table, deployed, found)
    if isinstance(warehouse, DuckDBWarehouse):
        for statement in remedy.splitlines():
            session._connection.execute(statement)  # type: ignore[attr-defined]
    else:
        session.execute(remedy, "by_hand")
    assert differences(session, [table]) == []


def test_errors_of_the_catalog_are_warehouse_errors(session: Session) -> None:
    with pytest.raises(WarehouseError):
        session.schema.amend_table(source("never_made"), [])


def test_a_local_file_is_named_in_every_error_about_it(tmp_path: Path) -> None:
    path = tmp_path / "nba.duckdb"
    path.write_text("not a database" * 1000)
    with pytest.raises(WarehouseError, match=f"cannot open {path}: .*NBA_DUCKDB_PATH"):
        DuckDBWarehouse(path).reading("contract").__enter__()
