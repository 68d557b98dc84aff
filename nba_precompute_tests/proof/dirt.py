"""A season with everything that a source may get wrong (contract, sections 2 and 2a), drawn at random.

Here: rows that are wrong in themselves, and persons whose keys and ids are. Not here: rows that must be set aside
(`strangers.py`), which `dirty` adds as well.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from nba_precompute.tables import SOURCES
from nba_precompute_tests.oracle.sources import ZONES
from nba_precompute_tests.proof.strangers import CONTEXT as LISTED
from nba_precompute_tests.proof.strangers import GAMES, KINDS, with_strangers
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


GAME: list[tuple[float, Edit]] = [
    (0.01, drawn("game_id", None, "", "unknown")),
    (0.003, drawn("season_year", None, 2020, 22021)),
]
BOX_SCORE: list[tuple[float, Edit]] = [
    (0.02, unknown(*COUNTS)),
    (0.02, unknown(*(f"{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")))),
    (0.02, drawn("minutes_played", None, float("nan"), 0.0, -0.0, 0.1, 61.7, float("inf"))),
    (0.02, drawn("usage_rate", None, float("nan"), float("-inf"), -0.0, 33.33335)),
    (0.02, drawn("ts_pct", None, float("nan"), -0.0)),
    (0.01, drawn("is_dnp", None, True)),
    (0.01, drawn("is_active", None, False)),
    (0.005, drawn("team_abbr", None, "", " ", "BOS", "LAL")),
    (0.002, some({"minutes_played": None, "fg_attempts": 0, "ft_attempts": 0, "points": 0})),
    (0.005, drawn("fg_attempts", 0, 5, 60)),  # the zones disagree
    (0.01, drawn("universal_player_id", None, "", " ")),
    (0.003, drawn("player_lookup", None, "", " ")),
    (0.003, some({"game_date": None})),
    *GAME,
]
DEFENSE: list[tuple[float, Edit]] = [
    (0.05, unknown(*(f"opp_{zone}_{kind}" for zone in ZONES for kind in ("attempts", "makes")))),
    (0.03, unknown("points_in_paint_allowed", "points_allowed", "blocks_paint", "blocks_three_pt")),
    (0.03, drawn("defensive_rating", None, float("nan"), 99.99995)),
    (0.03, drawn("opponent_pace", None, float("inf"))),
    (0.01, drawn("defending_team_abbr", None, "", " ", "XXX")),
    *GAME,
]
OFFENSE: list[tuple[float, Edit]] = [
    (0.05, drawn("win_flag", None, True, False)),
    (0.05, drawn("pace", None, float("nan"), 104.00005)),
    (0.03, drawn("offensive_rating", None, float("nan"))),
    (0.02, drawn("points_scored", None, 100)),
    (0.01, drawn("team_abbr", None, "", " ", "XXX")),
    *GAME,
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
    (0.02, drawn("universal_player_id", None, "", " ")),
    (0.005, drawn("player_lookup", None, "", " ")),
    *GAME,
]
SCHEDULE: list[tuple[float, Edit]] = [
    (0.005, drawn("home_team_tricode", None, "", " ")),
    (0.05, drawn("game_status", None, 1, 2)),
    (0.005, drawn("game_id", None, " ")),
    (0.02, drawn("game_type", None, "exhibition", "preseason", "cup_final", "playoffs", "play_in")),
    (0.01, some({"game_status": 4})),
    (0.003, drawn("season_year", None, 2020)),
]
EDITS = {
    "player_game_summary": BOX_SCORE,
    "team_defense_game_summary": DEFENSE,
    "team_offense_game_summary": OFFENSE,
    "upcoming_player_game_context": CONTEXT,
    "nbac_schedule": SCHEDULE,
}


def dirty(rows: Rows, seed: int) -> Rows:
    """Lost rows, wrong cells, repeated rows, rows that contradict each other, rows to set aside, persons mixed up."""
    rng = random.Random(seed)
    strange = with_strangers(confused(rows, rng), [*KINDS, "moved", "wrong_season", "blank_key", "namesake"], rng)
    result: Rows = {}
    for name, clean in strange.items():
        result[name] = []
        for row in clean:
            if name != "nbac_schedule" and rng.random() < 0.01:
                continue  # lost
            edited = _edited(row, EDITS[name], rng)
            result[name].append(edited)
            if name == "nbac_schedule":
                if rng.random() < 0.02 and row["game_date"] is not None:  # moved by a day or two; the old row stays
                    moved = row["game_date"] + dt.timedelta(days=rng.choice((-1, 1, 2)))
                    result[name].append(row | {"game_date": moved, "game_status": rng.choice((1, 3, 4))})
            elif rng.random() < 0.03:
                result[name] += _copies(name, edited, rng)
        rng.shuffle(result[name])
    return result


def confused(rows: Rows, rng: random.Random, people: int = 40) -> Rows:
    """Return the league with people renamed, with a key or an id of another, or without an id; some of them twice.

    In the box scores and in the context, each from a date of its own, or up to one.
    """
    result = {source: [dict(row) for row in lines] for source, lines in rows.items()}
    box_scores = rows[GAMES]
    dates = sorted({row["game_date"] for row in box_scores})
    ids = rng.sample(sorted({row["universal_player_id"] for row in box_scores}), people)
    keys = {row["universal_player_id"]: row["player_lookup"] for row in box_scores}
    own: dict[str, dict[str, list[Row]]] = {source: {id_: [] for id_ in ids} for source in (GAMES, LISTED)}
    for source, rows_of in own.items():
        for row in result[source]:
            if row["universal_player_id"] in rows_of:
                rows_of[row["universal_player_id"]].append(row)
    for id_ in [*ids, *rng.sample(ids, people // 2)]:
        other = rng.choice(ids)
        values = rng.choice(
            (
                {"player_lookup": f"{keys[id_]}jr"},
                {"player_lookup": keys[other]},
                {"universal_player_id": rng.choice((None, ""))},
                {"universal_player_id": f"{id_}_new"},
            )
        )
        for source in rng.choice(((GAMES,), (LISTED,), (GAMES, LISTED))):
            turn, later = rng.choice(dates), rng.choice((True, True, False))
            for row in own[source][id_]:
                if rng.random() < 0.95 and (row["game_date"] >= turn) is later:
                    row.update(values)
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
    if name in (GAMES, LISTED) and rng.random() < 0.4:
        other = rng.choice(("somebody_else", f"{row['player_lookup']}_the_other", None))
        kinds = [contradicting | {"universal_player_id": other}]
    copies = [rng.choice(kinds) for _ in range(rng.choice((1, 1, 2)))]
    for copy in copies:
        for column in source.columns:
            if column.type == "FLOAT64" and copy[column.name] is not None:
                copy[column.name] = float(copy[column.name])
    return copies
