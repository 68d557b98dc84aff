"""Games, dates and whole tables that have not arrived (contract, sections 2 and 3)."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_precompute.publishing.inspection import inspect
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.conftest import PUBLISHED
from nba_precompute_tests.bad_input.helpers import (
    BENCH,
    CONTEXT,
    CONTEXT_TABLES,
    DATES,
    DEFENSE,
    GAMES,
    LAST,
    MLFS,
    OFF_DAY,
    OFFENSE,
    PCF,
    PDC,
    PSZA,
    SCHEDULE,
    TABLES,
    TDZA,
    TEAMS,
    Result,
    change,
    content,
    copied,
    dates_of,
    load,
    pairings,
    player,
    remove,
)
from nba_precompute_tests.bad_input.one_run import Scenario, in_one_run, of
from nba_precompute_tests.support.league import Rows, real_tables, refused, run, to_rows

REGULARS = [player(team, number) for team in TEAMS for number in range(1, BENCH)]
INCOMPLETE = ["incomplete_window"]
OF_ATLANTA = {
    GAMES: ("player_lookup", "atlplayer1"),
    DEFENSE: ("defending_team_abbr", "ATL"),
    OFFENSE: ("team_abbr", "ATL"),
    CONTEXT: ("player_lookup", "atlplayer1"),
}
"""The entity whose first row the tests copy to a date without a game."""


def on_off_day(league: Rows, source: str, **values: str) -> str:
    """Copy a row to the off day; return it as an example."""
    column, entity = OF_ATLANTA[source]
    row = next(row for row in league[source] if row[column] == entity)
    league[source].append(row | {"game_date": OFF_DAY} | values)
    return f"1 (e.g. {entity} on {OFF_DAY})"


@in_one_run
def test_dates_that_are_missing_from_the_box_scores(league: Rows, baseline: Result) -> Scenario:
    """One date missing (9 of 10 games): rows are flagged but ready; two (80 %): not ready. The windows shift."""
    one, two = copied(league), copied(league)
    gone = (DATES[8], DATES[12])  # dates on which all six teams play
    remove(one, GAMES, lambda row: row["game_date"] in gone[:1])
    remove(two, GAMES, lambda row: row["game_date"] in gone)
    one_missing, two_missing = yield of(one, two)
    for missing, result in ((1, one_missing), (2, two_missing)):
        for name in REGULARS:
            team = name[:3].upper()
            for table in (PSZA, *CONTEXT_TABLES):
                row, complete = result.of(table)[name], baseline.of(table)[name]
                assert row["expected_games_count"] == 10
                assert row["actual_games_count"] == 10 - missing
                assert row["missing_games_count"] == missing
                assert row["completeness_percentage"] == 100 - 10 * missing
                assert row["data_quality_issues"][0] == "incomplete_window"
                assert row["games_in_sample"] == min(10, len(dates_of(team)) - missing)
                assert row["window_first_game_date"] == dates_of(team)[-10 - missing :][0]
                assert row["window_first_game_date"] < complete["window_first_game_date"]
                assert row["is_production_ready"] is (missing == 1)
            if missing == 1:
                assert result.of(PSZA)[name]["data_quality_issues"] == INCOMPLETE
        for team, row in result.of(TDZA).items():
            expected = len(dates_of(team))
            assert (row["expected_games_count"], row["missing_games_count"]) == (expected, missing)
            # The team tables have arrived: the team's own window does not change.
            assert row["games_in_sample"] == expected
            assert row["is_production_ready"] is (missing == 1)
    # The box scores of the season's first date are not: they are outside the window.
    for name in CONTEXT_TABLES:
        assert two_missing.of(name)["atlplayer1"]["is_production_ready"] is False
    assert two_missing.of(MLFS)["atlplayer1"]["data_quality_issues"] == [
        "incomplete_window",
        "upstream_player_shot_zone_not_ready",
        "upstream_team_defense_not_ready",
        "upstream_composite_not_ready",
        "upstream_daily_cache_not_ready",
    ]


@in_one_run
def test_a_date_with_only_some_of_its_games(league: Rows, baseline: Result) -> Scenario:
    """Two of three games have not arrived: only their four teams lack a game."""
    date = DATES[11]
    arrived = set(pairings(date)[0])
    for source, team in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
        remove(league, source, lambda row, team=team: row["game_date"] == date and row[team] not in arrived)
    (result,) = yield of(league)
    for name in REGULARS:
        row = result.of(PDC)[name]
        assert row["missing_games_count"] == (0 if name[:3].upper() in arrived else 1)
    assert {team: row["missing_games_count"] for team, row in result.of(TDZA).items()} == {
        team: 0 if team in arrived else 1 for team in TEAMS
    }
    for team in arrived:
        row, undamaged = result.of(TDZA)[team], baseline.of(TDZA)[team]
        assert row["paint_pct_allowed_last_15"] == undamaged["paint_pct_allowed_last_15"]
    absent = (set(TEAMS) - arrived).pop()
    assert result.of(TDZA)[absent]["games_in_sample"] == len(dates_of(absent)) - 1
    assert result.of(PDC)[f"{absent.lower()}player1"]["l7d_completeness_pct"] < 100


@in_one_run
def test_what_makes_a_game_uncovered(league: Rows) -> Scenario:
    """A missing team row, 4 players, less than 235 minutes or other points uncover the team's game."""
    date = DATES[11]

    def box(team: str, *numbers: int) -> dict[str, object]:
        return {"game_date": date, "player_lookup": player(team, numbers[0])}

    def without_players(rows: Rows, team: str, keep: int, minutes: float) -> None:
        """Keep only some of the team's players; everything else is complete."""
        remove(
            rows,
            GAMES,
            lambda row: (
                row["game_date"] == date
                and row["team_abbr"] == team
                and row["player_lookup"] not in [player(team, number) for number in range(1, keep + 1)]
            ),
        )
        change(rows, GAMES, {"game_date": date, "team_abbr": team}, minutes_played=minutes / keep)
        points = sum(row["points"] for row in rows[GAMES] if row["game_date"] == date and row["team_abbr"] == team)
        change(rows, OFFENSE, {"game_date": date, "team_abbr": team}, points_scored=points)

    still_covered = copied(league)
    remove(league, OFFENSE, lambda row: row["game_date"] == date and row["team_abbr"] == "ATL")
    remove(league, DEFENSE, lambda row: row["game_date"] == date and row["defending_team_abbr"] == "BOS")
    without_players(league, "CHI", 4, 240)
    without_players(league, "DEN", 5, 234.9)
    change(league, OFFENSE, {"game_date": date, "team_abbr": "LAL"}, points_scored=1)

    without_players(still_covered, "CHI", 5, 235)
    without_players(still_covered, "DEN", 6, 60)
    change(still_covered, GAMES, box("DEN", 1), minutes_played=None)
    # A player without minutes adds neither a player nor points.
    change(still_covered, GAMES, box("LAL", BENCH), points=7)

    uncovered, covered = yield of(league, still_covered)
    for table in (TDZA, PSZA, PCF, PDC, MLFS):
        missing = {}
        for entity, row in uncovered.of(table).items():
            missing[row["team_abbr"]] = row["missing_games_count"]
            assert row["actual_games_count"] == row["expected_games_count"] - row["missing_games_count"], entity
        assert missing == {"ATL": 1, "BOS": 1, "CHI": 1, "DEN": 1, "LAL": 1, "MIA": 0}
        assert {row["missing_games_count"] for row in covered.of(table).values()} == {0}
    # Nor is the game with the missing team row in that team's window.
    assert uncovered.of(TDZA)["BOS"]["games_in_sample"] == len(dates_of("BOS")) - 1
    assert uncovered.of(TDZA)["ATL"]["games_in_sample"] == len(dates_of("ATL"))


