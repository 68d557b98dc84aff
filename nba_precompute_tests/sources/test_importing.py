"""The import of a small league: each form's rows against the events, repetition, corrections, what is missing."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nba_precompute.sources import importing
from nba_precompute.sources.importing import Imported, import_files
from nba_precompute.sources.shrink import ShrinkRefused
from nba_precompute.tables import SOURCES
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.tables.sources import CONTEXT, FACT_SOURCES, SCHEDULE
from nba_precompute.warehouse import Warehouse
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support import league_files as files
from nba_precompute_tests.support.league import execute

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
TEAMS = ("BOS", "MIL", "NYK")
GAMES = files.season(6, teams=TEAMS, overtimes={2: 1})
FIRST, LAST = GAMES[0], GAMES[-1]
TONIGHT = LAST.date + dt.timedelta(days=1)
NEXT = files.schedule_game("0022200007", TONIGHT, "BOS", "MIL", status=1, text="7:30 pm ET")
LATER = files.schedule_game("0022200008", TONIGHT + dt.timedelta(days=1), "BOS", "NYK", status=1, text="7:30 pm ET")
ZONE_OF = {(-31, 42): "paint", (5, 0): "paint", (120, 60): "mid_range", (-70, 150): "mid_range"}
"""Every place from which the small league shoots twos; from the others, it shoots threes."""


def rows(warehouse: Warehouse, name: str) -> list[dict[str, Any]]:
    with warehouse.reading("test") as session:
        table = SOURCES.get(name) or LEAGUE_TABLES[name]
        return session.query(f"SELECT * FROM {session.relation(table)} ORDER BY {', '.join(table.column_names[:4])}")


def content(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the sources but for the time at which they were written."""
    return {
        name: [{key: value for key, value in row.items() if key != "processed_at"} for row in rows(warehouse, name)]
        for name in SOURCES
    }


def player_rows(warehouse: DuckDBWarehouse, game: files.Game) -> dict[str, dict[str, Any]]:
    return {row["universal_player_id"]: row for row in rows(warehouse, PLAYERS) if row["game_id"] == game.game_id}


def team_rows(warehouse: DuckDBWarehouse, name: str, game: files.Game) -> dict[str, dict[str, Any]]:
    return {row[SOURCES[name].key[1]]: row for row in rows(warehouse, name) if row["game_id"] == game.game_id}


def shot_zones(game: files.Game, team: str, person: files.Person | None = None) -> Counter[str]:
    """Count a person's (or a team's) shots by zone: attempts, makes and blocked ones."""
    counts: Counter[str] = Counter()
    for event in game.events:
        if event.kind == "field_goal" and event.team == team and person in (None, event.person):
            zone = ZONE_OF.get((event.x, event.y), "three_pt")
            counts[f"{zone}_attempts"] += 1
            counts[f"{zone}_makes"] += event.is_made
            counts[f"{zone}_blocked"] += event.other is not None and not event.is_made
    return counts


def possessions(game: files.Game, team: str) -> float:
    counts = game.counts(team)
    return counts["FGA"] + 0.44 * counts["FTA"] - counts["OREB"] + counts["TOV"]


def opponent(game: files.Game, team: str) -> str:
    return game.away if team == game.home else game.home


def changed(imported: Imported) -> dict[str, list[dt.date]]:
    return {name: list(dates) for name, dates in imported.dates.items() if dates}


def kinds(imported: Imported) -> dict[str, int]:
    return dict(Counter(gap.kind for gap in imported.gaps))


