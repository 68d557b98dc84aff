"""A league of six teams over four weeks, ways to damage its rows, and the comparison with the oracle."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from nba_precompute.calendar import season_of
from nba_precompute.publishing.records import Partition
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.oracle import Oracle
from nba_precompute_tests.oracle.hashing import data_hash
from nba_precompute_tests.support.league import Rows, hashes, to_tables

Row = dict[str, Any]
Where = Callable[[Row], bool]

SCHEDULE = "nbac_schedule"
GAMES = "player_game_summary"
DEFENSE = "team_defense_game_summary"
OFFENSE = "team_offense_game_summary"
CONTEXT = "upcoming_player_game_context"
FACTS = (GAMES, DEFENSE, OFFENSE)

TDZA, PSZA, PCF, PDC, MLFS = TABLES
"""The five tables, upstream first."""
CONTEXT_TABLES = (PCF, PDC, MLFS)
PLAYER_TABLES = (PSZA, *CONTEXT_TABLES)

TEAMS = ("ATL", "BOS", "CHI", "DEN", "LAL", "MIA")
OPENING_NIGHT = dt.date(2021, 10, 19)
_OFFSETS = (0, 2, 3, 5, 7, 9, 10, 12, 14, 16, 17, 19, 21, 23)
_TWO_GAMES = (5, 12, 17)
"""Offsets of the dates with two games; all others have three."""
DATES = tuple(OPENING_NIGHT + dt.timedelta(days=offset) for offset in _OFFSETS)
"""The game dates; two of them follow the day before."""
LAST = DATES[-1]
"""The date that most tests are about: every team has 12 games or more before it, all of them ready."""
OFF_DAY = OPENING_NIGHT + dt.timedelta(days=1)
TOLERANCE = 1.01e-4
"""Two results agree when they differ by at most this (contract, section 1)."""

_MINUTES = (37.3, 36.1, 34.0, 33.2, 31.6, 28.4, 39.4)
BENCH = len(_MINUTES) + 1
"""The number of each team's player who is on the active list and never plays."""


def pairings(date: dt.date) -> list[tuple[str, str]]:
    """Return the (home, away) pairs of the date, in a round robin."""
    number = DATES.index(date)
    others = list(TEAMS[1:])
    turned = others[number % 5 :] + others[: number % 5]
    circle = [TEAMS[0], *turned]
    games = [(circle[i], circle[5 - i]) for i in range(3)]
    if number % 2:
        games = [(away, home) for home, away in games]
    return games[: 2 if _OFFSETS[number] in _TWO_GAMES else 3]


def opponent_of(team: str, date: dt.date) -> str:
    """Return the team's opponent on the date."""
    return next(b if a == team else a for a, b in pairings(date) if team in (a, b))


def game_id_of(team: str, date: dt.date) -> str:
    """Return the id of the team's game on the date."""
    home = next(game[0] for game in pairings(date) if team in game)
    return f"00221{date:%m%d}{home}"


def dates_of(team: str, before: dt.date = LAST) -> list[dt.date]:
    """Return the team's game dates before the date, ascending."""
    return [date for date in DATES if date < before and any(team in game for game in pairings(date))]


def player(team: str, number: int) -> str:
    """Return the key of a player; numbers run from 1 to 8, and number 8 never plays."""
    return f"{team.lower()}player{number}"


def build_league() -> Rows:
    """Build complete, consistent rows: every game before LAST is covered, and LAST is still to be played."""
    rng = random.Random(20211019)
    rows: Rows = {name: [] for name in (SCHEDULE, *FACTS, CONTEXT)}
    for date in DATES:
        for home, away in pairings(date):
            rows[SCHEDULE].append(schedule_row(date, home, away, game_status=1 if date == LAST else 3))
            for team in (home, away):
                rows[CONTEXT] += [context_row(date, team, number) for number in range(1, BENCH + 1)]
            if date < LAST:
                _add_game(rows, rng, date, home, away)
    return rows


def schedule_row(date: dt.date, home: str, away: str, /, **values: Any) -> Row:
    """A scheduled game."""
    return {
        "game_id": f"00221{date:%m%d}{home}",
        "game_date": date,
        "season_year": 2021,
        "home_team_tricode": home,
        "away_team_tricode": away,
        "game_status": 3,
        "game_type": "regular_season",
    } | values


