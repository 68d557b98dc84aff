"""Admission and identity (contract, section 2a): what is set aside changes no row, and a person has his own games.

Here: rows that must be set aside, added to a league; inputs of known faults with their right values; and the findings
of the product against those of the oracle. Not here: the two on damaged seasons (`test_oracle_agreement.py`).
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nba_precompute.publishing.inspection import inspect, schedule_problems
from nba_precompute.quality.validation import validate
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    DATES,
    GAMES,
    LAST,
    SCHEDULE,
    build_league,
    moved,
    result_of,
)
from nba_precompute_tests.oracle import Day, Oracle
from nba_precompute_tests.proof.agreement import differences, findings_of, report
from nba_precompute_tests.proof.dirt import confused
from nba_precompute_tests.proof.planted import plant
from nba_precompute_tests.proof.strangers import KINDS, with_strangers
from nba_precompute_tests.support.cases import case
from nba_precompute_tests.support.league import (
    Rows,
    days,
    failures,
    hashes,
    new_warehouse,
    published,
    run,
    to_rows,
    to_tables,
)

D = dt.date.fromisoformat

LEAGUE = build_league()
"""Six teams over four weeks, with days off."""
PUBLISHED = (DATES[9], LAST)
SPAN = days(D("2021-10-01"), D("2021-12-01"))
FINDING = {
    "preseason": "not_counting",
    "preseason_without_schedule": "not_counting",
    "all_star": "not_counting",
    "all_star_under_other_codes": "not_counting",
    "cup_final": "not_counting",
    "cup_final_alone": "not_counting",
    "postponed": "not_counting",
    "unknown_type": "unknown_game_type",
    "moved": "not_counting",
    "superseded": "not_counting",
    "unscheduled": "off_schedule",
    "unscheduled_day": "off_schedule",
    "wrong_season": "wrong_season",
    "blank_key": "blank_key",
    "namesake": "several_people",
}
"""What each kind of row is found to be."""


def in_seasons(leagues: Iterable[Rows]) -> Rows:
    """Return all leagues together, each a year later than the one before: no window crosses seasons."""
    together: Rows = {source: [] for source in LEAGUE}
    for years, league in enumerate(leagues):
        for source, lines in league.items():
            together[source] += [moved(row, years) for row in lines]
    return together


def in_year(dates: Iterable[dt.date], years: int) -> list[dt.date]:
    return [date.replace(year=date.year + years) for date in dates]


# --- Rows that are set aside ------------------------------------------------------------------------------


@cache
def undamaged() -> Day:
    return Oracle(LEAGUE).day(LAST)


def drawn(kinds: Iterable[str], seed: int) -> Rows:
    return with_strangers(LEAGUE, kinds, random.Random(seed))


def of_any_kind(seed: int) -> Rows:
    rng = random.Random(seed)
    return with_strangers(LEAGUE, rng.choices(list(KINDS), k=rng.randint(2, 6)), rng)


SEED = st.integers(0, 2**32)


@pytest.mark.parametrize("kind", KINDS)
def test_the_oracle_sets_each_kind_aside(kind: str) -> None:
    for seed in range(3):
        oracle = Oracle(drawn([kind], seed))
        assert FINDING[kind] in {finding for _, _, finding in oracle.findings}
        assert oracle.day(LAST) == undamaged()


@settings(max_examples=20)
@given(SEED)
def test_the_oracle_sets_any_of_them_aside(seed: int) -> None:
    assert Oracle(of_any_kind(seed)).day(LAST) == undamaged()


def assert_nothing_changes(leagues: Sequence[Rows], warehouse: DuckDBWarehouse) -> None:
    """The published rows and failures of each league, in its season, are those of the first."""
    run(warehouse, [date for years in range(len(leagues)) for date in in_year(PUBLISHED, years)])
    result = result_of(warehouse)
    for table in TABLES:
        for date in PUBLISHED:
            assert result.of(table, date) or result.reasons(table, date)
            for years in range(1, len(leagues)):
                (later,) = in_year([date], years)
                rows = {entity: moved(row, -years) for entity, row in result.of(table, later).items()}
                assert rows == result.of(table, date), f"{table} {later}"
                assert result.reasons(table, later) == result.reasons(table, date), f"{table} {later}"


@pytest.mark.slow
def test_each_kind_changes_nothing_and_is_a_finding(tmp_path: Path) -> None:
    leagues = [LEAGUE, *(drawn([kind], seed=1) for kind in KINDS)]
    together = in_seasons(leagues)
    warehouse = new_warehouse(tmp_path / "kinds.duckdb", to_tables(together))
    assert_nothing_changes(leagues, warehouse)
    span = [date for years in range(len(leagues)) for date in in_year(SPAN, years)]
    found = findings_of(warehouse, span)
    assert found == Oracle(together).findings_on(span)
    for year, kind in enumerate(KINDS, start=2022):
        assert FINDING[kind] in {finding for _, date, finding in found if date.year == year}


@pytest.mark.slow
@settings(max_examples=2, phases=[Phase.generate])  # a run costs about the same for twelve leagues as for one
@given(st.lists(SEED, min_size=12, max_size=12, unique=True))
def test_any_rows_that_are_set_aside_change_nothing(tmp_path_factory: pytest.TempPathFactory, seeds: list[int]) -> None:
    leagues = [LEAGUE, *map(of_any_kind, seeds)]
    path = tmp_path_factory.mktemp("strangers") / "any.duckdb"
    assert_nothing_changes(leagues, new_warehouse(path, to_tables(in_seasons(leagues))))


# --- Inputs of known faults -------------------------------------------------------------------------------


def computed(directory: Path, phase3: Mapping[str, pa.Table], date: dt.date) -> DuckDBWarehouse:
    """Return a warehouse with the date published, which must be what the oracle computes."""
    warehouse = new_warehouse(directory / "case.duckdb", phase3)
    run(warehouse, [date])
    oracle = Oracle(to_rows(phase3))
    _, different = differences(warehouse, oracle, date)
    assert not different, report(different)
    span = days(SPAN[0], date)
    assert findings_of(warehouse, span) == oracle.findings_on(span)
    return warehouse


def row_of(warehouse: DuckDBWarehouse, table: str, date: dt.date, entity: str) -> dict[str, Any]:
    return published(warehouse, TABLES[table], date)[date, entity]


@pytest.mark.slow
def test_case_01_keys_with_a_providers_prefix(tmp_path: Path) -> None:
    """None of 379 listed keys joins a box score: `complete` of the date names the share."""
    date = D("2021-11-24")
    warehouse = computed(tmp_path, case("01"), date)
    for name in ("player_composite_factors", "player_daily_cache", "ml_feature_store_v2"):
        (validation,) = validate(warehouse, [date], [TABLES[name]])
        assert not validation.holds
        assert any("379" in problem for problem in validation.problems), validation.problems


@pytest.mark.slow
def test_case_02_preseason_box_scores(tmp_path: Path) -> None:
    date = D("2021-11-05")
    warehouse = computed(tmp_path, case("02"), date)
    row = row_of(warehouse, "player_daily_cache", date, "player0462")
    assert (row["games_played_season"], row["points_avg_season"]) == (9, 8.6667)
    assert row["window_first_game_date"] == D("2021-10-20")
    assert findings_of(warehouse, days(SPAN[0], date)) == {
        ("player_game_summary", D("2021-10-08"), "not_counting"): 235,
        ("team_defense_game_summary", D("2021-10-08"), "not_counting"): 20,
        ("team_offense_game_summary", D("2021-10-08"), "not_counting"): 20,
    }


@pytest.mark.slow
def test_case_04_two_people_with_one_key(tmp_path: Path) -> None:
    """They never meet on a date; the context says by its id who is listed, shot zones have only the key."""
    date, key = D("2021-11-05"), "player0206"
    warehouse = computed(tmp_path, case("04"), date)
    row = row_of(warehouse, "player_daily_cache", date, key)
    assert (row["team_abbr"], row["games_played_season"], row["points_avg_season"]) == ("LAC", 5, 3.0)
    assert failures(warehouse, "player_shot_zone_analysis", date)[key] == "AMBIGUOUS_PLAYER"
    assert findings_of(warehouse, days(SPAN[0], date)) == {
        ("player_game_summary", D("2021-10-21"), "several_people"): 1
    }


@pytest.mark.slow
def test_case_09_paint_shots_that_are_missing(tmp_path: Path) -> None:
    """Zones that lost a fifth of the field goals enter no share, and every row that lacks them says so."""
    date = D("2021-11-05")
    phase3 = case("09")
    warehouse = computed(tmp_path, phase3, date)
    found = findings_of(warehouse, days(SPAN[0], date))
    assert {kind for _, _, kind in found} == {"zones_disagree"}
    assert sum(found.values()) == 901
    assert min(day for _, day, _ in found) == D("2021-10-30")
    rows = published(warehouse, TABLES["player_shot_zone_analysis"], date).values()
    flagged = [row for row in rows if "zone_data_missing" in row["data_quality_issues"]]
    assert all(row["zone_games_10"] < row["games_in_sample_10"] for row in flagged)
    assert len(flagged) == 333


# --- Who is who -------------------------------------------------------------------------------------------


def without_ids(where: Callable[[str, dt.date], bool]) -> Rows:
    """Return the league without the ids of a source's rows of a date."""
    return {
        source: [
            row | {"universal_player_id": None} if "player_lookup" in row and where(source, row["game_date"]) else row
            for row in lines
        ]
        for source, lines in LEAGUE.items()
    }


