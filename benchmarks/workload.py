"""Work that `season.py` runs in child processes: one piece without Dagster, with its figures as JSON."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

from nba_precompute.calendar import calendar_between
from nba_precompute.publishing.publish import Select, publish
from nba_precompute.sql import RunDates, logical_name
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.duckdb.dialect import transpile
from nba_precompute.warehouse.duckdb.settings import MEMORY_LIMIT


def prepare(database: Path, seasons: list[str]) -> dict[str, Any]:
    """Load Phase 3 into a new file; a season is a directory of files or a year to simulate."""
    from nba_precompute.simulation import simulate_season
    from nba_precompute.sources.files import read_directory
    from nba_precompute.sources.loading import load

    warehouse = DuckDBWarehouse(database)
    rows = 0
    for season in seasons:
        tables = simulate_season(int(season), 0) if season.isdecimal() else read_directory(Path(season))
        rows += sum(source.rows for source in load(warehouse, tables))
    return {"rows": rows}


def publish_range(database: Path, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Publish the five tables for every partition of the range, with no earlier run on record."""
    warehouse = DuckDBWarehouse(database)
    dates = calendar_between(first, last)
    tables = {}
    for table in TABLES.values():
        outcome = publish(warehouse, table, Select(table), dates, {}, f"benchmark: {table.name}")
        tables[table.name] = {
            "inserted": outcome.merged.inserted,
            "failures": outcome.merged_failures.inserted,
            "seconds": outcome.seconds,
        }
    return {"partitions": len(dates), "tables": tables}


def floor(database: Path, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Run the five SELECTs, rendered and transpiled beforehand, on plain connections to a published file.

    As in the product, each connection is new and has the product's memory limit, so that no statement finds pages that
    another one has read.
    """
    import duckdb

    run = RunDates.of(calendar_between(first, last))
    selects = {table.name: transpile(Select(table).render(run, logical_name)) for table in TABLES.values()}
    tables = {}
    for name, select in selects.items():
        with duckdb.connect(database) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            started = time.perf_counter()
            connection.execute(f"CREATE TEMP TABLE floor_{name} AS {select}")
            seconds = time.perf_counter() - started
            (rows,) = connection.execute(f"SELECT COUNT(*) FROM floor_{name}").fetchone() or (0,)
        tables[name] = {"rows": rows, "seconds": seconds}
    return {"tables": tables}


def game_dates(database: Path, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Count the dates of the range that have a box score."""
    with DuckDBWarehouse(database).reading("benchmark") as session:
        (row,) = session.query(
            "SELECT COUNT(DISTINCT game_date) AS n FROM `nba_analytics.player_game_summary` "
            f"WHERE game_date BETWEEN DATE '{first}' AND DATE '{last}'"
        )
    return {"game_dates": row["n"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["prepare", "publish", "floor", "game-dates"])
    parser.add_argument("database", type=Path)
    parser.add_argument("arguments", nargs="+", help="seasons to prepare, or the first and last date")
    given = parser.parse_args()
    if given.work == "prepare":
        figures = prepare(given.database, given.arguments)
    else:
        first, last = (dt.date.fromisoformat(text) for text in given.arguments)
        work = {"publish": publish_range, "floor": floor, "game-dates": game_dates}[given.work]
        figures = work(given.database, first, last)
    if "dagster" in sys.modules:
        raise RuntimeError("dagster was imported, so this is not only warehouse work")
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
