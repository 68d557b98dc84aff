"""Reruns: unchanged rows are not written, and a correction reaches exactly the dates that it affects."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter
from pathlib import Path

import pytest

from nba_precompute.publishing.records import Outcome
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.protocol import MergeCounts
from nba_precompute_tests.proof.seasons import PublishedSeason, Seasons
from nba_precompute_tests.support.league import (
    days,
    execute,
    hashes,
    new_warehouse,
    real_tables,
    records,
    run,
    written_at,
)

D = dt.date.fromisoformat

SKIPPED = "skipped: inputs, code and published content are unchanged"
NOTHING = MergeCounts()


def computed(outcomes: dict[str, Outcome]) -> dict[str, list[dt.date]]:
    """Table -> the dates that were computed."""
    return {name: outcome.computed for name, outcome in outcomes.items()}


def assert_only_what_differs_was_written(
    before: dict, after: dict, times_before: dict, times_after: dict
) -> set[tuple[str, dt.date, str]]:
    """Assert that exactly the rows with a new hash have a new `updated_at`, and return those."""
    assert times_before.keys() == times_after.keys()
    written = {key for key in times_before if times_before[key] != times_after[key]}
    assert written == {key for key in times_before if before[key] != after[key]}
    assert all(times_before[key][0] == times_after[key][0] for key in written), "created_at stays"
    assert all(times_before[key][1] < times_after[key][1] for key in written)
    return written


@pytest.mark.slow
def test_an_unchanged_season_is_computed_again_without_a_write(seasons: Seasons, tmp_path: Path) -> None:
    season = seasons.simulated(0)
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    for outcome in run(own, season.range).values():
        assert outcome.computed == season.range
        assert outcome.merged == outcome.merged_failures == NOTHING
        assert {partition.decision for partition in outcome.partitions.values()} == {"computed: no earlier record"}
    assert (hashes(own), written_at(own)) == (before, times)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["real", "simulated"])
def test_with_its_records_an_unchanged_season_is_skipped(seasons: Seasons, tmp_path: Path, kind: str) -> None:
    season = seasons.real(2021) if kind == "real" else seasons.simulated(0)
    own = season.copy(tmp_path)
    times = written_at(own)
    for name, outcome in run(own, season.range, recorded=season.recorded).items():
        assert {partition.decision for partition in outcome.partitions.values()} == {SKIPPED}
        assert outcome.computed == []
        assert outcome.merged == outcome.merged_failures == NOTHING
        for date, partition in outcome.partitions.items():
            assert partition.published.content_hash == season.recorded[name][date].content_hash
            assert partition.rows == partition.unchanged
    assert written_at(own) == times


@pytest.mark.slow
def test_a_corrected_box_score_reaches_exactly_the_later_dates(seasons: Seasons, tmp_path: Path) -> None:
    season, corrected = seasons.real(2021), D("2022-03-28")
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    player = a_player(season, corrected)
    execute(
        own,
        "UPDATE nba_analytics.player_game_summary SET points = points + 1, minutes_played = 40.5 "
        f"WHERE game_date = DATE '{corrected}' AND player_lookup = '{player}'",
    )
    outcomes = run(own, season.range, recorded=season.recorded)
    later = [date for date in season.game_dates if date > corrected]
    assert computed(outcomes) == dict.fromkeys(TABLES, later)
    decisions = {
        partition.decision
        for outcome in outcomes.values()
        for partition in outcome.partitions.values()
        if partition.computed
    }
    assert all(
        decision.startswith("computed: the inputs changed: ") and "player_game_summary" in decision
        for decision in decisions
    )

    written = assert_only_what_differs_was_written(before, hashes(own), times, written_at(own))
    assert {name for name, _, _ in written} == set(TABLES)  # points uncover the game, and team defense sees it
    assert {date for _, date, _ in written} <= set(later)
    assert ("player_daily_cache", later[-1], player) in written
    assert len(written) < len(later) * 100, "whom it does not concern is not written"


@pytest.mark.slow
def test_a_corrected_context_cell_reaches_only_its_date(seasons: Seasons, tmp_path: Path) -> None:
    season, date = seasons.real(2021), D("2022-01-12")
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    player = a_player(season, date)
    execute(
        own,
        "UPDATE nba_analytics.upcoming_player_game_context SET player_age = 40, projected_usage_rate = 40 "
        f"WHERE game_date = DATE '{date}' AND player_lookup = '{player}'",
    )
    outcomes = run(own, season.range, recorded=season.recorded)
    readers = {
        name: [date] if "upcoming_player_game_context" in table.sources else [] for name, table in TABLES.items()
    }
    assert computed(outcomes) == readers
    written = assert_only_what_differs_was_written(before, hashes(own), times, written_at(own))
    listed = ("player_composite_factors", "player_daily_cache", "ml_feature_store_v2")
    assert written == {(name, date, player) for name in listed}


@pytest.mark.slow
def test_a_game_called_off_reaches_its_date_and_the_later_ones(seasons: Seasons, tmp_path: Path) -> None:
    """Of the schedule ahead of a date, only the season's teams are an input."""
    season, date = seasons.real(2021), D("2022-04-01")
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    ((game_id,),) = season.ask(f"SELECT game_id FROM games WHERE game_date = '{date}' ORDER BY game_id LIMIT 1")
    execute(own, f"UPDATE nba_raw.nbac_schedule SET game_status = 4 WHERE game_id = '{game_id}'")
    outcomes = run(own, season.range, recorded=season.recorded)
    reached = [game_date for game_date in season.game_dates if game_date >= date]
    assert computed(outcomes) == dict.fromkeys(TABLES, reached)
    after = hashes(own)
    assert {key[1] for key in before if after.get(key) != before[key]} <= set(reached)
    # Whoever was listed for it has a reason now; whoever has played in no other game belongs to no population.
    debuts = debutants(season, game_id)
    assert debuts
    gone = before.keys() - after.keys()
    assert {(name, entity) for name, _, entity in gone} == {("player_shot_zone_analysis", entity) for entity in debuts}
    assert after.keys() <= before.keys()
    fewer = {key: value for key, value in after.items() if value == "CONTEXT_INVALID"}
    assert {(name, day) for name, day, _ in fewer} == {
        (name, date) for name in ("player_composite_factors", "player_daily_cache", "ml_feature_store_v2")
    }
    assert all(time == times[key] for key, time in written_at(own).items() if after[key] == before[key])


