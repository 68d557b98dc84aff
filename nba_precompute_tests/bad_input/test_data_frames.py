"""An asset that returns a DataFrame: strict columns and types, and the same audit as a SELECT."""

from __future__ import annotations

import datetime as dt
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nba_precompute.publishing.errors import AuditError
from nba_precompute.publishing.publish import publish
from nba_precompute.publishing.records import Outcome, Partition
from nba_precompute.tables import Column, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    LAST,
    OFF_DAY,
    PCF,
    PDC,
    SCHEDULE,
    TABLES,
    Row,
    content,
    load,
)
from nba_precompute_tests.support.league import Rows

MINUTES = Table(
    dataset="nba_precompute",
    name="minutes_forecast",
    description="The table of an asset written in pandas.",
    date_column="game_date",
    entity_column="player_lookup",
    columns=(
        Column("game_date", "DATE", nullable=False),
        Column("player_lookup", "STRING", nullable=False),
        Column("games", "INT64"),
        Column("minutes", "FLOAT64"),
        Column("is_starter", "BOOL"),
        Column("model", "STRING", nullable=False),
        Column("notes", "ARRAY<STRING>"),
    ),
)
NAME = MINUTES.name
EVE = LAST - dt.timedelta(days=1)


def frame(**columns: list[Any]) -> pd.DataFrame:
    """Build two valid rows, with some columns replaced."""
    good: dict[str, list[Any]] = {
        "game_date": [LAST, LAST],
        "player_lookup": ["atlplayer1", "bosplayer1"],
        "games": [3, 4],
        "minutes": [31.25, 28.5],
        "is_starter": [True, False],
        "model": ["a", "b"],
        "notes": [["x", "y"], []],
    }
    return pd.DataFrame(good | columns)


@pytest.fixture
def warehouse(published_warehouse: DuckDBWarehouse, _with_minutes: Path) -> DuckDBWarehouse:
    """The published league, and the table, empty."""
    shutil.copy(_with_minutes, published_warehouse.path)
    return published_warehouse


@pytest.fixture(scope="module")
def _with_minutes(_prepared_and_published: Path) -> Path:
    path = _prepared_and_published.with_name("minutes.duckdb")
    shutil.copy(_prepared_and_published, path)
    with DuckDBWarehouse(path).writing("test set-up") as session:
        session.schema.create_table(MINUTES, MINUTES.published_columns)
    return path


def write(warehouse: DuckDBWarehouse, value: pd.DataFrame, *dates: dt.date) -> Partition:
    """Publish the frame; return the record of LAST."""
    outcome: Outcome = publish(warehouse, MINUTES, value, dates or (LAST,), {}, "test")
    return outcome.partitions[LAST]


def written(partition: Partition) -> tuple[int, int, int, int, int]:
    """Rows: all, inserted, updated, deleted and unchanged."""
    return (partition.rows, partition.inserted, partition.updated, partition.deleted, partition.unchanged)


def stored(warehouse: DuckDBWarehouse) -> list[Row]:
    names = ", ".join(column.name for column in MINUTES.columns)
    with warehouse.reading("test") as session:
        return session.query(f"SELECT {names} FROM {session.relation(MINUTES)} ORDER BY 1, 2")


def refusal(warehouse: DuckDBWarehouse, value: pd.DataFrame, *dates: dt.date) -> str:
    """Return the message that refuses the frame; the published rows stay."""
    write(warehouse, frame())
    before = stored(warehouse)
    with pytest.raises(AuditError) as caught:
        write(warehouse, value, *dates)
    assert stored(warehouse) == before
    prefix = f"{NAME}: nothing was published: "
    assert str(caught.value).startswith(prefix)
    return str(caught.value).removeprefix(prefix)


def test_a_good_frame(warehouse: DuckDBWarehouse) -> None:
    """The index and the order of rows and columns do not matter; unchanged rows are not rewritten."""
    partition = write(warehouse, frame())
    assert written(partition) == (2, 2, 0, 0, 0)
    assert partition.decision == "computed: a DataFrame has no fingerprint of its inputs"
    turned = frame()[::-1][list(reversed(frame().columns))].set_index(pd.Index(["p", "q"]))
    partition = write(warehouse, turned)
    assert written(partition) == (2, 0, 0, 0, 2)
    assert stored(warehouse)[0] == {
        "game_date": LAST,
        "player_lookup": "atlplayer1",
        "games": 3,
        "minutes": 31.25,
        "is_starter": True,
        "model": "a",
        "notes": ["x", "y"],
    }
    partition = write(warehouse, frame(minutes=[31.25, 29.0])[1:])
    assert written(partition) == (1, 0, 1, 1, 0)