@pytest.fixture(scope="module")
def v3(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """The small league from V3, with rosters and an availability file; never changed."""
    folder = tmp_path_factory.mktemp("v3")
    files.write_v3(folder / "files", GAMES, [NEXT, LATER])
    files.write_people(folder / "files", TEAMS)
    bos, mil = files.roster("BOS"), files.roster("MIL")
    files.write_availability(
        folder / "files" / "availability.csv",
        [(TONIGHT, bos[0], "Out", "knee"), (TONIGHT, mil[3], "Questionable", "")],
    )
    warehouse = DuckDBWarehouse(folder / "nba.duckdb")
    imported = import_files(warehouse, [folder / "files"])
    assert not imported.is_partial
    return warehouse


@pytest.fixture
def copied(v3: DuckDBWarehouse, tmp_path: Path) -> DuckDBWarehouse:
    """The same, for a test that changes it."""
    shutil.copy(v3.path, tmp_path / "copy.duckdb")
    return DuckDBWarehouse(tmp_path / "copy.duckdb")


def test_every_player_is_counted_from_the_events(v3: DuckDBWarehouse) -> None:
    for game in GAMES:
        found = player_rows(v3, game)
        for team in game.teams:
            team_counts = game.counts(team)
            own = sum(event.kind == "turnover" and event.team == team and not event.person for event in game.events)
            team_uses = team_counts["FGA"] + 0.44 * team_counts["FTA"] + team_counts["TOV"] - own
            for person in files.roster(team):
                row = found.pop(str(person.person_id))
                counts, zones, seconds = game.counts(team, person), shot_zones(game, team, person), game.seconds(person)
                assert (row["team_abbr"], row["opponent_team_abbr"]) == (team, opponent(game, team))
                assert (row["home_game"], row["game_date"]) == (team == game.home, game.date)
                assert row["is_dnp"] is (seconds == 0)
                assert row["minutes_played"] == (pytest.approx(seconds / 60) if seconds else None)
                assert row["points"] == counts["PTS"]
                assert (row["fg_attempts"], row["ft_makes"]) == (counts["FGA"], counts["FTM"])
                for zone in ("paint", "mid_range", "three_pt"):
                    assert row[f"{zone}_attempts"] == zones[f"{zone}_attempts"]
                    assert row[f"{zone}_makes"] == zones[f"{zone}_makes"]
                assisted = sum(event.is_made and event.person == person and bool(event.other) for event in game.events)
                assert row["assisted_fg_makes"] == assisted
                assert row["unassisted_fg_makes"] == counts["FGM"] - assisted
                uses = counts["FGA"] + 0.44 * counts["FTA"] + counts["TOV"]
                usage = 100 * uses * (48 + 5 * game.overtimes) / (seconds / 60 * team_uses) if seconds else None
                assert row["usage_rate"] == (pytest.approx(usage, abs=1e-4) if usage is not None else None)
                if counts["FGA"]:
                    true_shooting = counts["PTS"] / (2 * (counts["FGA"] + 0.44 * counts["FTA"]))
                    assert row["ts_pct"] == pytest.approx(true_shooting, abs=1e-4)
                else:
                    assert row["ts_pct"] is None
        assert found == {}


def test_every_team_is_counted_from_the_events(v3: DuckDBWarehouse) -> None:
    for game in GAMES:
        offense, defense = team_rows(v3, OFFENSE, game), team_rows(v3, DEFENSE, game)
        for team in game.teams:
            other = opponent(game, team)
            scored, allowed = game.counts(team)["PTS"], game.counts(other)["PTS"]
            zones = shot_zones(game, other)
            row = offense[team]
            assert (row["points_scored"], row["win_flag"]) == (scored, scored > allowed)
            assert row["possessions"] == pytest.approx(possessions(game, team))
            assert row["pace"] == pytest.approx(
                48 * possessions(game, team) / (48 + 5 * game.overtimes),
                abs=1e-4,
            )
            assert row["offensive_rating"] == pytest.approx(100 * scored / possessions(game, team), abs=1e-4)
            row = defense[team]
            assert row["points_allowed"] == allowed
            assert row["defensive_rating"] == pytest.approx(100 * allowed / possessions(game, other), abs=1e-4)
            assert row["opponent_pace"] == offense[other]["pace"]
            for zone in ("paint", "mid_range", "three_pt"):
                assert row[f"opp_{zone}_attempts"] == zones[f"{zone}_attempts"]
                assert row[f"opp_{zone}_makes"] == zones[f"{zone}_makes"]
                assert row[f"blocks_{zone}"] == zones[f"{zone}_blocked"]
            assert row["points_in_paint_allowed"] == 2 * zones["paint_makes"]
            assert row["three_pt_points_allowed"] == 3 * zones["three_pt_makes"]


def test_archives_give_the_same_in_whole_minutes(v3: DuckDBWarehouse, tmp_path: Path) -> None:
    """Season logs, shots and play-by-play V2 give what V3 gives, but for those who did not play, and seconds."""
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [files.write_archive(tmp_path / "archive", GAMES)])
    assert kinds(imported) == {}
    inexact = {"minutes_played", "usage_rate", "is_active", "is_dnp", "processed_at"}
    for game in GAMES:
        found, expected = player_rows(warehouse, game), player_rows(v3, game)
        played = {person for person, row in expected.items() if not row["is_dnp"]}
        assert found.keys() == played
        for person in played:
            differing = {key for key, value in found[person].items() if value != expected[person][key]}
            assert differing <= inexact, person
            assert found[person]["minutes_played"] == pytest.approx(expected[person]["minutes_played"], abs=0.5)
        for name in (OFFENSE, DEFENSE):
            for team, row in team_rows(warehouse, name, game).items():
                assert {**row, "processed_at": None} == {**team_rows(v3, name, game)[team], "processed_at": None}


