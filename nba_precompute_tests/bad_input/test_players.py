"""Players who are traded, renamed or without an id, who share a name, or whose context names no game.

A person's windows are his own games, under whatever key (contract, section 2a, Identity).
"""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest

from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    CONTEXT_TABLES,
    DATES,
    GAMES,
    LAST,
    MLFS,
    OFFENSE,
    PCF,
    PDC,
    PLAYER_TABLES,
    PSZA,
    TABLES,
    TDZA,
    TOLERANCE,
    Result,
    change,
    context_row,
    copied,
    dates_of,
    game_id_of,
    only,
    opponent_of,
    picked,
    remove,
)
from nba_precompute_tests.bad_input.one_run import Scenario, in_one_run, of
from nba_precompute_tests.support.league import Rows

AMBIGUOUS = "AMBIGUOUS_PLAYER"
INVALID = "CONTEXT_INVALID"
OTHER = "somebodyelse_001"


@in_one_run
def test_a_player_who_was_traded_yesterday(league: Rows, baseline: Result) -> Scenario:
    """His own load stays; team figures and coverage are the new team's; shot zones name the old team."""
    name, old, new = "lalplayer1", "LAL", "MIA"
    assert opponent_of(old, LAST) != new
    # The old team misses a game of the window, the new one does not: the coverage must be the new team's.
    change(league, OFFENSE, {"team_abbr": old, "game_date": dates_of(old)[-2]}, points_scored=1)
    change(
        league,
        CONTEXT,
        {"player_lookup": name, "game_date": LAST},
        team_abbr=new,
        opponent_team_abbr=opponent_of(new, LAST),
        game_id=game_id_of(new, LAST),
    )
    (result,) = yield of(league)
    cache, before = result.of(PDC)[name], baseline.of(PDC)[name]
    mate = result.of(PDC)["miaplayer1"]
    for column in (
        "points_avg_season",
        "games_played_season",
        "minutes_in_last_14_days",
        "days_rest",
        "back_to_backs_last_14_days",
        "paint_rate_last_10",
        "window_first_game_date",
    ):
        assert cache[column] == before[column]
    assert cache["team_abbr"] == new
    for column in (
        "team_pace_last_10",
        "team_off_rating_last_10",
        "opponent_team_abbr",
        "expected_games_count",
        "missing_games_count",
        "l14d_completeness_pct",
    ):
        assert cache[column] == mate[column]
    assert cache["team_pace_last_10"] != before["team_pace_last_10"]
    assert cache["missing_games_count"] == 0
    factors, mate = result.of(PCF)[name], result.of(PCF)["miaplayer1"]
    for column in ("team_pace_last_10", "opponent_pace_last_10", "opponent_days_rest", "pace_score"):
        assert factors[column] == mate[column]
    assert factors["fatigue_score"] == baseline.of(PCF)[name]["fatigue_score"]
    assert result.of(MLFS)[name]["team_win_pct"] == result.of(MLFS)["miaplayer1"]["team_win_pct"]
    shots = result.of(PSZA)[name]
    assert (shots["team_abbr"], shots["missing_games_count"]) == (old, 1)
    # No other player is affected by the trade.
    for table in CONTEXT_TABLES:
        assert result.of(table)["miaplayer2"] == baseline.of(table)["miaplayer2"]


@in_one_run
def test_two_people_in_the_context(league: Rows, baseline: Result) -> Scenario:
    """They are never merged: no player table has a row for that date. A row without an id is not a second person."""
    twins, nameless = copied(league), copied(league)
    row = only(league, CONTEXT, game_date=LAST, player_lookup="bosplayer1")
    later = row["processed_at"] + dt.timedelta(hours=1)
    twins[CONTEXT].append(row | {"universal_player_id": OTHER, "team_abbr": "CHI", "processed_at": later})
    nameless[CONTEXT].append(row | {"universal_player_id": None, "player_age": 44, "processed_at": later})
    result, one_person = yield of(twins, nameless, dates=[DATES[12], LAST])
    for table in PLAYER_TABLES:
        assert result.reasons(table)["bosplayer1"] == AMBIGUOUS
        assert "bosplayer1" not in result.of(table)
        assert "bosplayer1" in result.of(table, DATES[12])  # here he is one person
    for table in TABLES:
        others = {name: line for name, line in result.of(table).items() if name != "bosplayer1"}
        assert others == {name: line for name, line in baseline.of(table).items() if name != "bosplayer1"}
    assert one_person.of(PDC)["bosplayer1"]["player_age"] == 44


