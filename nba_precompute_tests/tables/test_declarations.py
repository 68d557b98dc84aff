"""The declarations: names as the contract writes them, closed sets, and what the SELECTs yield."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlglot
from sqlglot import exp

from nba_precompute.sql import RunDates, render_select
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, WAIVERS, Table
from nba_precompute.tables.features import FEATURES
from nba_precompute_tests.support.league import REPOSITORY

CONTRACT = REPOSITORY / "docs" / "contract.md"

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)

COMMON = [
    "expected_games_count",
    "actual_games_count",
    "missing_games_count",
    "completeness_percentage",
    "games_in_sample",
    "window_first_game_date",
    "window_last_game_date",
    "early_season_flag",
    "insufficient_data_reason",
    "data_quality_issues",
    "is_production_ready",
    "data_hash",
    "created_at",
    "updated_at",
]


@EVERY_TABLE
def test_every_table_ends_with_the_common_columns(table: Table) -> None:
    assert [column.name for column in table.published_columns][-len(COMMON) :] == COMMON


@EVERY_TABLE
def test_the_select_yields_exactly_the_declared_columns_in_order(table: Table) -> None:
    statement = sqlglot.parse_one(render_select(table, RunDates.of([dt.date(2021, 11, 5)])), read="bigquery")
    assert isinstance(statement, exp.Select)
    yielded = [expression.alias_or_name for expression in statement.expressions]
    assert yielded == [*(column.name for column in table.columns), "failure_reason", "failure_detail"]


@EVERY_TABLE
def test_the_key_is_first_and_never_null(table: Table) -> None:
    assert tuple(column.name for column in table.columns[:2]) == table.key
    assert not any(table.column(name).nullable for name in table.key)


@EVERY_TABLE
def test_lineage_names_columns_that_exist(table: Table) -> None:
    known = {
        f"{relation.name}.{column.name}"
        for relation in (*SOURCES.values(), *TABLES.values())
        for column in relation.columns
    }
    for column in table.columns:
        assert set(column.lineage) <= known, column.name
        read = {origin.split(".")[0] for origin in column.lineage}
        assert read <= {*table.sources, *table.upstreams}, column.name


@EVERY_TABLE
def test_every_column_says_what_it_means(table: Table) -> None:
    assert all(column.description for column in table.published_columns)


def test_tables_come_upstream_first() -> None:
    seen: set[str] = set()
    for table in TABLES.values():
        assert seen.issuperset(table.upstreams)
        seen.add(table.name)


def test_physical_places_are_the_contracts() -> None:
    assert {f"{t.dataset}.{t.name}": (*t.key, t.window) for t in TABLES.values()} == {
        "nba_precompute.team_defense_zone_analysis": ("analysis_date", "team_abbr", 15),
        "nba_precompute.player_shot_zone_analysis": ("analysis_date", "player_lookup", 10),
        "nba_precompute.player_composite_factors": ("game_date", "player_lookup", 10),
        "nba_precompute.player_daily_cache": ("cache_date", "player_lookup", 10),
        "nba_predictions.ml_feature_store_v2": ("game_date", "player_lookup", 10),
    }
    assert [column.name for column in PRECOMPUTE_FAILURES.published_columns] == [
        "table_name",
        "as_of_date",
        "entity_id",
        "reason",
        "detail",
        "created_at",
    ]
    assert [(column.name, column.type) for column in WAIVERS.published_columns] == [
        ("game_date", "DATE"),
        ("team_abbr", "STRING"),
        ("reason", "STRING"),
        ("waived_by", "STRING"),
        ("created_at", "TIMESTAMP"),
    ]


def test_the_feature_set_is_v1_baseline_25() -> None:
    assert [feature.name for feature in FEATURES] == [
        "points_avg_last_5",
        "points_avg_last_10",
        "points_avg_season",
        "points_std_last_10",
        "games_in_last_7_days",
        "fatigue_score",
        "shot_zone_mismatch_score",
        "pace_score",
        "usage_spike_score",
        "rest_advantage",
        "injury_risk",
        "recent_trend",
        "minutes_change",
        "opponent_def_rating",
        "opponent_pace",
        "home_away",
        "back_to_back",
        "playoff_game",
        "pct_paint",
        "pct_mid_range",
        "pct_three",
        "pct_free_throw",
        "team_pace",
        "team_off_rating",
        "team_win_pct",
    ]
    assert [i for i, feature in enumerate(FEATURES) if not feature.required] == [10, 17]
    assert [i for i, feature in enumerate(FEATURES) if not feature.phase4] == [
        9,
        10,
        11,
        12,
        15,
        16,
        17,
        21,
        24,
    ]
    assert [i for i, feature in enumerate(FEATURES) if feature.phase3] == [4, 22, 23]
    assert [feature.default for feature in FEATURES] == [
        10, 10, 10, 5, 3, 50, 0, 0, 0, 0, 0, 0, 0, 112, 100, 0, 0, 0, 0.30, 0.20, 0.35, 0.15, 100, 112, 0.5,
    ]  # fmt: skip


def test_a_feature_and_the_phase_4_column_it_is_read_from_have_one_range() -> None:
    """A feature divided by 100 is a fraction of a percentage."""
    for feature in FEATURES:
        if feature.phase4_table and feature.phase4_column:
            column = TABLES[feature.phase4_table].column(feature.phase4_column)
            assert column.range == tuple(bound * feature.divisor for bound in feature.range), feature.name


def ranges_of_the_contract() -> dict[str, tuple[float, float]]:
    """Read the plausible range of each feature from the table of section 4.5."""
    section = CONTRACT.read_text(encoding="utf-8").partition("### 4.5 ")[2].partition("\n## ")[0]
    found: dict[str, tuple[float, float]] = {}
    for number, names, _, _, ranges in re.findall(
        r"^\| (\d[\d-]*) \| (.+?) \| (.+) \| (.+?) \| (.+?) \|$", section, re.M
    ):
        features = re.findall(r"`(\w+)`", names)
        bounds = ranges.split(", ") if ", " in ranges else [ranges] * len(features)
        assert len(bounds) == len(features), number
        for feature, text in zip(features, bounds, strict=True):
            low, high = (f"-{text[2:]}", text[2:]) if text.startswith("+-") else text.split("-")
            found[feature] = (float(low), float(high))
    return found


def test_plausible_ranges_of_the_features_are_the_contracts() -> None:
    """A real first week had an opponent's defensive rating of 89.1, which was reported as implausible."""
    assert {feature.name: feature.range for feature in FEATURES} == ranges_of_the_contract()
