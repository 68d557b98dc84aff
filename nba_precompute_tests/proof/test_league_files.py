"""Real files of the league give the values of the real Phase 3 samples: two seasons of logs, 40 archived games, one V3.

Counts are equal. Minutes of a log are whole, and what follows from them is compared as such.
"""

from __future__ import annotations

import duckdb
import pytest

from nba_precompute.sources.importing import Imported, import_files
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.league import SAMPLES, SEASONS, existing, real_season_directory

V3_GAME = "0022200552"
COUNTS = ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes")
PLACES = ("player_lookup", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "home_game", "is_active")
SHOTS = (
    *(f"{zone}_{kind}" for zone in ("paint", "mid_range", "three_pt") for kind in ("attempts", "makes")),
    "assisted_fg_makes",
    "unassisted_fg_makes",
)
DEFENSE_ZONES = (
    *(f"opp_{zone}_{kind}" for zone in ("paint", "mid_range", "three_pt") for kind in ("attempts", "makes")),
    *(f"blocks_{zone}" for zone in ("paint", "mid_range", "three_pt")),
    "points_in_paint_allowed",
    "mid_range_points_allowed",
    "three_pt_points_allowed",
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Imported, duckdb.DuckDBPyConnection]:
    """The result of the import, and a connection with the derived sources beside the samples, under `sample_`."""
    raw = existing(SAMPLES.parent / "raw")
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("raw") / "nba.duckdb")
    recorded = [raw / "nba_api_recorded" / f"{name}.json.gz" for name in ("boxscoretraditionalv3", "playbyplayv3")]
    result = import_files(warehouse, [raw / "player_logs", raw / "games_2021-22", *recorded])
    connection = duckdb.connect(warehouse.path, read_only=True)
    for name in ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary", "nbac_schedule"):
        paths = ", ".join(f"'{real_season_directory(season) / name}.parquet'" for season in SEASONS)
        connection.execute(f"CREATE TEMP VIEW sample_{name} AS SELECT * FROM read_parquet([{paths}])")
    archived = f"IN (SELECT game_id FROM nba_raw.league_shots) OR game_id = '{V3_GAME}'"
    connection.execute(
        f"CREATE TEMP VIEW charted AS SELECT DISTINCT game_id FROM sample_nbac_schedule WHERE game_id {archived}"
    )
    return result, connection


def differing(
    connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], where: str = "TRUE"
) -> dict[str, int]:
    """Count the rows of both that differ in each column; without a row in either, they differ in all."""
    join = {
        "player_game_summary": "AND sample.universal_player_id = 'nba_' || derived.universal_player_id",
        "team_offense_game_summary": "AND sample.team_abbr = derived.team_abbr",
        "team_defense_game_summary": "AND sample.defending_team_abbr = derived.defending_team_abbr",
        "nbac_schedule": "",
    }[table]
    schema = "nba_raw" if table == "nbac_schedule" else "nba_analytics"
    counts = ", ".join(f"COUNT(*) FILTER (derived.{column} IS DISTINCT FROM sample.{column})" for column in columns)
    (row,) = connection.execute(
        f"SELECT {counts} FROM (SELECT * FROM sample_{table} WHERE {where}) AS sample "
        f"LEFT JOIN {schema}.{table} AS derived ON derived.game_id = sample.game_id {join}"
    ).fetchall()
    return {column: count for column, count in zip(columns, row, strict=True) if count}


def furthest(connection: duckdb.DuckDBPyConnection, table: str, key: str, column: str, where: str = "TRUE") -> float:
    """Return the largest difference in a column of the games that have shots."""
    person = "'nba_' || derived.universal_player_id" if key == "universal_player_id" else f"derived.{key}"
    (row,) = connection.execute(
        f"SELECT MAX(ABS(derived.{column} - sample.{column})) FROM nba_analytics.{table} AS derived "
        f"JOIN sample_{table} AS sample ON sample.game_id = derived.game_id AND sample.{key} = {person} "
        f"JOIN charted ON charted.game_id = sample.game_id WHERE {where}"
    ).fetchall()
    return float(row[0])


Both = tuple[Imported, duckdb.DuckDBPyConnection]


