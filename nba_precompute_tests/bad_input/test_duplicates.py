"""The same row twice, two rows for one key, and rows without a key (contract, section 2)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from nba_precompute_tests.bad_input.conftest import Compute
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    CONTEXT_TABLES,
    DATES,
    DEFENSE,
    GAMES,
    LAST,
    OFFENSE,
    PDC,
    PLAYER_TABLES,
    PSZA,
    SCHEDULE,
    TABLES,
    TDZA,
    Result,
    change,
    copied,
    dates_of,
    only,
    picked,
)
from nba_precompute_tests.bad_input.one_run import Scenario, in_one_run, of
from nba_precompute_tests.support.league import Rows

EARLY, MIDDLE = DATES[2], DATES[6]


@in_one_run
def test_exact_duplicates_change_nothing_and_are_counted(league: Rows, baseline: Result) -> Scenario:
    """Of identical rows one is used, and the dropped ones are counted."""
    twice = [
        (GAMES, only(league, GAMES, game_date=EARLY, player_lookup="bosplayer1")),
        (GAMES, only(league, GAMES, game_date=MIDDLE, player_lookup="bosplayer2")),
        (DEFENSE, only(league, DEFENSE, game_date=MIDDLE, defending_team_abbr="CHI")),
        (OFFENSE, only(league, OFFENSE, game_date=MIDDLE, team_abbr="DEN")),
        (OFFENSE, only(league, OFFENSE, game_date=MIDDLE, team_abbr="DEN")),
        (CONTEXT, only(league, CONTEXT, game_date=LAST, player_lookup="lalplayer3")),
    ]
    for source, row in twice:
        league[source].append(dict(row))
    (result,) = yield of(league, dates=[MIDDLE, LAST])
    for table in TABLES:
        assert result.of(table) == baseline.of(table)
        assert result.reasons(table) == baseline.reasons(table)
        record = result.record(table)
        assert (record.source_conflicts, record.source_rows_set_aside) == (0, 0)
        assert record.source_duplicates == (5 if table == TDZA else 6)
        # As of MIDDLE: source rows from MIDDLE on are not findings of MIDDLE.
        assert result.record(table, MIDDLE).source_duplicates == 1


@in_one_run
def test_the_findings_name_every_source(league: Rows) -> Scenario:
    """There is one finding per source and kind, with its number, source and an example."""
    for source, team in ((DEFENSE, "defending_team_abbr"), (OFFENSE, "team_abbr")):
        row = only(league, source, game_date=MIDDLE, **{team: "ATL"})
        league[source] += [dict(row), row | {team: None}]
    for source, date in ((GAMES, MIDDLE), (CONTEXT, LAST)):
        row = only(league, source, game_date=date, player_lookup="bosplayer1")
        league[source] += [dict(row), dict(row), row | {"player_lookup": None}]
    (result,) = yield of(league)
    for table in TABLES:
        findings = set(result.record(table).source_findings.split("; "))
        expected = set()
        for source, copies, key, date in (
            (DEFENSE, 1, "ATL", MIDDLE),
            (OFFENSE, 1, "ATL", MIDDLE),
            (GAMES, 2, "bosplayer1", MIDDLE),
            (CONTEXT, 2, "bosplayer1", LAST),
        ):
            if source != CONTEXT or table in PLAYER_TABLES:
                expected.add(f"rows of {source} with a blank key or team: 1 (e.g. NULL on {date})")
                expected.add(f"duplicate rows dropped from {source}: {copies} (e.g. {key} on {date})")
        assert findings == expected


@in_one_run
def test_every_conflict_names_its_source(league: Rows) -> Scenario:
    """If two sources have conflicting rows, each has its own finding."""
    for source, where in ((DEFENSE, {"defending_team_abbr": "ATL"}), (OFFENSE, {"team_abbr": "BOS"})):
        row = only(league, source, game_date=MIDDLE, **where)
        league[source].append(row | {"game_id": "another"})
    (result,) = yield of(league)
    for table in TABLES:
        record = result.record(table)
        assert (record.source_duplicates, record.source_conflicts) == (2, 2)
        findings = [text for text in record.source_findings.split("; ") if "differ" in text]
        for source, key in ((DEFENSE, "ATL"), (OFFENSE, "BOS")):
            assert any(source in text and key in text for text in findings), f"{findings}: {source}?"


@in_one_run
def test_conflicting_rows(league: Rows) -> Scenario:
    """The newest processed_at wins (NULL is oldest), then the larger hash, in any order of the rows."""
    later, same_time, earlier = dt.timedelta(hours=5), dt.timedelta(), dt.timedelta(hours=-5)
    rng = random.Random(7)

    def rival(source: str, where: dict[str, Any], shift: dt.timedelta | None, **values: Any) -> None:
        """Add a second row for the key."""
        row = only(league, source, **where)
        other = row | values | {"processed_at": None if shift is None else row["processed_at"] + shift}
        league[source].insert(rng.randrange(len(league[source])), other)

    box = {"game_date": MIDDLE}
    rival(GAMES, box | {"player_lookup": "bosplayer1"}, later, points=61)
    rival(GAMES, box | {"player_lookup": "bosplayer2"}, earlier, points=62)
    rival(GAMES, box | {"player_lookup": "bosplayer3"}, None, points=63)
    for number in range(1, 7):
        rival(GAMES, box | {"player_lookup": f"miaplayer{number}"}, same_time, points=40 + number)
    rival(DEFENSE, box | {"defending_team_abbr": "ATL"}, later, opp_paint_makes=1)
    rival(DEFENSE, box | {"defending_team_abbr": "BOS"}, same_time, defensive_rating=150.5)
    rival(OFFENSE, box | {"team_abbr": "ATL"}, later, pace=77.7)
    rival(OFFENSE, box | {"team_abbr": "BOS"}, same_time, win_flag=None)
    rival(CONTEXT, {"game_date": LAST, "player_lookup": "lalplayer1"}, later, player_age=41)
    rival(CONTEXT, {"game_date": LAST, "player_lookup": "lalplayer2"}, same_time, star_teammates_out=9)
    # A row that was processed again without a change is dropped, but not a conflict.
    rival(GAMES, box | {"player_lookup": "chiplayer1"}, later)

    # The oracle does not depend on the order of the rows, and agrees with each.
    shuffled = {name: rng.sample(lines, len(lines)) for name, lines in league.items()}
    backwards = {name: lines[::-1] for name, lines in league.items()}
    for result in (yield of(league, shuffled, backwards)):
        assert result.of(PDC)["lalplayer1"]["player_age"] == 41
        for table in TABLES:
            record = result.record(table)
            expected = (14, 13) if table == TDZA else (16, 15)
            assert (record.source_duplicates, record.source_conflicts) == expected


@in_one_run
def test_conflicts_and_null_keys_by_hand(league: Rows, baseline: Result) -> Scenario:
    """A corrected box score counts once, with its newest value; rows without a key are not used."""
    null_keys = copied(league)
    change(league, GAMES, {"player_lookup": "bosplayer1"}, points=10)
    row = only(league, GAMES, game_date=dates_of("BOS")[-1], player_lookup="bosplayer1")
    stale = row | {"points": 8, "processed_at": row["processed_at"] - dt.timedelta(days=1)}
    row["points"] = 20
    league[GAMES].insert(0, stale)

    damage = null_keys
    change(damage, GAMES, {"game_date": MIDDLE, "player_lookup": "atlplayer1"}, player_lookup=None)
    change(damage, DEFENSE, {"game_date": MIDDLE, "defending_team_abbr": "BOS"}, defending_team_abbr=None)
    change(damage, OFFENSE, {"game_date": MIDDLE, "team_abbr": "CHI"}, team_abbr=None)
    change(damage, CONTEXT, {"game_date": LAST, "player_lookup": "denplayer1"}, player_lookup=None)

    # Two rows without a key are two rows left out, whether they are equal or not.
    several = copied(null_keys)
    several[GAMES] = [row for row in null_keys[GAMES] if row["player_lookup"] is not None]
    nameless = only(null_keys, GAMES, player_lookup=None)
    several[GAMES] += [nameless | {"points": points} for points in (1, 1, 2)]

    corrected, nulls, many = yield of(league, null_keys, several)
    assert corrected.of(PDC)["bosplayer1"]["points_avg_last_10"] == 11.0

    defense = nulls.of(TDZA)
    missing = {team: row["missing_games_count"] for team, row in defense.items()}
    assert missing == {"ATL": 1, "BOS": 1, "CHI": 1, "DEN": 0, "LAL": 0, "MIA": 0}
    assert defense["BOS"]["games_in_sample"] == len(dates_of("BOS")) - 1
    for table in CONTEXT_TABLES:
        assert "denplayer1" not in nulls.of(table).keys() | nulls.reasons(table).keys()
    assert nulls.of(PSZA)["denplayer1"] == baseline.of(PSZA)["denplayer1"]
    assert nulls.of(PDC)["atlplayer1"]["games_played_season"] == len(dates_of("ATL")) - 1
    assert many.differences_to(nulls) == []
    for table in TABLES:
        record = nulls.record(table)
        assert (record.source_rows_set_aside, record.source_duplicates) == (3 if table == TDZA else 4, 0)
        record = many.record(table)
        counts = (record.source_rows_set_aside, record.source_duplicates, record.source_conflicts)
        assert counts == (5 if table == TDZA else 6, 0, 0)


def test_rows_without_a_date_are_left_out_and_counted(league: Rows, compute: Compute, baseline: Result) -> None:
    """The date is part of the key of every source."""
    for source in (GAMES, DEFENSE, OFFENSE, CONTEXT):
        league[source].append(league[source][0] | {"game_date": None})
    (result,) = compute(league)
    assert result.differences_to(baseline) == []
    for table in TABLES:
        assert result.record(table).source_rows_set_aside == (3 if table == TDZA else 4)


@in_one_run
def test_duplicates_and_null_keys_of_the_schedule_are_counted(league: Rows, baseline: Result) -> Scenario:
    """The schedule is a source too: duplicate games and games without a key are counted and reported."""
    nulls = copied(league)
    league[SCHEDULE] += [dict(picked(league, SCHEDULE, game_date=date)[0]) for date in (MIDDLE, LAST)]
    game = picked(nulls, SCHEDULE, game_date=LAST)[0]
    nulls[SCHEDULE] += [game | {"game_id": None, "home_team_tricode": "SEA"}]
    twice, without_id = yield of(league, nulls)
    assert twice.differences_to(baseline) == []
    assert without_id.differences_to(baseline) == []
    for table in TABLES:
        assert twice.record(table).source_duplicates == 2, f"{table}: schedule duplicates are not counted"
        assert without_id.record(table).source_rows_set_aside == 1, f"{table}: schedule NULL keys are not counted"
        assert SCHEDULE in twice.record(table).source_findings
        assert SCHEDULE in without_id.record(table).source_findings