def test_a_log_alone_leaves_zones_and_assists_unknown(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [files.write_light(tmp_path / "logs", GAMES)])
    assert kinds(imported) == {"no_shots": len(GAMES), "no_plays": len(GAMES)}
    assert not imported.is_partial
    for row in rows(warehouse, PLAYERS):
        assert row["paint_attempts"] is row["three_pt_makes"] is row["assisted_fg_makes"] is None
        assert row["points"] is not None
    assert {row["blocks_paint"] for row in rows(warehouse, DEFENSE)} == {None}
    assert imported.features["player_game_summary.paint_attempts"] == [
        "shot_zone_mismatch_score",
        "pct_paint",
        "pct_mid_range",
        "pct_three",
    ]
    assert imported.features["upcoming_player_game_context.player_status"] == ["injury_risk"]


def test_the_context_lists_the_rosters_of_the_slate_up_to_the_next_game(v3: DuckDBWarehouse) -> None:
    context = [row for row in rows(v3, CONTEXT) if row["game_date"] == TONIGHT]
    assert {row["universal_player_id"] for row in context} == {
        str(person.person_id) for team in ("BOS", "MIL") for person in files.roster(team)
    }
    assert max(row["game_date"] for row in rows(v3, CONTEXT)) == TONIGHT
    by_key = {row["player_lookup"]: row for row in context}
    assert {"andrisvellin", "bocarrowjr", "duskomaric", "elioteal", "ivowenniii"} <= by_key.keys()
    statuses = {key: row["player_status"] for key, row in by_key.items() if row["player_status"]}
    assert statuses == {"andrisvellin": "Out", "duskohollin": "Questionable"}
    for person in files.roster("MIL"):
        (row,) = [row for row in context if row["universal_player_id"] == str(person.person_id)]
        birthday = person.birth_date.replace(year=TONIGHT.year)
        assert row["player_age"] == TONIGHT.year - person.birth_date.year - (birthday > TONIGHT)
        assert (row["team_abbr"], row["opponent_team_abbr"], row["home_game"]) == ("MIL", "BOS", False)
        assert row["game_id"] == "0022200007"