def give_to_another(rows: Rows, name: str, *dates: dt.date) -> None:
    """The player's games on some dates were another person's, of the same key."""
    for date in dates:
        change(rows, GAMES, {"game_date": date, "player_lookup": name}, universal_player_id=OTHER)


@in_one_run
def test_two_people_in_the_box_score(league: Rows, baseline: Result) -> Scenario:
    """In one night's box scores, in two teams: each has his own game, both teams are covered."""
    date, name = DATES[9], "bosplayer1"
    row = only(league, GAMES, game_date=date, player_lookup=name)
    his_team = {"team_abbr": "CHI", "opponent_team_abbr": opponent_of("CHI", date), "game_id": game_id_of("CHI", date)}
    league[GAMES].append(row | his_team | {"universal_player_id": OTHER})
    points = only(league, OFFENSE, game_date=date, team_abbr="CHI")
    points["points_scored"] += row["points"]
    (result,) = yield of(league, dates=[date, DATES[10], DATES[12], LAST])
    # The windows are those of the one who is listed.
    for table in (PCF, PDC, MLFS):
        assert name in result.of(table)
        assert name not in result.reasons(table)
    for column in ("points_avg_season", "games_played_season", "days_rest", "minutes_avg_last_10"):
        assert result.of(PDC)[name][column] == baseline.of(PDC)[name][column]
    # Shot zones have the other one in their population as well, under the same key: it has two answers.
    assert name in result.of(PSZA, date)
    for later in (DATES[10], DATES[12], LAST):
        assert result.reasons(PSZA, later)[name] == AMBIGUOUS
        assert name not in result.of(PSZA, later)
    assert {row["missing_games_count"] for row in result.of(TDZA).values()} == {0}
    for table in PLAYER_TABLES:
        others = {key: row for key, row in result.of(table).items() if key != name}
        assert others == {key: row for key, row in baseline.of(table).items() if key != name}
        found = f"people who share a player_lookup with another one in {GAMES}: 1 (e.g. {name} on {date})"
        assert found in result.record(table).source_findings.split("; ")


@in_one_run
def test_two_people_who_never_meet(league: Rows) -> Scenario:
    """One played the first six games under the key, the other the rest: the row is the listed one's (case 04)."""
    name, own_id = "denplayer1", "denplayer1_001"
    theirs = dates_of("DEN")
    give_to_another(league, name, *theirs[:6])
    the_other = copied(league)
    change(the_other, CONTEXT, {"game_date": LAST, "player_lookup": name}, universal_player_id=OTHER)
    one, other = yield of(league, the_other)
    for result, dates in ((one, theirs[6:]), (other, theirs[:6])):
        cache = result.of(PDC)[name]
        games = [only(league, GAMES, game_date=date, player_lookup=name) for date in dates]
        assert cache["games_played_season"] == cache["games_in_sample"] == len(dates)
        assert cache["points_avg_season"] == pytest.approx(
            sum(row["points"] for row in games) / len(games), abs=TOLERANCE
        )
        assert (cache["window_first_game_date"], cache["window_last_game_date"]) == (dates[0], dates[-1])
        # The one who is not listed is a member of shot zones, under the same key.
        assert result.reasons(PSZA)[name] == AMBIGUOUS
        for table in TABLES:
            assert {row["missing_games_count"] for row in result.of(table).values()} == {0}
    assert {row["universal_player_id"] for row in picked(league, GAMES, player_lookup=name)} == {own_id, OTHER}


@in_one_run
def test_a_person_who_is_renamed_in_mid_season(league: Rows, baseline: Result) -> Scenario:
    """One person, one history, in box scores and context, from the night of the new key on."""
    old, new, date = "miaplayer2", "miaplayer2jr", DATES[8]
    for source in (GAMES, CONTEXT):
        for row in picked(league, source, player_lookup=old):
            if row["game_date"] >= date:
                row["player_lookup"] = new
    only_listed = copied(league)
    for row in only_listed[GAMES]:
        if row["player_lookup"] == new:
            row["player_lookup"] = old  # the box scores keep the old key
    not_listed = copied(league)
    remove(not_listed, CONTEXT, lambda row: row["game_date"] == LAST and row["player_lookup"] == new)
    both, listed, unlisted = yield of(league, only_listed, not_listed)
    for result in (both, listed):
        for table in PLAYER_TABLES:
            renamed = {
                new if key == old else key: row | ({"player_lookup": new} if key == old else {})
                for key, row in baseline.of(table).items()
            }
            assert result.of(table) == renamed
            assert old not in result.reasons(table)
    # Shot zones of someone who is not listed are under the key of his newest game.
    assert unlisted.of(PSZA)[new] == both.of(PSZA)[new]
    assert old not in unlisted.of(PSZA).keys() | unlisted.reasons(PSZA).keys()
    first = min(day for day in dates_of("MIA") if day >= date)
    for table in TABLES:
        found = f"people with a further player_lookup in {GAMES}: 1 (e.g. {new} on {first})"
        findings = both.record(table).source_findings.split("; ")
        assert [text for text in findings if "further player_lookup" in text] == [found]
        assert "further player_lookup" not in listed.record(table).source_findings


