"""Materialization events: reading the newest of each partition, reporting in batches; observations that follow them.

Here: the queries and writes that the public API offers only one event at a time. Not here: the events of an asset's
output (`outputs.py`), check results (`check_results.py`) and the meaning of the records (`orchestration/state.py`,
`publishing/records.py`).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import sqlalchemy as db

# Public: report_runless_asset_event, one event and one transaction at a time; seconds for a season of five sources.
# Breaks: test_observer.py.
from dagster._core.events import StepMaterializationData
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID

# Public: fetch_materializations, ten times as slow for four seasons (it builds an object of every metadata entry).
# Breaks: test_plan.py, test_report.py.
from dagster._core.storage.event_log import SqlEventLogStorage, SqlEventLogStorageTable

from nba_precompute.calendar import calendar_between, season_dates

DATA_VERSION = "dagster/data_version"
"""The tag of a materialization that names its data version; indexed by partition."""

_MATERIALIZATION, _OBSERVATION = dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_OBSERVATION


def latest_materializations(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Sequence[str]
) -> dict[str, dg.AssetMaterialization]:
    """Return the newest materialization of each of these partitions that has one."""
    records = latest_records(instance, asset_key, partition_keys)
    return {key: record.asset_materialization for key, record in records.items() if record.asset_materialization}


def latest_records(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Sequence[str]
) -> dict[str, dg.EventLogRecord]:
    """Return the newest materialization event of each of these partitions that has one.

    One query finds the storage ids first, so that no older event of a partition is read.
    """
    wanted = set(partition_keys)
    newest = materialization_ids(instance, asset_key)
    found: dict[str, dg.EventLogRecord] = {}
    for chunk in _chunks([storage_id for key, storage_id in newest.items() if key in wanted], 500):
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=chunk), limit=len(chunk)
        ).records
        for record in records:
            if record.partition_key and record.asset_materialization:
                found[record.partition_key] = record
    return found


def observations_since(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Iterable[str]
) -> dict[str, dg.AssetObservation]:
    """Return the newest observation of each of these partitions that is later than their newest materialization."""
    wanted = set(partition_keys)
    materialized = materialization_ids(instance, asset_key)
    observed = instance.event_log_storage.get_latest_storage_id_by_partition(asset_key, _OBSERVATION)
    later = [
        storage_id for key, storage_id in observed.items() if key in wanted and storage_id > materialized.get(key, 0)
    ]
    found: dict[str, dg.AssetObservation] = {}
    for chunk in _chunks(later, 500):
        for record in instance.fetch_observations(
            dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=chunk), limit=len(chunk)
        ).records:
            if record.partition_key and record.asset_observation:
                found[record.partition_key] = record.asset_observation
    return found


def materialization_ids(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, int]:
    """Return the storage id of each partition's newest materialization; a larger id is a later event."""
    return dict(instance.event_log_storage.get_latest_storage_id_by_partition(asset_key, _MATERIALIZATION))


@dataclass(frozen=True)
class Recorded:
    """The newest materialization of a partition: its time, its run, and its metadata as plain values."""

    moment: dt.datetime
    run_id: str
    values: Mapping[str, Any]


def recorded_values(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, Recorded]:
    """Return the newest materialization of every partition that has one, read from the stored JSON.

    Raises:
        TypeError: if the instance keeps its events in something other than a SQL database.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        raise TypeError(f"the event log is a {type(storage).__name__}, not a SQL database")
    columns = SqlEventLogStorageTable.c
    found = {}
    ids = list(materialization_ids(instance, asset_key).values())
    with storage.index_connection() as connection:
        for chunk in _chunks(ids, 500):
            query = db.select(columns.partition, columns.timestamp, columns.run_id, columns.event)
            for key, moment, run_id, event in connection.execute(query.where(columns.id.in_(chunk))):
                data = json.loads(event)["dagster_event"]["event_specific_data"]
                entries = data["materialization"]["metadata_entries"]
                values = {entry["label"]: _plain(entry["entry_data"]) for entry in entries}
                found[key] = Recorded(moment=moment.replace(tzinfo=dt.UTC), run_id=run_id, values=values)
    return found


def season_games(instance: dg.DagsterInstance, asset_key: dg.AssetKey, seasons: Iterable[int]) -> dict[int, int]:
    """Return the scheduled games of each season as its newest materialization has them; other seasons are left out."""
    found = {}
    for season in seasons:
        keys = [date.isoformat() for date in calendar_between(*season_dates(season))]
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset_key, asset_partitions=keys), limit=1
        ).records
        if records and (materialization := records[0].asset_materialization):
            games = materialization.metadata.get("season_games")
            if games is not None and isinstance(games.value, int):
                found[season] = games.value
    return found


def _plain(entry_data: Mapping[str, Any]) -> Any:
    """Return the value of a stored entry that is a number, a boolean or a text; None for other kinds."""
    return entry_data.get("value", entry_data.get("text"))


def unfinished_attempts(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, str]:
    """Return, by partition, the newest run that planned to materialize it and has not: it failed or is running."""
    attempts = instance.event_log_storage.get_latest_asset_partition_materialization_attempts_without_materializations(
        asset_key
    )
    return {key: run_id for key, (run_id, _) in attempts.items()}


def report_materializations(instance: dg.DagsterInstance, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record materializations that no run made, in one batch."""
    now = time.time()
    instance.event_log_storage.store_event_batch(
        [
            dg.EventLogEntry(
                user_message="",
                level="info",
                job_name=RUNLESS_JOB_NAME,
                run_id=RUNLESS_RUN_ID,
                error_info=None,
                timestamp=now,
                dagster_event=dg.DagsterEvent(
                    event_type_value=_MATERIALIZATION.value,
                    event_specific_data=StepMaterializationData(materialization),
                    job_name=RUNLESS_JOB_NAME,
                ),
            )
            for materialization in materializations
        ]
    )


def data_versions(instance: dg.DagsterInstance, asset_key: dg.AssetKey) -> dict[str, str]:
    """Return the data version of the newest materialization of each partition that has one."""
    found = instance.event_log_storage.get_latest_tags_by_partition(asset_key, _MATERIALIZATION, [DATA_VERSION])
    return {key: tags[DATA_VERSION] for key, tags in found.items()}


def _chunks(values: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))