@in_one_run
def test_a_real_date_with_three_of_its_games() -> Scenario:
    """On a real date only three games have arrived; the test computes the date two nights later."""
    night, date = dt.date(2021, 11, 8), dt.date(2021, 11, 10)
    season = {
        name: table.filter([day.as_py() <= date for day in table["game_date"]]) if name != SCHEDULE else table
        for name, table in real_tables(2021).items()
    }
    rows = to_rows(season)
    games = [row for row in rows[SCHEDULE] if row["game_date"] == night and row["game_status"] == 3]
    teams = {team for game in games for team in (game["home_team_tricode"], game["away_team_tricode"])}
    arrived = {team for game in games[:3] for team in (game["home_team_tricode"], game["away_team_tricode"])}
    assert len(arrived) == 6
    assert len(teams) > 8
    for source, team in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
        remove(rows, source, lambda row, team=team: row["game_date"] == night and row[team] not in arrived)
    (result,) = yield of(rows, dates=[date])
    missing = {team for team, row in result.of(TDZA, date).items() if row["missing_games_count"]}
    assert missing == teams - arrived
    for row in result.of(PDC, date).values():
        assert (row["missing_games_count"] > 0) == (row["team_abbr"] in missing)


@in_one_run
def test_an_empty_source(league: Rows, baseline: Result) -> Scenario:
    """Rows and failures follow from the other sources; no row is ready that needs the empty one."""
    no_games, no_defense, no_offense, nobody_listed = yield of(
        *(league | {source: []} for source in (GAMES, DEFENSE, OFFENSE, CONTEXT))
    )
    listed = {player(team, number) for team in TEAMS for number in range(1, BENCH + 1)}

    for result in (no_games, no_defense, no_offense):
        rows = [row for table in TABLES for row in result.of(table).values()]
        assert not any(row["is_production_ready"] for row in rows)
        assert {row["actual_games_count"] for row in rows} == {0}

    for table in (PSZA, PDC):
        assert no_games.of(table) == {}
        assert no_games.reasons(table) == dict.fromkeys(listed, "NO_PRIOR_GAMES")
    for table in (PCF, MLFS):
        assert no_games.of(table).keys() == listed
        assert {row["games_in_sample"] for row in no_games.of(table).values()} == {0}
    assert {row["fatigue_score"] for row in no_games.of(PCF).values()} == {None}
    assert no_games.of(TDZA).keys() == set(TEAMS)

    assert no_defense.of(TDZA) == {}
    assert no_defense.reasons(TDZA) == dict.fromkeys(TEAMS, "NO_PRIOR_GAMES")
    assert all("team_defense" in row["missing_inputs"] for row in no_defense.of(PCF).values())
    assert all(row["features"][13:15] == [112, 100] for row in no_defense.of(MLFS).values())

    assert {row["pace_score"] for row in no_offense.of(PCF).values()} == {None}
    assert {row["team_win_pct"] for row in no_offense.of(MLFS).values()} == {None}
    assert no_offense.of(PDC).keys() == baseline.of(PDC).keys()

    # No player is listed: three tables are empty, and the two that do not read the context do not change.
    for table in CONTEXT_TABLES:
        assert nobody_listed.of(table) | nobody_listed.reasons(table) == {}
        assert nobody_listed.record(table).computed
        assert nobody_listed.record(table).slate_teams_unlisted == 6
    assert nobody_listed.of(TDZA) == baseline.of(TDZA)
    assert nobody_listed.of(PSZA) == baseline.of(PSZA)
    assert nobody_listed.reasons(PSZA) == {}  # players who never played are no longer in its population