def context_row(date: dt.date, team: str, number: int, /, **values: Any) -> Row:
    """A player listed before tip-off."""
    name = player(team, number)
    return {
        "player_lookup": name,
        "universal_player_id": f"{name}_001",
        "game_id": game_id_of(team, date),
        "game_date": date,
        "season_year": 2021,
        "team_abbr": team,
        "opponent_team_abbr": opponent_of(team, date),
        "home_game": any(home == team for home, _ in pairings(date)),
        "player_status": ("Available", "Probable", "Questionable", "Out")[number % 4],
        "player_age": 20 + 2 * number,
        "projected_usage_rate": 15.5 + number if number % 2 else None,
        "star_teammates_out": number % 3,
        "is_production_ready": True,
        "processed_at": dt.datetime(date.year, date.month, date.day, 20, tzinfo=dt.UTC),
    } | values


def _add_game(rows: Rows, rng: random.Random, date: dt.date, home: str, away: str) -> None:
    points: dict[str, int] = {}
    for team, other in ((home, away), (away, home)):
        scored = [_box_score(rng, date, team, other, number) for number in range(1, BENCH + 1)]
        points[team] = sum(row["points"] or 0 for row in scored)
        rows[GAMES] += scored
    for team, other in ((home, away), (away, home)):
        facts = {
            "opponent_team_abbr": other,
            "game_id": game_id_of(team, date),
            "game_date": date,
            "season_year": 2021,
            "processed_at": processed(date),
        }
        rows[OFFENSE].append(
            facts
            | {
                "team_abbr": team,
                "points_scored": points[team],
                "possessions": 100 + rng.randrange(-60, 60) / 10,
                "pace": 99 + rng.randrange(-60, 60) / 10,
                "offensive_rating": 110 + rng.randrange(-120, 120) / 10,
                "win_flag": points[team] > points[other],
            }
        )
        attempts = [row for row in rows[GAMES] if row["game_date"] == date and row["team_abbr"] == other]
        zones = {
            f"opp_{zone}_{kind}": sum(row[f"{zone}_{kind}"] or 0 for row in attempts)
            for zone in ("paint", "mid_range", "three_pt")
            for kind in ("attempts", "makes")
        }
        rows[DEFENSE].append(
            facts
            | zones
            | {
                "defending_team_abbr": team,
                "points_in_paint_allowed": 2 * zones["opp_paint_makes"],
                "mid_range_points_allowed": 2 * zones["opp_mid_range_makes"],
                "three_pt_points_allowed": 3 * zones["opp_three_pt_makes"],
                "blocks_paint": rng.randrange(5),
                "blocks_mid_range": rng.randrange(3),
                "blocks_three_pt": rng.randrange(2),
                "points_allowed": points[other],
                "defensive_rating": 110 + rng.randrange(-120, 120) / 10,
                "opponent_pace": 99 + rng.randrange(-60, 60) / 10,
            }
        )


def _box_score(rng: random.Random, date: dt.date, team: str, other: str, number: int) -> Row:
    name = player(team, number)
    row: Row = {
        "player_lookup": name,
        "universal_player_id": f"{name}_001",
        "game_id": game_id_of(team, date),
        "game_date": date,
        "season_year": 2021,
        "team_abbr": team,
        "opponent_team_abbr": other,
        "home_game": any(home == team for home, _ in pairings(date)),
        "is_active": True,
        "is_dnp": number == BENCH,
        "processed_at": processed(date),
    }
    zones = {"paint": rng.randrange(3, 9), "mid_range": rng.randrange(1, 6), "three_pt": rng.randrange(1, 8)}
    makes = {zone: rng.randrange(attempts + 1) for zone, attempts in zones.items()}
    free_throws = rng.randrange(6)
    made = sum(makes.values())
    assisted = rng.randrange(made + 1)
    row |= {
        "minutes_played": _MINUTES[number - 1] if number < BENCH else 0.0,
        "points": 2 * made + makes["three_pt"] + free_throws,
        "fg_attempts": sum(zones.values()),
        "fg_makes": made,
        "ft_attempts": free_throws + 1,
        "ft_makes": free_throws,
        "assisted_fg_makes": assisted,
        "unassisted_fg_makes": made - assisted,
        "usage_rate": 20 + rng.randrange(-80, 80) / 10,
        "ts_pct": rng.randrange(300, 700) / 1000,
    }
    row |= {f"{zone}_attempts": attempts for zone, attempts in zones.items()}
    row |= {f"{zone}_makes": count for zone, count in makes.items()}
    if number == BENCH:
        zeros = ("points", "fg_attempts", "fg_makes", "ft_attempts", "ft_makes", "assisted_fg_makes")
        counts = [f"{zone}_{kind}" for zone in zones for kind in ("attempts", "makes")]
        row |= dict.fromkeys((*zeros, "unassisted_fg_makes", *counts), 0)
        row |= {"usage_rate": None, "ts_pct": None}
    return row