@pytest.mark.slow
def test_missing_ids_change_no_number(tmp_path: Path) -> None:
    """As long as every key means one person, the key is as good as the id."""
    leagues = [
        without_ids(where)
        for where in (
            lambda source, date: False,
            lambda source, date: True,
            lambda source, date: source == GAMES,
            lambda source, date: source == CONTEXT,
            lambda source, date: source == GAMES and date < DATES[6],
            lambda source, date: source == GAMES and date >= DATES[6],
            lambda source, date: date.day % 2 == 0,
        )
    ]
    warehouse = new_warehouse(tmp_path / "ids.duckdb", to_tables(in_seasons(leagues)))
    assert_nothing_changes(leagues, warehouse)


@pytest.mark.slow
def test_persons_who_are_mixed_up(tmp_path: Path) -> None:
    """Renamed, with a key or an id of another, without an id, in one source or both: product and oracle agree."""
    leagues = [confused(LEAGUE, random.Random(seed), people=25) for seed in range(10)]
    together = in_seasons(leagues)
    warehouse, oracle = new_warehouse(tmp_path / "persons.duckdb", to_tables(together)), Oracle(together)
    dates = [date for years in range(len(leagues)) for date in in_year(PUBLISHED, years)]
    run(warehouse, dates)
    different = [difference for date in dates for difference in differences(warehouse, oracle, date)[1]]
    assert not different, report(different)
    reasons = [reason for date in dates for reason in oracle.day(date).failures["player_daily_cache"].values()]
    assert reasons.count("AMBIGUOUS_PLAYER") > 5
    span = [date for years in range(len(leagues)) for date in in_year(SPAN, years)]
    assert findings_of(warehouse, span) == oracle.findings_on(span)


