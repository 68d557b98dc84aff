"""Diagnoses the installation: versions, environment, warehouse, tables, Dagster instance, daemon, write lock, disk.

Here: the examinations, each with its result and the next step. They change nothing, and one that fails does not keep
the others from running. Not here: work to do (`plan/`), data quality (`quality/`), the command (`cli/doctor.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nba_precompute.calendar import FIRST_DATE, calendar_between, season_label, season_of, today
from nba_precompute.quality.waivers import read
from nba_precompute.sources.gaps import unknown_in_season
from nba_precompute.sources.observation import observe
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse import Warehouse, WarehouseBusy, WarehouseError, warehouse_from_environment
from nba_precompute.warehouse.schema_sync import differences

SCARCE_BYTES, TIGHT_BYTES = 1_000_000_000, 5_000_000_000
"""Free disk space below which the run of a season may fail, and below which doctor warns."""

_EVENT_LOG = "nba_precompute.orchestration.dagster_private.event_log"
_FORMER_EVENT_LOG = re.compile(r"^(\s*module:\s*)(['\"]?)nba_precompute\.event_log\2(?=\s|$)")
"""The line of a `dagster.yaml` written before the event log moved to `_EVENT_LOG`."""


class Health(StrEnum):
    """Severity of a diagnosis."""

    GOOD = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Diagnosis:
    """Result of one examination; `next_step` is empty if there is nothing to do."""

    about: str
    health: Health
    text: str
    next_step: str = ""


def examine() -> list[Diagnosis]:
    """Run every examination, in order of dependency."""
    found: list[Diagnosis] = []
    for examination in (_versions, _dagster_home, _warehouse, _write_lock, _instance, _disk):
        try:
            found += examination()
        except Exception as error:  # a failing examination must not hide the results of the others
            found.append(
                Diagnosis(
                    about=_about(examination),
                    health=Health.BROKEN,
                    text=f"examination failed: {type(error).__name__}: {error}",
                    next_step="Fix the cause that the error names.",
                )
            )
    return found


def _about(examination: Callable[[], Iterator[Diagnosis]]) -> str:
    return examination.__name__.strip("_").replace("_", " ")


def _versions() -> Iterator[Diagnosis]:
    needed = ["nba_precompute", "dagster", "dagster-webserver", "duckdb", "sqlglot"]
    if os.environ.get("NBA_WAREHOUSE") == "bigquery":
        needed += ["dagster-gcp", "google-cloud-bigquery"]
    versions, missing = [f"Python {sys.version.split()[0]}"], []
    for name in needed:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Diagnosis(
            about="versions",
            health=Health.BROKEN,
            text=f"not installed: {', '.join(missing)}",
            next_step="Run `make backfill`, which installs the locked versions.",
        )
    yield Diagnosis(about="versions", health=Health.GOOD, text=", ".join(versions))


def _dagster_home() -> Iterator[Diagnosis]:
    about = "DAGSTER_HOME"
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        yield Diagnosis(
            about=about,
            health=Health.BROKEN,
            text="not set: runs leave no history, and plan and status have no records to read",
            next_step="Set it, or run `. .nba/env`.",
        )
        return
    if not Path(home).is_dir():
        yield Diagnosis(
            about=about,
            health=Health.BROKEN,
            text=f"folder {home} does not exist",
            next_step="Create the folder, or correct the variable.",
        )
        return
    settings = Path(home) / "dagster.yaml"
    if not settings.is_file():
        yield Diagnosis(
            about=about,
            health=Health.WARNING,
            text=f"{home} has no dagster.yaml: with Dagster's default storage, a season takes four times as long",
            next_step=f"Copy `deploy/local/dagster.yaml` to {home}.",
        )
        return
    for number, line in enumerate(settings.read_text(encoding="utf-8").splitlines(), start=1):
        corrected = _FORMER_EVENT_LOG.sub(rf"\g<1>{_EVENT_LOG}", line)
        if corrected != line:
            yield Diagnosis(
                about=about,
                health=Health.WARNING,
                text=f"line {number} of {settings} has the former name of the event log: {line.strip()}",
                next_step=f"Replace the line with `{corrected}`.",
            )
            return
    yield Diagnosis(about=about, health=Health.GOOD, text=home)


def _warehouse() -> Iterator[Diagnosis]:
    try:
        warehouse = warehouse_from_environment()
    except WarehouseError as error:
        yield Diagnosis(
            about="warehouse", health=Health.BROKEN, text=str(error), next_step="Correct the environment variable."
        )
        return
    try:
        with warehouse.reading("doctor") as session:
            found = differences(session)
            formed = [source for source in SOURCES.values() if source in session.forms]
            unfit = [problem for source in formed for problem in session.forms.problems(source)]
    except WarehouseBusy as error:
        yield Diagnosis(
            about="warehouse",
            health=Health.WARNING,
            text=str(error),
            next_step="Wait for the process that holds it, or stop it; runs and readers wait in the meantime.",
        )
        return
    except WarehouseError as error:
        is_local = warehouse.capabilities.file is not None
        yield Diagnosis(
            about="warehouse",
            health=Health.BROKEN,
            text=str(error),
            next_step="Run `nba-precompute init`." if is_local else "Check network, credentials and permissions.",
        )
        return
    yield Diagnosis(about="warehouse", health=Health.GOOD, text=warehouse.describe())
    if unfit:
        yield Diagnosis(
            about="sources",
            health=Health.BROKEN,
            text=_first_of(unfit),
            next_step="Correct what NBA_SOURCES names; `nba-precompute sources check` examines it.",
        )
        return
    if formed:
        names = ", ".join(dict.fromkeys(form.name for form in warehouse.forms.values()))
        yield Diagnosis(about="sources", health=Health.GOOD, text=f"{len(formed)} of {len(SOURCES)} through {names}")
    unsafe = [difference for difference in found if not difference.safe]
    if unsafe:
        yield Diagnosis(
            about="tables",
            health=Health.BROKEN,
            text=_first_of([str(difference) for difference in unsafe]),
            next_step="Run `nba-precompute init --check`, and run the statements that it prints.",
        )
    elif found:
        yield Diagnosis(
            about="tables",
            health=Health.BROKEN,
            text=f"{len(found)} differences from the declarations, first: {found[0]}",
            next_step="Run `nba-precompute init`.",
        )
    else:
        yield Diagnosis(about="tables", health=Health.GOOD, text="match their declarations")
    if any(difference.kind in ("table", "type", "required column") for difference in found):
        return
    yield from _phase3(warehouse)
    yield _waivers(warehouse)


def _first_of(problems: Sequence[str], most: int = 3) -> str:
    more = f" and {len(problems) - most} more" if len(problems) > most else ""
    return "; ".join(problems[:most]) + more


def _waivers(warehouse: Warehouse) -> Diagnosis:
    with warehouse.reading("doctor") as session:
        found = read(session, FIRST_DATE, today())
    text = f"{len(found)} sides of games, last {found[-1].team} on {found[-1].date}" if found else "none"
    return Diagnosis(about="waivers", health=Health.GOOD, text=text)


def _phase3(warehouse: Warehouse) -> Iterator[Diagnosis]:
    observed = observe(warehouse, calendar_between(FIRST_DATE, today())).dates
    if not observed:
        yield Diagnosis(
            about="Phase 3",
            health=Health.WARNING,
            text="the schedule has no game up to today: no date can be computed",
            next_step="Run `nba-precompute import` or `load-phase3` with a folder, or `simulate --season 2021`.",
        )
        return
    newest = max(observation.date for observation in observed if observation.rows)
    yield Diagnosis(about="Phase 3", health=Health.GOOD, text=f"rows up to {newest}")
    yield _unknown(warehouse, season_of(newest))


def _unknown(warehouse: Warehouse, season: int) -> Diagnosis:
    with warehouse.reading("doctor") as session:
        features = unknown_in_season(session, season)
    words = [f"{column.split('.')[1]} (enters {', '.join(names)})" for column, names in features.items()]
    text = f"unknown in every row of {season_label(season)}: {'; '.join(words)}" if words else "all have values"
    return Diagnosis(about="inputs of features", health=Health.GOOD, text=text)


def _write_lock() -> Iterator[Diagnosis]:
    file = _warehouse_file()
    if file is None:
        return
    from nba_precompute.warehouse.duckdb.lock import current_holder

    holder = current_holder(file)
    yield Diagnosis(about="write lock", health=Health.GOOD, text=f"held by {holder}" if holder else "free")


def _instance() -> Iterator[Diagnosis]:
    home = os.environ.get("DAGSTER_HOME")
    if not home or not Path(home).is_dir():
        return
    import dagster as dg

    from nba_precompute.operations.backfill import backfill_lock, killed_runs
    from nba_precompute.orchestration.instance import dead_daemons

    with dg.DagsterInstance.get() as instance:
        yield Diagnosis(about="instance", health=Health.GOOD, text=f"{instance.get_runs_count():,} runs on record")
        with backfill_lock(Path(home)) as is_ours:
            killed = killed_runs(instance) if is_ours else []
        if killed:
            yield Diagnosis(
                about="backfill",
                health=Health.WARNING,
                text=f"{len(killed)} runs of a killed backfill are still recorded as running, first {killed[0].run_id}",
                next_step="Repeat the backfill: it marks them as canceled and continues with the work that is left.",
            )
        elif not is_ours:
            yield Diagnosis(about="backfill", health=Health.GOOD, text="running")
        dead = dead_daemons(instance)
        if dead:
            yield Diagnosis(
                about="daemon",
                health=Health.WARNING,
                text=f"no heartbeat from {', '.join(dead).lower()}: schedules and sensors do not run",
                next_step="Run `dagster-daemon run -w workspace.yaml`, or `make ui`.",
            )
        else:
            yield Diagnosis(about="daemon", health=Health.GOOD, text="running")


def _disk() -> Iterator[Diagnosis]:
    places = {"Dagster instance": Path(os.environ.get("DAGSTER_HOME") or ".")}
    if file := _warehouse_file():
        places["DuckDB file"] = file.parent
    for name, place in places.items():
        existing = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.is_dir())
        free = shutil.disk_usage(existing).free
        health = Health.BROKEN if free < SCARCE_BYTES else Health.WARNING if free < TIGHT_BYTES else Health.GOOD
        yield Diagnosis(
            about="disk",
            health=health,
            text=f"{free / 1e9:,.1f} GB free for the {name} in {place}",
            next_step=""
            if health is Health.GOOD
            else "Free disk space: a season takes about 0.2 GB, and its event log 0.1 GB.",
        )


def _warehouse_file() -> Path | None:
    """Return the local file of the environment's warehouse; None for another or an unavailable warehouse."""
    try:
        return warehouse_from_environment().capabilities.file
    except WarehouseError:
        return None
