"""Loading replaces rows by date, in all tables or in none, and reports the result."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_precompute.sources import Phase3Error, load, load_directories, read_directory
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.warehouse import MergeCounts, Replacement, SchemaMismatch, WarehouseError
from nba_precompute.warehouse.duckdb import DuckDBSession, DuckDBWarehouse
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games, holds, row, write
from nba_precompute_tests.support.league import Rows, real_season_directory, real_tables, to_tables

DAY = dt.timedelta(days=1)
SECOND, THIRD = OPENING + DAY, OPENING + 2 * DAY
BY_DATE = [name for name in SOURCES if name != "nbac_schedule"]


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path / "nba.duckdb")


# Real seasons


def test_two_real_seasons_and_again(warehouse: DuckDBWarehouse) -> None:
    directories = [real_season_directory(season) for season in (2021, 2022)]
    seen: list[tuple[str, int]] = []
    first = list(load_directories(warehouse, directories, lambda table, rows: seen.append((table, rows))))
    assert [directory for directory, _ in first] == directories
    tables = {season: real_tables(season) for season in (2021, 2022)}
    both = {name: pa.concat_tables([tables[2021][name], tables[2022][name]]) for name in SOURCES}
    assert holds(warehouse, both)
    assert not holds(warehouse, tables[2021])
    assert seen == [(name, tables[season][name].num_rows) for season in (2021, 2022) for name in SOURCES]
    for (_, loaded), season in zip(first, (2021, 2022), strict=True):
        assert [entry.table for entry in loaded] == list(SOURCES)
        for entry in loaded:
            table = tables[season][entry.table]
            assert entry.rows == table.num_rows
            assert entry.dates == pc.count_distinct(table["game_date"]).as_py()
            span = pc.min_max(table["game_date"]).as_py()
            assert (entry.first_date, entry.last_date) == (span["min"], span["max"])
            assert (entry.replaced, entry.rows_without_date, entry.removed_sample_rows) == (0, 0, 0)
            assert not entry.unchanged

    for (_, again), (_, loaded) in zip(load_directories(warehouse, directories), first, strict=True):
        for second_time, first_time in zip(again, loaded, strict=True):
            assert second_time.unchanged
            assert second_time.replaced == 0
            assert second_time.rows == first_time.rows
    assert holds(warehouse, both)


# By date


def test_the_tables_are_made_and_filled(warehouse: DuckDBWarehouse) -> None:
    given_tables = games(game(OPENING), game(SECOND))
    load(warehouse, given_tables)
    assert content(warehouse) == as_content(given_tables)
    with warehouse.reading("test") as session:
        assert all(session.schema.columns_of(list(TABLES.values())).values())


def test_exactly_the_given_dates_are_replaced(warehouse: DuckDBWarehouse) -> None:
    load(
        warehouse,
        games(game(OPENING), game(SECOND, "003"), game(SECOND, "004", "LAL", "DEN"), game(THIRD, "005")),
    )
    corrected = games(game(SECOND, "003", points=40))
    some = {name: corrected[name] for name in BY_DATE}
    loaded = {entry.table: entry for entry in load(warehouse, some, allow_shrink=True)}
    assert list(loaded) == BY_DATE
    assert (loaded["player_game_summary"].rows, loaded["player_game_summary"].replaced) == (4, 8)
    assert (loaded["team_offense_game_summary"].rows, loaded["team_offense_game_summary"].replaced) == (2, 4)
    assert {(entry.first_date, entry.last_date, entry.dates) for entry in loaded.values()} == {(SECOND, SECOND, 1)}
    now = content(warehouse)
    expected = as_content(games(game(OPENING), game(SECOND, "003", points=40), game(THIRD, "005")))
    assert {name: now[name] for name in BY_DATE} == {name: expected[name] for name in BY_DATE}
    assert len(now["nbac_schedule"]) == 4


def test_one_changed_table_is_not_unchanged(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING)))
    loaded = {entry.table: entry for entry in load(warehouse, games(game(OPENING, points=21)))}
    assert [name for name in SOURCES if not loaded[name].unchanged] == ["player_game_summary"]
    assert loaded["player_game_summary"].replaced == 4


def test_the_same_rows_twice_over_are_another_content(warehouse: DuckDBWarehouse) -> None:
    once = games(game(OPENING))
    twice = games(game(OPENING), game(OPENING))
    load(warehouse, once)
    assert not any(entry.unchanged for entry in load(warehouse, twice))
    assert content(warehouse) == as_content(twice)
    assert all(entry.unchanged for entry in load(warehouse, twice))
    load(warehouse, once, allow_shrink=True)
    assert content(warehouse) == as_content(once)


def test_a_moved_game_leaves_its_old_date(warehouse: DuckDBWarehouse) -> None:
    last_season, next_season = game(dt.date(2021, 6, 30), "000"), game(dt.date(2022, 7, 1), "900")
    load(warehouse, games(last_season, game(OPENING), game(SECOND, "003"), next_season))
    moved = games(game(OPENING), game(dt.date(2022, 6, 30), "003"))
    loaded = load(warehouse, {"nbac_schedule": moved["nbac_schedule"]})
    assert [(entry.table, entry.rows, entry.replaced) for entry in loaded] == [("nbac_schedule", 2, 2)]
    expected = games(last_season, game(OPENING), game(dt.date(2022, 6, 30), "003"), next_season)
    assert content(warehouse)["nbac_schedule"] == as_content(expected)["nbac_schedule"]


def test_rows_without_a_date_are_left_out_and_counted(warehouse: DuckDBWarehouse) -> None:
    rows = game(OPENING)
    dirty: Rows = {
        name: [*ones, row(name, game_date=None), row(name, game_date=None, game_id="SIM1")]
        for name, ones in rows.items()
    }
    for loaded in (load(warehouse, to_tables(dirty)), load(warehouse, to_tables(dirty))):
        assert [entry.rows_without_date for entry in loaded] == [2] * 5
        assert [entry.rows for entry in loaded] == [len(rows[name]) for name in SOURCES]
    assert content(warehouse) == as_content(to_tables(rows))


def test_a_table_of_nothing_but_rows_without_a_date(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING)))
    dateless = to_tables(_none() | {"nbac_schedule": [row("nbac_schedule", game_date=None)]})
    loaded = load(warehouse, dateless)[0]
    assert (loaded.rows, loaded.dates, loaded.first_date, loaded.last_date) == (0, 0, None, None)
    assert (loaded.replaced, loaded.rows_without_date, loaded.unchanged) == (0, 1, True)
    assert content(warehouse) == as_content(games(game(OPENING)))


def _none() -> Rows:
    return {name: [] for name in SOURCES}


def test_other_null_keys_repetitions_and_nan_are_stored_as_they_are(warehouse: DuckDBWarehouse) -> None:
    name = "player_game_summary"
    rows = [
        row(name, player_lookup=None),
        row(name, player_lookup=None),
        row(name, game_id=None, minutes_played=float("inf")),
        row(name, game_id=None, minutes_played=float("nan")),
        row(name, **dict.fromkeys(set(SOURCES[name].column_names) - {"game_date"})),
    ]
    given_tables = to_tables(_none() | {name: rows})
    for unchanged in (False, True):
        (loaded,) = load(warehouse, {name: given_tables[name]})
        assert (loaded.rows, loaded.rows_without_date, loaded.unchanged) == (5, 0, unchanged)
    assert content(warehouse) == as_content(given_tables)


def test_columns_in_another_order_and_narrower(warehouse: DuckDBWarehouse) -> None:
    tables = games(game(OPENING))
    name = "team_offense_game_summary"
    table = tables[name]
    other = table.set_column(
        table.column_names.index("points_scored"), "points_scored", table["points_scored"].cast(pa.int16())
    )
    other = other.select(list(reversed(other.column_names))).append_column("more", pa.array([1, 2]))
    load(warehouse, tables | {name: other})
    assert content(warehouse) == as_content(tables)


DATES = [OPENING + n * DAY for n in range(4)] + [dt.date(2022, 10, 18)]


@given(
    batches=st.lists(st.sets(st.sampled_from(DATES), min_size=1), min_size=1, max_size=4),
    older=st.sets(st.sampled_from(DATES)),
)
@settings(max_examples=6)
def test_any_batches_in_any_order_end_in_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, batches: list[set[dt.date]], older: set[dt.date]
) -> None:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("batches") / "nba.duckdb", threads=1)

    def of(dates: set[dt.date], points: int) -> dict[str, pa.Table]:
        tables = games(*(game(date, f"00{DATES.index(date)}", points=points) for date in sorted(dates)))
        return {name: tables[name] for name in BY_DATE}

    load(warehouse, of(older, points=5))
    for batch in batches:
        load(warehouse, of(batch, points=20))
    loaded = set().union(*batches)
    parts = [of(loaded, points=20), of(older - loaded, points=5)]
    expected = {name: pa.concat_tables([part[name] for part in parts]) for name in BY_DATE}
    assert content(warehouse) == as_content(expected | {"nbac_schedule": to_tables(_none())["nbac_schedule"]})


@given(data=st.data())
@settings(max_examples=4)
def test_row_order_does_not_matter(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("order") / "nba.duckdb", threads=1)
    tables = games(game(OPENING), game(SECOND, "003"))
    load(warehouse, tables)
    shuffled = {name: table.take(data.draw(st.permutations(range(table.num_rows)))) for name, table in tables.items()}
    assert all(entry.unchanged for entry in load(warehouse, shuffled))


# All or none


def test_a_bad_table_leaves_everything_as_it_was(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING)))
    before = content(warehouse)
    tables = games(game(OPENING, points=99), game(SECOND, "003"))
    last = "upcoming_player_game_context"
    ages = pa.array(["30"] * tables[last].num_rows)
    tables[last] = tables[last].set_column(tables[last].column_names.index("player_age"), "player_age", ages)
    with pytest.raises(Phase3Error) as caught:
        load(warehouse, tables | {"boxscores": tables[last]})
    assert caught.value.problems == (
        "boxscores: not one of nbac_schedule, player_game_summary, team_defense_game_summary, "
        "team_offense_game_summary, upcoming_player_game_context",
        f"{last}: column player_age: expected INT64, found STRING, such as '30'; "
        'in pandas: `rows["player_age"] = pd.to_numeric(rows["player_age"]).astype("Int64")`',
    )
    assert content(warehouse) == before


def test_a_bad_file_writes_nothing_of_any_directory(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    good = write(tmp_path / "good", games(game(OPENING)))
    bad = write(tmp_path / "bad", games(game(SECOND)))
    (bad / "upcoming_player_game_context.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(Phase3Error, match=r"bad/upcoming_player_game_context.parquet: cannot be read as Parquet"):
        load_directories(warehouse, [good, bad])
    assert not warehouse.path.exists()


def test_a_failure_between_two_tables_undoes_the_first(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(warehouse, games(game(OPENING)))
    before = content(warehouse)
    replace = DuckDBSession._replace
    replaced: list[str] = []

    def fail_at_the_fifth(session: DuckDBSession, replacement: Replacement) -> MergeCounts:
        if len(replaced) == 4:
            raise RuntimeError("the disk is full")
        counts = replace(session, replacement)
        replaced.append(replacement.table.name)
        assert counts.inserted
        return counts

    monkeypatch.setattr(DuckDBSession, "_replace", fail_at_the_fifth)
    with pytest.raises(RuntimeError, match="the disk is full"):
        load(warehouse, games(game(OPENING, "007", points=99), game(SECOND, "008")))
    assert replaced == list(SOURCES)[:4]
    monkeypatch.undo()
    assert content(warehouse) == before
    load(warehouse, games(game(OPENING)))


def test_what_the_warehouse_refuses_undoes_the_rest(warehouse: DuckDBWarehouse) -> None:
    tables = games(game(OPENING))
    load(warehouse, tables)
    schedule, players = SOURCES["nbac_schedule"], SOURCES["player_game_summary"]
    with warehouse.writing("test") as session:
        staged = session.stage_rows("more", tables["nbac_schedule"])
        with pytest.raises(WarehouseError, match="no_such_column"):
            session.replace_all([Replacement(schedule, "TRUE", staged), Replacement(players, "no_such_column", staged)])
        (counts,) = session.replace_all([Replacement(schedule, f"game_date = DATE '{OPENING}'", staged)])
        assert counts == MergeCounts(inserted=1, deleted=1)
        assert session.replace_all([]) == []
    assert content(warehouse) == as_content(tables)


def test_a_warehouse_with_another_column_type_is_refused(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING)))
    with warehouse.writing("test") as session:
        session._connection.execute("ALTER TABLE nba_raw.nbac_schedule ALTER game_status TYPE VARCHAR")
        session._connection.execute("ALTER TABLE nba_analytics.player_game_summary DROP COLUMN points")
    with pytest.raises(SchemaMismatch) as caught:
        load(warehouse, games(game(SECOND)))
    assert str(caught.value) == (
        "nba_raw.nbac_schedule.game_status: expected INT64, found STRING; "
        "nba_analytics.player_game_summary.points: expected INT64, found no such column"
    )
    with warehouse.reading("test") as session:
        (count,) = session.query("SELECT COUNT(*) AS n FROM `nba_raw.nbac_schedule`")
    assert count["n"] == 1


# Several directories


def test_of_two_directories_the_later_wins_by_date(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    earlier = write(tmp_path / "a", games(game(OPENING), game(SECOND, "003", points=5)))
    later = write(tmp_path / "b", games(game(OPENING), game(SECOND, "003"), game(THIRD, "004")))
    results = dict(load_directories(warehouse, [earlier, later]))
    assert list(results) == [earlier, later]
    replaced = {entry.table: (entry.rows, entry.replaced) for entry in results[later]}
    assert replaced == {
        "nbac_schedule": (3, 2),
        "player_game_summary": (12, 8),
        "team_defense_game_summary": (6, 4),
        "team_offense_game_summary": (6, 4),
        "upcoming_player_game_context": (12, 8),
    }
    assert content(warehouse) == as_content(read_directory(later))


def test_each_directory_may_have_other_sources(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    tables = games(game(OPENING), game(SECOND, "003"))
    directories = [write(tmp_path / name, {name: rows}) for name, rows in tables.items()]
    for directory, (_, loaded) in zip(directories, load_directories(warehouse, directories), strict=True):
        assert [entry.table for entry in loaded] == [directory.name]
    assert content(warehouse) == as_content(tables)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Phase3Error, match="empty: no Phase 3 file; expected some of nbac_schedule"):
        load_directories(warehouse, [*directories, tmp_path / "empty"])


def test_every_directory_is_named_in_one_error(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    with pytest.raises(Phase3Error) as caught:
        load_directories(warehouse, [tmp_path / "a", tmp_path / "b"])
    assert caught.value.problems == (
        f"{tmp_path}/a: no such directory",
        f"{tmp_path}/b: no such directory",
    )


def test_progress_can_stop_a_load(warehouse: DuckDBWarehouse) -> None:
    load(warehouse, games(game(OPENING)))
    before = content(warehouse)
    seen: list[Any] = []

    def stop(table: str, rows: int) -> None:
        seen.append((table, rows))
        if len(seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(warehouse, games(game(OPENING, points=99), game(SECOND)), stop)
    assert seen[:2] == [("nbac_schedule", 2), ("player_game_summary", 8)]
    assert content(warehouse) == before