# --- Refused dates ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_dates_are_refused(tmp_path: Path) -> None:
    """A day without games and with rows that nothing explains; a schedule that is cut off, or has no counting game."""
    games = sorted(LEAGUE[SCHEDULE], key=itemgetter("game_date", "game_id"))
    leagues = [
        drawn(["unscheduled_day", "cup_final_alone"], seed=3),
        LEAGUE | {SCHEDULE: games[:12] + games[15:]},
        LEAGUE | {SCHEDULE: games[:20]},
        LEAGUE | {SCHEDULE: [game | {"game_type": "preseason"} for game in games]},
        LEAGUE | {SCHEDULE: []},
    ]
    together = in_seasons(leagues)
    warehouse, oracle = new_warehouse(tmp_path / "refused.duckdb", to_tables(together)), Oracle(together)
    # Of a schedule that is cut off, the dates with games alone: nothing happens on the others, refused or empty.
    spans = [SPAN, DATES, DATES, SPAN, SPAN]
    dates = [date for years, span in enumerate(spans) for date in in_year(span, years)]
    with warehouse.reading("test") as session:
        found = inspect(session, list(TABLES.values()), dates)
    refused = {date for date in dates if oracle.refusal(date)}
    for inspections in found.values():
        assert {date for date in dates if schedule_problems(date, inspections[date], {})} == refused
    counts = [sum(date.year == 2021 + years for date in refused) for years in range(len(leagues))]
    after_the_cut = [date for date in DATES if date > games[19]["game_date"]]
    # Three games are lost, with 20 rows each: on six dates more than a tenth of all rows, then 60 of 600.
    assert counts == [1, 6, len(after_the_cut), len(SPAN), len(SPAN)]


