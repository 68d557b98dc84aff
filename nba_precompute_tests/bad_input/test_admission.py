"""Findings (contract, section 2a): each kind of each source, on its date, in the observation and in the run's record.

Here: one league with every kind of finding in it. Not here: what enters a window in spite of them
(`test_schedules.py`, `test_players.py`, `test_numbers.py`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest

from nba_precompute.publishing.inspection_rows import SourceFinding
from nba_precompute.publishing.records import Partition
from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables.sources import FAULTS, FINDINGS, SET_ASIDE
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    DATES,
    DEFENSE,
    FACTS,
    GAMES,
    LAST,
    OFFENSE,
    OPENING_NIGHT,
    SCHEDULE,
    TABLES,
    Row,
    agree_with_oracle,
    build_league,
    change,
    only,
    picked,
    schedule_row,
)
from nba_precompute_tests.support.league import Rows, days, new_warehouse, run, to_tables

DAY = dt.timedelta(days=1)
PRESEASON = OPENING_NIGHT - 5 * DAY
CUP, UNKNOWN = OPENING_NIGHT + DAY, OPENING_NIGHT + 4 * DAY
"""Two dates without a counting game: one on which the Cup final is played, one on which the schedule has no game."""
BLANK, SEASON, MOVED, OFF, ZONES, COPIES, NAMES = DATES[1:8]
"""The dates of the findings of each kind."""
TEAM_OF = {GAMES: "team_abbr", OFFENSE: "team_abbr", DEFENSE: "defending_team_abbr", CONTEXT: "team_abbr"}

Found = tuple[int, str]
"""The number of a finding, and its example."""
EXPECTED: dict[tuple[str, dt.date], dict[str, Found]] = {
    (GAMES, PRESEASON): {"not_counting": (2, f"atlplayer1 on {PRESEASON}")},
    (DEFENSE, PRESEASON): {"not_counting": (1, f"ATL on {PRESEASON}")},
    (OFFENSE, PRESEASON): {"not_counting": (1, f"ATL on {PRESEASON}")},
    **{(source, CUP): {"not_counting": (1, f"atlplayer1 on {CUP}")} for source in (GAMES, CONTEXT)},
    **{(source, CUP): {"not_counting": (1, f"ATL on {CUP}")} for source in (DEFENSE, OFFENSE)},
    (CONTEXT, UNKNOWN): {"off_schedule": (1, f"atlplayer2 on {UNKNOWN}")},
    (GAMES, BLANK): {"blank_key": (3, f"NULL on {BLANK}")},
    (DEFENSE, BLANK): {"blank_key": (1, f"blank on {BLANK}")},
    (OFFENSE, BLANK): {"blank_key": (1, f"NULL on {BLANK}")},
    (SCHEDULE, BLANK): {"blank_key": (2, f"final on {BLANK}")},
    (GAMES, SEASON): {"wrong_season": (2, f"atlplayer1 on {SEASON}")},
    (DEFENSE, SEASON): {"wrong_season": (1, f"ATL on {SEASON}")},
    (OFFENSE, SEASON): {"wrong_season": (1, f"ATL on {SEASON}")},
    (SCHEDULE, SEASON): {
        "wrong_season": (1, f"last season's on {SEASON}"),
        "unknown_game_type": (2, f"NULL, game typeless on {SEASON}"),
    },
    (GAMES, MOVED): {"not_counting": (1, f"atlplayer1 on {MOVED}")},
    (GAMES, OFF): {"off_schedule": (2, f"atlplayer1 on {OFF}")},
    (DEFENSE, OFF): {"off_schedule": (1, f"XXX on {OFF}")},
    (OFFENSE, OFF): {"off_schedule": (1, f"XXX on {OFF}")},
    (GAMES, ZONES): {"zones_disagree": (3, f"bosplayer2 on {ZONES}")},
    (GAMES, COPIES): {"duplicates": (3, f"atlplayer1 on {COPIES}"), "conflicts": (1, f"atlplayer2 on {COPIES}")},
    (DEFENSE, COPIES): {"duplicates": (1, f"ATL on {COPIES}"), "conflicts": (1, f"ATL on {COPIES}")},
    (OFFENSE, COPIES): {"duplicates": (1, f"ATL on {COPIES}")},
    (GAMES, NAMES): {"several_keys": (1, f"chiplayer1jr on {NAMES}"), "several_people": (1, f"chiplayer2 on {NAMES}")},
    (CONTEXT, LAST): {
        "blank_key": (1, f"blank on {LAST}"),
        "wrong_season": (1, f"atlplayer1 on {LAST}"),
        "duplicates": (2, f"atlplayer3 on {LAST}"),
        "conflicts": (2, f"atlplayer3 on {LAST}"),
        "several_keys": (1, f"chiplayer1jr on {LAST}"),
        "several_people": (1, f"chiplayer2 on {LAST}"),
    },
}
"""Every finding that the league of this module has."""


def planted() -> Rows:
    """Build the league with the findings of `EXPECTED`."""
    clean, rows = build_league(), build_league()

    def row_of(source: str, date: dt.date, number: int) -> Row:
        about = {"player_lookup": f"atlplayer{number}"} if source in (GAMES, CONTEXT) else {TEAM_OF[source]: "ATL"}
        return only(clean, source, game_date=date, **about)

    def add(source: str, date: dt.date, number: int = 1, **values: Any) -> None:
        """A further row like that of ATL on the date, or of the first game if ATL does not play."""
        rows[source].append(row_of(source, date if date in DATES else DATES[0], number) | {"game_date": date} | values)

    for source in (GAMES, DEFENSE, OFFENSE):
        add(source, PRESEASON, game_id="not on the schedule")
        add(source, CUP, game_id=None)
        add(source, SEASON, season_year=2020)
    add(GAMES, PRESEASON, number=2)
    add(CONTEXT, CUP, game_id=None)
    rows[SCHEDULE].append(schedule_row(CUP, "ATL", "MIA", game_id="cup", game_type="cup_final"))
    add(CONTEXT, UNKNOWN, number=2, game_id="unknown")

    for values in ({"player_lookup": None}, {"player_lookup": " "}, {"team_abbr": ""}):
        add(GAMES, BLANK, **values)
    add(DEFENSE, BLANK, defending_team_abbr=" ")
    add(OFFENSE, BLANK, team_abbr=None, season_year=2020)  # the first rule counts
    rows[SCHEDULE].append(schedule_row(BLANK, "", "", game_id="final"))
    rows[SCHEDULE].append(schedule_row(BLANK, "ATL", " ", game_id="semifinal"))

    add(GAMES, SEASON, number=2, season_year=22021)
    change(rows, GAMES, {"game_date": SEASON, "player_lookup": "atlplayer3"}, season_year=None)  # it is admitted
    rows[SCHEDULE].append(schedule_row(SEASON, "DEN", "LAL", game_id="last season's", season_year=2020))
    rows[SCHEDULE].append(schedule_row(SEASON, "DEN", "LAL", game_id="exhibition", game_type="exhibition"))
    rows[SCHEDULE].append(schedule_row(SEASON, "DEN", "LAL", game_id="typeless", game_type=None))

    add(GAMES, MOVED, game_id=row_of(GAMES, DATES[0], 1)["game_id"])

    for number in (1, 2):
        add(GAMES, OFF, number, team_abbr="XXX", game_id="unknown")
    add(DEFENSE, OFF, defending_team_abbr="XXX", game_id=None)
    add(OFFENSE, OFF, team_abbr="XXX", game_id=None)
    add(OFFENSE, OFF, team_abbr="XXY")  # in a game that counts: the code is foreign, the row is admitted

    # 20 attempts: 16 and 24 in zones are within bounds.
    for number, (attempts, shots) in enumerate(((16, 20), (15, 20), (24, 20), (25, 20), (1, 0), (5, None)), start=1):
        change(
            rows,
            GAMES,
            {"game_date": ZONES, "player_lookup": f"bosplayer{number}"},
            paint_attempts=attempts,
            mid_range_attempts=0,
            three_pt_attempts=0,
            fg_attempts=shots,
        )

    add(GAMES, COPIES)
    for points in (1, 2):
        add(GAMES, COPIES, number=2, points=points)
    add(DEFENSE, COPIES, opp_paint_makes=1)
    add(OFFENSE, COPIES)

    for row in picked(rows, GAMES, player_lookup="chiplayer1"):
        if row["game_date"] >= NAMES:
            row["player_lookup"] = "chiplayer1jr"
    change(rows, GAMES, {"game_date": NAMES, "player_lookup": "chiplayer2"}, universal_player_id="somebodyelse_001")

    add(CONTEXT, LAST, player_lookup="")
    add(CONTEXT, LAST, season_year=2020)
    add(CONTEXT, LAST, number=3, player_age=44)
    twin = only(rows, CONTEXT, game_date=LAST, player_lookup="chiplayer1")
    rows[CONTEXT].append(twin | {"player_lookup": "chiplayer1jr"})
    other = only(rows, CONTEXT, game_date=LAST, player_lookup="chiplayer2")
    rows[CONTEXT].append(other | {"universal_player_id": "somebodyelse_001"})
    return rows


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[tuple[str, dt.date], SourceDate], dict[str, Any]]:
    """What is observed on every date, and the outcomes of a run of all tables, whose rows are the oracle's."""
    rows = planted()
    warehouse = new_warehouse(tmp_path_factory.mktemp("findings") / "nba.duckdb", to_tables(rows))
    seen = {(entry.source, entry.date): entry for entry in observe(warehouse, days(PRESEASON, LAST)).dates}
    outcomes = run(warehouse, [CUP, UNKNOWN, LAST])
    agree_with_oracle(warehouse, rows, [CUP, UNKNOWN, LAST])
    return seen, outcomes