def test_an_empty_schedule_is_refused(published_warehouse: DuckDBWarehouse, league: Rows) -> None:
    """An empty schedule must not empty a season: the published rows stay."""
    league[SCHEDULE] = []
    load(published_warehouse, league)
    before = content(published_warehouse)
    for table in TABLES.values():
        assert refused(published_warehouse, [OFF_DAY, *PUBLISHED], table) == {
            date: {"the schedule has no game of the season"} for date in (OFF_DAY, *PUBLISHED)
        }
    assert content(published_warehouse) == before


def test_a_truncated_schedule_is_refused(published_warehouse: DuckDBWarehouse, league: Rows) -> None:
    """Each date that has source rows but no scheduled game is refused, with those sources; the others are computed."""
    cut = DATES[11]
    remove(league, SCHEDULE, lambda row: row["game_date"] >= cut)
    load(published_warehouse, league)
    before = content(published_warehouse)
    off_day = DATES[12] + dt.timedelta(days=1)
    reasons = {
        date: {
            f"rows of {source} without a game on the schedule: {len(rows)} (e.g. {first} on {date})"
            for source, (_, first) in OF_ATLANTA.items()
            if (rows := [row for row in league[source] if row["game_date"] == date])
        }
        for date in (DATES[11], DATES[12], LAST)
    }
    assert [len(of_date) for of_date in reasons.values()] == [4, 4, 1]
    for table in TABLES.values():
        (outcome,) = run(published_warehouse, [DATES[9], *DATES[11:], off_day], [table]).values()
        assert {date: set(of_date) for date, of_date in outcome.refused.items()} == reasons
        assert outcome.partitions.keys() == {DATES[9], off_day}
        assert outcome.partitions[DATES[9]].rows > 0
    assert content(published_warehouse) == before


