"""The IO manager of the five tables: publishes an asset's output, and records each partition in Dagster.

Here: the metadata of materializations, and the rows that a consumer gets. Not here: staging, audit and merge
(`publishing/publish.py`), the resource that Dagster configures (`resources.py`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from nba_precompute.calendar import computable, season_of
from nba_precompute.orchestration.asset_metadata import COLUMN_LINEAGE, column_lineage
from nba_precompute.orchestration.dagster_private.outputs import (
    leave_out_partitions,
    record_materializations,
    record_partition_metadata,
)
from nba_precompute.orchestration.dagster_private.records import latest_materializations, season_games
from nba_precompute.orchestration.refusals import failure_at, record_refusals
from nba_precompute.orchestration.run_errors import EXPECTED_ERRORS, as_failure
from nba_precompute.orchestration.runs import ACCEPT_SCHEDULE
from nba_precompute.publishing.publish import Select, publish
from nba_precompute.publishing.records import Outcome, Partition, Published, seconds_key
from nba_precompute.sql import RunDates, fill
from nba_precompute.tables import TABLES, Table
from nba_precompute.warehouse import Job, Warehouse

if TYPE_CHECKING:
    import pandas as pd


class MergeIOManager(dg.IOManager):
    """Publishes a `Select` or a pandas DataFrame into the table that the asset is named after.

    Args:
        warehouse: returns the warehouse; called when a step needs it, so that loading definitions opens nothing.
        tables: the tables by asset name.
    """

    def __init__(self, warehouse: Callable[[], Warehouse], tables: Mapping[str, Table] = TABLES) -> None:
        self._warehouse = warehouse
        self._tables = tables

    def handle_output(self, context: dg.OutputContext, obj: Select | pd.DataFrame) -> None:
        """Publish the run's partitions and record one materialization per published partition.

        Raises:
            dagster.Failure: for an expected error of `publish` and a date after today (`run_errors.py`); for refused
                dates, once the others are published and recorded, if no later step of the run fails with them.
            WarehouseError: if the warehouse refuses something or cannot be reached.
        """
        table = self._table(context.asset_key)
        try:
            dates = computable(context.asset_partition_keys)
            outcome = publish(
                self._warehouse(),
                table,
                obj,
                dates,
                _recorded(context, dates),
                purpose=f"{table.name} of run {context.run_id[:8]}",
                run_id=context.run_id,
                games_before=_games_before(context, dates),
            )
        except EXPECTED_ERRORS as error:
            raise as_failure(error) from error
        metadata = {date.isoformat(): _metadata(partition, outcome) for date, partition in outcome.partitions.items()}
        if metadata:
            # The UI shows the lineage of the newest event alone; on every partition it would bloat the event log.
            metadata[max(metadata)][COLUMN_LINEAGE] = column_lineage(table)
        record_partition_metadata(context, metadata)
        _log(context, outcome)
        if outcome.refused:
            _leave_out_refused(context, table, outcome.refused)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """Return the rows of exactly the mapped partitions, in key order.

        The input's metadata may select `columns`; the default is all.

        Raises:
            DagsterInvariantViolationError: if the table has no such column.
        """
        table = self._table(context.asset_key)
        declared = [column.name for column in table.published_columns]
        wanted = list((context.definition_metadata or {}).get("columns") or declared)
        unknown = sorted(set(wanted) - set(declared))
        if unknown:
            raise dg.DagsterInvariantViolationError(f"{table.name} has no column {', '.join(unknown)}")
        keys = context.asset_partition_keys
        warehouse = self._warehouse()
        run = RunDates.of(dt.date.fromisoformat(key) for key in keys) if keys else None
        with warehouse.reading(f"input {table.name}") as session:
            where = run.dates_of(table.date_column) if run else "FALSE"
            return session.frame(
                fill("read/input", table=table, relation=session.relation, columns=wanted, where=where), "input"
            )

    def _table(self, asset_key: dg.AssetKey) -> Table:
        try:
            return self._tables[asset_key.path[-1]]
        except KeyError:
            raise dg.DagsterInvariantViolationError(
                f"no table is declared for the asset {asset_key.to_user_string()}"
            ) from None


def _leave_out_refused(context: dg.OutputContext, table: Table, refused: Mapping[dt.date, Sequence[str]]) -> None:
    """Record the refused dates as such, and fail if this step is the one that ends the run with them.

    Raises:
        dagster.Failure: naming every date that the run has refused.
    """
    keys = context.asset_partition_keys
    record_refusals(context, refused)
    leave_out_partitions(context, [date.isoformat() for date in refused])
    step = context.step_context
    failure = failure_at(table.name, table.name, step.job_def, step.dagster_run, step.instance, keys)
    if failure is not None:
        record_materializations(context)
        raise as_failure(failure)


def _recorded(context: dg.OutputContext, dates: list[dt.date]) -> dict[dt.date, Published]:
    """Return the record of each date from its newest materialization; none if that is not the IO manager's."""
    found = latest_materializations(
        context.step_context.instance, context.asset_key, [date.isoformat() for date in dates]
    )
    result = {}
    for key, materialization in found.items():
        values = {name: value.value for name, value in materialization.metadata.items()}
        if (published := Published.from_metadata(values)) is not None:
            result[dt.date.fromisoformat(key)] = published
    return result


