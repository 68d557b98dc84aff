"""Inspection: fingerprints never change, and a table is inspected alone as among all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from nba_precompute.publishing.inspection import Inspection, inspect, refusals
from nba_precompute.publishing.inspection_rows import (
    InputFingerprint,
    InspectionRows,
    PublishedContent,
    ScheduledSeason,
    SourceFinding,
)
from nba_precompute.tables import TABLES
from nba_precompute.tables.sources import CONTEXT, SCHEDULE
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute.warehouse.protocol import Row
from nba_precompute_tests.sources.small import OPENING, game
from nba_precompute_tests.support.league import execute, new_warehouse, to_tables

DATE = OPENING + dt.timedelta(days=2)
TDZA, PSZA, PCF, PDC, MLFS = TABLES
LISTED = "upcoming_player_game_context=94edcf8e"
FACTS = "player_game_summary=5abf85c4"
SEASON = "season_teams=d14b4abe"
TEAMS = "team_defense_game_summary=94aeb873"
OFFENSE = "team_offense_game_summary=3b591a17"
PINNED = {
    TDZA: f"nbac_schedule=5c115d16 {FACTS} {SEASON} {TEAMS} {OFFENSE}",
    PSZA: f"nbac_schedule=5c115d16 {FACTS} {SEASON} {TEAMS} {OFFENSE} {LISTED}",
    PCF: f"nbac_schedule=5c115d16 {FACTS} {PSZA}=0062f1ea {SEASON} {TEAMS} {TDZA}=0062f1ea {OFFENSE} {LISTED}",
    PDC: f"nbac_schedule=5c115d16 {FACTS} {PSZA}=0062f1ea {SEASON} {TEAMS} {OFFENSE} {LISTED}",
    MLFS: (
        f"nbac_schedule=5c115d16 {PCF}=0062f1ea {PDC}=0062f1ea {FACTS} {PSZA}=0062f1ea {SEASON} {TEAMS} "
        f"{TDZA}=0062f1ea {OFFENSE} {LISTED}"
    ),
}
"""Computed by the first release. Every installation has such texts on record: another one makes all its dates stale."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Two games, and one failure of each table on the date of the second."""
    first, second = game(OPENING, "001"), game(DATE, "002", home="MIL", away="BOS")
    rows = {name: first[name] + second[name] for name in first}
    for row in rows[SCHEDULE]:
        row["game_type"] = "regular_season"
    made = new_warehouse(tmp_path_factory.mktemp("two_games") / "nba.duckdb", to_tables(rows))
    execute(
        made,
        *(
            "INSERT INTO nba_precompute.precompute_failures BY NAME "
            f"SELECT '{name}' AS table_name, DATE '{DATE}' AS as_of_date, 'BOS' AS entity_id, "
            "'NO_PRIOR_GAMES' AS reason, 'no game before the date' AS detail, now() AS created_at"
            for name in TABLES
        ),
    )
    return made


def inspected(warehouse: DuckDBWarehouse, *names: str) -> dict[str, dict[dt.date, Inspection]]:
    with warehouse.reading("test") as session:
        return inspect(session, [TABLES[name] for name in names], [OPENING, DATE])


def in_one_order(inspection: Inspection) -> dict[str, object]:
    """Return the fields with their sequences sorted, because the order of a query's rows is arbitrary."""
    fields = vars(inspection)
    return {name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in fields.items()}


def test_the_fingerprint_of_a_known_input_never_changes(warehouse: DuckDBWarehouse) -> None:
    found = inspected(warehouse, *TABLES)
    assert {name: by_date[DATE].fingerprint for name, by_date in found.items()} == PINNED
    opening = f"nbac_schedule=7d8f01ec {SEASON}"
    assert found[TDZA][OPENING].fingerprint == opening
    for name in (PSZA, PCF, PDC, MLFS):
        assert found[name][OPENING].fingerprint == f"{opening} {CONTEXT}=cae6c98a"
    assert {by_date[DATE].published.content_hash for by_date in found.values()} == {"a8f07f9e3489c864347e6e210d471806"}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_alone_is_inspected_as_among_all(warehouse: DuckDBWarehouse, name: str) -> None:
    alone, among_all = inspected(warehouse, name)[name], inspected(warehouse, *TABLES)[name]
    for date in (OPENING, DATE):
        assert in_one_order(alone[date]) == in_one_order(among_all[date])


