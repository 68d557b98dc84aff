"""`nba-precompute explain`: explanations agree with the rows, in a league small enough to check by hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from nba_precompute.operations.explain.explanation import Answer, Explanation, SourceRows
from nba_precompute.operations.explain.reading import UnknownEntity, explain, table_named
from nba_precompute.tables import TABLES
from nba_precompute.tables.features import FEATURES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.oracle.tiny_league import STAR, box_score, change, context, tiny_league
from nba_precompute_tests.support.league import execute, new_warehouse, run, to_tables

GAMES = [dt.date(2021, 11, day) for day in range(1, 13)]
TONIGHT = dt.date(2021, 11, 14)
RUN_AGAIN = f"Run `nba-precompute backfill --from {TONIGHT} --to {TONIGHT}`."
CACHE = TABLES["player_daily_cache"]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Twelve games: AAA lacks two players' rows on the 6th, BBB its offense on the 7th, and the star sat on the 9th.

    Tonight there are an unlisted rookie, a player without a game, and one whom the context gives no team.
    """
    league = tiny_league(GAMES, TONIGHT)
    players = league["player_game_summary"]
    for name in ("aaa4", "aaa5"):
        (gone,) = (row for row in players if row["player_lookup"] == name and row["game_date"] == GAMES[5])
        players.remove(gone)
    league["team_offense_game_summary"] = [
        row for row in league["team_offense_game_summary"] if (row["game_date"], row["team_abbr"]) != (GAMES[6], "BBB")
    ]
    change(
        players,
        lambda row: row["player_lookup"] == STAR and row["game_date"] == GAMES[8],
        is_dnp=True,
        minutes_played=0,
    )
    players.append(box_score(GAMES[11], "AAA", 6, 0, player_lookup="rookie", minutes_played=5.0))
    players.append(box_score(TONIGHT, "AAA", 1, 50))  # nothing may know of it
    change(league["upcoming_player_game_context"], lambda row: row["player_lookup"] == STAR, player_status=None)
    league["upcoming_player_game_context"] += [
        context(TONIGHT, "BBB", 7),
        context(TONIGHT, "BBB", 8, player_lookup="nobody's", team_abbr=None),
    ]
    made = new_warehouse(tmp_path_factory.mktemp("explain") / "nba.duckdb", to_tables(league))
    run(made, [TONIGHT])
    return made


def of(warehouse: DuckDBWarehouse, table: str, key: str, date: dt.date = TONIGHT) -> Explanation:
    return explain(warehouse, table_named(table), key, date)


def rows_of(found: Explanation, relation: str, entity: str | None = None) -> SourceRows:
    (source_rows,) = (rows for rows in found.sources if rows.relation == relation and entity in (None, rows.entity))
    return source_rows


def test_every_value_has_its_formula_and_lineage(warehouse: DuckDBWarehouse) -> None:
    found = of(warehouse, "player_daily_cache", STAR)
    assert found.answer is Answer.ROW
    by_name = {value.column: value for value in found.values}
    assert list(by_name) == [column.name for column in CACHE.columns if column.name not in CACHE.key]
    for column in CACHE.columns[2:]:
        assert (by_name[column.name].formula, by_name[column.name].lineage) == (column.description, column.lineage)
    # He scored 10 in the first game and 2 more in each that followed, and sat in the ninth.
    played = [10 + 2 * i for i in range(12) if i != 8]
    assert by_name["points_avg_last_10"].value == sum(played[-10:]) / 10
    assert by_name["points_avg_season"].value == round(sum(played) / 11, 4)
    assert by_name["points_avg_season"].unit == "points"