def debutants(season: PublishedSeason, game_id: str) -> set[str]:
    """Return the players whose first game is the given one, and who are on the court in it."""
    rows = [row for row in season.phase3["player_game_summary"].to_pylist() if row["minutes_played"]]
    first = {row["player_lookup"]: row["game_id"] for row in sorted(rows, key=itemgetter("game_date"), reverse=True)}
    return {player for player, game in first.items() if game == game_id}


@pytest.mark.slow
def test_a_row_that_somebody_touched_is_put_right(seasons: Seasons, tmp_path: Path) -> None:
    """In each table on dates of its own: a changed row, a removed one, one too many, and a lost failure."""
    season = seasons.real(2021)
    own = season.copy(tmp_path)
    before, times = hashes(own), written_at(own)
    touched: dict[str, list[dt.date]] = {}
    put_right = set()
    for place, table in enumerate(TABLES.values()):
        changed, removed, added = (
            season.game_dates[60 + place],
            season.game_dates[80 + place],
            season.game_dates[100 + place],
        )
        name, entity = f"{table.dataset}.{table.name}", table.entity_column
        one_of = {
            date: min(key[2] for key in before if key[:2] == (table.name, date)) for date in (changed, removed, added)
        }
        where = {date: f"{table.date_column} = DATE '{date}' AND {entity} = '{one_of[date]}'" for date in one_of}
        touched[table.name] = [changed, removed, added]
        put_right |= {(table.name, date, one_of[date]) for date in (changed, removed)}
        execute(
            own,
            f"UPDATE {name} SET data_hash = 'touched' WHERE {where[changed]}",
            f"DELETE FROM {name} WHERE {where[removed]}",
            f"INSERT INTO {name} SELECT * REPLACE ('nobody' AS {entity}) FROM {name} WHERE {where[added]}",
        )
        lost = season.game_dates[place]
        if any(key[:2] == (table.name, lost) and reason == "NO_PRIOR_GAMES" for key, reason in before.items()):
            touched[table.name].insert(0, lost)
            execute(
                own,
                "DELETE FROM nba_precompute.precompute_failures "
                f"WHERE table_name = '{table.name}' AND as_of_date = DATE '{lost}'",
            )
    assert sum(len(dates) == 4 for dates in touched.values()) >= 2
    outcomes = run(own, season.range, recorded=season.recorded)
    assert computed(outcomes) == touched
    for name, dates in touched.items():
        assert outcomes[name].merged == MergeCounts(inserted=1, updated=1, deleted=1)
        for date in dates:
            assert outcomes[name].partitions[date].decision == (
                "computed: the published content is not what was recorded"
            )
    assert hashes(own) == before
    assert {key for key, time in written_at(own).items() if time != times[key]} == put_right


@pytest.mark.slow
def test_a_correction_at_the_end_of_a_season_does_not_reach_the_next(tmp_path: Path) -> None:
    import pyarrow as pa

    first, second = real_tables(2021), real_tables(2022)
    both = new_warehouse(
        tmp_path / "both.duckdb", {name: pa.concat_tables([first[name], second[name]]) for name in first}
    )
    dates = [*days(D("2022-04-07"), D("2022-04-10")), *days(D("2022-10-18"), D("2022-10-21"))]
    recorded = records(run(both, dates))
    corrections = {
        "team_defense_game_summary": "opp_paint_makes",
        "team_offense_game_summary": "pace",
        "player_game_summary": "points",
    }
    execute(
        both,
        *(
            f"UPDATE nba_analytics.{name} SET {column} = {column} + 1 WHERE game_date = DATE '2022-04-08'"
            for name, column in corrections.items()
        ),
    )
    assert computed(run(both, dates, recorded=recorded)) == {
        name: [D("2022-04-09"), D("2022-04-10")] for name in TABLES
    }


def a_player(season: PublishedSeason, date: dt.date) -> str:
    """Return a player who played on the date, and again on the season's last."""
    last = season.game_dates[-1]
    return season.ask(
        "SELECT MIN(player_lookup) FROM player_game_summary "
        f"WHERE game_date = DATE '{date}' AND minutes_played > 20 AND player_lookup IN "
        f"(SELECT player_lookup FROM upcoming_player_game_context WHERE game_date = DATE '{last}')"
    )[0][0]
