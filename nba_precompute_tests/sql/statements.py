"""Every statement that the product can send to BigQuery, as sent, by template and variant."""

from __future__ import annotations

import datetime as dt
from typing import Any

from nba_precompute.publishing.inspection import inspect_statement
from nba_precompute.sources.held import within_seasons
from nba_precompute.sql import RunDates, fill, render
from nba_precompute.tables import EVERY_TABLE, SOURCES, TABLES, Column, Source, Table
from nba_precompute.warehouse.bigquery import BigQuerySession, BigQuerySettings, schema
from nba_precompute_tests.sql.reader_statements import reader_statements

SETTINGS = BigQuerySettings("a-project", dataset_prefix="here_")
NOW = "TIMESTAMP '2022-01-01 00:00:00.000000+00'"

# It only renders texts, so it needs no client.
SESSION = BigQuerySession(None, SETTINGS, {"asset": "some_table", "run_id": "some-run"})  # type: ignore[arg-type]


def stage_of(table: Table | Source) -> str:
    """Return the name of a table's stage; that of a real run is longer."""
    return f"`{SETTINGS.project}.{SETTINGS.dataset(SETTINGS.staging_dataset)}.stage_{table.name}`"


def staged_columns(table: Table | Source) -> tuple[Column, ...]:
    """Return the columns of a stage: those of a source, or for a table those of `stage.sql`."""
    if isinstance(table, Source):
        return table.columns
    added = (("data_hash", "STRING"), ("failure_reason", "STRING"), ("failure_detail", "STRING"))
    return (*table.columns, *(Column(name, "STRING") for name, _ in added), Column("copy_number", "INT64"))


def statements_of_a_run(table: Table, run: RunDates) -> dict[str, str]:
    """Return the statements of a run of a table, of its checks, and of its readers per date."""
    stage = stage_of(table)

    def rendered(template: str, **parameters: Any) -> str:
        return render(template, table, run, SETTINGS.relation, **parameters)

    select = rendered(f"tables/{table.name}")
    staged = rendered("publish/stage", select=select)
    framed = rendered("publish/stage", select=rendered("publish/frame", rows=stage))
    found = {
        "inspect": inspect_statement(SESSION, [table], run.dates),
        "stage": SESSION.staging(stage, staged),
        "stage of a frame": SESSION.staging(stage, framed),
        "audit": rendered("publish/audit", stage=stage),
        "merge_failures": rendered("publish/merge_failures", stage=stage, now=NOW),
        "merge": rendered("publish/merge", stage=stage, now=NOW),
        "read_back": rendered("publish/read_back"),
        "row_counts": rendered("read/row_counts"),
        "check": rendered("read/check"),
        "partitions": rendered("publish/partitions"),
        "input": fill(
            "read/input",
            table=table,
            relation=SETTINGS.relation,
            columns=[column.name for column in table.published_columns],
            where=run.dates_of(table.date_column),
        ),
        "create_stage": SESSION.staging(stage, "SELECT 1 AS one"),
    }
    return {f"{name} ({table.name})": sql for name, sql in found.items()}


def other_statements(run: RunDates) -> dict[str, str]:
    """Return the statements of init, loading, observing and the readers."""
    found = {f"create_table ({table.name})": created(table) for table in EVERY_TABLE}
    found["inspect (every table)"] = inspect_statement(SESSION, tuple(TABLES.values()), run.dates)
    found["observe"] = render("read/observe", None, run, SETTINGS.relation, fingerprint=SESSION.fingerprint)
    found["scheduled_seasons"] = render("read/scheduled_seasons", None, run, SETTINGS.relation)
    found["sides"] = render("read/sides", None, run, SETTINGS.relation, team="o'neal")
    found["waive"] = fill(
        "load/waive",
        relation=SETTINGS.relation,
        date=run.dates[0],
        team="o'neal",
        reason='a "lost" \\ feed\n',
        waived_by="o'neal",
        now=NOW,
    )
    found["held_rows"] = fill(
        "load/held_rows", relation=SETTINGS.relation, within=lambda column: within_seasons(column, {2021, 2022})
    )
    for source in SOURCES.values():
        where = f"{run.dates_of(source.date_column)} OR FALSE"
        given = {"table": source, "relation": SETTINGS.relation}
        fingerprint = SESSION.fingerprint(source.column_names)
        found |= {
            f"source_content ({source.name})": fill(
                "load/source_content", fingerprint=fingerprint, rows=SETTINGS.relation(source), where=where
            ),
            f"delete_where ({source.name})": fill("load/delete_where", where=where, **given),
            f"insert_staged ({source.name})": fill("load/insert_staged", stage=stage_of(source), **given),
        }
    return found | {
        name: sql.replace("`nba_", f"`{SETTINGS.project}.{SETTINGS.dataset_prefix}nba_")
        for name, sql in reader_statements(run).items()
    }


def created(table: Table | Source) -> str:
    """Return the DDL of a table."""
    return schema.create_statement(SETTINGS.path(table), table, table.published_columns)


def every_statement(run: RunDates) -> dict[str, str]:
    """Return all statements for the dates of a run."""
    found = other_statements(run)
    for table in TABLES.values():
        found |= statements_of_a_run(table, run)
    return found


ONE_DATE = RunDates.of([dt.date(2021, 11, 5)])
SEASON = RunDates.of(
    date
    for date in (dt.date(2021, 10, 19) + dt.timedelta(days=n) for n in range(174))
    if date not in (dt.date(2021, 11, 25), dt.date(2021, 12, 24), dt.date(2022, 2, 18))
)
"""A season with gaps, as in a run that skips some dates."""