def test_the_logs_of_two_seasons_have_every_row(imported: Both) -> None:
    """51,933 rows, and one of a player who was sent in for no time at all, whom the samples leave out."""
    result, connection = imported
    assert not result.problems
    assert differing(connection, "player_game_summary", (*PLACES, *COUNTS)) == {}
    assert connection.execute(
        "SELECT game_id, player_lookup, minutes_played FROM nba_analytics.player_game_summary "
        "WHERE is_dnp IS NOT TRUE AND (game_id, 'nba_' || universal_player_id) NOT IN "
        "(SELECT (game_id, universal_player_id) FROM sample_player_game_summary)"
    ).fetchall() == [("0022200140", "dennisschroder", 0)]
    assert differing(connection, "nbac_schedule", ("game_date", "season_year", "game_status", "game_type")) == {}
    assert differing(connection, "nbac_schedule", ("home_team_tricode", "away_team_tricode")) == {}
    for table in ("team_offense_game_summary", "team_defense_game_summary"):
        assert differing(connection, table, ("opponent_team_abbr", "game_date", "season_year")) == {}
    assert differing(connection, "team_offense_game_summary", ("points_scored", "win_flag")) == {}
    assert differing(connection, "team_defense_game_summary", ("points_allowed",)) == {}


def test_minutes_are_within_a_rounding(imported: Both) -> None:
    _, connection = imported
    (row,) = connection.execute(
        "SELECT MAX(ABS(derived.minutes_played - sample.minutes_played)) "
        "FROM nba_analytics.player_game_summary AS derived JOIN sample_player_game_summary AS sample "
        "ON sample.game_id = derived.game_id AND sample.universal_player_id = 'nba_' || derived.universal_player_id"
    ).fetchall()
    assert row[0] <= 0.5 + 1e-9


def test_41_games_have_every_zone_assist_and_block(imported: Both) -> None:
    _, connection = imported
    charted = "game_id IN (SELECT game_id FROM charted)"
    assert connection.execute("SELECT COUNT(*) FROM charted").fetchall() == [(41,)]
    assert differing(connection, "player_game_summary", SHOTS, charted) == {}
    assert differing(connection, "team_defense_game_summary", DEFENSE_ZONES, charted) == {}


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("team_offense_game_summary", "team_abbr", "possessions"),
        ("team_offense_game_summary", "team_abbr", "pace"),
        ("team_offense_game_summary", "team_abbr", "offensive_rating"),
        ("team_defense_game_summary", "defending_team_abbr", "defensive_rating"),
        ("team_defense_game_summary", "defending_team_abbr", "opponent_pace"),
        ("player_game_summary", "universal_player_id", "ts_pct"),
    ],
)
def test_41_games_have_the_ratings(imported: Both, table: str, key: str, column: str) -> None:
    """The samples are rounded, to one decimal at the least."""
    assert furthest(imported[1], table, key, column) <= 0.0501


def test_usage_is_that_of_the_samples_where_seconds_are_known(imported: Both) -> None:
    """In whole minutes, it is off by as much as they are: docs/data.md."""
    _, connection = imported
    v3 = f"sample.game_id = '{V3_GAME}'"
    assert furthest(connection, "player_game_summary", "universal_player_id", "usage_rate", v3) <= 0.0501
    assert furthest(connection, "player_game_summary", "universal_player_id", "minutes_played", v3) <= 0.0667
    (row,) = connection.execute(
        "SELECT COUNT(*), MAX(ABS(derived.usage_rate * derived.minutes_played / sample.minutes_played "
        "- sample.usage_rate)) FROM nba_analytics.player_game_summary AS derived "
        "JOIN sample_player_game_summary AS sample ON sample.game_id = derived.game_id "
        "AND sample.universal_player_id = 'nba_' || derived.universal_player_id "
        "JOIN charted ON charted.game_id = sample.game_id WHERE sample.minutes_played >= 20"
    ).fetchall()
    assert row[0] > 400
    assert row[1] <= 0.15  # the samples' minutes have one decimal, and so has their usage


def test_a_log_without_shots_invents_none(imported: Both) -> None:
    _, connection = imported
    assert connection.execute(
        "SELECT COUNT(*) FROM nba_analytics.player_game_summary WHERE game_id NOT IN (SELECT game_id FROM charted) "
        "AND (paint_attempts IS NOT NULL OR three_pt_makes IS NOT NULL OR assisted_fg_makes IS NOT NULL)"
    ).fetchall() == [(0,)]
