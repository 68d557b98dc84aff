"""The season as Arrow tables with the declared columns.

Here: units, rounding and NULLs of the sources. Not here: the figures themselves (`box_scores.py`, `context.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nba_precompute.simulation.box_scores import INACTIVE, PLAYED, BoxScores, Columns
from nba_precompute.simulation.calendar import FINAL, GAME_TYPES, Dates, Games, SuperfluousRow
from nba_precompute.simulation.context import STATUS_WORDS
from nba_precompute.simulation.franchises import ALL_STAR_TRICODES, TRICODES
from nba_precompute.simulation.league import Players
from nba_precompute.tables.sources import SOURCES, ZONES
from nba_precompute.warehouse.types import arrow_type

# Box scores are written at 10:00 UTC of the next day, contexts at 12:00 UTC of the day.
_AFTER_GAME_HOURS, _BEFORE_GAME_HOURS = 34, 12
_ZERO_ROW_SHARE = 0.5
_FREE_THROW_WEIGHT = 0.44


def schedule(dates: Dates, games: Games, superfluous: list[SuperfluousRow]) -> pa.Table:
    """Build `nbac_schedule`: every played game and the other schedule rows."""

    def tricode(team: int | None, of_all_stars: str) -> str:
        return of_all_stars if team is None else TRICODES[team]

    east, west = ALL_STAR_TRICODES
    rows = [
        (game_id, int(day), TRICODES[home], TRICODES[away], FINAL, GAME_TYPES[int(kind)])
        for game_id, day, home, away, kind in zip(
            games.game_id, games.day, games.home, games.away, games.kind, strict=True
        )
    ]
    rows += [
        (r.game_id, r.day, tricode(r.home, east), tricode(r.away, west), r.status, GAME_TYPES[r.kind])
        for r in superfluous
    ]
    rows.sort(key=lambda row: (row[1], row[0], row[4]))
    game_id, day, home, away, status, kind = zip(*rows, strict=True)
    return _table(
        "nbac_schedule",
        {
            "game_id": game_id,
            "game_date": _dates(dates, np.array(day)),
            "season_year": [dates.season_year] * len(rows),
            "home_team_tricode": home,
            "away_team_tricode": away,
            "game_status": status,
            "game_type": kind,
        },
    )


def player_game_summary(rng: np.random.Generator, dates: Dates, players: Players, scores: BoxScores) -> pa.Table:
    """Build `player_game_summary`; players who did not play have zeros or NULLs, as in the sources."""
    c = _ordered(scores.players, "player")
    n = len(c["player"])
    absent = c["role"] != PLAYED
    minutes_unknown = absent & (rng.random(n) >= _ZERO_ROW_SHARE)
    counts_unknown = absent & (rng.random(n) >= _ZERO_ROW_SHARE)

    def count(values: NDArray[Any]) -> pa.Array:
        return pa.array(values, mask=counts_unknown)

    denominator = 2 * (c["fga"] + _FREE_THROW_WEIGHT * c["fta"])
    with np.errstate(divide="ignore", invalid="ignore"):
        true_shooting = np.round(c["points"] / denominator, 3)
    usage = np.round(c["usage"], 1)
    return _table(
        "player_game_summary",
        {
            **_identity(dates, players, c),
            "is_active": c["role"] != INACTIVE,
            "is_dnp": absent,
            "minutes_played": pa.array(c["tenths"] / 10, mask=minutes_unknown),
            "points": count(c["points"]),
            "fg_attempts": count(c["fga"]),
            "fg_makes": count(c["fgm"]),
            "ft_attempts": count(c["fta"]),
            "ft_makes": count(c["ftm"]),
            **{name: count(values) for name, values in _zones("", c["zone_fga"], c["zone_fgm"]).items()},
            "assisted_fg_makes": count(c["assisted"]),
            "unassisted_fg_makes": count(c["fgm"] - c["assisted"]),
            "usage_rate": pa.array(usage, mask=np.isnan(usage)),
            "ts_pct": pa.array(true_shooting, mask=denominator == 0),
            "processed_at": _processed(dates, c["day"], _AFTER_GAME_HOURS),
        },
    )


def team_defense_game_summary(dates: Dates, scores: BoxScores) -> pa.Table:
    """Build `team_defense_game_summary`: the opponent's figures under the defending team."""
    # The opponent's row is the neighbor: home side first, visitors second.
    opposing = np.arange(len(scores.teams["team"])) ^ 1
    joined = dict(scores.teams)
    for name in ("points", "possessions", "zone_fga", "zone_fgm", "blocked"):
        joined["opp_" + name] = scores.teams[name][opposing]
    c = _ordered(joined, "team")
    makes, blocks = c["opp_zone_fgm"], c["opp_blocked"]
    return _table(
        "team_defense_game_summary",
        {
            **_team_game(dates, c, "defending_team_abbr"),
            **_zones("opp_", c["opp_zone_fga"], makes),
            "points_in_paint_allowed": 2 * makes[:, 0],
            "mid_range_points_allowed": 2 * makes[:, 1],
            "three_pt_points_allowed": 3 * makes[:, 2],
            **{f"blocks_{zone}": blocks[:, i] for i, zone in enumerate(ZONES)},
            "points_allowed": c["opp_points"],
            "defensive_rating": _rating(c["opp_points"], c["opp_possessions"]),
            "opponent_pace": _pace(c["opp_possessions"], c["minutes"]),
        },
    )


