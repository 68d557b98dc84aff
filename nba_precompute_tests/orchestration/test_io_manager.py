"""The MERGE IO manager in Dagster runs: what each partition records, what a consumer gets, and DataFrame assets."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from nba_precompute import calendar
from nba_precompute.orchestration.assets.phase4 import IO_MANAGER
from nba_precompute.orchestration.io_manager import MergeIOManager
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.orchestration.run_errors import run_error
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES, Column, Table
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.support.dagster_runs import materialize, records
from nba_precompute_tests.support.league import hashes, new_warehouse

FIRST, LAST = "2021-11-20", "2021-11-26"
KEYS = [f"2021-11-{day}" for day in range(20, 27)]  # with Thanksgiving, a day without games


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return new_warehouse(tmp_path_factory.mktemp("league") / "nba.duckdb", simulate_season(2021))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def after_a_range(league: DuckDBWarehouse) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        assert materialize(league, FIRST, LAST, instance=instance).success
        yield instance


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_range_run_records_every_partition(
    league: DuckDBWarehouse, after_a_range: dg.DagsterInstance, table: Table
) -> None:
    found = records(after_a_range, table.name, KEYS)
    assert set(found) == set(KEYS)
    with league.reading("test") as session:
        rows = {
            str(row["d"]): (row["n"], row["ready"])
            for row in session.query(
                f"SELECT {table.date_column} AS d, COUNT(*) AS n, COUNT(IF(is_production_ready, 1, NULL)) AS ready "
                f"FROM {session.relation(table)} GROUP BY 1"
            )
        }
    for key, record in found.items():
        assert (record["rows"], record["ready_rows"]) == rows.get(key, (0, 0)), key
        assert record["dagster/partition_row_count"] == record["rows"]
        assert record["inserted"] == record["rows"]
        assert record["updated"] == record["deleted"] == record["unchanged"] == 0
        assert record["duplicates_dropped"] == record["conflicting_keys"] == 0
        assert record["decision"] == "computed: no earlier record"
        assert record["sample_data"] == "this season is a simulated league"
        for phase in ("inspect", "render", "stage", "audit", "merge", "read_back"):
            assert isinstance(record[f"run_seconds_{phase}"], float)
    assert found["2021-11-25"]["rows"] == 0
    assert len({found[key]["content_hash"] for key in KEYS if found[key]["rows"]}) == 6


def test_the_newest_event_alone_carries_the_column_lineage(after_a_range: dg.DagsterInstance) -> None:
    found = records(after_a_range, "player_daily_cache", KEYS)
    assert [key for key in KEYS if "dagster/column_lineage" in found[key]] == KEYS[-1:]
    lineage = found[KEYS[-1]]["dagster/column_lineage"].deps_by_column
    assert [dep.column_name for dep in lineage["points_avg_last_5"]] == ["points"]


def test_an_unchanged_date_is_skipped_and_says_so(league: DuckDBWarehouse, after_a_range: dg.DagsterInstance) -> None:
    before = hashes(league)
    assert materialize(league, FIRST, LAST, instance=after_a_range).success
    for table in TABLES:
        for key, record in records(after_a_range, table, KEYS).items():
            assert record["decision"] == "skipped: inputs, code and published content are unchanged", (
                table,
                key,
            )
            assert record["inserted"] == record["updated"] == record["deleted"] == 0
            assert record["unchanged"] == record["rows"]
    assert hashes(league) == before


def test_without_a_record_an_unchanged_date_is_computed_and_writes_nothing(
    league: DuckDBWarehouse, after_a_range: dg.DagsterInstance, instance: dg.DagsterInstance
) -> None:
    assert materialize(league, KEYS[0], instance=instance).success
    for table in TABLES:
        record = records(instance, table, KEYS[:1])[KEYS[0]]
        assert record["decision"] == "computed: no earlier record"
        assert record["unchanged"] == record["rows"] > 0
        assert record["inserted"] == record["updated"] == record["deleted"] == 0


def test_one_partition_and_a_range_of_one_record_the_same(
    league: DuckDBWarehouse, after_a_range: dg.DagsterInstance
) -> None:
    with dg.DagsterInstance.ephemeral() as one, dg.DagsterInstance.ephemeral() as range_of_one:
        materialize(league, KEYS[2], instance=one)
        materialize(league, KEYS[2], KEYS[2], instance=range_of_one)
        for table in TABLES:
            left, right = (records(i, table, [KEYS[2]])[KEYS[2]] for i in (one, range_of_one))
            assert left["content_hash"] == right["content_hash"]
            assert left["rows"] == right["rows"]


def test_a_date_after_today_fails_the_run_and_writes_nothing(
    league: DuckDBWarehouse, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(calendar, "today", lambda: dt.date(2021, 11, 20))
    before = hashes(league)
    result = materialize(league, FIRST, LAST, instance=instance, raise_on_error=False)
    assert not result.success
    failure = result.failure_data_for_node("team_defense_zone_analysis")
    assert failure is not None
    error = run_error(result.get_run_failure_event())
    assert error is not None
    assert (error.kind, error.is_about_dates) == ("DateRefused", False)
    assert "2021-11-21 is after today" in error.message
    assert failure.user_failure_data is not None, "recorded as data, not only as text"
    assert hashes(league) == before


# A DataFrame asset, and loading inputs.

POLLS = Table(
    dataset="nba_precompute",
    name="fan_polls",
    description="A table of the tests' own, written from pandas.",
    date_column="poll_date",
    entity_column="player_lookup",
    columns=(
        Column("poll_date", "DATE", nullable=False),
        Column("player_lookup", "STRING", nullable=False),
        Column("votes", "INT64"),
        Column("share", "FLOAT64"),
        Column("comments", "ARRAY<STRING>", nullable=False),
    ),
)


def polls(keys: list[str], per_date: int) -> pd.DataFrame:
    numbers = np.arange(per_date * len(keys))
    return pd.DataFrame(
        {
            "poll_date": [dt.date.fromisoformat(key) for key in keys for _ in range(per_date)],
            "player_lookup": [f"player{n % per_date:05d}" for n in numbers],
            "votes": numbers,
            "share": np.where(numbers % 100 == 0, np.nan, numbers / 7),
            "comments": [["good"] if n % 2 else [] for n in numbers],
        }
    )


def poll_assets(frame: pd.DataFrame) -> list[dg.AssetsDefinition]:
    @dg.asset(
        name="fan_polls",
        partitions_def=GAME_DATES,
        io_manager_key=IO_MANAGER,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def fan_polls(context: dg.AssetExecutionContext) -> pd.DataFrame:
        wanted = {dt.date.fromisoformat(key) for key in context.partition_keys}
        return frame[frame["poll_date"].isin(wanted)]

    return [fan_polls]


@pytest.fixture
def poll_warehouse(tmp_path: Path) -> DuckDBWarehouse:
    warehouse = new_warehouse(tmp_path / "nba.duckdb", {})
    with warehouse.writing("test") as session:
        session.schema.create_table(POLLS, POLLS.published_columns)
    return warehouse


def poll_io(warehouse: DuckDBWarehouse) -> MergeIOManager:
    return MergeIOManager(lambda: warehouse, {POLLS.name: POLLS, **TABLES})


def test_a_frame_of_25_000_rows_goes_the_same_path(
    poll_warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    keys = KEYS[:5]
    frame = polls(keys, 5_000)
    io = poll_io(poll_warehouse)
    result = materialize(poll_warehouse, keys[0], keys[-1], instance=instance, assets=poll_assets(frame), io_manager=io)
    assert result.success
    for key, record in records(instance, "fan_polls", keys).items():
        assert (record["rows"], record["inserted"]) == (5_000, 5_000), key
    again = materialize(poll_warehouse, keys[0], keys[-1], instance=instance, assets=poll_assets(frame), io_manager=io)
    assert again.success
    for record in records(instance, "fan_polls", keys).values():
        assert (record["unchanged"], record["inserted"], record["updated"]) == (5_000, 0, 0)
    changed = frame.copy()
    changed.loc[7, "votes"] = -1
    changed = changed.drop(index=8)
    changed = pd.concat([changed, changed.iloc[[0]]])
    materialize(poll_warehouse, keys[0], keys[-1], instance=instance, assets=poll_assets(changed), io_manager=io)
    found = records(instance, "fan_polls", keys)
    first = found[keys[0]]
    assert (first["rows"], first["updated"], first["deleted"], first["duplicates_dropped"]) == (
        4_999,
        1,
        1,
        1,
    )
    assert first["conflicting_keys"] == 0
    assert all(found[key]["unchanged"] == 5_000 for key in keys[1:])


def test_a_frame_that_breaks_a_rule_publishes_nothing(
    poll_warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    frame = polls(KEYS[:2], 10)
    frame["votes"] = frame["votes"].astype(str)
    with pytest.raises(dg.Failure, match="column votes: expected INT64, found object"):
        materialize(
            poll_warehouse,
            KEYS[0],
            KEYS[1],
            instance=instance,
            assets=poll_assets(frame),
            io_manager=poll_io(poll_warehouse),
        )
    with poll_warehouse.reading("test") as session:
        assert session.query("SELECT * FROM `nba_precompute.fan_polls`") == []


def test_load_input_gives_exactly_the_mapped_partitions_and_columns(
    poll_warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    received: list[pd.DataFrame] = []

    @dg.asset(
        partitions_def=GAME_DATES,
        ins={
            "fan_polls": dg.AssetIn(
                partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-2, end_offset=-1),
                metadata={"columns": ["poll_date", "votes"]},
                input_manager_key=IO_MANAGER,
            )
        },
        io_manager_key=IO_MANAGER,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def consumer(fan_polls: pd.DataFrame) -> None:
        received.append(fan_polls)

    assets = [*poll_assets(polls(KEYS, 3)), consumer]
    io = poll_io(poll_warehouse)
    materialize(
        poll_warehouse,
        KEYS[0],
        KEYS[-1],
        instance=instance,
        assets=assets,
        io_manager=io,
        selection=["fan_polls"],
    )
    materialize(
        poll_warehouse,
        KEYS[4],
        KEYS[5],
        instance=instance,
        assets=assets,
        io_manager=io,
        selection=["consumer"],
    )
    (frame,) = received
    assert list(frame.columns) == ["poll_date", "votes"]
    assert sorted({str(day)[:10] for day in frame["poll_date"]}) == KEYS[2:5]
    assert len(frame) == 9


def test_an_input_column_that_does_not_exist_is_named(
    poll_warehouse: DuckDBWarehouse, instance: dg.DagsterInstance
) -> None:
    @dg.asset(
        partitions_def=GAME_DATES,
        ins={"fan_polls": dg.AssetIn(metadata={"columns": ["stars"]}, input_manager_key=IO_MANAGER)},
        io_manager_key=IO_MANAGER,
    )
    def consumer(fan_polls: pd.DataFrame) -> None: ...

    assets = [*poll_assets(polls(KEYS, 3)), consumer]
    with pytest.raises(dg.DagsterInvariantViolationError, match="fan_polls has no column stars"):
        materialize(poll_warehouse, KEYS[0], instance=instance, assets=assets, io_manager=poll_io(poll_warehouse))
