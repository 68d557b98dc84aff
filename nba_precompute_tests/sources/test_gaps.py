"""Each gap of the coverage has its reason, in words and with numbers (contract, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nba_precompute.sources.observation import SourceDate, observe
from nba_precompute.tables import SOURCES
from nba_precompute_tests.bad_input.helpers import (
    BENCH,
    CONTEXT,
    DEFENSE,
    GAMES,
    OFFENSE,
    build_league,
    change,
    dates_of,
    moved,
    picked,
    player,
    remove,
)
from nba_precompute_tests.support.league import Rows, new_warehouse, to_tables

TEAM = "ATL"
DATE = dates_of(TEAM)[3]
BOX = {"game_date": DATE, "team_abbr": TEAM}

Damage = Callable[[Rows], object]


def lost(source: str, column: str = "team_abbr") -> Damage:
    """The source has no row of the team's game."""
    return lambda rows: remove(rows, source, lambda row: row["game_date"] == DATE and row[column] == TEAM)


def put(source: str, **values: Any) -> Damage:
    """Set values in the source's rows of the team's game."""
    return lambda rows: change(rows, source, BOX, **values)


def several(*damages: Damage) -> Damage:
    return lambda rows: [damage(rows) for damage in damages]


def only_players(count: int) -> Damage:
    """Only some players have a row; their minutes and points still add up to the team's."""

    def apply(rows: Rows) -> None:
        kept = {player(TEAM, number) for number in range(1, count + 1)}
        remove(
            rows,
            GAMES,
            lambda row: row["game_date"] == DATE and row["team_abbr"] == TEAM and row["player_lookup"] not in kept,
        )
        change(rows, GAMES, BOX, minutes_played=240 / count)
        points = sum(row["points"] for row in picked(rows, GAMES, **BOX))
        change(rows, OFFENSE, BOX, points_scored=points)

    return apply


def minutes(total: float, unknown: int = 0) -> Damage:
    """The players have ten minutes each and the last of them the rest, but for some whose minutes are unknown."""

    def apply(rows: Rows) -> None:
        known = range(unknown + 1, BENCH)
        for row in picked(rows, GAMES, **BOX):
            number = int(row["player_lookup"][-1])
            row["minutes_played"] = 10.0 if number in known else None
            if number == known[-1]:
                row["minutes_played"] = total - 10 * (len(known) - 1)

    return apply


def points_short_by(count: int) -> Damage:
    """The players have fewer points than the team, which has 150."""

    def apply(rows: Rows) -> None:
        change(rows, OFFENSE, BOX, points_scored=150)
        first, *others = picked(rows, GAMES, **BOX)
        first["points"] = 150 - count - sum(row["points"] for row in others)

    return apply


NO_BOX, NO_OFFENSE, NO_DEFENSE, NO_PLAYER = (
    "no box score",
    "no team offense row",
    "no team defense row",
    "no player listed",
)
GAPS: dict[str, tuple[Damage, dict[str, str]]] = {
    "no box score": (lost(GAMES), {GAMES: NO_BOX}),
    "nobody played": (put(GAMES, is_dnp=True), {GAMES: NO_BOX}),
    "one player": (only_players(1), {GAMES: "1 player"}),
    "four players": (only_players(4), {GAMES: "4 players"}),
    "five players": (only_players(5), {}),
    "two points short": (points_short_by(2), {GAMES: "points 148 of 150"}),
    "no point is missing": (points_short_by(0), {}),
    "no points at all": (put(GAMES, points=None), {GAMES: "points unknown"}),
    "too few minutes": (minutes(234.9), {GAMES: "minutes 234 of 235"}),
    "just enough minutes": (minutes(235), {}),
    "minutes of which some are unknown": (minutes(100, unknown=1), {}),
    "players come before points": (several(only_players(3), put(OFFENSE, points_scored=0)), {GAMES: "3 players"}),
    "points come before minutes": (several(minutes(200), points_short_by(1)), {GAMES: "points 149 of 150"}),
    "no offense row": (lost(OFFENSE), {OFFENSE: NO_OFFENSE}),
    "unknown points of the team": (put(OFFENSE, points_scored=None), {OFFENSE: "team points unknown"}),
    "no defense row": (lost(DEFENSE, "defending_team_abbr"), {DEFENSE: NO_DEFENSE}),
    "a foreign team code": (put(GAMES, team_abbr="ATX"), {GAMES: NO_BOX}),
    "nobody is listed": (lost(CONTEXT), {CONTEXT: NO_PLAYER}),
    "nothing": (
        several(*map(lost, (GAMES, OFFENSE, CONTEXT)), lost(DEFENSE, "defending_team_abbr")),
        {GAMES: NO_BOX, OFFENSE: NO_OFFENSE, DEFENSE: NO_DEFENSE, CONTEXT: NO_PLAYER},
    ),
}
"""Damage to one game of a team, and the gap of each source that does not cover it then."""


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, SourceDate]]:
    """What is seen of the game, by damage and source; each damage is in a season of its own."""
    together: Rows = {name: [] for name in SOURCES}
    for years, (damage, _) in enumerate(GAPS.values()):
        rows = build_league()
        damage(rows)
        for name, lines in rows.items():
            together[name] += [moved(row, years) for row in lines]
    warehouse = new_warehouse(tmp_path_factory.mktemp("gaps") / "nba.duckdb", to_tables(together))
    days = {DATE.replace(year=DATE.year + years): name for years, name in enumerate(GAPS)}
    found: dict[str, dict[str, SourceDate]] = {name: {} for name in GAPS}
    for seen in observe(warehouse, list(days)).dates:
        found[days[seen.date]][seen.source] = seen
    return found


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_has_its_reason(observed: dict[str, dict[str, SourceDate]], name: str) -> None:
    _, expected = GAPS[name]
    for source, seen in observed[name].items():
        reasons = {gap.team: gap.reason for gap in seen.gaps}
        if source not in expected:
            assert (reasons, seen.problems) == ({}, [])
            continue
        assert reasons == {TEAM: expected[source]}
        others = seen.expected_teams - 1
        assert seen.problems == [f"{others} of {others + 1} teams are covered, without {TEAM} ({expected[source]})"]