def team_offense_game_summary(dates: Dates, scores: BoxScores) -> pa.Table:
    """Build `team_offense_game_summary`."""
    joined = dict(scores.teams)
    joined["opp_points"] = scores.teams["points"][np.arange(len(scores.teams["team"])) ^ 1]
    c = _ordered(joined, "team")
    return _table(
        "team_offense_game_summary",
        {
            **_team_game(dates, c, "team_abbr"),
            "points_scored": c["points"],
            "possessions": c["possessions"] / 10,
            "pace": _pace(c["possessions"], c["minutes"]),
            "offensive_rating": _rating(c["points"], c["possessions"]),
            "win_flag": c["points"] > c["opp_points"],
        },
    )


def upcoming_player_game_context(dates: Dates, players: Players, contexts: Columns) -> pa.Table:
    """Build `upcoming_player_game_context`."""
    c = _ordered(contexts, "player")
    return _table(
        "upcoming_player_game_context",
        {
            **_identity(dates, players, c),
            "player_status": _labels(STATUS_WORDS, c["status"]),
            "player_age": pa.array(c["age"], mask=c["age"] < 0),
            "projected_usage_rate": pa.array(c["usage"], mask=np.isnan(c["usage"])),
            "star_teammates_out": pa.array(c["stars_out"], mask=c["stars_out"] < 0),
            "is_production_ready": pa.array(c["ready"] == 1, mask=c["ready"] < 0),
            "processed_at": _processed(dates, c["day"], _BEFORE_GAME_HOURS),
        },
    )


def _table(name: str, columns: dict[str, Any]) -> pa.Table:
    """Build a table of the declared columns in the declared order.

    Raises:
        KeyError: if a declared column is missing.
        ValueError: if a column is not declared.
    """
    declared = SOURCES[name].columns
    if surplus := columns.keys() - {column.name for column in declared}:
        raise ValueError(f"{name} declares no {sorted(surplus)}")
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in declared])
    arrays = []
    for field in schema:
        values = columns[field.name]
        array = values if isinstance(values, pa.Array) else pa.array(values)
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.table(arrays, schema=schema)


def _ordered(columns: Columns, within_game: str) -> Columns:
    """Sort by date, game, home side first, and then by `within_game`."""
    game = np.unique(columns["game_id"], return_inverse=True)[1]
    order = np.lexsort((columns[within_game], ~columns["home"].astype(bool), game, columns["day"]))
    return {name: values[order] for name, values in columns.items()}


def _labels(words: tuple[str, ...] | list[str], numbers: NDArray[Any]) -> pa.Array:
    """Return the word of each number, NULL for -1."""
    return pc.take(pa.array(words, pa.string()), pa.array(numbers, mask=numbers < 0))


def _dates(dates: Dates, days: NDArray[Any]) -> pa.Array:
    first = np.datetime64(dates.date(0), "D")
    return pa.array(first + days.astype("timedelta64[D]"))


def _processed(dates: Dates, days: NDArray[Any], hours_after_midnight: int) -> pa.Array:
    instants = np.datetime64(dates.date(0), "us") + days.astype("timedelta64[D]")
    return pa.array(instants + np.timedelta64(hours_after_midnight, "h"), type=pa.timestamp("us")).cast(
        arrow_type("TIMESTAMP")
    )


def _game(dates: Dates, c: Columns) -> dict[str, Any]:
    return {
        "game_id": _strings(c["game_id"]),
        "game_date": _dates(dates, c["day"]),
        "season_year": np.full(len(c["day"]), dates.season_year),
        "opponent_team_abbr": _labels(TRICODES, c["opponent"]),
    }


def _identity(dates: Dates, players: Players, c: Columns) -> dict[str, Any]:
    return {
        **_game(dates, c),
        "player_lookup": _labels(players.lookup, c["player"]),
        "universal_player_id": _labels(players.person_id, c["player"]),
        "team_abbr": _labels(TRICODES, c["team"]),
        "home_game": c["home"],
    }


def _team_game(dates: Dates, c: Columns, team_column: str) -> dict[str, Any]:
    return {
        **_game(dates, c),
        team_column: _labels(TRICODES, c["team"]),
        "processed_at": _processed(dates, c["day"], _AFTER_GAME_HOURS),
    }


def _strings(values: NDArray[Any]) -> pa.Array:
    return pa.array(values, pa.string())


def _zones(prefix: str, attempts: NDArray[Any], makes: NDArray[Any]) -> dict[str, NDArray[Any]]:
    columns = {}
    for i, zone in enumerate(ZONES):
        columns[f"{prefix}{zone}_attempts"] = attempts[:, i]
        columns[f"{prefix}{zone}_makes"] = makes[:, i]
    return columns


def _rating(points: NDArray[Any], possessions: NDArray[Any]) -> NDArray[np.float64]:
    """Return points per 100 possessions; `possessions` in tenths."""
    return np.round(1000 * points / possessions, 2)


def _pace(possessions: NDArray[Any], minutes: NDArray[Any]) -> NDArray[np.float64]:
    """Return possessions per 48 minutes; `possessions` in tenths."""
    return np.round(4.8 * possessions / minutes, 1)