def processed(date: dt.date) -> dt.datetime:
    """Return when Phase 3 writes the facts of the date: the morning after."""
    return dt.datetime(date.year, date.month, date.day, 10, tzinfo=dt.UTC) + dt.timedelta(days=1)


# --- Damage -----------------------------------------------------------------------------------------------


def picked(rows: Rows, source: str, **values: Any) -> list[Row]:
    """Return the rows of the source with these values, at least one."""
    found = [row for row in rows[source] if all(row[column] == value for column, value in values.items())]
    assert found, f"no row of {source} with {values}"
    return found


def only(rows: Rows, source: str, **values: Any) -> Row:
    """Return the only row of the source with these values."""
    (row,) = picked(rows, source, **values)
    return row


def change(rows: Rows, source: str, where: Mapping[str, Any], **values: Any) -> int:
    """Set values in the rows that match; return their number."""
    matches = picked(rows, source, **where)
    for row in matches:
        row.update(values)
    return len(matches)


def remove(rows: Rows, source: str, where: Where) -> int:
    """Remove the rows that match; return their number, at least one."""
    before = len(rows[source])
    rows[source] = [row for row in rows[source] if not where(row)]
    assert len(rows[source]) < before, f"no row of {source} matches"
    return before - len(rows[source])


def copied(rows: Rows) -> Rows:
    """Copy every row, to be damaged."""
    return {name: [dict(row) for row in lines] for name, lines in rows.items()}


# --- Run and compare --------------------------------------------------------------------------------------


def load(warehouse: DuckDBWarehouse, rows: Rows, unless: Rows | None = None) -> None:
    """Replace the rows of the sources by these; skip a source whose rows are those of `unless`."""
    tables = to_tables(rows)
    with duckdb.connect(warehouse.path) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, source in SOURCES.items():
            if unless is None or rows[name] != unless[name]:
                target = f'"{source.dataset}"."{name}"'
                connection.register("new_rows", tables[name])
                connection.execute(f"DELETE FROM {target}")
                connection.execute(f"INSERT INTO {target} BY NAME SELECT * FROM new_rows")


def agree_with_oracle(warehouse: DuckDBWarehouse, rows: Rows, dates: Iterable[dt.date]) -> None:
    """Assert that every column of every row of the five tables, and every failure, is what the oracle computes."""
    oracle = Oracle(rows)
    wanted = list(dates)
    seasons = {season_of(date) for date in wanted}
    found = result_of(warehouse, season=seasons.pop() if len(seasons) == 1 else None)
    hashed = hashes(warehouse, wanted)
    differences = []
    for date in wanted:
        day = oracle.day(date)
        for name, table in TABLES.items():
            actual, expected = found.of(name, date), day.rows[name]
            assert actual.keys() == expected.keys(), (
                f"{name} {date}: only published {sorted(actual.keys() - expected.keys())}, "
                f"only expected {sorted(expected.keys() - actual.keys())}"
            )
            assert found.reasons(name, date) == day.failures[name], f"failures of {name} on {date}"
            types = [(column.name, column.type) for column in table.columns]
            for entity, row in actual.items():
                if hashed[name, date, entity] != data_hash(row, types):
                    differences.append(f"{name} {date} {entity} data_hash")
                differences += [
                    f"{name} {date} {entity} {column}: {row[column]!r}, oracle {expected[entity][column]!r}"
                    for column, _ in types
                    if not same(row[column], expected[entity][column])
                ]
    assert not differences, "\n".join(differences[:20])


