"""Faults to plant in a published season, each on a date of its own, with the rules that must find it there.

A fault is DuckDB SQL behind the product's back. One that changes a hashed cell also breaks `hash_mismatches`, which
each of them states, because nothing else may turn red.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Column, Source, Table
from nba_precompute.tables.features import FEATURES, required_columns

TDZA, PSZA, PCF, PDC, MLFS = TABLES.values()
LISTED = (PCF, PDC, MLFS)
HASH_MISMATCH = "valid.hash_mismatches"

_INDEX = {feature.name: index for index, feature in enumerate(FEATURES, 1)}  # as DuckDB counts


def name_of(table: Table | Source) -> str:
    """The table in DuckDB SQL."""
    return f'"{table.dataset}"."{table.name}"'


@dataclass(frozen=True)
class Fault:
    """A planted change on a date, and the rules that must find it there and nowhere else.

    Attributes:
        statements: `{t}` is the table, `{on}` says that a row is of the date, `{first}` (`{second}`) that it is of its
            first (second) entity with a full window, `{some}` of a third of those; `{date}`, `{failures}`, `{context}`.
        expected: table name -> `check.rule`; nothing for the other tables.
    """

    name: str
    table: Table
    statements: tuple[str, ...]
    expected: Mapping[str, frozenset[str]]

    def sql(self, date: dt.date) -> list[str]:
        entity = self.table.entity_column
        on = f"{self.table.date_column} = DATE '{date}'"
        full = f"{on} AND {entity} IN (SELECT {entity} FROM {name_of(self.table)} WHERE {on} AND NOT early_season_flag"
        names = {
            "t": name_of(self.table),
            "table": self.table.name,
            "on": on,
            "first": nth(0).format(full=full, entity=entity),
            "second": nth(1).format(full=full, entity=entity),
            "some": f"{full} AND hash({entity}) % 3 = 0)",
            "full": full,
            "entity": entity,
            "date": f"DATE '{date}'",
            "failures": name_of(PRECOMPUTE_FAILURES),
            "context": name_of(SOURCES["upcoming_player_game_context"]),
        }
        return [statement.format(**names) for statement in self.statements]


def nth(place: int) -> str:
    """The rows of one entity with a full window, from 0."""
    return f"{{full}} ORDER BY {{entity}} LIMIT 1 OFFSET {place})"


def fault(
    name: str, table: Table, *statements: str, found: str = "", others: Mapping[Table, str] | None = None
) -> Fault:
    """A fault in one table, found there by the rules in `found`, and in others by theirs."""
    rules = {table.name: found} | {other.name: found for other, found in (others or {}).items()}
    return Fault(name, table, statements, {name: frozenset(text.split()) for name, text in rules.items()})


def row(values: str, where: str = "{first}") -> str:
    """Set values in the rows that match."""
    return f"UPDATE {{t}} SET {values} WHERE {where}"


def copied(values: str) -> str:
    """Add the first row again, with other values."""
    return f"INSERT INTO {{t}} SELECT * REPLACE ({values}) FROM {{t}} WHERE {{first}}"


def failed(entity: str, where: str = "{first}") -> str:
    """Record a failure."""
    return (
        "INSERT INTO {failures} BY NAME SELECT '{table}' AS table_name, {date} AS as_of_date, "
        f"{entity} AS entity_id, 'NO_PRIOR_GAMES' AS reason, 'planted' AS detail, now() AS created_at "
        f"FROM {{t}} WHERE {where}"
    )


def element(array: str, feature: str, expression: str) -> str:
    """An assignment to a feature's element of an array."""
    index = _INDEX[feature]
    return f"{array} = list_concat({array}[:{index - 1}], [{expression}], {array}[{index + 1}:])"


def value(feature: str, expression: str) -> str:
    """Assignments of another value to a feature, in its column and in the array."""
    return f"{feature} = {expression}, {element('features', feature, f'({expression})::DOUBLE')}"


def unknown(feature: str) -> str:
    """Assignments that make a feature unknown: NULL in its column, the default in the array, labeled so."""
    number = FEATURES[_INDEX[feature] - 1].default
    return (
        f"{feature} = NULL, {element('features', feature, f'{number}::DOUBLE')}, "
        f"{element('feature_sources', feature, repr('default'))}"
    )


_OPPONENT = f"{{on}} AND team_abbr = (SELECT MIN(opponent_team_abbr) FROM {name_of(PCF)} WHERE game_date = {{date}})"
_TEAM = "game_date = {date} AND team_abbr = (SELECT MIN(team_abbr) FROM {context} WHERE game_date = {date})"
_PLAYERS = f"(SELECT player_lookup FROM {{context}} WHERE {_TEAM})"
_WITHOUT_DEFENSE = dict.fromkeys(LISTED, "complete.opponents_without_defense")

