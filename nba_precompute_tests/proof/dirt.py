"""A season with everything that a source may get wrong (contract, section 2), drawn at random."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from nba_precompute.tables import SOURCES
from nba_precompute_tests.oracle.sources import ZONES
from nba_precompute_tests.support.league import Rows

Row = dict[str, Any]
Edit = Callable[[Row, random.Random], Row]

COUNTS = ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes", "assisted_fg_makes", "unassisted_fg_makes")
STATUSES = (None, "Available", "PROBABLE", "questionable", "Doubtful", "out", "Game Time Decision", "")


def some(values: Row) -> Edit:
    return lambda row, rng: row | values


def drawn(column: str, *choices: Any) -> Edit:
    return lambda row, rng: row | {column: rng.choice(choices)}


def one_of(edits: list[Edit]) -> Edit:
    return lambda row, rng: rng.choice(edits)(row, rng)


def unknown(*columns: str) -> Edit:
    return lambda row, rng: row | {rng.choice(columns): None}


BOX_SCORE: list[tuple[float, Edit]] = [
    (0.02, unknown(*COUNTS)),
    (0.02, unknown(*(f"{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")))),
    (0.02, drawn("minutes_played", None, float("nan"), 0.0, -0.0, 0.1, 61.7, float("inf"))),
    (0.02, drawn("usage_rate", None, float("nan"), float("-inf"), -0.0, 33.33335)),
    (0.02, drawn("ts_pct", None, float("nan"), -0.0)),
    (0.01, drawn("is_dnp", None, True)),
    (0.01, drawn("is_active", None, False)),
    (0.005, drawn("team_abbr", None, "BOS", "LAL")),
    (0.002, some({"minutes_played": None, "fg_attempts": 0, "ft_attempts": 0, "points": 0})),
    (0.002, some({"universal_player_id": None})),
    (0.003, some({"player_lookup": None})),
    (0.003, some({"game_date": None})),
]
DEFENSE: list[tuple[float, Edit]] = [
    (0.05, unknown(*(f"opp_{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")))),
    (0.03, unknown("points_in_paint_allowed", "points_allowed", "blocks_paint", "blocks_three_pt")),
    (0.03, drawn("defensive_rating", None, float("nan"), 99.99995)),
    (0.03, drawn("opponent_pace", None, float("inf"))),
    (0.01, some({"defending_team_abbr": None})),
]
OFFENSE: list[tuple[float, Edit]] = [
    (0.05, drawn("win_flag", None, True, False)),
    (0.05, drawn("pace", None, float("nan"), 104.00005)),
    (0.03, drawn("offensive_rating", None, float("nan"))),
    (0.02, drawn("points_scored", None, 100)),
    (0.01, some({"team_abbr": None})),
]
CONTEXT: list[tuple[float, Edit]] = [
    (0.7, drawn("player_status", *STATUSES)),
    (0.7, drawn("player_age", None, 19, 29, 30, 34, 35, 41)),
    (0.4, drawn("projected_usage_rate", None, float("nan"), 5.0, 25.0, 45.55555, -0.0)),
    (0.5, drawn("star_teammates_out", None, 0, 1, 2, 3)),
    (0.05, drawn("is_production_ready", None, False)),
    (0.02, drawn("team_abbr", None, "", "BOS", "XXX")),
    (0.02, drawn("opponent_team_abbr", None, "", "BOS", "XXX")),
    (0.02, drawn("home_game", None)),
    (0.01, some({"universal_player_id": None})),
    (0.005, some({"player_lookup": None})),
]
SCHEDULE: list[tuple[float, Edit]] = [
    (0.01, some({"home_team_tricode": None})),
    (0.05, drawn("game_status", None, 1, 2)),
    (0.01, some({"game_id": None})),
    (0.01, drawn("game_type", None, "pre_season", "playoffs", "play_in")),
    (0.01, some({"game_status": 4})),
]
EDITS = {
    "player_game_summary": BOX_SCORE,
    "team_defense_game_summary": DEFENSE,
    "team_offense_game_summary": OFFENSE,
    "upcoming_player_game_context": CONTEXT,
    "nbac_schedule": SCHEDULE,
}


def dirty(rows: Rows, seed: int) -> Rows:
    """Lost rows, wrong cells, repeated rows, rows that contradict each other, and two people under one name."""
    rng = random.Random(seed)
    result: Rows = {}
    for name, clean in rows.items():
        result[name] = []
        for row in clean:
            if name != "nbac_schedule" and rng.random() < 0.01:
                continue  # lost
            edited = _edited(row, EDITS[name], rng)
            result[name].append(edited)
            if name == "nbac_schedule":
                if rng.random() < 0.02:  # moved by a day or two; the old row stays
                    moved = row["game_date"] + dt.timedelta(days=rng.choice((-1, 1, 2)))
                    result[name].append(row | {"game_date": moved, "game_status": rng.choice((1, 3, 4))})
            elif rng.random() < 0.03:
                result[name] += _copies(name, edited, rng)
        rng.shuffle(result[name])
    return result


def _edited(row: Row, edits: list[tuple[float, Edit]], rng: random.Random) -> Row:
    for share, edit in edits:
        if rng.random() < share:
            row = edit(row, rng)
    return row


def _copies(name: str, row: Row, rng: random.Random) -> list[Row]:
    """The row again: as it is, older or newer with other cells, at the same or an unknown time, or another person's."""
    source = SOURCES[name]
    cells = [c.name for c in source.columns if c.type in ("INT64", "FLOAT64") and c.name != "season_year"]
    contradicting = row | {rng.choice(cells): rng.randint(1, 40)}
    processed = row["processed_at"]
    kinds: list[Row] = [
        row,
        contradicting,
        contradicting | {"processed_at": processed + dt.timedelta(hours=rng.choice((-5, 5)))},
        contradicting | {"processed_at": None},
    ]
    if source.identity and rng.random() < 0.2:
        kinds = [contradicting | {source.identity: "somebody_else"}]
    copies = [rng.choice(kinds) for _ in range(rng.choice((1, 1, 2)))]
    for copy in copies:
        for column in source.columns:
            if column.type == "FLOAT64" and copy[column.name] is not None:
                copy[column.name] = float(copy[column.name])
    return copies
