"""`NBA_SOURCES=predecessor`: its five tables, as they stand, give the rows of the declared sources, on both engines.

Both sides start from real rows without what its tables cannot carry: whole minutes, fewer decimals
(`support/predecessor.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_precompute.sources.observation import observe
from nba_precompute.sql import RunDates, logical_name
from nba_precompute.sql.source_forms import PREDECESSOR
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Table
from nba_precompute.warehouse import Session, Warehouse
from nba_precompute.warehouse.bigquery import BigQueryWarehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.forms import forms_from_environment
from nba_precompute.warehouse.schema_sync import create_tables, deploy, differences
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.support.league import days, execute, new_warehouse, real_tables, run
from nba_precompute_tests.support.predecessor import DATES, as_they_would_know, set_up_theirs

FORMS = forms_from_environment({"NBA_SOURCES": PREDECESSOR})
FIRST, LAST = dt.date(2021, 10, 19), dt.date(2021, 10, 26)
SPAN = days(FIRST, LAST)

FEWER = [TABLES[name] for name in ("team_defense_zone_analysis", "player_shot_zone_analysis", "player_daily_cache")]
"""These read every source between them; on the emulator, two more tables take a minute."""

EVERY_DATE = pytest.mark.parametrize("date", DATES)


@pytest.fixture(scope="module")
def season() -> dict[str, pa.Table]:
    """The schedule of a season, and what else its first week has."""
    return {
        name: rows if name == "nbac_schedule" else rows.filter(pc.less_equal(rows["game_date"], pa.scalar(LAST)))
        for name, rows in real_tables(2021).items()
    }


@pytest.fixture(scope="module")
def declared(season: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], DuckDBWarehouse]:
    """Return a function that computes the rows from the declared form, once per date of their schemas."""
    made: dict[str, DuckDBWarehouse] = {}

    def of(date: str) -> DuckDBWarehouse:
        if date not in made:
            path = tmp_path_factory.mktemp("declared") / "nba.duckdb"
            made[date] = new_warehouse(path, as_they_would_know(season, date))
            run(made[date], SPAN)
        return made[date]

    return of


def in_duckdb(path: Path, season: dict[str, pa.Table], date: str) -> DuckDBWarehouse:
    """Create a warehouse of their tables, and of ours beside them."""
    warehouse = DuckDBWarehouse(path)
    with warehouse.writing("test set-up") as session:
        create_tables(session)
    for source in SOURCES.values():
        execute(warehouse, f"DROP TABLE {source.dataset}.{source.name}")
    with warehouse.writing("test set-up") as session:
        set_up_theirs(session, logical_name, as_they_would_know(season, date), date)
    return DuckDBWarehouse(path, forms=FORMS)


def rows(opened: AbstractContextManager[Session], table: Table) -> pd.DataFrame:
    """Return every business column but the game's id, which is another one there."""
    key = "as_of_date, table_name, entity_id, reason, detail" if table is PRECOMPUTE_FAILURES else ", ".join(table.key)
    names = [column.name for column in table.columns if column.name not in ("game_id", "created_at")]
    with opened as session:
        return session.frame(f"SELECT {', '.join(names)} FROM {session.relation(table)} ORDER BY {key}")


def assert_equal(
    theirs: Warehouse, ours: Warehouse, tables: Sequence[Table] = (*TABLES.values(), PRECOMPUTE_FAILURES)
) -> None:
    for table in tables:
        there, here = rows(theirs.reading("test"), table), rows(ours.reading("test"), table)
        assert len(here) > 100
        pd.testing.assert_frame_equal(there, here, check_exact=True, obj=table.name)


@EVERY_DATE
def test_duckdb(
    declared: Callable[[str], DuckDBWarehouse], season: dict[str, pa.Table], date: str, tmp_path: Path
) -> None:
    theirs = in_duckdb(tmp_path / "nba.duckdb", season, date)
    run(theirs, SPAN)
    assert_equal(theirs, declared(date))


def source_rows(warehouse: Warehouse, name: str) -> pd.DataFrame:
    """Return the rows of a source but for the game's id, those of the schedule with it."""
    source = SOURCES[name]
    names = [column for column in source.column_names if column != "game_id" or name == "nbac_schedule"]
    key = [column for column in source.key if column in names]
    with warehouse.reading("test") as session:
        relation, of_season = session.relation(source), RunDates.of(SPAN).seasons_of("game_date")
        return session.frame(f"SELECT {', '.join(names)} FROM {relation} WHERE {of_season} ORDER BY {', '.join(key)}")


@pytest.mark.slow
def test_bigquery(
    declared: Callable[[str], DuckDBWarehouse], season: dict[str, pa.Table], new_bigquery: NewWarehouse
) -> None:
    """Phase 3 is in another project, with `require_partition_filter`; the emulator enforces it."""
    for date in DATES:
        made = new_bigquery(phase3_project=f"their-project-{DATES.index(date)}")
        with made.writing("test set-up") as session:
            for source in SOURCES.values():
                session.schema.create_dataset(made.settings.dataset_path(source))
            set_up_theirs(session, made.settings.relation, as_they_would_know(season, date), date)
        theirs = BigQueryWarehouse(made.settings, forms=FORMS)
        for name in SOURCES:
            there, here = source_rows(theirs, name), source_rows(declared(date), name)
            pd.testing.assert_frame_equal(there, here, check_exact=True, obj=f"{name} of {date}")
    with theirs.writing("init") as session:
        resolved = deploy(session)
        assert {difference.kind for difference in resolved} == {"table"}
        assert not {difference.table.name for difference in resolved} & SOURCES.keys()
        assert differences(session) == []
    run(theirs, SPAN, FEWER)
    assert_equal(theirs, declared(date), FEWER)


def test_four_fold_team_rows_and_unknown_zones_are_said_and_not_averaged(
    season: dict[str, pa.Table], tmp_path: Path
) -> None:
    warehouse = in_duckdb(tmp_path / "nba.duckdb", season, DATES[0])
    defense, players = "nba_analytics.team_defense_game_summary", "nba_analytics.player_game_summary"
    execute(
        warehouse,
        *[f"INSERT INTO {defense} SELECT * FROM {defense} WHERE game_date = DATE '{FIRST}'"] * 2,
        f"UPDATE {players} SET paint_attempts = NULL, minutes_played = NULL WHERE game_date = DATE '{FIRST}'",
    )
    observed = {(found.source, found.date): found for found in observe(warehouse, SPAN).dates}
    assert observed["nbac_schedule", FIRST].rows == 2, "of the two rows of a game, one is read"
    assert observed["nbac_schedule", FIRST].notes == []
    (note,) = observed["team_defense_game_summary", FIRST].notes
    assert note.startswith("duplicate rows dropped from team_defense_game_summary: 12")
    assert observed["player_game_summary", FIRST].problems == []