def test_numbers_that_are_none_are_null(warehouse: DuckDBWarehouse) -> None:
    """NaN and infinity in FLOAT64, NaN among whole numbers; -0 is 0; a FLOAT64 is stored with 4 decimals."""
    names = ["a", "b", "c", "d", "e"]
    value = pd.DataFrame(
        {
            "game_date": [LAST] * 5,
            "player_lookup": names,
            "games": [1.0, math.nan, 3.0, 4.0, 5.0],
            "minutes": [math.nan, math.inf, -math.inf, -0.0, 1.00005],
            "is_starter": [True, None, False, True, True],
            "model": names,
            "notes": [[], ["1"], ["2"], ["3"], ["4"]],
        }
    )
    partition = write(warehouse, value)
    assert partition.rows == 5
    rows = stored(warehouse)
    assert [row["minutes"] for row in rows] == [None, None, None, 0.0, 1.0001]
    assert math.copysign(1, rows[3]["minutes"]) == 1
    assert [row["games"] for row in rows] == [1, None, 3, 4, 5]
    assert [row["is_starter"] for row in rows] == [True, None, False, True, True]


def test_dates_as_pandas_reads_them(warehouse: DuckDBWarehouse) -> None:
    """datetime64 at midnight is a date."""
    partition = write(warehouse, frame(game_date=[pd.Timestamp(LAST), pd.Timestamp(LAST)]))
    assert partition.rows == 2
    assert {row["game_date"] for row in stored(warehouse)} == {LAST}


@pytest.mark.parametrize(
    ("values", "column", "type_"),
    [
        pytest.param({"games": [1.5, 2.0]}, "games", "INT64", id="a fraction for INT64"),
        pytest.param({"games": [1.0, math.inf]}, "games", "INT64", id="infinity for INT64"),
        pytest.param({"games": ["3", "4"]}, "games", "INT64", id="text for INT64"),
        pytest.param({"games": [True, False]}, "games", "INT64", id="truth for INT64"),
        pytest.param({"minutes": ["31.2", "20"]}, "minutes", "FLOAT64", id="text for FLOAT64"),
        pytest.param({"minutes": [True, False]}, "minutes", "FLOAT64", id="truth for FLOAT64"),
        pytest.param({"is_starter": [1, 0]}, "is_starter", "BOOL", id="numbers for BOOL"),
        pytest.param({"is_starter": ["True", "False"]}, "is_starter", "BOOL", id="text for BOOL"),
        pytest.param({"model": [1, 2]}, "model", "STRING", id="numbers for STRING"),
        pytest.param({"notes": ["x", "y"]}, "notes", "ARRAY<STRING>", id="text for ARRAY<STRING>"),
        pytest.param({"notes": [[1], [2]]}, "notes", "ARRAY<STRING>", id="numbers in ARRAY<STRING>"),
        pytest.param({"game_date": [str(LAST), str(LAST)]}, "game_date", "DATE", id="text for DATE"),
        pytest.param(
            {"game_date": [pd.Timestamp(2021, 11, 11, 19, 30)] * 2},
            "game_date",
            "DATE",
            id="a time of day for DATE",
        ),
    ],
)
def test_a_column_of_another_type(
    warehouse: DuckDBWarehouse, values: dict[str, list[Any]], column: str, type_: str
) -> None:
    """No value is guessed or truncated."""
    assert refusal(warehouse, frame(**values)).startswith(f"column {column}: expected {type_}, found ")


def test_missing_and_undeclared_columns(warehouse: DuckDBWarehouse) -> None:
    """One error names every problem."""
    value = frame(minute=[1.0, 2.0], games=["3", "4"]).drop(columns=["minutes", "model"])
    findings = refusal(warehouse, value).split("; ")
    assert findings[:3] == [
        "column minutes is missing",
        "column model is missing",
        "column minute is not declared",
    ]
    assert findings[3].startswith("column games: expected INT64")
    assert len(findings) == 4


def test_a_duplicate_column(warehouse: DuckDBWarehouse) -> None:
    """pandas allows it (a merge, a concat), but it is ambiguous."""
    value = pd.concat([frame(), frame()[["minutes"]]], axis=1)
    assert "minutes" in refusal(warehouse, value)


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ({"player_lookup": ["atlplayer1", None]}, f"rows with a NULL key: 1 ({LAST})"),
        ({"model": [None, "b"]}, f"rows with NULL in a required column: 1 ({LAST})"),
        ({"game_date": [LAST, EVE]}, f"rows for a date that is not in the run: 1 ({EVE})"),
    ],
)
def test_rows_that_break_a_rule(warehouse: DuckDBWarehouse, values: dict[str, list[Any]], finding: str) -> None:
    """The audit names the rule and the date."""
    assert finding in refusal(warehouse, frame(**values)).split("; ")


def test_a_row_without_a_date(warehouse: DuckDBWarehouse) -> None:
    """Such a row belongs to no partition."""
    assert "NULL" in refusal(warehouse, frame(game_date=[LAST, None]))


def test_a_date_of_the_run_without_rows(warehouse: DuckDBWarehouse) -> None:
    """The table holds exactly the frame's rows for exactly the run's dates."""
    both = frame(game_date=[LAST, EVE])
    write(warehouse, both, EVE, LAST)
    assert [row["game_date"] for row in stored(warehouse)] == [EVE, LAST]
    write(warehouse, both[:1])  # a run for LAST alone does not touch the day before
    assert [row["game_date"] for row in stored(warehouse)] == [EVE, LAST]
    partition = write(warehouse, both[1:], EVE, LAST)
    assert (partition.rows, partition.deleted) == (0, 1)
    assert [row["game_date"] for row in stored(warehouse)] == [EVE]
    assert write(warehouse, both[:0], EVE, LAST).rows == 0
    assert stored(warehouse) == []


