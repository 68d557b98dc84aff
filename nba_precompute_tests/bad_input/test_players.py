"""Players who are traded, who share a name, whose names are unusual, or whose context names no game."""

from __future__ import annotations

import datetime as dt
import unicodedata

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
    Result,
    change,
    context_row,
    copied,
    dates_of,
    game_id_of,
    only,
    opponent_of,
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


@in_one_run
def test_two_people_in_the_box_score(league: Rows, baseline: Result) -> Scenario:
    """They have no row from the day after to the end of the season, and their team's game is uncovered."""
    date = DATES[9]
    row = only(league, GAMES, game_date=date, player_lookup="bosplayer1")
    league[GAMES].append(
        row | {"universal_player_id": OTHER, "team_abbr": "CHI", "opponent_team_abbr": opponent_of("CHI", date)}
    )
    # He is not listed for the last date, but still in the population of shot zones.
    remove(league, CONTEXT, lambda row: row["game_date"] == LAST and row["player_lookup"] == "bosplayer1")
    (result,) = yield of(league, dates=[date, DATES[10], DATES[12], LAST])
    assert "BOS" in {row["team_abbr"] for row in result.of(PDC, DATES[12]).values()}
    for table in PLAYER_TABLES:
        assert "bosplayer1" in result.of(table, date)
        assert result.reasons(table, DATES[12])["bosplayer1"] == AMBIGUOUS
        assert (result.reasons(table).get("bosplayer1") == AMBIGUOUS) == (table == PSZA)
        assert "bosplayer1" not in result.of(table) | result.of(table, DATES[12])
    missing = {team: row["missing_games_count"] for team, row in result.of(TDZA).items()}
    assert missing == {"ATL": 0, "BOS": 1, "CHI": 0, "DEN": 0, "LAL": 0, "MIA": 0}
    for table in PLAYER_TABLES:
        for name, line in baseline.of(table).items():
            if name != "bosplayer1" and line["team_abbr"] != "BOS" and line.get("opponent_team_abbr") != "BOS":
                assert result.of(table)[name] == line
        teammate = result.of(table)["bosplayer2"]
        assert (teammate["missing_games_count"], teammate["is_production_ready"]) == (1, True)


@in_one_run
def test_two_people_are_not_duplicates(league: Rows) -> Scenario:
    """No row is dropped in favor of another, so no duplicate or conflict is counted."""
    row = only(league, GAMES, game_date=DATES[9], player_lookup="bosplayer1")
    league[GAMES].append(row | {"universal_player_id": OTHER, "points": 99})
    (result,) = yield of(league)
    for table in TABLES:
        record = result.record(table)
        assert (record.source_duplicates, record.source_conflicts) == (0, 0)


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