INCOMPLETE = [
    *(
        fault("a member has no answer", table, "DELETE FROM {t} WHERE {first}", found="complete.unaccounted_members")
        for table in (PSZA, *LISTED)
    ),
    fault("no row of a date with games", PDC, "DELETE FROM {t} WHERE {on}", found="complete.unaccounted_members"),
    fault(
        "no row and no failure of a date with games",
        PDC,
        "DELETE FROM {t} WHERE {on}",
        "DELETE FROM {failures} WHERE table_name = '{table}' AND as_of_date = {date}",
        found="complete.not_published complete.unaccounted_members",
    ),
    fault(
        "a row for nobody",
        PDC,
        copied("'ghost' AS player_lookup"),
        found=f"complete.outside_population {HASH_MISMATCH}",
    ),
    fault(
        "a row for a team of another league",
        TDZA,
        copied("'XXX' AS team_abbr"),
        found=f"complete.outside_population {HASH_MISMATCH}",
    ),
    fault("a failure for nobody", PSZA, failed("'ghost'"), found="complete.outside_population"),
    fault("a row and a failure", MLFS, failed("player_lookup"), found="complete.row_and_failure"),
    fault(
        "an opponent without a defense row",
        TDZA,
        f"DELETE FROM {{t}} WHERE {_OPPONENT}",
        found="complete.unaccounted_members",
        others=_WITHOUT_DEFENSE,
    ),
    # A recorded failure is an answer: nothing turns red.
    fault(
        "an opponent whose defense failed",
        TDZA,
        failed("team_abbr", _OPPONENT),
        f"DELETE FROM {{t}} WHERE {_OPPONENT}",
    ),
    fault(
        "a player who is no longer in the context",
        PDC,
        "DELETE FROM {context} WHERE game_date = {date} AND player_lookup = "
        "(SELECT MIN(player_lookup) FROM {t} WHERE {on} AND NOT early_season_flag)",
        found="complete.outside_population",
        others=dict.fromkeys((PCF, MLFS), "complete.outside_population"),
    ),
    fault(
        "a team of the slate without context",
        PCF,
        *(
            f"DELETE FROM {name_of(table)} WHERE {table.date_column} = {{date}} AND player_lookup IN {_PLAYERS}"
            for table in LISTED
        ),
        f"DELETE FROM {{failures}} WHERE as_of_date = {{date}} AND entity_id IN {_PLAYERS}",
        f"DELETE FROM {{context}} WHERE {_TEAM}",
        found="complete.unlisted_teams",
        others=dict.fromkeys((PDC, MLFS), "complete.unlisted_teams"),
    ),
]


def _nullable(column: str) -> str:
    return f"ALTER TABLE {{t}} ALTER COLUMN {column} DROP NOT NULL"


def with_limits(table: Table) -> list[Column]:
    """The columns that can be impossible, but for what else would be red: of 30 teams, one moves the mean."""
    drifting = required_columns(table.name) if table is TDZA else ()
    return [column for column in table.columns if column.limits and column.name not in (*drifting, "games_in_sample")]


def _outside(table: Table) -> list[Fault]:
    """A column of each unit below what is possible, each in a row of its own; and above it on another date."""
    columns = {column.unit: column for column in with_limits(table)}
    faults = []
    for side, (word, step) in enumerate((("below", -1), ("above", 1))):
        statements, found = [], [HASH_MISMATCH]
        for place, column in enumerate(columns.values()):
            assert column.limits is not None
            wrong = str(column.limits[side] + step)
            is_feature = table is MLFS and column.name in _INDEX
            statements.append(row(value(column.name, wrong) if is_feature else f"{column.name} = {wrong}", nth(place)))
            found += [f"valid.impossible_{column.name}", f"plausible.out_of_range_{column.name}"]
        faults.append(fault(f"{word} what is possible", table, *statements, found=" ".join(found)))
    return faults


