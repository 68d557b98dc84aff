"""Games that are live, moved, postponed, canceled, or do not count (contract, section 2)."""

from __future__ import annotations

import datetime as dt

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    CONTEXT_TABLES,
    DATES,
    DEFENSE,
    GAMES,
    LAST,
    OFF_DAY,
    OFFENSE,
    PDC,
    PSZA,
    SCHEDULE,
    TABLES,
    TDZA,
    Result,
    change,
    content,
    copied,
    dates_of,
    load,
    only,
    pairings,
    picked,
    remove,
    schedule_row,
)
from nba_precompute_tests.bad_input.one_run import Scenario, in_one_run, of
from nba_precompute_tests.support.league import Rows, run

YESTERDAY = DATES[-2]
LIVE, SCHEDULED, POSTPONED = 2, 1, 4


@in_one_run
def test_games_that_are_not_yet_marked_final(league: Rows, baseline: Result) -> Scenario:
    """Last night's games are expected and covered whatever their status, except postponed ones."""
    variants = []
    for status in (LIVE, SCHEDULED, None):
        rows = copied(league)
        change(rows, SCHEDULE, {"game_date": YESTERDAY}, game_status=status)
        variants.append(rows)
    for result in (yield of(*variants)):
        assert result.differences_to(baseline) == []
    assert baseline.of(TDZA)["ATL"]["expected_games_count"] == len(dates_of("ATL"))


@in_one_run
def test_a_live_game_without_box_scores_is_missing(league: Rows) -> Scenario:
    """It is expected from its date on, so readiness falls before it is marked final."""
    home, away = pairings(YESTERDAY)[0]
    change(league, SCHEDULE, {"game_date": YESTERDAY}, game_status=LIVE)
    for source, team in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
        remove(
            league,
            source,
            lambda row, team=team: row["game_date"] == YESTERDAY and row[team] in (home, away),
        )
    (result,) = yield of(league)
    missing = {team for team, row in result.of(TDZA).items() if row["missing_games_count"] == 1}
    assert missing == {home, away}


def moved_game(rows: Rows, date: dt.date, number: int, to: dt.date, **old: object) -> None:
    """A second row for a game of the date: the game has been moved to another date."""
    game = picked(rows, SCHEDULE, game_date=date)[number]
    rows[SCHEDULE].append(game | {"game_date": to})
    game.update(old)


@in_one_run
def test_a_game_that_was_moved(league: Rows, baseline: Result) -> Scenario:
    """It is one game: the furthest status wins, then the latest date; postponed rows are ignored."""
    before = DATES[8] - dt.timedelta(days=1)
    assert before not in DATES
    variants = []
    for old_status in (SCHEDULED, POSTPONED, LIVE):
        rows = copied(league)
        game = picked(rows, SCHEDULE, game_date=DATES[8])[0]
        rows[SCHEDULE].append(game | {"game_date": before, "game_status": old_status})
        variants.append(rows)
    # It was announced for the day after, then played a day earlier: the final row counts, not the later one.
    after = DATES[8] + dt.timedelta(days=1)
    assert after not in DATES
    earlier_than_planned = copied(league)
    game = picked(earlier_than_planned, SCHEDULE, game_date=DATES[8])[0]
    earlier_than_planned[SCHEDULE].append(game | {"game_date": after, "game_status": SCHEDULED})
    for result in (yield of(*variants, earlier_than_planned)):
        assert result.differences_to(baseline) == []


@in_one_run
def test_a_game_that_was_moved_to_a_later_date(league: Rows) -> Scenario:
    """Tonight's game is postponed: players still listed for it have no game, and it is expected on neither date."""
    home, away = pairings(LAST)[0]
    postponed, both_scheduled = copied(league), copied(league)
    moved_game(postponed, LAST, 0, LAST + dt.timedelta(days=1), game_status=POSTPONED)
    moved_game(both_scheduled, LAST, 0, LAST + dt.timedelta(days=1))
    for result in (yield of(postponed, both_scheduled)):
        for table in CONTEXT_TABLES:
            invalid = {name for name, why in result.reasons(table).items() if why == "CONTEXT_INVALID"}
            assert {name[:3].upper() for name in invalid} == {home, away}
            assert len(invalid) == 16
        assert len(result.of(TDZA)) == 6


