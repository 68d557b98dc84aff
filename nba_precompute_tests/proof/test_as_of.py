"""The as-of rule: what happens on `D` or later changes no row of `D`, and a `<=` in its place is caught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

import nba_precompute.sql
from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle.admission import effective_schedule
from nba_precompute_tests.proof.planted import plant
from nba_precompute_tests.proof.seasons import PublishedSeason, Seasons
from nba_precompute_tests.support.league import execute, hashes, run

D = dt.date.fromisoformat

REAL_DATES = [
    pytest.param(2021, D("2021-10-20"), id="second night"),
    pytest.param(2021, D("2021-12-25"), id="Christmas"),
    pytest.param(2022, D("2023-02-10"), id="after the deadline"),
]
AS_OF = "game.game_date < run_date.as_of"
"""The only comparison of a fact's date with the date of a row; in `windows.sql`."""

COUNTS = [
    *("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes", "assisted_fg_makes"),
    *(f"{zone}_{kind}" for zone in ("paint", "mid_range", "three_pt") for kind in ("attempts", "makes")),
]

Mutation = Callable[[dt.date], list[str]]
"""A date -> the DuckDB SQL that changes what happened on it and later."""


def cut(date: dt.date) -> list[str]:
    """Delete all facts of the date and later; the schedule and the context of the date stay."""
    facts = ("player_game_summary", "team_defense_game_summary", "team_offense_game_summary")
    return [
        *(f"DELETE FROM nba_analytics.{name} WHERE game_date >= DATE '{date}'" for name in facts),
        f"DELETE FROM nba_analytics.upcoming_player_game_context WHERE game_date > DATE '{date}'",
        f"UPDATE nba_raw.nbac_schedule SET game_status = 1 WHERE game_date >= DATE '{date}' AND game_status <> 4",
    ]


def poison(date: dt.date) -> list[str]:
    """Make everything of the date and later absurd: numbers, results, teams, NULL, NaN, duplicates, two people."""
    later = f"game_date >= DATE '{date}'"
    box, defense, offense, context = (
        f"nba_analytics.{name}"
        for name in (
            "player_game_summary",
            "team_defense_game_summary",
            "team_offense_game_summary",
            "upcoming_player_game_context",
        )
    )
    unknown = ", ".join(f"{name} = NULL" for name in COUNTS)

    def some(n: int) -> str:
        return f"WHERE {later} AND hash(player_lookup, game_date) % {n} = 0"

    def again(relation: str, changes: str, where: str) -> str:
        return f"INSERT INTO {relation} SELECT * REPLACE ({changes}) FROM {relation} {where}"

    newer = "processed_at + INTERVAL 1 YEAR AS processed_at"
    return [
        f"UPDATE {box} SET points = 99, minutes_played = 48, paint_attempts = 77, three_pt_makes = 33, "
        f"usage_rate = 99, ft_makes = 60, is_dnp = FALSE, is_active = TRUE WHERE {later}",
        f"UPDATE {box} SET team_abbr = opponent_team_abbr {some(5)}",
        f"UPDATE {box} SET {unknown} {some(7)}",
        f"UPDATE {box} SET minutes_played = 'nan', ts_pct = 'inf' {some(11)}",
        f"UPDATE {box} SET is_dnp = TRUE {some(13)}",
        again(box, "NULL AS player_lookup", some(17)),
        again(box, "'fromthefuture' AS player_lookup", some(19)),
        again(box, f"1 AS points, {newer}", some(3)),
        again(box, "'another' AS universal_player_id", some(2)),
        f"UPDATE {defense} SET opp_paint_attempts = 300, opp_mid_range_makes = NULL, "
        f"defensive_rating = 'nan', opponent_pace = 500, points_allowed = 999 WHERE {later}",
        again(defense, f"250 AS opp_paint_makes, {newer}", f"WHERE {later}"),
        f"UPDATE {offense} SET win_flag = NOT win_flag, pace = 500, offensive_rating = 'nan', "
        f"points_scored = 1 WHERE {later}",
        again(offense, f"'ZZZ' AS team_abbr, {newer}", f"WHERE {later}"),
        f"UPDATE {context} SET team_abbr = opponent_team_abbr, player_status = 'out', player_age = 99, "
        f"projected_usage_rate = 99, is_production_ready = FALSE WHERE game_date > DATE '{date}'",
        again(
            context,
            "'another' AS universal_player_id",
            f"{some(2)} AND game_date > DATE '{date}'",
        ),
    ]


