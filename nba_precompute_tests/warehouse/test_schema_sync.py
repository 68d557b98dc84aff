"""`init` on DuckDB: the differences that it resolves, and those that it refuses with statements that resolve them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from nba_precompute.tables import EVERY_TABLE, SOURCES, TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.schema_sync import Drift, deploy, differences
from nba_precompute_tests.support.league import execute, new_warehouse

TDZA = TABLES["team_defense_zone_analysis"]
NAME = "nba_precompute.team_defense_zone_analysis"


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return new_warehouse(tmp_path / "nba.duckdb", {})


def test_what_init_makes_is_what_is_declared(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    with warehouse.writing("test") as session:
        assert [difference.kind for difference in deploy(session)] == ["table"] * len(EVERY_TABLE)
        assert differences(session) == []
        assert deploy(session) == []


def test_new_nullable_columns_and_descriptions_are_added(warehouse: DuckDBWarehouse) -> None:
    execute(
        warehouse,
        f"ALTER TABLE {NAME} DROP opponent_pace",
        f"COMMENT ON COLUMN {NAME}.team_abbr IS 'it''s old'",
        f"COMMENT ON TABLE {NAME} IS NULL",
    )
    with warehouse.writing("test") as session:
        found = deploy(session)
        assert [(difference.kind, difference.name) for difference in found] == [
            ("description", "team_abbr"),
            ("column", "opponent_pace"),
            ("description", ""),
        ]
        assert str(found[1]) == f"{NAME}.opponent_pace: the column is missing"
        assert differences(session) == []


UNSAFE = {
    "a type": ("ALTER opponent_pace TYPE BIGINT", "opponent_pace: expected FLOAT64, found INT64"),
    "nullable": ("ALTER data_hash DROP NOT NULL", "data_hash: expected required, found nullable"),
    "required": ("ALTER opponent_pace SET NOT NULL", "opponent_pace: expected nullable, found required"),
    "an extra column": ("ADD COLUMN mascot VARCHAR", "mascot: the column is not declared"),
}


@pytest.mark.parametrize(("change", "words"), UNSAFE.values(), ids=UNSAFE)
def test_the_statements_of_a_refusal_make_it_right(warehouse: DuckDBWarehouse, change: str, words: str) -> None:
    execute(warehouse, f"ALTER TABLE {NAME} {change}", f"ALTER TABLE {NAME} DROP defensive_rating_last_15")
    with warehouse.writing("test") as session:
        before = session.schema.deployed(TDZA)
        with pytest.raises(Drift, match=words) as caught:
            deploy(session)
        assert session.schema.deployed(TDZA) == before  # not even the column that could have been added
    by_hand = [line for line in str(caught.value).splitlines() if line.startswith("ALTER")]
    with duckdb.connect(warehouse.path) as connection:
        for statement in by_hand:
            connection.execute(statement)
    with warehouse.writing("test") as session:
        deploy(session)
        assert differences(session) == []


def test_a_required_column_cannot_be_added_to_rows_that_lack_it(warehouse: DuckDBWarehouse) -> None:
    execute(warehouse, f"ALTER TABLE {NAME} DROP games_in_sample")
    with (
        warehouse.writing("test") as session,
        pytest.raises(Drift, match="games_in_sample: the required column") as caught,
    ):
        deploy(session)
    assert 'DROP TABLE "nba_precompute"."team_defense_zone_analysis";  -- then run `nba-precompute init`' in str(
        caught.value
    )


def test_a_source_is_held_to_columns_and_types_alone(warehouse: DuckDBWarehouse) -> None:
    source = SOURCES["team_offense_game_summary"]
    name = f"{source.dataset}.{source.name}"
    execute(warehouse, f"ALTER TABLE {name} ADD COLUMN attendance BIGINT", f"COMMENT ON TABLE {name} IS 'theirs'")
    with warehouse.writing("test") as session:
        assert deploy(session) == []
    execute(warehouse, f"ALTER TABLE {name} DROP pace")
    with warehouse.writing("test") as session, pytest.raises(Drift, match=r'ADD COLUMN "pace" DOUBLE;'):
        deploy(session)