@in_one_run
def test_a_game_that_was_played_on_another_date(league: Rows) -> Scenario:
    """A past game that was postponed and played on an off day is expected and covered on that day."""
    date, other = DATES[9], DATES[9] + dt.timedelta(days=2)
    assert other not in DATES
    home, away = pairings(date)[0]
    game = picked(league, SCHEDULE, game_date=date, home_team_tricode=home)[0]
    league[SCHEDULE].append(game | {"game_date": other})
    game["game_status"] = SCHEDULED
    for source, team in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
        for row in league[source]:
            if row["game_date"] == date and row[team] in (home, away):
                row["game_date"] = other
    (result,) = yield of(league)
    for table in TABLES:
        assert {row["missing_games_count"] for row in result.of(table).values()} == {0}
    expected = {team: len(dates_of(team)) for team in (home, away)}
    for team in (home, away):
        assert result.of(TDZA)[team]["expected_games_count"] == expected[team]


@in_one_run
def test_canceled_games_are_not_expected(league: Rows) -> Scenario:
    """A canceled game has no box score and is not missing."""
    date = DATES[9]
    home, away = pairings(date)[0]
    change(league, SCHEDULE, {"game_date": date, "home_team_tricode": home}, game_status=POSTPONED)
    for source, team in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
        remove(league, source, lambda row, team=team: row["game_date"] == date and row[team] in (home, away))
    (result,) = yield of(league)
    for team in (home, away):
        row = result.of(TDZA)[team]
        assert (row["expected_games_count"], row["missing_games_count"]) == (len(dates_of(team)) - 1, 0)
    assert all(row["is_production_ready"] for row in result.of(TDZA).values())
    assert all(row["is_production_ready"] for row in result.of(PDC).values())


def test_a_date_whose_games_are_all_postponed(published_warehouse: DuckDBWarehouse, league: Rows) -> None:
    """What was published for it goes, although its players stay listed; another date is not touched."""
    before = content(published_warehouse)
    change(league, SCHEDULE, {"game_date": LAST}, game_status=POSTPONED)
    load(published_warehouse, league)
    outcomes = run(published_warehouse, [LAST])
    for table, outcome in outcomes.items():
        partition = outcome.partitions[LAST]
        assert (partition.rows, partition.failures, partition.slate_teams_unlisted) == (0, 0, 0)
        assert partition.deleted == (6 if table == TDZA else 42 if table in (PSZA, PDC) else 48)
        assert partition.source_findings == (
            f"rows of {CONTEXT} from games that do not count: 48 (e.g. atlplayer1 on {LAST})"
        )
    assert content(published_warehouse) == [
        line for line in before if f"datetime.date({LAST:%Y, %-m, %-d})" not in line
    ]


@in_one_run
def test_game_ids_are_never_joined_by(league: Rows, baseline: Result) -> Scenario:
    """Each table writes game ids in its own format; the schedule has some games in two formats."""
    for i, source in enumerate((GAMES, DEFENSE, OFFENSE)):
        for row in league[source]:
            teams = f"{row['opponent_team_abbr']}{i}"
            row["game_id"] = (row["game_id"].lstrip("0"), f"{row['game_date']:%Y%m%d}_{teams}", None)[i]
    for row in league[SCHEDULE]:
        row["game_id"] = f"X{row['game_id']}"
    twice = copied(league)
    twice[SCHEDULE] += [row | {"game_id": f"again {row['game_id']}"} for row in league[SCHEDULE][::3]]
    for result in (yield of(league, twice)):
        assert result.differences_to(baseline) == []


