"""Rendering: literal bounds on every partitioned table, and a code version that follows what is computed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import jinja2
import pytest
import sqlglot
from sqlglot import exp

from nba_precompute import sql
from nba_precompute.sql import DIRECTORY, RunDates, code_version, render_select
from nba_precompute.tables import (
    SOURCES,
    TABLES,
    Table,
    common,
    features,
    player_composite_factors,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
)

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
CACHE = TABLES["player_daily_cache"]
TEMPLATES = {str(path.relative_to(DIRECTORY)): path.read_text(encoding="utf-8") for path in DIRECTORY.rglob("*.sql")}


@EVERY_TABLE
def test_every_scan_of_a_partitioned_table_has_literal_bounds(table: Table) -> None:
    """A SELECT reads sources within the run's seasons, and Phase 4 tables on the run's dates."""
    run = RunDates.of([dt.date(2021, 11, 5), dt.date(2021, 11, 6)])
    statement = sqlglot.parse_one(render_select(table, run), read="bigquery")
    scanned = set()
    for scan in statement.find_all(exp.Table):
        name = scan.name
        if not scan.db:
            continue  # a CTE
        scanned.add(name)
        select = scan.find_ancestor(exp.Select)
        assert select is not None
        where = select.args["where"].sql(dialect="bigquery")
        column = "game_date" if name in SOURCES else TABLES[name].date_column
        first, last = {
            "nbac_schedule": ("2021-07-01", "2022-06-30"),
            "upcoming_player_game_context": ("2021-11-05", "2021-11-06"),
        }.get(name, ("2021-07-01" if name in SOURCES else "2021-11-05", "2021-11-06"))
        expected = f"{column} BETWEEN CAST('{first}' AS DATE) AND CAST('{last}' AS DATE)"
        assert expected in where, (name, where)
    assert scanned == {*table.sources, *table.upstreams}


def version_with(monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, table: Table = CACHE) -> str:
    """Return the code version of a table with a changed template."""

    def load(name: str) -> str:
        text = (DIRECTORY / name).read_text(encoding="utf-8")
        if name == file:
            assert old in text
            text = text.replace(old, new)
        return text

    environment = sql._environment().overlay(loader=jinja2.FunctionLoader(load))
    with monkeypatch.context() as patch:
        patch.setattr(sql, "_environment", lambda: environment)
        return code_version.__wrapped__(table)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tables/player_daily_cache.sql", "math.mean('points', 'newest_5')", "math.mean('points', 'newest_10')"),
        ("macros/windows.sql", "players_with_minutes = box_score.players", "players_with_minutes >= box_score.players"),
        ("macros/people.sql", "WHERE NOT meaning.is_shared", "WHERE TRUE"),
        ("macros/sources.sql", "minutes_played > 0", "minutes_played > 1"),
        ("macros/population.sql", "several people", "two people"),
        ("macros/arithmetic.sql", ", 4) AS FLOAT64", ", 5) AS FLOAT64"),
        ("publish/stage.sql", "hashed.data_hash DESC", "hashed.data_hash ASC"),
    ],
)
def test_the_code_version_changes_with_what_is_computed(
    monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str
) -> None:
    assert version_with(monkeypatch, file, old, new) != code_version(CACHE)


def test_the_code_version_changes_with_a_constant_and_with_the_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "MINIMUM_GAMES", 6)
    assert code_version.__wrapped__(CACHE) != code_version(CACHE)
    monkeypatch.undo()
    assert code_version.__wrapped__(dataclasses.replace(CACHE, window=9)) != code_version(CACHE)


def test_the_code_version_does_not_change_with_a_comment_or_another_tables_select(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = code_version(CACHE)
    assert version_with(monkeypatch, "macros/windows.sql", "{#- THE as-of rule", "{#- The as-of rule") == same
    assert version_with(monkeypatch, "tables/player_composite_factors.sql", "100 *", "101 *") == same


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_readable(name: str) -> None:
    """No line is longer than 140 characters, and no alias is a single letter."""
    assert [line for line in TEMPLATES[name].splitlines() if len(line) > 140] == []
    assert re.findall(r" AS \w\b(?!\{\{)|' as \w\b", TEMPLATES[name]) == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("macros/")])
def test_a_macro_file_names_what_it_needs(name: str) -> None:
    head, _, _ = TEMPLATES[name].partition("-#}")
    assert head.startswith("{#-")
    assert "needs: " in head


@pytest.mark.parametrize("text", ["o'neal", "a\\b", "two\r\nlines", "tab\there", "\u00e9"])
def test_a_literal_is_the_text(text: str) -> None:
    """BigQuery reads a raw line end in a literal as an error, so both are escaped; the parsed literal is the text."""
    literal = sql.literal(text)
    assert not {"\n", "\r"} & set(literal)
    assert sqlglot.parse_one(f"SELECT {literal}", read="bigquery").expressions[0].this == text


def test_a_threshold_is_rendered_from_its_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every constant of the declarations that a SELECT uses changes the statement of some table when it changes."""
    for module, name, value in (
        (common, "COVERED_PLAYERS", 6),
        (common, "COVERED_MINUTES", 236),
        (common, "READY_COMPLETENESS", 91),
        (common, "STALE_DAYS", 31),
        (common, "ZONE_ATTEMPTS_PERCENT", (81, 120)),
        (team_defense_zone_analysis, "LEAGUE_DAYS", 31),
        (team_defense_zone_analysis, "LEAGUE_GAMES", 11),
        (team_defense_zone_analysis, "LEAGUE_TEAMS", 11),
        (player_shot_zone_analysis, "LONG_WINDOW", 21),
        (player_shot_zone_analysis, "LONG_WINDOW_MINIMUM", 16),
        (player_composite_factors, "FULL_ZONE_RATE", 51),
        (player_composite_factors, "RECENT_USAGE_GAMES", 6),
        (player_composite_factors, "EXTREME_FATIGUE", 51),
        (features, "CALCULATED_MINIMUM_GAMES", 6),
        (features, "READY_SCORE", 71),
        (features, "TREND_GAMES", (3, 3)),
    ):
        before = [code_version.__wrapped__(table) for table in TABLES.values()]
        monkeypatch.setattr(module, name, value)
        assert [code_version.__wrapped__(table) for table in TABLES.values()] != before, name