MUTATIONS = [pytest.param(cut, id="deleted"), pytest.param(poison, id="poisoned")]


def recomputed(
    season: PublishedSeason,
    date: dt.date,
    statements: Iterable[str],
    directory: Path,
    tables: Sequence[Table] = tuple(TABLES.values()),
) -> dict[tuple[str, dt.date, str], str]:
    """Return the date's content after the sources changed: it is deleted from the tables and published again."""
    warehouse = season.copy(directory)
    fix_schedule(season, warehouse)
    emptied = [
        f"DELETE FROM {table.dataset}.{table.name} WHERE {table.date_column} = DATE '{date}'" for table in tables
    ]
    reasons = f"{PRECOMPUTE_FAILURES.dataset}.{PRECOMPUTE_FAILURES.name}"
    emptied += [
        f"DELETE FROM {reasons} WHERE as_of_date = DATE '{date}' AND table_name = '{table.name}'" for table in tables
    ]
    execute(warehouse, *emptied, *statements)
    run(warehouse, [date], tables)
    return {
        key: value for key, value in hashes(warehouse, [date]).items() if key[0] in {table.name for table in tables}
    }


def fix_schedule(season: PublishedSeason, warehouse: DuckDBWarehouse) -> None:
    """Leave out the rows that moved games left behind: the place of a game is known ahead."""
    effective = {(game["game_id"], game["game_date"]) for game in effective_schedule(season.rows["nbac_schedule"])}
    superseded = [
        row
        for row in season.rows["nbac_schedule"]
        if row["game_status"] != 4 and (row["game_id"], row["game_date"]) not in effective
    ]
    execute(
        warehouse,
        *(
            f"DELETE FROM nba_raw.nbac_schedule WHERE game_id = '{row['game_id']}' "
            f"AND game_date = DATE '{row['game_date']}' AND game_status <> 4"
            for row in superseded
        ),
    )


def simulated_date(season: PublishedSeason, what: str) -> dt.date:
    """Return a date of the simulated season of some kind."""
    if what == "called off":
        return season.ask("SELECT MIN(game_date) FROM games WHERE game_status = 4")[0][0]
    return season.ask(f"SELECT MEDIAN(game_date) FROM games WHERE game_type = '{what}'")[0][0].date()


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize(("year", "date"), REAL_DATES)
def test_the_future_changes_no_row_of_a_real_date(
    seasons: Seasons, tmp_path: Path, year: int, date: dt.date, mutation: Mutation
) -> None:
    season = seasons.real(year)
    expected = hashes(season.warehouse, [date])
    assert {key[0] for key in expected} == set(TABLES)
    assert recomputed(season, date, mutation(date), tmp_path) == expected


@pytest.mark.slow
@pytest.mark.parametrize("what", ["called off", "play_in", "playoffs"])
def test_the_future_changes_no_row_of_a_simulated_date(seasons: Seasons, tmp_path: Path, what: str) -> None:
    season = seasons.simulated(0)
    date = next(game_date for game_date in season.game_dates if game_date >= simulated_date(season, what))
    expected = hashes(season.warehouse, [date])
    assert {key[0] for key in expected} == set(TABLES)
    assert recomputed(season, date, poison(date), tmp_path) == expected


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_planted_as_of_error_is_caught_in_each_table(
    seasons: Seasons, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Table, mutation: Mutation
) -> None:
    """The upstream tables are right; only the one table reads facts of its own date."""
    season, date = seasons.real(2021), D("2022-02-11")
    plant(monkeypatch, "macros/windows.sql", AS_OF, AS_OF.replace("<", "<="))
    with_the_future = recomputed(season, date, [], tmp_path / "with", [table])
    without_it = recomputed(season, date, mutation(date), tmp_path / "without", [table])
    assert with_the_future != without_it
    assert with_the_future != {
        key: value for key, value in hashes(season.warehouse, [date]).items() if key[0] == table.name
    }


def test_the_facts_of_a_date_are_compared_in_one_place() -> None:
    """No other template compares a fact's date with the date of a row, except where the context is derived."""
    places = [
        path.name
        for path in nba_precompute.sql.DIRECTORY.rglob("*.sql")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "game_date <" in line and "as_of" in line
    ]
    assert places.count("windows.sql") == 1
    assert places.count("upcoming_player_game_context.sql") == 1  # a row of the context uses the games before its date
    # inspect: the schedule, which is known ahead
    assert set(places) == {"inspect.sql", "windows.sql", "upcoming_player_game_context.sql"}