def test_a_context_row_uses_nothing_of_its_own_date_or_later(v3: DuckDBWarehouse, tmp_path: Path) -> None:
    earlier = [game for game in GAMES if game.date < LAST.date]
    tip_off = files.schedule_game(LAST.game_id, LAST.date, LAST.home, LAST.away, status=1, text="7:30 pm ET")
    files.write_v3(tmp_path / "files", earlier, [tip_off, NEXT])
    files.write_people(tmp_path / "files", TEAMS)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    import_files(warehouse, [tmp_path / "files"])
    before, after = (
        [row for row in content(each)[CONTEXT] if row["game_date"] <= LAST.date] for each in (warehouse, v3)
    )
    assert before == after
    assert max(row["game_date"] for row in rows(warehouse, CONTEXT)) == LAST.date


def test_without_rosters_nobody_is_listed_before_the_first_game(tmp_path: Path) -> None:
    games = files.season(3, teams=("BOS", "MIL", "NYK", "LAL"))  # the third is Boston's third and Los Angeles' first
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    import_files(warehouse, [files.write_light(tmp_path / "logs", games)])
    teams = {(row["game_date"], row["team_abbr"]) for row in rows(warehouse, CONTEXT)}
    assert teams == {(games[1].date, "BOS"), (games[2].date, "BOS")}


def test_without_rosters_the_newest_game_tells_the_team(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    import_files(warehouse, [files.write_light(tmp_path / "logs", GAMES)])
    with warehouse.writing("test") as session:
        # The first player of Boston plays his second game for New York: he was traded.
        session.execute(
            f"UPDATE {session.relation(LEAGUE_TABLES['league_player_games'])} SET team_id = '{files.TEAM_IDS['NYK']}', "
            f"team_tricode = 'NYK' WHERE person_id = '{files.roster('BOS')[0].person_id}' AND "
            f"game_id = '{GAMES[1].game_id}'"
        )
    import_files(warehouse, [tmp_path / "logs" / "team_log.csv"])
    teams = {
        row["game_date"]: row["team_abbr"]
        for row in rows(warehouse, CONTEXT)
        if row["universal_player_id"] == str(files.roster("BOS")[0].person_id)
    }
    assert teams[GAMES[2].date] == "NYK"  # of Milwaukee at New York
    assert GAMES[0].date not in teams


def test_a_new_roster_decides_from_its_import_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trade between two imports: before the second, the team is the one of the games; from then on, the roster's."""
    files.write_v3(tmp_path / "files", GAMES, [NEXT, LATER])
    files.write_people(tmp_path / "old", TEAMS)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    traded = files.roster("BOS")[0]

    def teams() -> dict[dt.date, str]:
        found = [row for row in rows(warehouse, CONTEXT) if row["universal_player_id"] == str(traded.person_id)]
        return {row["game_date"]: row["team_abbr"] for row in found}

    _import_at(monkeypatch, GAMES[0].date, warehouse, [tmp_path / "files", tmp_path / "old"])
    before = teams()
    assert set(before.values()) == {"BOS"}
    headers, boston = files.team_roster("BOS")
    _, new_york = files.team_roster("NYK")
    leaving = [*boston[0]]
    leaving[0] = files.TEAM_IDS["NYK"]
    for team, players in (("BOS", boston[1:]), ("NYK", [*new_york, leaving])):
        answer = files.result_set("CommonTeamRoster", (headers, players))
        files.write_json(tmp_path / "new" / f"{team}.json", answer)
    imported = _import_at(monkeypatch, LAST.date, warehouse, [tmp_path / "new"])
    assert {table.table: (table.changed, table.same) for table in imported.tables} == {"league_people": (2, 0)}
    after = teams()
    assert {date: team for date, team in after.items() if date < LAST.date} == {
        date: team for date, team in before.items() if date < LAST.date
    }
    assert {team for date, team in after.items() if date >= LAST.date} == {"NYK"}


def _import_at(
    monkeypatch: pytest.MonkeyPatch, date: dt.date, warehouse: DuckDBWarehouse, paths: Sequence[Path]
) -> Imported:
    """Import in the afternoon of a date."""
    moment = dt.datetime.combine(date, dt.time(18), dt.UTC)
    monkeypatch.setattr(importing, "now", lambda: moment)
    return import_files(warehouse, paths)


def test_a_first_night_has_a_context_and_nothing_else(tmp_path: Path) -> None:
    night = dt.date(2022, 10, 18)
    preseason = files.schedule_game("0012200001", night - dt.timedelta(days=9), "BOS", "MIL", status=1, text="")
    opener = files.schedule_game("0022200001", night, "BOS", "MIL", status=1, text="7:30 pm ET")
    files.write_json(tmp_path / "schedule.json", files.schedule_v2([], [preseason, opener, NEXT]))
    files.write_people(tmp_path / "rosters")
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [tmp_path / "schedule.json", tmp_path / "rosters"])
    assert not imported.is_partial
    found = rows(warehouse, CONTEXT)
    assert {row["game_date"] for row in found} == {night}
    assert len(found) == 18
    assert [len(rows(warehouse, name)) for name in (SCHEDULE, *FACT_SOURCES)] == [3, 0, 0, 0]