def same(a: Any, b: Any) -> bool:
    """Return True if the values are equal: numbers within the tolerance, arrays element by element."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        if math.copysign(1, a) < 0 and a == 0:
            return False  # -0 is 0 (contract, section 1)
        return b is not None and math.isclose(a, float(b), rel_tol=0, abs_tol=TOLERANCE)
    return bool(a == b) and type(a) is type(b)


@dataclass
class Result:
    """The rows, failures and records of a run.

    Attributes:
        rows: table -> date -> entity -> row, without timestamps and hash.
        failures: table -> date -> entity -> reason.
        records: table -> date -> the record of the partition.
    """

    rows: dict[str, dict[dt.date, dict[str, Row]]]
    failures: dict[str, dict[dt.date, dict[str, str]]]
    records: dict[str, dict[dt.date, Partition]] = field(default_factory=dict)

    def of(self, table: str, date: dt.date = LAST) -> dict[str, Row]:
        """entity -> row."""
        return self.rows[table].get(date, {})

    def reasons(self, table: str, date: dt.date = LAST) -> dict[str, str]:
        """entity -> reason."""
        return self.failures[table].get(date, {})

    def record(self, table: str, date: dt.date = LAST) -> Partition:
        """The record of the partition."""
        return self.records[table][date]

    def differences_to(self, other: Result, but: Iterable[str] = ()) -> list[str]:
        """Return the first differences in rows and failures from the other result, ignoring some entities."""
        mine, others = self._answers(but), other._answers(but)
        return [
            f"{key}: {mine.get(key)}, other {others.get(key)}"
            for key in mine.keys() | others.keys()
            if mine.get(key) != others.get(key)
        ][:5]

    def _answers(self, but: Iterable[str]) -> dict[tuple[str, dt.date, str], Any]:
        left_out = set(but)
        return {
            (table, date, entity): answer
            for tables in (self.rows, self.failures)
            for table, days in tables.items()
            for date, found in days.items()
            for entity, answer in found.items()
            if entity not in left_out
        }


def result_of(warehouse: DuckDBWarehouse, years: int = 0, season: int | None = None) -> Result:
    """Read what is published, of one season or of all, with its dates moved by some years."""
    found = Result({name: {} for name in TABLES}, {name: {} for name in TABLES})

    def is_asked(date: dt.date) -> bool:
        return season is None or season_of(date) == season

    with warehouse.reading("test") as session:
        for name, table in TABLES.items():
            columns = ", ".join(column.name for column in table.columns)
            for row in session.query(f"SELECT {columns} FROM {session.relation(table)}"):
                if is_asked(row[table.date_column]):
                    line = moved(row, years)
                    day = found.rows[name].setdefault(line[table.date_column], {})
                    assert row[table.entity_column] not in day, f"{name} has a duplicate key"
                    day[row[table.entity_column]] = line
        for row in session.query(f"SELECT * FROM {session.relation(PRECOMPUTE_FAILURES)}"):
            if is_asked(row["as_of_date"]):
                day = found.failures[row["table_name"]].setdefault(moved(row, years)["as_of_date"], {})
                assert row["entity_id"] not in day, f"{row} is a duplicate failure"
                day[row["entity_id"]] = row["reason"]
    return found


def moved(row: Row, years: int) -> Row:
    """Return the row with its season, dates and times moved by some years."""

    def later(column: str, value: Any) -> Any:
        if isinstance(value, dt.date):
            return value.replace(year=value.year + years)
        return value + years if column == "season_year" and value is not None else value

    return {column: later(column, value) for column, value in row.items()}


def content(warehouse: DuckDBWarehouse) -> list[str]:
    """Return everything that is published, timestamps included; a refused run must not change it."""
    with warehouse.reading("test") as session:
        return [
            line
            for table in (*TABLES.values(), PRECOMPUTE_FAILURES)
            for line in sorted(
                f"{table.name} {row}" for row in session.query(f"SELECT * FROM {session.relation(table)}")
            )
        ]
