"""Every value of every closed set is reached, and no other: in real, simulated and damaged seasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import duckdb
import pytest

from nba_precompute.tables import PRECOMPUTE_FAILURES, TABLES, Table
from nba_precompute.tables.common import FAILURE_REASONS, QUALITY_ISSUES
from nba_precompute.tables.features import FEATURES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle.sources import ZONES
from nba_precompute_tests.oracle.tiny_league import box_score, change, tiny_league
from nba_precompute_tests.proof.seasons import Seasons
from nba_precompute_tests.support.league import new_warehouse, run, to_tables

TONIGHT = dt.date(2021, 12, 1)
TEN_NIGHTS = [TONIGHT - dt.timedelta(days=days) for days in range(20, 0, -2)]

CLOSED = {
    "team_defense_zone_analysis": {
        "strongest_zone": {"paint", "mid_range", "perimeter", None},
        "weakest_zone": {"paint", "mid_range", "perimeter", None},
        "data_quality_tier": {"high", "medium", "low"},
        "league_avg_source": {"computed", "season", "default"},
        "data_quality_issues": {"incomplete_window", "below_minimum_games", "zone_data_missing"},
    },
    "player_shot_zone_analysis": {
        "sample_quality_10": {"excellent", "good", "limited", "insufficient"},
        "sample_quality_20": {"excellent", "good", None},
        "primary_scoring_zone": {"paint", "perimeter", "mid_range", "balanced", None},
        "data_quality_tier": {"high", "medium", "low"},
        "data_quality_issues": {
            "incomplete_window",
            "below_minimum_games",
            "stale_player",
            "zone_data_missing",
        },
    },
    "player_composite_factors": {
        "primary_scoring_zone": {"paint", "perimeter", "mid_range", "balanced", None},
        "missing_inputs": {"player_age", "usage", "pace", "shot_zones", "team_defense"},
        "warnings": {"EXTREME_FATIGUE", "EXTREME_MATCHUP", "EXTREME_ADJUSTMENT"},
        "calculation_version": {"v1"},
        "data_quality_issues": {
            "incomplete_window",
            "below_minimum_games",
            "stale_player",
            "upstream_player_shot_zone_not_ready",
            "upstream_team_defense_not_ready",
            "upstream_context_not_ready",
            "missing_inputs",
        },
    },
    "player_daily_cache": {
        "primary_scoring_zone": {"paint", "perimeter", "mid_range", "balanced", None},
        "cache_version": {"v1"},
        "data_quality_issues": {
            "incomplete_window",
            "below_minimum_games",
            "stale_player",
            "upstream_player_shot_zone_not_ready",
            "upstream_context_not_ready",
        },
    },
    "ml_feature_store_v2": {
        "feature_names": {feature.name for feature in FEATURES},
        "feature_sources": {"phase4", "phase3", "calculated", "default"},
        "feature_version": {"v1_baseline_25"},
        "quality_tier": {"gold", "silver", "bronze", "poor", "critical"},
        "data_source": {"early_season", "phase4", "phase4_partial", "mixed"},
        "data_quality_issues": {
            "incomplete_window",
            "below_minimum_games",
            "stale_player",
            "upstream_player_shot_zone_not_ready",
            "upstream_team_defense_not_ready",
            "upstream_composite_not_ready",
            "upstream_daily_cache_not_ready",
            "upstream_context_not_ready",
        },
    },
}
"""Table -> column -> its values, from the contract (None: NULL occurs); of the issues, its own."""

REASONS = {
    "team_defense_zone_analysis": {"NO_PRIOR_GAMES"},
    "player_shot_zone_analysis": {"NO_PRIOR_GAMES", "AMBIGUOUS_PLAYER"},
    "player_composite_factors": {"AMBIGUOUS_PLAYER", "CONTEXT_INVALID"},
    "player_daily_cache": {"NO_PRIOR_GAMES", "AMBIGUOUS_PLAYER", "CONTEXT_INVALID"},
    "ml_feature_store_v2": {"AMBIGUOUS_PLAYER", "CONTEXT_INVALID"},
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Ten games with cases that neither the real nor the simulated seasons have.

    Unknown zones make aaa2 `phase4_partial`, unknown points as well make aaa1 `mixed`; aaa3 is two people,
    and listed without an id; the context of aaa4 has no team; BBB's pace is unknown, and so is what it allows.
    """
    rows = tiny_league(TEN_NIGHTS, TONIGHT)
    box_scores = rows["player_game_summary"]
    no_zones = {f"{zone}_attempts": None for zone in ZONES}
    change(box_scores, lambda row: row["player_lookup"] in ("aaa1", "aaa2"), **no_zones)
    change(box_scores, lambda row: row["player_lookup"] == "aaa1", points=None, usage_rate=None)
    box_scores.append(box_score(TEN_NIGHTS[0], "AAA", 3, 20, universal_player_id="somebody else"))
    change(rows["team_offense_game_summary"], lambda row: row["team_abbr"] == "BBB", pace=None)
    change(
        rows["team_defense_game_summary"],
        lambda row: row["defending_team_abbr"] == "BBB",
        **{f"opp_{zone}_makes": None for zone in ZONES},
    )
    context = rows["upcoming_player_game_context"]
    change(context, lambda row: row["player_lookup"] == "aaa3", universal_player_id=None)
    change(context, lambda row: row["player_lookup"] == "aaa4", team_abbr=None)
    warehouse = new_warehouse(tmp_path_factory.mktemp("damaged") / "damaged.duckdb", to_tables(rows))
    run(warehouse, [TONIGHT])
    return warehouse


@pytest.fixture(scope="module")
def warehouses(seasons: Seasons, damaged: DuckDBWarehouse) -> list[DuckDBWarehouse]:
    return [*(season.warehouse for season in seasons.all()), damaged]


def values(warehouses: Iterable[DuckDBWarehouse], query: str) -> set[str | None]:
    """Return the values of a one-column query in all warehouses."""
    found = set()
    for warehouse in warehouses:
        with duckdb.connect(warehouse.path, read_only=True) as connection:
            found |= {value for (value,) in connection.execute(query).fetchall()}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_value_is_reached_and_no_other(warehouses: list[DuckDBWarehouse], table: Table) -> None:
    found = {}
    for name in CLOSED[table.name]:
        value = f"UNNEST({name})" if table.column(name).type.startswith("ARRAY") else name
        found[name] = values(warehouses, f"SELECT DISTINCT {value} FROM {table.dataset}.{table.name}")
    assert found == CLOSED[table.name]


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_reason_is_reached_and_no_other(warehouses: list[DuckDBWarehouse], table: Table) -> None:
    reasons = values(
        warehouses,
        f"SELECT DISTINCT reason FROM nba_precompute.precompute_failures WHERE table_name = '{table.name}'",
    )
    assert reasons == REASONS[table.name] == set(table.reasons)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_declarations_name_the_same_values(table: Table) -> None:
    declared = {column.name: set(column.values) for column in table.columns if column.values}
    wanted = {name: known - {None} for name, known in CLOSED[table.name].items()}
    assert declared == wanted | {"data_quality_issues": set(QUALITY_ISSUES)}
    for name, known in CLOSED[table.name].items():
        assert table.column(name).nullable == (None in known), name


def test_every_issue_and_reason_belongs_to_a_table() -> None:
    assert set().union(*(columns["data_quality_issues"] for columns in CLOSED.values())) == set(QUALITY_ISSUES)
    assert set().union(*REASONS.values()) == set(FAILURE_REASONS)
    assert PRECOMPUTE_FAILURES.column("reason").values == FAILURE_REASONS