# --- Faults planted in the SQL ----------------------------------------------------------------------------

SOURCES_SQL, PEOPLE_SQL = "macros/sources.sql", "macros/people.sql"
FAULTS = {
    "empty keys are admitted": (SOURCES_SQL, "{{ is_blank(column) }}", "{{ column }} IS NULL"),
    "another season is admitted": (
        SOURCES_SQL,
        "WHEN source_row.is_of_other_season THEN 'wrong_season'",
        "WHEN FALSE THEN ''",
    ),
    "a moved game stays": (SOURCES_SQL, "WHEN game.game_date != source_row.game_date THEN 'not_counting'", ""),
    "a game that does not count explains no row": (SOURCES_SQL, "side.team_abbr IS NOT NULL OR ", ""),
    "the season has no start": (SOURCES_SQL, "source_row.game_date < season_start.first_date", "FALSE"),
    "a game of no schedule is admitted": (SOURCES_SQL, "WHEN game.game_id IS NULL THEN 'off_schedule'", ""),
    "a game that does not count is admitted by its id": (SOURCES_SQL, "WHEN NOT game.counts THEN 'not_counting'", ""),
    "a game called off comes first": (SOURCES_SQL, "IF(game_status IS DISTINCT FROM 4, 1, 0) DESC, ", ""),
    "every type counts": (
        SOURCES_SQL,
        "COALESCE(game_type IN ({{ counting_game_types | map('literal') | join(', ') }}), FALSE)",
        "TRUE",
    ),
    "every type is known": (
        SOURCES_SQL,
        "COALESCE(game_type NOT IN ({{ game_types | map('literal') | join(', ') }}), TRUE)",
        "FALSE",
    ),
    "zones may disagree": (SOURCES_SQL, "{{ zones_disagree() }} AS zones_disagree", "FALSE AS zones_disagree"),
    "an id is nobody": (SOURCES_SQL, "CONCAT('id:', {{ id_of('source_row') }}),", ""),
    "a row without an id is no copy": (
        SOURCES_SQL,
        "IF(shared_key.lowest_id = shared_key.highest_id, shared_key.lowest_id, NULL)",
        "NULL",
    ),
    "a key of several people means the first": (
        PEOPLE_SQL,
        "MIN(identity) < MAX(identity) AS is_shared",
        "FALSE AS is_shared",
    ),
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the sources of a league in which every rule has something to do."""
    rng = random.Random(7)
    rows = with_strangers(confused(LEAGUE, rng, people=25), [*KINDS, *KINDS], rng)
    for row in rng.sample(rows[GAMES], 40):
        row["fg_attempts"] = 60
    return new_warehouse(tmp_path_factory.mktemp("damaged") / "league.duckdb", to_tables(rows)).path


def seen(damaged: Path, copy: Path) -> tuple[dict, dict]:
    """The two tables without upstream, and the findings."""
    warehouse = DuckDBWarehouse(Path(shutil.copy(damaged, copy)))
    run(warehouse, PUBLISHED, [table for table in TABLES.values() if not table.upstreams])
    return hashes(warehouse), findings_of(warehouse, SPAN)


@pytest.fixture(scope="module")
def undisturbed(damaged: Path) -> tuple[dict, dict]:
    return seen(damaged, damaged.with_name("undisturbed.duckdb"))


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_rule_that_is_dropped_is_noticed(
    damaged: Path, undisturbed: tuple[dict, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    plant(monkeypatch, *FAULTS[fault])
    assert seen(damaged, tmp_path / "copy.duckdb") != undisturbed