def _games_before(context: dg.OutputContext, dates: Sequence[dt.date]) -> dict[int, int]:
    """Return the scheduled games of each season of the run at the table's last run; none if the run accepts any."""
    if ACCEPT_SCHEDULE in context.step_context.dagster_run.tags:
        return {}
    return season_games(context.step_context.instance, context.asset_key, {season_of(date) for date in dates})


def _metadata(partition: Partition, outcome: Outcome) -> dict[str, Any]:
    """Return the metadata of one partition; the UI plots numbers, so a key never changes its type."""
    counts = (
        "inserted",
        "updated",
        "deleted",
        "unchanged",
        "duplicates_dropped",
        "conflicting_keys",
        "ready_rows",
        "failures",
        "source_rows_set_aside",
        "source_duplicates",
        "source_conflicts",
        "slate_teams_unlisted",
        "season_games",
    )
    return {
        "dagster/partition_row_count": partition.rows,
        "rows": partition.rows,
        **{name: getattr(partition, name) for name in counts},
        **{seconds_key(phase): round(value, 3) for phase, value in outcome.seconds.items()},
        "run_dates_computed": len(outcome.computed),
        **_job_metadata(outcome.jobs),
        "decision": partition.decision,
        **partition.published.as_metadata(),
        **({"source_findings": partition.source_findings} if partition.source_findings else {}),
        **({"sample_data": "this season is a simulated league"} if partition.is_sample else {}),
    }


_JOB_FIGURES = ("bytes_processed", "bytes_billed", "slot_milliseconds")


def _job_metadata(jobs: Sequence[Job]) -> dict[str, Any]:
    """Return the cost of the run's jobs; a sum with an unknown part is unknown, not 0."""
    if not jobs:
        return {}
    known: dict[str, int] = {}
    unknown = []
    for figure in _JOB_FIGURES:
        values = [getattr(job, figure) for job in jobs]
        if None in values:
            unknown.append(figure)
        else:
            known[f"run_{figure}"] = sum(values)
    return {
        "run_jobs": dg.MetadataValue.json(
            [
                {name: "unknown" if value is None else value for name, value in dataclasses.asdict(job).items()}
                for job in jobs
            ]
        ),
        **known,
        **({"run_jobs_unknown": ", ".join(unknown)} if unknown else {}),
    }


def _log(context: dg.OutputContext, outcome: Outcome) -> None:
    partitions = outcome.partitions.values()
    context.log.info(
        f"{outcome.table.name}: {len(outcome.computed)} of {len(outcome.partitions)} dates computed, "
        f"{sum(partition.rows for partition in partitions)} rows "
        f"({sum(partition.ready_rows for partition in partitions)} ready), "
        f"{sum(partition.failures for partition in partitions)} failures; inserted {outcome.merged.inserted}, "
        f"updated {outcome.merged.updated}, deleted {outcome.merged.deleted}; "
        + ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in outcome.seconds.items())
    )
    for date, reasons in sorted(outcome.refused.items()):
        context.log.error(f"{outcome.table.name}: {date} is refused: {'; '.join(reasons)}")
    findings = {partition.source_findings: partition.date for partition in partitions if partition.source_findings}
    for finding, date in findings.items():
        context.log.warning(f"{outcome.table.name}, up to {date}: {finding}")
    unlisted = [partition.date for partition in partitions if partition.slate_teams_unlisted]
    if unlisted:
        context.log.warning(
            f"{outcome.table.name}: a team of the slate has no player in the context on {len(unlisted)} dates, "
            f"first {unlisted[0]}, last {unlisted[-1]}"
        )
    duplicates = sum(partition.duplicates_dropped for partition in partitions)
    if duplicates:
        context.log.warning(
            f"{outcome.table.name}: {duplicates} duplicate rows dropped, "
            f"{sum(partition.conflicting_keys for partition in partitions)} keys had rows that differ"
        )