def test_a_row_without_a_date_is_found_on_every_date_by_the_tables_that_read_it(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    own = DuckDBWarehouse(tmp_path / "own.duckdb")
    own.path.write_bytes(warehouse.path.read_bytes())
    execute(own, f"INSERT INTO nba_analytics.{CONTEXT} (player_lookup) VALUES ('somebody')")
    undated = SourceFinding(source=CONTEXT, kind="blank_key", count=1, example="somebody without a date")
    found = inspected(own, *TABLES)
    for name, by_date in found.items():
        for inspection in by_date.values():
            assert (undated in inspection.findings) == (name != TDZA)
    assert str(undated) == (f"rows of {CONTEXT} with a blank key or team: 1 (e.g. somebody without a date)")


@pytest.mark.parametrize(
    ("inspection", "reasons"),
    [
        (Inspection(games=2, season_games=9), (f"{PSZA} was never materialized",)),
        (Inspection(games=2, season_games=9, inputs=[InputFingerprint(PSZA, 3, "a")]), ()),
        (Inspection(season_games=9), ()),
        (Inspection(), ("the schedule has no game of the season",)),
    ],
    ids=["not materialized", "materialized", "no game", "no season"],
)
def test_a_date_is_refused_for_every_reason_that_keeps_it_from_being_computed(
    inspection: Inspection, reasons: tuple[str, ...]
) -> None:
    listed = InputFingerprint(CONTEXT, 1, "b")
    expected = {DATE: reasons} if reasons else {}
    assert refusals(TABLES[PDC], {DATE: replace(inspection, inputs=[listed, *inspection.inputs])}, {}) == expected
    # Nobody is listed, so the table reads nothing of the date.
    assert refusals(TABLES[PDC], {DATE: inspection}, {}) == (expected if not inspection.games else {})


def test_a_table_without_a_population_refuses_nothing() -> None:
    assert refusals(replace(TABLES[PDC], population=None), {DATE: Inspection()}, {}) == {}


def row(kind: str, name: str = CONTEXT, row_count: int = 1, **values: object) -> Row:
    """A row of the query: columns that its kind lacks are NULL."""
    empty = dict.fromkeys(("fingerprint", "sample_games", "ready_rows", "failures", "finding_kind", "example"))
    return {"kind": kind, "as_of": DATE, "name": name, "row_count": row_count, **empty, **values}


def test_each_row_of_the_query_becomes_one_record() -> None:
    found = InspectionRows.of(
        [
            row("scheduled_date", SCHEDULE, 2),
            row("scheduled_season", SCHEDULE, 30, sample_games=4),
            row("input", row_count=5, fingerprint="77"),
            row("box_score_rows", row_count=6),
            row("finding", row_count=2, finding_kind="conflicts", example="bos1"),
            row("unlisted_teams", row_count=3),
            row("content", TDZA, 20, fingerprint="ab", ready_rows=12, failures=8),
            row("finding", SCHEDULE, 1, finding_kind="duplicates", example="001"),
        ]
    )
    conflicts = SourceFinding(source=CONTEXT, kind="conflicts", count=2, example="bos1")
    duplicates = SourceFinding(source=SCHEDULE, kind="duplicates", count=1, example="001")
    content = PublishedContent(table=TDZA, rows=20, ready_rows=12, failures=8, content_hash="ab")
    assert found == InspectionRows(
        games={DATE: 2},
        seasons={2021: ScheduledSeason(games=30, sample_games=4)},
        inputs={DATE: [InputFingerprint(name=CONTEXT, rows=5, fingerprint="77")]},
        box_score_rows={DATE: 6},
        unlisted_teams={DATE: 3},
        contents={(TDZA, DATE): content},
        findings={DATE: [conflicts, duplicates]},
    )


def test_a_row_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="no record 'news'"):
        InspectionRows.of([{"kind": "news", "as_of": DATE, "name": CONTEXT, "row_count": 1}])
