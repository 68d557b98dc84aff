"""Simulated rows are recognized wherever they are, and never share a season with real ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_precompute.simulation import simulate_season
from nba_precompute.sources import SampleConflict, load, load_directories
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse import WarehouseError
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games, holds
from nba_precompute_tests.support.league import (
    Rows,
    execute,
    hashes,
    new_warehouse,
    real_season_directory,
    real_tables,
    run,
)

SECOND = OPENING + dt.timedelta(days=1)
LAST_DAY, NEXT_SEASON, LAST_SEASON = dt.date(2022, 6, 30), dt.date(2022, 7, 1), dt.date(2021, 6, 30)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path / "nba.duckdb")


def without_ids(rows: Rows) -> Rows:
    return {name: [row | {"game_id": None} for row in of_source] for name, of_source in rows.items()}


def test_real_rows_drive_out_a_whole_simulated_season(warehouse: DuckDBWarehouse) -> None:
    others = (game(LAST_SEASON, "SIM1"), game(NEXT_SEASON, "SIM2"))
    load(warehouse, games(*others, game(OPENING, "SIM3"), game(SECOND, "SIM4"), game(LAST_DAY, "SIM5")))
    loaded = load(warehouse, games(game(SECOND, "002")))
    removed = {
        entry.table: (entry.rows, entry.replaced, entry.removed_sample_rows, entry.unchanged) for entry in loaded
    }
    assert removed == {
        "nbac_schedule": (1, 0, 3, False),
        "player_game_summary": (4, 0, 12, False),
        "team_defense_game_summary": (2, 0, 6, False),
        "team_offense_game_summary": (2, 0, 6, False),
        "upcoming_player_game_context": (4, 0, 12, False),
    }
    assert content(warehouse) == as_content(games(*others, game(SECOND, "002")))
    assert [entry.removed_sample_rows for entry in load(warehouse, games(game(SECOND, "002")))] == [0] * 5


def test_tables_that_are_not_given_lose_their_simulated_rows_too(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING, "SIM1")))
    real = games(game(SECOND))
    name = "player_game_summary"
    loaded = {entry.table: entry for entry in load(warehouse, {name: real[name]})}
    assert list(loaded) == list(SOURCES)
    assert loaded["nbac_schedule"].removed_sample_rows == 1
    assert loaded["nbac_schedule"].rows == 0
    assert loaded[name].removed_sample_rows == 4
    expected = {table: rows if table == name else rows.slice(0, 0) for table, rows in real.items()}
    assert content(warehouse) == as_content(expected)


def test_replaced_and_removed_rows_are_told_apart(warehouse: DuckDBWarehouse) -> None:
    # the row without a game id has the date of the real one, but is not marked as simulated
    load(warehouse, games(game(OPENING, "SIM1"), without_ids(game(SECOND)), without_ids(game(LAST_DAY))))
    loaded = {entry.table: entry for entry in load(warehouse, games(game(SECOND, "002")), allow_shrink=True)}
    offense = loaded["team_offense_game_summary"]
    assert (offense.replaced, offense.removed_sample_rows) == (2, 2)
    assert (
        content(warehouse)["team_offense_game_summary"]
        == as_content(games(game(SECOND, "002"), without_ids(game(LAST_DAY))))["team_offense_game_summary"]
    )


def test_simulated_rows_do_not_come_into_a_real_season(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING), game(NEXT_SEASON)))
    before = content(warehouse)
    with pytest.raises(SampleConflict) as caught:
        load(
            warehouse,
            games(game(LAST_DAY, "SIM1"), game(dt.date(2023, 1, 1), "SIM2"), game(LAST_SEASON, "SIM3")),
        )
    assert isinstance(caught.value, WarehouseError)
    assert str(caught.value) == (
        "the warehouse has real rows of 2021-22, 2022-23; simulated rows are not loaded beside them: "
        "simulate another season, or use another warehouse"
    )
    assert content(warehouse) == before


def test_one_real_row_in_any_table_makes_a_season_real(warehouse: DuckDBWarehouse) -> None:
    real = games(game(OPENING))
    for name in SOURCES:
        other = DuckDBWarehouse(warehouse.path.with_name(f"{name}.duckdb"))
        load(other, {name: real[name].slice(0, 1)})
        with pytest.raises(SampleConflict, match=r"real rows of 2021-22;"):
            load(other, games(game(SECOND, "SIM1")))


def test_simulated_rows_replace_simulated_rows_and_stand_beside_other_seasons(
    warehouse: DuckDBWarehouse,
) -> None:
    load(warehouse, games(game(LAST_SEASON), game(NEXT_SEASON)))
    load(warehouse, games(game(OPENING, "SIM1", points=5)))
    loaded = {entry.table: entry for entry in load(warehouse, games(game(OPENING, "SIM1", points=6)))}
    assert loaded["player_game_summary"].replaced == 4
    assert {entry.removed_sample_rows for entry in loaded.values()} == {0}
    assert content(warehouse) == as_content(
        games(game(LAST_SEASON), game(NEXT_SEASON), game(OPENING, "SIM1", points=6))
    )


def test_one_load_is_not_both_in_one_season(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SampleConflict) as caught:
        load(warehouse, games(game(OPENING, "SIM1"), game(SECOND, "002"), game(NEXT_SEASON, "003")))
    assert str(caught.value) == "the rows of 2021-22 are partly real, partly simulated (game_id SIM...)"
    assert all(rows == [] for rows in content(warehouse).values())
    load(warehouse, games(game(OPENING, "SIM1"), game(NEXT_SEASON, "003")))


def test_a_real_season_over_a_simulated_one(warehouse: DuckDBWarehouse) -> None:
    simulated = simulate_season(2021)
    for table in simulated.values():
        assert pc.all(pc.starts_with(table["game_id"], "SIM")).as_py()
    load(warehouse, simulated)
    assert all(entry.unchanged for entry in load(warehouse, simulated))
    ((_, loaded),) = load_directories(warehouse, [real_season_directory(2021)])
    assert {entry.table: entry.removed_sample_rows for entry in loaded} == {
        name: table.num_rows for name, table in simulated.items()
    }
    assert holds(warehouse, real_tables(2021))
    with pytest.raises(SampleConflict):
        load(warehouse, simulated)


def test_an_empty_load_asks_for_nothing(warehouse: DuckDBWarehouse) -> None:
    nothing: dict[str, pa.Table] = {name: table.slice(0, 0) for name, table in games(game(OPENING)).items()}
    assert [(entry.rows, entry.unchanged) for entry in load(warehouse, nothing)] == [(0, True)] * 5
    assert load(warehouse, {}) == []


def test_what_was_computed_from_the_simulated_league_goes_with_it(tmp_path: Path) -> None:
    """Only some of its dates would be computed again from the real rows; the rest would look real."""
    warehouse = new_warehouse(tmp_path / "nba.duckdb", simulate_season(2021))
    run(warehouse, [dt.date(2021, 10, 22), dt.date(2021, 10, 23)])
    assert hashes(warehouse)
    execute(
        warehouse,
        "INSERT INTO nba_precompute.waivers VALUES ('2021-10-22', 'BOS', 'simulated', 'pat', now()), "
        "('2022-10-20', 'BOS', 'of another season', 'pat', now())",
    )
    loaded = {entry.table: entry for entry in load(warehouse, real_tables(2021))}
    assert hashes(warehouse) == {}
    assert loaded["team_defense_zone_analysis"].removed_sample_rows > 50
    assert loaded["precompute_failures"].removed_sample_rows > 100
    assert loaded["waivers"].removed_sample_rows == 1
