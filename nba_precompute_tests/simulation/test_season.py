"""The public function: tables, types, determinism, errors, cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import nba_precompute
from nba_precompute.simulation import simulate_season
from nba_precompute.tables.sources import SAMPLE_GAME_ID_PREFIX, SOURCES
from nba_precompute_tests.simulation.conftest import Season

ARROW_TYPES = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}


def test_tables_are_the_sources_with_their_declared_columns_in_order(season: Season) -> None:
    assert set(season.tables) == set(SOURCES)
    for name, table in season.tables.items():
        declared = [(column.name, ARROW_TYPES[column.type]) for column in SOURCES[name].columns]
        assert [(field.name, field.type) for field in table.schema] == declared
        table.validate(full=True)


def test_equal_arguments_give_equal_tables(season: Season) -> None:
    again = simulate_season(season.season_year, season.seed)
    for name, table in season.tables.items():
        assert table.equals(again[name])


def test_another_seed_and_another_season_are_other_leagues() -> None:
    first, second, third = simulate_season(2021, 0), simulate_season(2021, 1), simulate_season(2022, 0)
    for name, table in first.items():
        assert not table.equals(second[name])
        columns = [c for c in table.column_names if c not in ("game_id", "game_date", "season_year")]
        assert not table.select(columns).equals(third[name].select(columns))
    lookups = [
        set(tables["upcoming_player_game_context"]["player_lookup"].to_pylist()) for tables in (first, second, third)
    ]
    assert all(len(lookups[0] & others) < 300 for others in lookups[1:])


def test_every_key_is_whole_and_occurs_once(season: Season) -> None:
    for name, source in SOURCES.items():
        for column in source.key:
            season.never(f"SELECT * FROM {name} WHERE {column} IS NULL")
        if name != "nbac_schedule":
            season.never(f"SELECT {', '.join(source.key)} FROM {name} GROUP BY ALL HAVING count(*) > 1")


def test_every_game_id_and_person_id_marks_sample_data(season: Season) -> None:
    for name in SOURCES:
        season.never(f"SELECT game_id FROM {name} WHERE NOT starts_with(game_id, '{SAMPLE_GAME_ID_PREFIX}')")
        season.never(f"SELECT game_id FROM {name} WHERE NOT regexp_full_match(game_id, 'SIM[0-9]{{7}}')")
        season.never(f"SELECT * FROM {name} WHERE season_year IS DISTINCT FROM {season.season_year}")
    for name in ("player_game_summary", "context"):
        season.never(f"SELECT * FROM {name} WHERE universal_player_id NOT LIKE 'sim\\_%' ESCAPE '\\'")


def test_every_date_lies_in_the_season(season: Season) -> None:
    for name in SOURCES:
        season.never(
            f"SELECT game_date FROM {name} WHERE {season.season_year} <> "
            "CASE WHEN month(game_date) >= 7 THEN year(game_date) ELSE year(game_date) - 1 END"
        )


def test_the_league_and_its_season_are_of_the_expected_size(season: Season) -> None:
    assert 480 <= season.value("SELECT count(DISTINCT player_lookup) FROM context") <= 560
    assert season.value("SELECT count(DISTINCT team_abbr) FROM offense") == 30
    assert 24_000 <= season.value("SELECT count(*) FROM played") <= 30_000


def test_seasons_share_no_game_id_and_give_a_name_one_person_id() -> None:
    one, other = simulate_season(2021, 0), simulate_season(2022, 0)
    ids = [set(tables["nbac_schedule"]["game_id"].to_pylist()) for tables in (one, other)]
    assert not ids[0] & ids[1]
    people: dict[str, str] = {}
    for tables in (one, other):
        context = tables["upcoming_player_game_context"]
        pairs = zip(context["player_lookup"].to_pylist(), context["universal_player_id"].to_pylist(), strict=True)
        for lookup, person in pairs:
            assert people.setdefault(lookup, person) == person
    assert len(set(people.values())) == len(people)


@pytest.mark.parametrize(("season_year", "seed"), [(1969, 0), (2100, 0), (2021, -1)])
def test_arguments_out_of_range_are_refused(season_year: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"season_year|seed"):
        simulate_season(season_year, seed)


@pytest.mark.parametrize("season_year", [1970, 2099])
def test_the_first_and_last_possible_season_can_be_played(season_year: int) -> None:
    assert simulate_season(season_year)["nbac_schedule"].num_rows > 1300


def test_importing_the_package_is_light() -> None:
    """The command line imports it for every command, `--help` included."""
    code = (
        "import sys, nba_precompute.simulation\n"
        "heavy = {'numpy', 'pyarrow', 'duckdb', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    root = Path(nba_precompute.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