@pytest.mark.parametrize(("strangers", "is_refused"), [(10, False), (11, True)])
def test_a_schedule_that_is_cut_off_refuses_the_dates_after_it(
    published_warehouse: DuckDBWarehouse, league: Rows, strangers: int, is_refused: bool
) -> None:
    """Refused are more than 1 in 10 of the season's box score rows: 70 of 700 are not, 71 of 701 are."""
    lost = [(DATES[5], game) for game in pairings(DATES[5])[1:]] + [(DATES[6], pairings(DATES[6])[1])]
    remove(
        league,
        SCHEDULE,
        lambda row: (row["game_date"], (row["home_team_tricode"], row["away_team_tricode"])) in lost,
    )
    idle = [row for row in league[GAMES] if row["is_dnp"]][:30]
    remove(league, GAMES, lambda row: row in idle)
    like = league[GAMES][0] | {"game_date": DATES[5], "team_abbr": "XXX", "game_id": "unknown"}
    league[GAMES] += [like | {"player_lookup": f"stranger{n}", "universal_player_id": None} for n in range(strangers)]
    load(published_warehouse, league)
    with published_warehouse.reading("test") as session:
        inspected = inspect(session, tuple(TABLES.values()), [DATES[5], LAST])
    off, everything = 60 + strangers, 690 + strangers
    for by_date in inspected.values():
        # Up to the first of the two dates everything has its game.
        assert (by_date[DATES[5]].count("off_schedule"), by_date[LAST].count("off_schedule")) == (0, off)
        assert by_date[LAST].box_score_rows == everything
    before = content(published_warehouse)
    (outcome,) = run(published_warehouse, [DATES[5], LAST], [TABLES[TDZA]]).values()
    assert DATES[5] in outcome.partitions
    if not is_refused:
        assert outcome.refused == {}
        assert outcome.partitions[LAST].rows == 6
        return
    ((date, (reason,)),) = outcome.refused.items()
    assert date == LAST
    assert reason.startswith(
        f"the schedule is cut off: {off} of the season's {everything} box score rows before the date have no game on it"
    )
    assert set(before) <= set(content(published_warehouse))


@pytest.mark.parametrize("source", OF_ATLANTA)
def test_rows_of_any_source_for_a_date_without_a_game_are_refused(
    published_warehouse: DuckDBWarehouse, league: Rows, source: str
) -> None:
    """One row of a game that the schedule does not have is enough for each of the five tables."""
    example = on_off_day(league, source, game_id="unknown")
    load(published_warehouse, league)
    for table in TABLES.values():
        (outcome,) = run(published_warehouse, [OFF_DAY, LAST], [table]).values()
        assert outcome.refused == {OFF_DAY: (f"rows of {source} without a game on the schedule: {example}",)}
        assert outcome.partitions[LAST].rows > 0, "only that date"


@pytest.mark.parametrize("source", OF_ATLANTA)
def test_a_date_without_a_game_whose_rows_are_explained_is_computed(
    published_warehouse: DuckDBWarehouse, league: Rows, source: str
) -> None:
    """A row with the id of a game of another date: the game was moved."""
    example = on_off_day(league, source)
    load(published_warehouse, league)
    for table in TABLES.values():
        (outcome,) = run(published_warehouse, [OFF_DAY], [table]).values()
        record = outcome.partitions[OFF_DAY]
        assert (outcome.refused, record.rows, record.failures) == ({}, 0, 0)
        assert record.source_findings == f"rows of {source} from games that do not count: {example}"


@in_one_run
def test_a_date_without_a_game_succeeds_with_nothing(league: Rows) -> Scenario:
    """An off day and the day before the opening night: zero rows, no failures, no refusal."""
    before_opening = DATES[0] - dt.timedelta(days=1)
    (result,) = yield of(league, dates=[before_opening, OFF_DAY])
    for table in TABLES:
        for date in (before_opening, OFF_DAY):
            assert (result.of(table, date), result.reasons(table, date)) == ({}, {})
            assert result.record(table, date).computed
            assert result.record(table, date).rows == 0
