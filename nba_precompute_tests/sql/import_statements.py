"""Every statement that an import can send to BigQuery, as sent, by template and variant."""

from __future__ import annotations

from nba_precompute.sources.held import within_seasons
from nba_precompute.sql import fill
from nba_precompute.tables import SOURCES, Source, Table
from nba_precompute.tables.league import IMPORT_UNITS, LEAGUE_GAMES, LEAGUE_PEOPLE, LEAGUE_TABLES
from nba_precompute_tests.sql.statements import SESSION, SETTINGS, created, stage_of

SEASONS = [2021, 2022]


def units_of(table: Source) -> str:
    """Return the name of the stage with what becomes of each unit."""
    return stage_of(table).replace("stage_", "units_")


def import_statements() -> dict[str, str]:
    """Return the statements of an import: raw tables, derivation, comparison."""
    found = {}
    for table in LEAGUE_TABLES.values():
        given = {"table": table, "given": stage_of(table), "relation": SETTINGS.relation}
        given["unit_columns"] = IMPORT_UNITS[table.name]
        units = units_of(table)
        fingerprint = SESSION.fingerprint([name for name in table.column_names if name not in ("file", "processed_at")])
        replaced = fill("load/import_replaced", units=units, **given)
        found |= {
            f"create_table ({table.name})": created(table),
            f"import_units ({table.name})": fill("load/import_units", fingerprint=fingerprint, **given),
            f"import_rows ({table.name})": fill("load/import_rows", units=units, **given),
            f"import_relation ({table.name})": f"SELECT * FROM {after(table)}",
            f"import_replaced ({table.name})": fill(
                "load/delete_where", where=replaced, table=table, relation=SETTINGS.relation
            ),
        }
        if table is not LEAGUE_PEOPLE:
            found[f"import_dates ({table.name})"] = fill(
                "load/import_dates", table=table, games=LEAGUE_GAMES, changed=stage_of(table), relation=after
            )
    for name, source in SOURCES.items():
        found[f"{name} (derived)"] = fill(f"derive/{name}", relation=after, seasons=SEASONS)
        found[f"rows_by_date ({name})"] = fill(
            "load/rows_by_date",
            source=source,
            rows=SETTINGS.relation(source),
            where=within_seasons(source.date_column, SEASONS),
            fingerprint=SESSION.fingerprint(source.column_names),
        )
    found["gaps"] = fill(
        "derive/gaps", relation=after, seasons=SEASONS, derived=stage_of(SOURCES["player_game_summary"])
    )
    found["seasons"] = fill(
        "derive/seasons",
        relation=after,
        before=SETTINGS.relation,
        game_stages=[stage_of(table) for table in LEAGUE_TABLES.values() if "game_id" in table.column_names],
        people_stage=stage_of(LEAGUE_TABLES["league_people"]),
        availability_stage=stage_of(LEAGUE_TABLES["league_availability"]),
    )
    return found


def after(table: Table | Source) -> str:
    """Return a raw table as an import leaves it."""
    assert isinstance(table, Source)
    common = {"table": table, "unit_columns": IMPORT_UNITS[table.name], "relation": SETTINGS.relation}
    replaced = fill("load/import_replaced", units=units_of(table), **common)
    return fill("load/import_relation", replaced=replaced, changed=stage_of(table), **common)
