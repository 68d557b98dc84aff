"""Is this machine able to do its work? Environment, versions, warehouse, tables, instance, daemon, lock, disk.

Each examination says what it found and, where something is amiss, the next step. Nothing is changed, and nothing that
is broken stops the others from being looked at.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nba_precompute.calendar import FIRST_DATE, calendar_between, today
from nba_precompute.sources.observation import observe
from nba_precompute.warehouse import Warehouse, WarehouseBusy, WarehouseError, warehouse_from_environment
from nba_precompute.warehouse.schema_sync import differences

SCARCE_BYTES, TIGHT_BYTES = 1_000_000_000, 5_000_000_000
"""Free disk space below which a season's run may fail, and below which somebody should look."""


class Health(StrEnum):
    """How bad it is."""

    GOOD = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Diagnosis:
    """What one examination found, and what to do about it."""

    about: str
    health: Health
    text: str
    next_step: str = ""


def examine() -> list[Diagnosis]:
    """Every finding, in the order in which they depend on each other."""
    found: list[Diagnosis] = []
    for examination in (_python, _dagster_home, _warehouse, _lock, _instance, _disk):
        try:
            found += examination()
        except Exception as error:
            # A doctor that falls ill tells nobody anything.
            text = f"could not be examined: {type(error).__name__}: {error}"
            found.append(Diagnosis(_about(examination), Health.BROKEN, text, "Mend what the error names."))
    return found


def _about(examination: Callable[[], Iterator[Diagnosis]]) -> str:
    return examination.__name__.strip("_").replace("_", " ")


def _python() -> Iterator[Diagnosis]:
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
        yield Diagnosis("versions", Health.BROKEN, f"not installed: {', '.join(missing)}", "Run `make backfill` again.")
    yield Diagnosis("versions", Health.GOOD, ", ".join(versions))


def _dagster_home() -> Iterator[Diagnosis]:
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        step = "Set it, or source `.nba/env`: without it runs leave no history, and plan and status know nothing."
        yield Diagnosis("DAGSTER_HOME", Health.BROKEN, "it is not set", step)
        return
    if not Path(home).is_dir():
        yield Diagnosis("DAGSTER_HOME", Health.BROKEN, f"no folder {home}", "Make it, or correct the variable.")
        return
    if not (Path(home) / "dagster.yaml").is_file():
        step = "Copy `deploy/local/dagster.yaml` there: with Dagster's own storage a season takes twice as long."
        yield Diagnosis("DAGSTER_HOME", Health.WARNING, f"{home} has no dagster.yaml", step)
        return
    yield Diagnosis("DAGSTER_HOME", Health.GOOD, home)


def _warehouse() -> Iterator[Diagnosis]:
    try:
        warehouse = warehouse_from_environment()
    except WarehouseError as error:
        yield Diagnosis("warehouse", Health.BROKEN, str(error), "Correct the variable.")
        return
    try:
        with warehouse.reading("doctor") as session:
            found = differences(session)
    except WarehouseBusy as error:
        step = "Wait, or stop who holds it; readers and runs wait by themselves."
        yield Diagnosis("warehouse", Health.WARNING, str(error), step)
        return
    except WarehouseError as error:
        step = "Run `nba-precompute init`." if warehouse.name == "duckdb" else "Check network, credentials and rights."
        yield Diagnosis("warehouse", Health.BROKEN, str(error), step)
        return
    yield Diagnosis("warehouse", Health.GOOD, warehouse.describe())
    unsafe = [one for one in found if not one.safe]
    if unsafe:
        text = "; ".join(str(one) for one in unsafe[:3]) + (f" and {len(unsafe) - 3} more" if len(unsafe) > 3 else "")
        step = "`nba-precompute init --check` prints the statements that a person has to run."
        yield Diagnosis("tables", Health.BROKEN, text, step)
    elif found:
        text = f"{len(found)} differences from what is declared, first: {found[0]}"
        yield Diagnosis("tables", Health.BROKEN, text, "Run `nba-precompute init`.")
    else:
        yield Diagnosis("tables", Health.GOOD, "as declared")
    if any(one.kind in ("table", "type", "required column") for one in found):
        return
    observed = observe(warehouse, calendar_between(FIRST_DATE, today())).dates
    if observed:
        newest = max(one.date for one in observed if one.rows)
        yield Diagnosis("Phase 3", Health.GOOD, f"rows up to {newest}")
    else:
        step = "Load Phase 3: `nba-precompute load-phase3 DIR`, or `nba-precompute simulate --season 2021`."
        text = "the schedule has no game up to today: no date can be computed"
        yield Diagnosis("Phase 3", Health.WARNING, text, step)


def _lock() -> Iterator[Diagnosis]:
    with _duckdb_path() as path:
        if path is None:
            return
        from nba_precompute.warehouse.duckdb.lock import current_holder

        holder = current_holder(path)
        text = f"held by {holder}" if holder else "nobody holds it"
        yield Diagnosis("write lock", Health.GOOD, text)


def _instance() -> Iterator[Diagnosis]:
    home = os.environ.get("DAGSTER_HOME")
    if not home or not Path(home).is_dir():
        return
    import dagster as dg

    from nba_precompute.operations.backfill import backfill_lock, killed_runs
    from nba_precompute.orchestration.dagster_private import dead_daemons

    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs_count()
        yield Diagnosis("instance", Health.GOOD, f"{runs:,} runs on record")
        with backfill_lock(Path(home)) as nobody_else:
            killed = killed_runs(instance) if nobody_else else []
        if killed:
            text = f"{len(killed)} runs of a killed backfill stand as running, first {killed[0].run_id}"
            step = "Repeat the backfill: it marks them as canceled and continues with what is left."
            yield Diagnosis("backfill", Health.WARNING, text, step)
        elif not nobody_else:
            yield Diagnosis("backfill", Health.GOOD, "one is at work")
        dead = dead_daemons(instance)
        if dead:
            text = f"no heartbeat of {', '.join(dead).lower()}"
            step = "Start `dagster-daemon run -w workspace.yaml` (or `make ui`): without it no schedule or sensor runs."
            yield Diagnosis("daemon", Health.WARNING, text, step)
        else:
            yield Diagnosis("daemon", Health.GOOD, "alive")


def _disk() -> Iterator[Diagnosis]:
    places = {"instance": Path(os.environ.get("DAGSTER_HOME") or ".")}
    with _duckdb_path() as path:
        if path is not None:
            places["DuckDB"] = path.parent
    for name, place in places.items():
        existing = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.is_dir())
        free = shutil.disk_usage(existing).free
        text = f"{free / 1e9:,.1f} GB free for the {name} in {place}"
        health = Health.BROKEN if free < SCARCE_BYTES else Health.WARNING if free < TIGHT_BYTES else Health.GOOD
        step = "" if health is Health.GOOD else "Free some: a season needs about 0.2 GB, its event log 0.1 GB."
        yield Diagnosis("disk", health, text, step)


@contextmanager
def _duckdb_path() -> Iterator[Path | None]:
    """The DuckDB file of the environment; None where the warehouse is another, or not to be had."""
    from nba_precompute.warehouse.duckdb.session import DuckDBWarehouse

    try:
        warehouse: Warehouse | None = warehouse_from_environment()
    except WarehouseError:
        warehouse = None
    yield warehouse.path if isinstance(warehouse, DuckDBWarehouse) else None
