"""Every statement of the readers of tables: `explain`, `diff`, `export`, `report` and `nba_precompute.features`."""

from __future__ import annotations

from nba_precompute.features import LABEL
from nba_precompute.sql import RunDates, render, render_select
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES
from nba_precompute.tables.failures import FAILURE_KEY
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2

MOMENT = "TIMESTAMP '2022-01-01 00:00:00+00'"
AWKWARD = ["o'neal", 'a "b" \\', "two\nlines"]
"""Keys that should not exist and must be harmless."""

_ENTITY_COLUMNS = {
    "player_game_summary": "player_lookup",
    "team_defense_game_summary": "defending_team_abbr",
    "team_offense_game_summary": "team_abbr",
}


def reader_statements(run: RunDates) -> dict[str, str]:
    """Return the statements by template and variant; those that do not depend on a table once."""
    found = {}
    for table in TABLES.values():
        found |= {
            f"outcomes of {table.name}": render("read/outcomes", table, run),
            f"appearances for {table.name}": render("read/appearances", table, run),
        }
        for moment in (None, MOMENT):
            found[f"rows of {table.name}, {moment}"] = render(
                "read/rows", table, run, columns=table.columns, entities=AWKWARD, moment=moment
            )
    for table, key in (*((table, table.key) for table in TABLES.values()), (PRECOMPUTE_FAILURES, FAILURE_KEY)):
        for by_date in (True, False):
            found[f"contents of {table.name}, {by_date}"] = render(
                "read/contents", table, run, key=key, columns=table.hashed_columns, by_date=by_date, moment=MOMENT
            )
    smallest = TABLES["team_defense_zone_analysis"]
    staged = render("publish/stage", smallest, run, select=render_select(smallest, run))
    found |= {
        "expected_games": render("read/expected_games", smallest, run, team="BOS"),
        "recomputed": render("read/recomputed", smallest, run, staged=staged, entities=AWKWARD),
        "context_rows": render("read/context_rows", smallest, run, columns=["team_abbr"], player=AWKWARD[0]),
    }
    for name, entity in _ENTITY_COLUMNS.items():
        columns = [column.name for column in SOURCES[name].columns if column.type in ("INT64", "FLOAT64")]
        found[f"earlier_games of {name}"] = render(
            "read/earlier_games", smallest, run, source=SOURCES[name], entity=entity, entities=AWKWARD, columns=columns
        )
    for labels in (True, False):
        found[f"features, {labels}"] = render(
            "read/features", ML_FEATURE_STORE_V2, run, labels=labels, label=LABEL.name
        )
    found["known_keys"] = render("read/known_keys", None, run)
    for name in ("feature_weeks", "tier_weeks", "failure_reasons"):
        found[name] = render(f"read/{name}", ML_FEATURE_STORE_V2, run)
    return found