@in_one_run
def test_games_that_do_not_count(league: Rows, baseline: Result) -> Scenario:
    """Pre-season, All-Star and unknown types add no date, no team and no expected game; unknown ones are reported."""
    pre_season = DATES[0] - dt.timedelta(days=7)
    for number, (date, home, away, type_) in enumerate(
        (
            (pre_season, "ATL", "BOS", "pre_season"),
            (DATES[5], "EAST", "WEST", "all_star"),
            (DATES[6], "ATL", "BOS", "exhibition"),
            (OFF_DAY, "CHI", "MIA", None),
            (OFF_DAY, "DEN", "LAL", "preseason"),
            (OFF_DAY, "ATL", "BOS", "cup_final"),
        )
    ):
        league[SCHEDULE].append(schedule_row(date, home, away, game_id=f"other{number}", game_type=type_))
    (result,) = yield of(league, dates=[pre_season, OFF_DAY, LAST])
    for table in TABLES:
        assert result.of(table) == baseline.of(table)
        assert result.reasons(table) == baseline.reasons(table)
        for date in (pre_season, OFF_DAY):
            assert result.of(table, date) | result.reasons(table, date) == {}
        unknown = f"games of an unknown type in {SCHEDULE}: 3 (e.g. NULL, game other3 on {OFF_DAY})"
        assert result.record(table).source_findings == unknown
        assert result.record(table).source_rows_set_aside == 0


@in_one_run
def test_rows_of_games_that_do_not_count_enter_nothing(league: Rows, baseline: Result) -> Scenario:
    """Box scores of the pre-season, of the All-Star game and of the Cup final, whoever plays."""
    pre_season, all_star = DATES[0] - dt.timedelta(days=7), DATES[3] + dt.timedelta(days=1)
    assert all_star not in DATES
    for date, type_, teams in (
        (pre_season, "preseason", ("ATL", "BOS")),
        (OFF_DAY, "cup_final", ("ATL", "BOS")),
        (all_star, "all_star", ("EST", "WST")),
    ):
        league[SCHEDULE].append(schedule_row(date, *teams, game_id=type_, game_type=type_))
        for source, column in ((GAMES, "team_abbr"), (OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr")):
            for row in picked(league, source, game_date=DATES[0]):
                if row[column] in ("ATL", "BOS"):
                    code = teams[0] if row[column] == "ATL" else teams[1]
                    league[source].append(row | {"game_date": date, "game_id": type_, column: code})
    (result,) = yield of(league)
    assert result.differences_to(baseline) == []
    for table in TABLES:
        assert set(result.record(table).source_findings.split("; ")) == {
            f"rows of {source} from games that do not count: {count} (e.g. {first} on {pre_season})"
            for source, count, first in ((GAMES, 48, "atlplayer1"), (DEFENSE, 6, "ATL"), (OFFENSE, 6, "ATL"))
        }


@in_one_run
def test_a_game_whose_newest_row_does_not_count(league: Rows) -> Scenario:
    """One row per id is chosen first: here the game has become one of the pre-season on another date."""
    home, away = pairings(YESTERDAY)[0]
    game = only(league, SCHEDULE, game_date=YESTERDAY, home_team_tricode=home)
    league[SCHEDULE].append(game | {"game_type": "preseason", "game_date": LAST, "game_status": 3})
    (result,) = yield of(league)
    for team in (home, away):
        row = result.of(TDZA)[team]
        assert (row["expected_games_count"], row["games_in_sample"]) == (len(dates_of(team)) - 1,) * 2
        assert row["missing_games_count"] == 0
    for table in TABLES:
        assert result.record(table).source_rows_set_aside == 16 + 2 + 2


@in_one_run
def test_a_playoff_game_without_teams(league: Rows, baseline: Result) -> Scenario:
    """A later round is scheduled before its teams are known, and adds no team."""
    league[SCHEDULE].append(
        schedule_row(dt.date(2022, 5, 20), "X", "Y", game_status=SCHEDULED, game_type="playoffs")
        | {"home_team_tricode": None, "away_team_tricode": None}
    )
    (result,) = yield of(league)
    assert result.differences_to(baseline) == []