INVALID = [
    *(
        fault("a key twice", table, "INSERT INTO {t} SELECT * FROM {t} WHERE {first}", found="valid.duplicate_keys")
        for table in TABLES.values()
    ),
    fault(
        "a failure twice",
        PDC,
        failed("'ghost'"),
        failed("'ghost'"),
        found="complete.outside_population valid.duplicate_keys",
    ),
    fault(
        "a key that is NULL",
        PDC,
        _nullable("player_lookup"),
        row("player_lookup = NULL"),
        found="complete.unaccounted_members complete.outside_population valid.null_keys valid.null_player_lookup "
        f"{HASH_MISMATCH}",
    ),
    fault(
        "a required column that is NULL",
        PSZA,
        _nullable("missing_games_count"),
        row("missing_games_count = NULL"),
        found=f"valid.null_missing_games_count {HASH_MISMATCH}",
    ),
    *(
        fault(
            "a game of the date in the window",
            table,
            row("window_last_game_date = {date}"),
            found=f"valid.windows_not_before_date {HASH_MISMATCH}",
        )
        for table in TABLES.values()
    ),
    fault(
        "a window that ends before it begins",
        PCF,
        row("window_first_game_date = window_last_game_date + 1"),
        found=f"valid.windows_not_before_date {HASH_MISMATCH}",
    ),
    *(
        fault(
            "a cell changed by hand",
            table,
            row("missing_games_count = 1 - missing_games_count"),
            found=HASH_MISMATCH,
        )
        for table in TABLES.values()
    ),
    fault(
        "zone rates that do not add up",
        PSZA,
        row("paint_rate_last_10 = paint_rate_last_10 / 2 + 0.2"),
        found=f"valid.zone_rate_sums {HASH_MISMATCH}",
    ),
    fault(
        "zone rates, one of them NULL",
        PDC,
        row("three_pt_rate_last_10 = NULL"),
        found=f"valid.zone_rate_sums {HASH_MISMATCH}",
    ),
    fault(
        "zone shares that do not add up",
        MLFS,
        row(value("pct_paint", "pct_paint / 2 + 0.002")),
        found=f"valid.zone_rate_sums {HASH_MISMATCH}",
    ),
    *(fault for table in TABLES.values() for fault in _outside(table)),
    fault(
        "a value outside a closed set",
        PSZA,
        row("primary_scoring_zone = 'corner'"),
        found=f"valid.outside_closed_set_primary_scoring_zone {HASH_MISMATCH}",
    ),
    fault(
        "an element outside a closed set",
        PCF,
        row("data_quality_issues = ['incomplete_window', 'moonlight']"),
        row("missing_inputs = ['player_ages']", "{second}"),
        found=f"valid.outside_closed_set_data_quality_issues valid.outside_closed_set_missing_inputs {HASH_MISMATCH}",
    ),
    fault(
        "a feature array that is too short",
        MLFS,
        row("features = features[:24]"),
        found="valid.malformed_arrays valid.array_mismatch_team_win_pct",
    ),
    fault(
        "features in another order",
        MLFS,
        row("features = list_concat(features[2:2], features[1:1], features[3:])"),
        found="valid.array_mismatch_points_avg_last_5 valid.array_mismatch_points_avg_last_10",
    ),
    fault(
        "feature names in another order",
        MLFS,
        row("feature_names = list_reverse(feature_names)"),
        found=f"valid.malformed_arrays {HASH_MISMATCH}",
    ),
    fault(
        "a wrong number of features",
        MLFS,
        row("feature_count = 24"),
        row("feature_sources = feature_sources[:24]", "{second}"),
        found=f"valid.malformed_arrays {HASH_MISMATCH}",
    ),
    fault(
        "an element that is not its column's",
        MLFS,
        row(element("features", "fatigue_score", "fatigue_score + 1")),
        found="valid.array_mismatch_fatigue_score",
    ),
    fault(
        "a default that is not labeled",
        MLFS,
        row(f"pace_score = NULL, {element('features', 'pace_score', '0.0')}"),
        found=f"valid.array_mismatch_pace_score {HASH_MISMATCH}",
    ),
    fault(
        "a value that is labeled as a default",
        MLFS,
        row(element("feature_sources", "pace_score", "'default'")),
        found=f"valid.array_mismatch_pace_score {HASH_MISMATCH}",
    ),
]

IMPLAUSIBLE = [
    fault(
        "out of range with five games",
        PDC,
        row("points_avg_last_5 = 71, games_in_sample = 5"),
        found=f"plausible.out_of_range_points_avg_last_5 {HASH_MISMATCH}",
    ),
    fault("out of range with four games", PDC, row("points_avg_last_5 = 71, games_in_sample = 4"), found=HASH_MISMATCH),
    fault(
        "a third of the rows is not ready",
        PCF,
        row("is_production_ready = FALSE", "{some}"),
        found=f"plausible.ready_share {HASH_MISMATCH}",
    ),
    fault(
        "a required feature is a default in a third of the rows",
        MLFS,
        row(unknown("usage_spike_score"), "{some}"),
        found=f"plausible.default_share_usage_spike_score {HASH_MISMATCH}",
    ),
    # No status is known where nobody is on the injury report.
    fault(
        "an optional feature is a default everywhere", MLFS, row(unknown("injury_risk"), "{on}"), found=HASH_MISMATCH
    ),
    fault(
        "fatigue on another scale",
        PCF,
        row("fatigue_score = 1", "{on} AND fatigue_score IS NOT NULL"),
        found=f"plausible.drift_fatigue_score {HASH_MISMATCH}",
    ),
    fault(
        "fatigue on another scale, as a feature",
        MLFS,
        row(value("fatigue_score", "fatigue_score / 100"), "{on} AND fatigue_score IS NOT NULL"),
        found=f"plausible.drift_fatigue_score {HASH_MISMATCH}",
    ),
    fault(
        "unknown points as 0",
        PDC,
        row("points_avg_last_5 = 0", "{on} AND points_avg_last_5 IS NOT NULL"),
        found=f"plausible.drift_points_avg_last_5 {HASH_MISMATCH}",
    ),
]

FAULTS = [*INCOMPLETE, *INVALID, *IMPLAUSIBLE]