def test_every_kind_occurs_in_every_source_that_can_have_it() -> None:
    kinds = defaultdict(set)
    for (source, _), findings in EXPECTED.items():
        kinds[source] |= findings.keys()
    of_any, of_people = {"blank_key", "wrong_season"}, {"several_keys", "several_people"}
    placed, copies = {"not_counting", "off_schedule"}, {"duplicates"}
    assert kinds[GAMES] == set(FINDINGS) - {"unknown_game_type"}
    assert kinds[CONTEXT] == {*of_any, *of_people, *placed, *copies, "conflicts"}
    assert kinds[SCHEDULE] >= {*of_any, "unknown_game_type"}
    assert kinds[DEFENSE] | kinds[OFFENSE] == {*of_any, *placed, *copies, "conflicts"}


def test_the_observation_counts_every_finding_on_its_date(found: Any) -> None:
    seen, _ = found
    assert {
        key: {kind: (finding.count, finding.example) for kind, finding in entry.findings.items()}
        for key, entry in seen.items()
        if entry.findings
    } == EXPECTED


def test_a_finding_that_hides_good_rows_fails_the_check_of_its_source_and_another_is_a_note(found: Any) -> None:
    seen, _ = found
    for (source, date), findings in EXPECTED.items():
        entry = seen[source, date]
        for kind, (count, example) in findings.items():
            text = str(SourceFinding(source, kind, count, example))
            assert (text in entry.problems) == (kind in FAULTS), f"{source} {date} {kind}"
            assert (text in entry.notes) == (kind not in FAULTS), f"{source} {date} {kind}"