def test_the_games_that_entered_are_there_by_date(warehouse: DuckDBWarehouse) -> None:
    games = rows_of(of(warehouse, "player_daily_cache", STAR), "player_game_summary").rows
    assert [game["game_date"] for game in games] == GAMES[::-1], "newest first, none of tonight"
    assert [game["newest"] for game in games] == [1, 2, 3, None, 4, 5, 6, 7, 8, 9, 10, 11], (
        "a game that he sat counts not"
    )
    assert [game["days_before"] for game in games[:2]] == [2, 3]
    assert games[0]["points"] == 32
    assert set(games[0]) == {"game_date", "days_before", "newest", "minutes_played", "points", "usage_rate", "ts_pct"}
    teams = rows_of(of(warehouse, "player_composite_factors", STAR), "team_offense_game_summary", "BBB").rows
    assert len(teams) == 11, "the opponent's games enter the pace"
    assert teams[0]["pace"] == 102
    defended = rows_of(of(warehouse, "team_defense_zone_analysis", "AAA"), "team_defense_game_summary").rows
    assert (len(defended), defended[0]["opp_paint_attempts"]) == (12, 40)


def test_what_is_not_covered_is_named_with_the_reason(warehouse: DuckDBWarehouse) -> None:
    found = of(warehouse, "player_daily_cache", STAR)
    # Of AAA: on the 6th 3 of 5 players; on the 9th without the star 4 of 5.
    missing = {game.date: game.gap for game in found.expected_games if game.gap}
    assert missing == {GAMES[8]: "4 players", GAMES[5]: "3 players"}
    assert [game.date for game in found.expected_games] == GAMES[:1:-1]
    values = {value.column: value.value for value in found.values}
    assert (values["expected_games_count"], values["actual_games_count"]) == (10, 8)
    assert "8 of the 10 expected games of AAA" in found.summary[1]
    assert found.summary[1].endswith("are covered; uncovered: 2021-11-09 (4 players), 2021-11-06 (3 players).")
    assert (
        "Not production ready: completeness is 80 %, below 90 %; upstream_player_shot_zone_not_ready." in found.summary
    )
    of_bbb = of(warehouse, "team_defense_zone_analysis", "BBB").expected_games
    assert {game.date: game.gap for game in of_bbb if game.gap} == {GAMES[6]: "no team offense row"}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_words_agree_with_the_row_for_everybody(warehouse: DuckDBWarehouse, table) -> None:
    with warehouse.reading("test") as session:
        rows = session.query(f"SELECT * FROM {session.relation(table)} ORDER BY {table.entity_column}")
    for row in rows[:2]:
        found = of(warehouse, table.name, row[table.entity_column])
        assert len(found.expected_games) == row["expected_games_count"]
        assert sum(not game.gap for game in found.expected_games) == row["actual_games_count"]
        assert ("Production ready." in found.summary) == row["is_production_ready"]
        assert "Recomputing would change no value." in found.summary
        for name in table.upstreams:
            (upstream,) = rows_of(found, name).rows
            assert upstream["is_production_ready"] in (True, False)


def test_a_row_of_the_feature_store_tells_each_features_tier(warehouse: DuckDBWarehouse) -> None:
    found = of(warehouse, "ml_feature_store_v2", STAR)
    assert [feature.index for feature in found.features] == list(range(len(FEATURES)))
    assert [feature.name for feature in found.features] == [feature.name for feature in FEATURES]
    tiers = {feature.name: feature.tier for feature in found.features}
    assert (tiers["points_avg_last_5"], tiers["team_win_pct"]) == ("phase4", "calculated")
    newcomer = of(warehouse, "ml_feature_store_v2", "bbb7")
    defaults = {feature.name: feature for feature in newcomer.features if feature.is_default}
    assert defaults["points_avg_last_5"].value == defaults["points_avg_last_5"].default == 10
    assert not any(feature.is_out_of_range for feature in defaults.values())
    (sentence,) = (sentence for sentence in newcomer.summary if sentence.startswith("Not quality ready"))
    assert "points_avg_last_5 is a default" in sentence
    assert "injury_risk is a default" not in sentence, "not required"


def test_who_has_no_row_is_told_the_recorded_reason(warehouse: DuckDBWarehouse) -> None:
    newcomer = of(warehouse, "player_daily_cache", "bbb7")
    assert (newcomer.answer, newcomer.reason) == (Answer.FAILED, "NO_PRIOR_GAMES")
    assert newcomer.detail in newcomer.summary[0]
    assert newcomer.values == []
    assert newcomer.team == "BBB"
    awkward = of(warehouse, "player_daily_cache", "nobody's")
    assert (awkward.answer, awkward.reason, awkward.team) == (Answer.FAILED, "CONTEXT_INVALID", None)
    assert rows_of(awkward, "upcoming_player_game_context").rows[0]["team_abbr"] is None