def test_duplicate_keys(warehouse: DuckDBWarehouse) -> None:
    """One row per key is published; the others, and the keys whose rows differ, are counted."""
    same, differs = frame()[:1], frame(minutes=[31.25, 28.7])[1:]
    value = pd.concat([frame(), same, same, differs])
    results = []
    for rows in (value, value[::-1]):
        partition = write(warehouse, rows)
        assert (partition.rows, partition.duplicates_dropped, partition.conflicting_keys) == (2, 3, 1)
        results.append(stored(warehouse))
    assert results[0] == results[1]  # the winner does not depend on the order
    assert results[0][1]["minutes"] in (28.5, 28.7)


# --- A Phase 4 table: every member of its population needs a row or a failure, even from a DataFrame ---


@pytest.fixture
def factors(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    """The published composite factors of LAST, as pandas reads them."""
    table = TABLES[PCF]
    names = ", ".join(column.name for column in table.columns)
    with warehouse.reading("test") as session:
        return session.frame(f"SELECT {names} FROM {session.relation(table)} WHERE game_date = DATE '{LAST}'")


def publish_factors(warehouse: DuckDBWarehouse, value: pd.DataFrame) -> Partition:
    return publish(warehouse, TABLES[PCF], value, [LAST], {}, "test").partitions[LAST]


def test_a_phase4_frame_with_a_row_for_every_member(warehouse: DuckDBWarehouse, factors: pd.DataFrame) -> None:
    """Read from the warehouse and written back: nothing changes."""
    before = content(warehouse)
    partition = publish_factors(warehouse, factors)
    assert (partition.rows, partition.unchanged, partition.failures) == (48, 48, 0)
    assert content(warehouse) == before


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda rows: rows[1:], "members of the population with neither a row nor a failure: 1"),
        (
            lambda rows: pd.concat([rows, rows[:1].assign(player_lookup="somebody")]),
            "rows or failures outside the population: 1",
        ),
        (
            lambda rows: rows.assign(is_production_ready=[None, *rows["is_production_ready"][1:]]),
            "rows with NULL in a required column: 1",
        ),
        (lambda rows: rows[:0], "members of the population with neither a row nor a failure: 48"),
    ],
)
def test_a_phase4_frame_that_breaks_a_rule(
    warehouse: DuckDBWarehouse,
    factors: pd.DataFrame,
    damage: Callable[[pd.DataFrame], pd.DataFrame],
    finding: str,
) -> None:
    """The error names the rule and the date; the published rows stay."""
    before = content(warehouse)
    with pytest.raises(AuditError) as caught:
        publish_factors(warehouse, damage(factors))
    assert str(caught.value) == f"{PCF}: nothing was published: {finding} ({LAST})"
    assert content(warehouse) == before


def test_a_phase4_frame_cannot_record_failures(warehouse: DuckDBWarehouse) -> None:
    """Members of the population that cannot have a row in the daily cache are unaccounted for."""
    table = TABLES[PDC]
    names = ", ".join(column.name for column in table.columns)
    with warehouse.reading("test") as session:
        rows = session.frame(f"SELECT {names} FROM {session.relation(table)} WHERE cache_date = DATE '{LAST}'")
    with pytest.raises(AuditError, match="members of the population with neither a row nor a failure: 6"):
        publish(warehouse, table, rows, [LAST], {}, "test")


def test_an_empty_schedule_does_not_empty_a_frames_table(
    warehouse: DuckDBWarehouse, factors: pd.DataFrame, league: Rows
) -> None:
    """An empty schedule means an empty population; a frame without rows is refused, as a SELECT is."""
    league[SCHEDULE] = []
    load(warehouse, league)
    before = content(warehouse)
    outcome = publish(warehouse, TABLES[PCF], factors[:0], [LAST], {}, "test")
    assert (outcome.partitions, outcome.refused.keys()) == ({}, {LAST})
    assert content(warehouse) == before


def test_a_frames_rows_of_a_refused_date_are_left_out(
    warehouse: DuckDBWarehouse, factors: pd.DataFrame, league: Rows
) -> None:
    """They would belong to no date of the run, which stops the other dates as well."""
    league[CONTEXT].append(league[CONTEXT][0] | {"game_date": OFF_DAY, "game_id": "unknown"})
    load(warehouse, league)
    before = content(warehouse)
    rows = pd.concat([factors, factors[:3].assign(game_date=OFF_DAY)])
    outcome = publish(warehouse, TABLES[PCF], rows, [OFF_DAY, LAST], {}, "test")
    assert (outcome.partitions[LAST].unchanged, outcome.refused.keys()) == (48, {OFF_DAY})
    assert content(warehouse) == before