def record_of(found: Any, table: str, date: dt.date) -> Partition:
    _, outcomes = found
    partition = outcomes[table].partitions[date]
    assert isinstance(partition, Partition)
    return partition


@pytest.mark.parametrize("table", TABLES)
def test_the_record_of_a_date_has_the_findings_of_everything_that_the_date_reads(found: Any, table: str) -> None:
    """Of box scores those of earlier dates, of the schedule those up to the date, of the context its own."""
    sums: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for (source, date), findings in EXPECTED.items():
        reads = date < LAST if source in FACTS else date == LAST if source == CONTEXT else date <= LAST
        if reads and source in (*TABLES[table].sources, SCHEDULE):
            for kind, of_date in findings.items():
                sums[source, kind].append(of_date)
    expected = {
        str(SourceFinding(source, kind, sum(count for count, _ in of_dates), min(example for _, example in of_dates)))
        for (source, kind), of_dates in sums.items()
    }
    record = record_of(found, table, LAST)
    assert set(record.source_findings.split("; ")) == expected
    assert record.source_rows_set_aside == sum(
        count for (_, kind), of_dates in sums.items() if kind in SET_ASIDE for count, _ in of_dates
    )
    assert record.source_duplicates == sum(
        count for (_, kind), of_dates in sums.items() if kind == "duplicates" for count, _ in of_dates
    )
    assert record.source_conflicts == sum(
        count for (_, kind), of_dates in sums.items() if kind == "conflicts" for count, _ in of_dates
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_record_of_a_date_without_a_game_has_the_findings_of_the_date_itself(found: Any, table: str) -> None:
    """They explain why nothing is computed; the date with rows of no game is refused with them."""
    record = record_of(found, table, CUP)
    assert (record.computed, record.rows, record.source_rows_set_aside) == (True, 0, 4)
    assert set(record.source_findings.split("; ")) == {
        str(SourceFinding(source, "not_counting", *findings["not_counting"]))
        for (source, date), findings in EXPECTED.items()
        if date == CUP
    }
    _, outcomes = found
    assert outcomes[table].refused == {
        UNKNOWN: (f"rows of {CONTEXT} without a game on the schedule: 1 (e.g. atlplayer2 on {UNKNOWN})",)
    }