@in_one_run
def test_box_scores_without_an_id(league: Rows, baseline: Result) -> Scenario:
    """A key that means one person: they are his, empty ids too. No id anywhere: the key is the person."""
    name, theirs = "lalplayer2", dates_of("LAL")
    some, everywhere, unlisted = copied(league), copied(league), copied(league)
    for date, unknown in ((theirs[2], None), (theirs[5], ""), (theirs[-1], " ")):
        change(some, GAMES, {"game_date": date, "player_lookup": name}, universal_player_id=unknown)
    for rows in (everywhere, unlisted):
        change(rows, GAMES, {"player_lookup": name}, universal_player_id=None)
    change(everywhere, CONTEXT, {"player_lookup": name}, universal_player_id="")
    remove(unlisted, CONTEXT, lambda row: row["game_date"] == LAST and row["player_lookup"] == name)
    in_part, nowhere, only_old = yield of(some, everywhere, unlisted)
    for result in (in_part, nowhere):
        assert result.differences_to(baseline) == []
        for table in TABLES:
            assert result.record(table).source_findings == ""
    assert only_old.of(PSZA)[name] == baseline.of(PSZA)[name]


@in_one_run
def test_box_scores_of_nobody(league: Rows) -> Scenario:
    """Without an id under a key that means two people they enter no window, and count for their team all the same."""
    name, theirs = "lalplayer2", dates_of("LAL")
    give_to_another(league, name, *theirs[:2])
    change(league, GAMES, {"game_date": theirs[6], "player_lookup": name}, universal_player_id=None)
    (result,) = yield of(league, dates=[theirs[1], LAST])
    cache = result.of(PDC)[name]
    assert cache["games_played_season"] == len(theirs) - 3
    assert cache["missing_games_count"] == 0
    assert {row["missing_games_count"] for row in result.of(TDZA).values()} == {0}
    # On the second date, the key means the listed one and the one who played: each has his own.
    assert result.of(PDC, theirs[1]).get(name) is None
    assert result.reasons(PDC, theirs[1])[name] == "NO_PRIOR_GAMES"


@in_one_run
def test_a_listed_player_without_an_id(league: Rows, baseline: Result) -> Scenario:
    """His key tells who he is if it means one person; if it means two, he is ambiguous."""
    name = "lalplayer2"
    where = {"game_date": LAST, "player_lookup": name}
    change(league, CONTEXT, where, universal_player_id=None)
    two = copied(league)
    give_to_another(two, name, *dates_of("LAL")[:2])
    known, unknown = yield of(league, two)
    assert known.differences_to(baseline) == []
    for table in PLAYER_TABLES:
        assert unknown.reasons(table)[name] == AMBIGUOUS
        assert name not in unknown.of(table)
    assert {row["missing_games_count"] for row in unknown.of(TDZA).values()} == {0}


@in_one_run
def test_a_person_who_is_listed_under_two_keys(league: Rows, baseline: Result) -> Scenario:
    """They are copies of one row: the newest one is listed, and the other key is no member."""
    row = only(league, CONTEXT, game_date=LAST, player_lookup="denplayer3")
    later = row["processed_at"] + dt.timedelta(hours=1)
    league[CONTEXT].append(row | {"player_lookup": "denplayer3jr", "processed_at": later})
    (result,) = yield of(league)
    for table in PLAYER_TABLES:
        answers = result.of(table).keys() | result.reasons(table).keys()
        assert "denplayer3jr" in answers
        assert "denplayer3" not in answers
        assert result.of(table)["denplayer3jr"] == baseline.of(table)["denplayer3"] | {"player_lookup": "denplayer3jr"}
    assert result.record(PDC).source_duplicates == 1