def test_the_same_files_again_change_nothing(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    before = {name: rows(copied, name) for name in (*SOURCES, *LEAGUE_TABLES)}
    files.write_v3(tmp_path / "again", GAMES, [NEXT, LATER])
    imported = import_files(copied, [tmp_path / "again"])
    assert changed(imported) == {}
    assert all(loaded.unchanged for loaded in imported.loaded)
    assert sum(table.changed for table in imported.tables) == 0
    assert {name: rows(copied, name) for name in before} == before


def test_a_corrected_game_changes_its_own_date_alone(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    game = GAMES[2]
    answer = files.box_score_v3(game)
    answer["boxScoreTraditional"]["homeTeam"]["players"][0]["statistics"]["freeThrowsAttempted"] += 1
    files.write_json(tmp_path / "corrected.json", answer)
    imported = import_files(copied, [tmp_path / "corrected.json"])
    assert {table.table: table.changed for table in imported.tables} == {
        "league_player_games": 1,
        "league_team_games": 0,
    }
    assert changed(imported) == {PLAYERS: [game.date]}
    person = str(files.roster(game.home)[0].person_id)
    assert (
        player_rows(copied, game)[person]["ft_attempts"]
        == game.counts(game.home, files.roster(game.home)[0])["FTA"] + 1
    )


def test_a_moved_game_leaves_its_old_date(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    moved = files.schedule_game(FIRST.game_id, FIRST.date + dt.timedelta(days=1), FIRST.home, FIRST.away)
    files.write_json(tmp_path / "schedule.json", files.schedule_v2([], [moved]))
    imported = import_files(copied, [tmp_path / "schedule.json"])
    for name in FACT_SOURCES:
        assert {row["game_date"] for row in rows(copied, name) if row["game_id"] == FIRST.game_id} == {
            FIRST.date + dt.timedelta(days=1)
        }
        assert list(imported.dates[name]) == [FIRST.date, FIRST.date + dt.timedelta(days=1)]


def test_a_poorer_form_does_not_replace_a_richer_one(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    imported = import_files(copied, [files.write_archive(tmp_path / "archive", GAMES)])
    kept = {table.table: table.kept for table in imported.tables}
    assert kept["league_player_games"] == kept["league_plays"] == len(GAMES)
    assert changed(imported) == {}


def test_the_newest_name_of_a_person_stands_for_all_games(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    answer = files.box_score_v3(LAST)
    player = answer["boxScoreTraditional"]["homeTeam"]["players"][1]
    player["familyName"] = "Ødegård-Smith Jr."
    files.write_json(tmp_path / "renamed.json", answer)
    imported = import_files(copied, [tmp_path / "renamed.json"])
    keys = {
        row["player_lookup"]
        for name in (PLAYERS, CONTEXT)
        for row in rows(copied, name)
        if row["universal_player_id"] == str(player["personId"])
    }
    assert keys == {f"{_plain(player['firstName'])}odegardsmithjr"}
    assert list(imported.dates[PLAYERS]) == [game.date for game in GAMES if LAST.home in game.teams]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower().translate(str.maketrans("áš", "as")) if letter.isalnum())


def _without_a_shot(answer: dict[str, Any]) -> None:
    actions = answer["game"]["actions"]
    actions.remove(next(action for action in actions if action["isFieldGoal"] and action["shotResult"] == "Missed"))


def test_shots_that_do_not_add_up_are_unknown_and_named(tmp_path: Path) -> None:
    files.write_v3(tmp_path / "files", GAMES[:2])
    path = tmp_path / "files" / "playbyplayv3" / f"{FIRST.game_id}.json"
    answer = json.loads(path.read_text(encoding="utf-8"))
    _without_a_shot(answer)
    files.write_json(path, answer)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [tmp_path / "files"])
    assert [(gap.kind, gap.game_id) for gap in imported.gaps] == [("shots_differ", FIRST.game_id)]
    assert imported.is_partial
    unknown = [row for row in player_rows(warehouse, FIRST).values() if row["paint_attempts"] is None]
    assert len(unknown) == 1
    assert unknown[0]["assisted_fg_makes"] is not None
    shooting = unknown[0]["team_abbr"]
    defense = team_rows(warehouse, DEFENSE, FIRST)
    assert {team: row["opp_paint_attempts"] is None for team, row in defense.items()} == {
        opponent(FIRST, shooting): True,
        shooting: False,
    }


def test_a_finished_game_without_a_box_score_is_named(tmp_path: Path) -> None:
    files.write_v3(tmp_path / "files", GAMES)
    (tmp_path / "files" / "boxscoretraditionalv3" / f"{FIRST.game_id}.json").unlink()
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [tmp_path / "files"])
    assert [str(gap) for gap in imported.gaps] == [f"{FIRST.game_id} ({FIRST.date} {FIRST.away} at {FIRST.home})"]
    assert FIRST.date not in {row["game_date"] for row in rows(warehouse, PLAYERS)}


def test_a_box_score_without_a_date_waits_for_its_schedule(tmp_path: Path) -> None:
    files.write_v3(tmp_path / "files", GAMES)
    schedule = tmp_path / "files" / "scheduleleaguev2"
    schedule.rename(tmp_path / "schedule")
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [tmp_path / "files"])
    assert kinds(imported) == {"unplaced": len(GAMES)}
    assert imported.is_partial
    assert rows(warehouse, PLAYERS) == []
    imported = import_files(warehouse, [tmp_path / "schedule"])
    assert kinds(imported) == {}
    assert {row["game_id"] for row in rows(warehouse, PLAYERS)} == {game.game_id for game in GAMES}


def test_nothing_is_written_of_games_that_files_contradict(tmp_path: Path) -> None:
    files.write_v3(tmp_path / "files", GAMES)
    answer = files.box_score_v3(FIRST)
    answer["boxScoreTraditional"]["homeTeam"]["players"][0]["statistics"]["points"] += 1
    files.write_json(tmp_path / "files" / "other.json", answer)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    imported = import_files(warehouse, [tmp_path / "files"])
    assert len(imported.problems) == 1
    assert FIRST.game_id not in {row["game_id"] for name in (PLAYERS, SCHEDULE) for row in rows(warehouse, name)}
    assert FIRST.game_id not in {row["game_id"] for row in rows(warehouse, "league_plays")}


def test_an_import_that_takes_too_much_away_writes_nothing(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    execute(copied, *(f"DELETE FROM nba_raw.{name}" for name in LEAGUE_TABLES))
    before = content(copied)
    light = files.write_light(tmp_path / "logs", GAMES[:2])
    with pytest.raises(ShrinkRefused, match="nbac_schedule in 2022-23: 8 rows now, 2 after"):
        import_files(copied, [light])
    assert content(copied) == before
    assert rows(copied, "league_player_games") == []
    imported = import_files(copied, [light], allow_shrink=True)
    assert len(imported.dates[SCHEDULE]) == 6
    assert len(rows(copied, SCHEDULE)) == 2


def test_real_games_drive_out_simulated_ones(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    execute(
        copied,
        "INSERT INTO nba_analytics.team_offense_game_summary (game_id, game_date, team_abbr, season_year) "
        "VALUES ('SIM1', DATE '2023-01-05', 'BOS', 2022)",
        "INSERT INTO nba_precompute.waivers VALUES (DATE '2023-01-05', 'BOS', 'x', 'y', now())",
    )
    files.write_v3(tmp_path / "files", GAMES[:1])
    imported = import_files(copied, [tmp_path / "files" / "boxscoretraditionalv3"])
    removed = {loaded.table: loaded.removed_sample_rows for loaded in imported.loaded if loaded.removed_sample_rows}
    assert removed == {OFFENSE: 1, "waivers": 1}
    assert all(not row["game_id"].startswith("SIM") for row in rows(copied, OFFENSE))


def test_rows_of_other_dates_are_left_alone(copied: DuckDBWarehouse, tmp_path: Path) -> None:
    """The raw tables know nothing of them: somebody loaded them."""
    execute(
        copied,
        "INSERT INTO nba_analytics.team_offense_game_summary (game_id, game_date, team_abbr, season_year) "
        "VALUES ('1', DATE '2023-01-05', 'BOS', 2022)",
    )
    files.write_v3(tmp_path / "files", GAMES)
    assert changed(import_files(copied, [tmp_path / "files" / "boxscoretraditionalv3"])) == {}
    assert "1" in {row["game_id"] for row in rows(copied, OFFENSE)}


@pytest.mark.parametrize("prefix", ["001", "003"])
def test_games_that_do_not_count_have_no_context(prefix: str, tmp_path: Path) -> None:
    games = files.season(2, prefix=prefix)
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    import_files(warehouse, [files.write_v3(tmp_path / "files", games)])
    assert {row["game_type"] for row in rows(warehouse, SCHEDULE)} == {{"001": "preseason", "003": "all_star"}[prefix]}
    assert rows(warehouse, CONTEXT) == []


def test_progress_is_reported(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int | None]] = []
    report: Callable[[str, int, int | None], None] = lambda *step: steps.append(step)  # noqa: E731
    import_files(DuckDBWarehouse(tmp_path / "nba.duckdb"), [files.write_light(tmp_path / "logs", GAMES)], report)
    names = list(dict.fromkeys(step for step, _, _ in steps))
    assert names == ["reading files", "staging rows", "deriving the sources", "writing"]
    assert ("reading files", 2, 2) in steps


def test_a_season_that_ends_in_the_summer_keeps_to_its_own_games(tmp_path: Path) -> None:
    """July to October 2020 belong to 2019-20, by the game ids; the next season's schedule does not take them away."""
    bubble = files.season(2, season_year=2019, first=dt.date(2020, 7, 30))
    nxt = files.season(2, season_year=2020, first=dt.date(2020, 12, 22))
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    import_files(warehouse, [files.write_v3(tmp_path / "bubble", bubble)])
    import_files(warehouse, [files.write_v3(tmp_path / "next", nxt)])
    assert changed(import_files(warehouse, [tmp_path / "bubble"])) == {}
    for name in (SCHEDULE, PLAYERS):
        found = {(row["game_id"], row["season_year"]) for row in rows(warehouse, name)}
        assert found == {(game.game_id, game.season_year) for game in (*bubble, *nxt)}