def test_who_is_outside_the_population_is_told_so(warehouse: DuckDBWarehouse) -> None:
    rookie = of(warehouse, "player_daily_cache", "rookie")
    assert rookie.answer is Answer.NOT_IN_POPULATION
    assert "Population: every player listed for a game of the date." in rookie.summary[0]
    assert "Played: previous date 2021-11-12, next date (never)." in rookie.summary
    assert of(warehouse, "player_shot_zone_analysis", "rookie").answer is Answer.ROW, "he played earlier in the season"
    free = of(warehouse, "player_daily_cache", STAR, dt.date(2021, 11, 13))
    assert free.answer is Answer.NOT_IN_POPULATION
    assert "The schedule has no game on 2021-11-13. Previous game date: 2021-11-12; next: 2021-11-14." in free.summary


def test_a_date_that_was_not_computed_is_said(warehouse: DuckDBWarehouse) -> None:
    # The context lists nobody for it, but who played earlier needs a row of the shot zones.
    found = of(warehouse, "player_shot_zone_analysis", STAR, GAMES[11])
    assert found.answer is Answer.NOT_COMPUTED
    assert "Run `nba-precompute backfill --from" in found.summary[0]


def test_a_row_whose_inputs_changed_since_says_what_would_differ(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    corrected = DuckDBWarehouse(Path(tmp_path / "nba.duckdb"))
    corrected.path.write_bytes(warehouse.path.read_bytes())
    execute(
        corrected,
        "UPDATE nba_analytics.player_game_summary SET ts_pct = 0.9 "
        f"WHERE game_date = '{GAMES[11]}' AND player_lookup = '{STAR}'",
    )
    found = of(corrected, "player_daily_cache", STAR)
    assert f"Recomputing would change these columns: ts_pct_last_10. {RUN_AGAIN}" in found.summary
    (stale,) = (value for value in found.values if value.is_stale)
    assert (stale.value, stale.now) == (0.5, 0.54)
    execute(corrected, f"DELETE FROM nba_analytics.upcoming_player_game_context WHERE player_lookup = '{STAR}'")
    assert any("no longer includes" in sentence for sentence in of(corrected, "player_daily_cache", STAR).summary)


@pytest.mark.parametrize(
    ("table", "key", "date", "message"),
    [
        ("player_daily_cash", STAR, TONIGHT, "did you mean player_daily_cache"),
        ("player_daily_cache", "AAA-1", TONIGHT, "did you mean aaa1"),
        ("team_defense_zone_analysis", "CCC", TONIGHT, "known: AAA, BBB"),
        ("player_daily_cache", "'; DROP TABLE x", TONIGHT, "no player_lookup"),
        ("player_daily_cache", STAR, dt.date(2020, 11, 14), "the schedule has no game of season 2020-21"),
    ],
)
def test_what_is_unknown_is_a_usage_error_that_helps(
    warehouse: DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    table: str,
    key: str,
    date: dt.date,
    message: str,
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(warehouse.path))
    assert call(monkeypatch, "explain", table, key, str(date)) == 2
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())
    with pytest.raises(UnknownEntity, match=message):
        of(warehouse, table, key, date)


def test_the_command_shows_it_and_writes_json(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(warehouse.path))
    monkeypatch.setenv("NO_COLOR", "1")
    assert call(monkeypatch, "explain", "ml_feature_store_v2", STAR, str(TONIGHT)) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    for text in ("points_avg_last_5", "default, not required", "4 players", "did not play"):
        assert text in shown
    assert call(monkeypatch, "explain", "player_daily_cache", STAR, str(TONIGHT), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["answer"], document["date"], document["team"]) == ("row", str(TONIGHT), "AAA")
    assert {"table", "key", "reason", "summary", "values", "features", "expected_games", "sources"} <= set(document)
    assert call(monkeypatch, "explain", "player_shot_zone_analysis", STAR, str(GAMES[11])) == 3