@in_one_run
def test_two_people_are_not_duplicates(league: Rows) -> Scenario:
    """No row is dropped in favor of another, so no duplicate or conflict is counted; a row without an id is a copy."""
    nameless = copied(league)
    row = only(league, GAMES, game_date=DATES[9], player_lookup="bosplayer1")
    league[GAMES].append(row | {"universal_player_id": OTHER, "points": 99})
    nameless[GAMES].append(row | {"universal_player_id": None, "points": 99})
    two, one = yield of(league, nameless)
    for table in TABLES:
        assert (two.record(table).source_duplicates, two.record(table).source_conflicts) == (0, 0)
        assert (one.record(table).source_duplicates, one.record(table).source_conflicts) == (1, 1)


@in_one_run
def test_unusual_names_stay_distinct(league: Rows, baseline: Result) -> Scenario:
    """Accents, suffixes, capitals, signs, composed and decomposed characters: each key is a separate player."""
    names = {
        "denplayer1": "lukadončić",
        "denplayer2": "lukadoncic",
        "denplayer3": unicodedata.normalize("NFD", "lukadončić"),
        "denplayer4": "LukaDoncic",
        "denplayer5": "garypayton",
        "denplayer6": "garypaytonii",
        "denplayer7": 'o\'neal|jr, "shaq" 100%',
        "lalplayer1": "jokić ",
        "lalplayer2": "jokić",
        "lalplayer3": "姚明",
        "lalplayer4": "` -- ; {{ x }}",
    }
    assert len(set(names.values())) == len(names)
    for source in (GAMES, CONTEXT):
        for row in league[source]:
            row["player_lookup"] = names.get(row["player_lookup"], row["player_lookup"])
    (result,) = yield of(league)
    for table in TABLES:
        renamed = {
            names.get(entity, entity): {
                column: names.get(value, value) if column == "player_lookup" else value for column, value in row.items()
            }
            for entity, row in baseline.of(table).items()
        }
        assert result.of(table) == renamed
        assert result.reasons(table) == baseline.reasons(table)


@in_one_run
def test_contexts_that_name_no_game(league: Rows, baseline: Result) -> Scenario:
    """No team, no opponent, or a team that does not play: a failure; shot zones do not change."""
    date = DATES[10]
    playing = {row["team_abbr"] for row in league[CONTEXT] if row["game_date"] == date}
    idle = next(team for team in ("ATL", "BOS", "CHI", "DEN", "LAL", "MIA") if team not in playing)
    team = min(playing).lower()

    def damage(number: int, **values: str | None) -> str:
        name = f"{team}player{number}"
        change(league, CONTEXT, {"game_date": date, "player_lookup": name}, **values)
        return name

    invalid = {
        damage(1, team_abbr=None),
        damage(2, team_abbr=""),
        damage(3, opponent_team_abbr=None),
        damage(4, opponent_team_abbr=""),
        damage(5, team_abbr="SEA"),
        damage(6, team_abbr=idle),
    }
    # An opponent without any row is an unknown opponent: the player has a row that names the missing inputs.
    stranger = damage(7, opponent_team_abbr="XXX")
    (result,) = yield of(league, dates=[date])
    for table in CONTEXT_TABLES:
        reasons = result.reasons(table, date)
        assert {name for name, reason in reasons.items() if reason == INVALID} == invalid
        assert not invalid & result.of(table, date).keys()
        assert stranger in result.of(table, date)
    factors = result.of(PCF, date)[stranger]
    assert factors["missing_inputs"] == ["pace", "team_defense"]
    assert factors["is_production_ready"] is False
    assert result.of(MLFS, date)[stranger]["features"][13:15] == [112, 100]
    assert result.of(PSZA, date).keys() >= invalid
    assert set(result.reasons(PSZA, date).values()) == {"NO_PRIOR_GAMES"}


@in_one_run
def test_a_player_who_is_listed_without_any_history(league: Rows) -> Scenario:
    """He has a row in composite factors and the feature store, and a failure in the other two."""
    league[CONTEXT].append(context_row(LAST, "ATL", 1) | {"player_lookup": "rookie", "universal_player_id": None})
    (result,) = yield of(league)
    for table in (PSZA, PDC):
        assert result.reasons(table)["rookie"] == "NO_PRIOR_GAMES"
    factors = result.of(PCF)["rookie"]
    assert (factors["days_rest"], factors["fatigue_score"], factors["games_in_last_7_days"]) == (
        None,
        None,
        0,
    )
    assert factors["expected_games_count"] == 10
    features = result.of(MLFS)["rookie"]
    assert features["games_in_last_7_days"] == 0
    assert features["feature_sources"][4] == "phase3"
    assert features["quality_tier"] == "poor"
