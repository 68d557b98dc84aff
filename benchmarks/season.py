"""Benchmark of time and memory: `make bench`. The figures are explained in benchmarks/README.md.

Every scenario is a child process (`dagster`, `python` or `workload.py`), so that wall time, processor time and peak
memory are the operating system's figures of a whole process. This process stays small and imports nothing of the
product, because on Linux the peak memory of a child is never below that of its parent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.table import Table as RichTable
from rich.text import Text

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKLOAD = REPOSITORY / "benchmarks" / "workload.py"
SAMPLES = Path(os.environ.get("NBA_PHASE3_SAMPLES", REPOSITORY.parent / "shared" / "phase3"))
REAL_SEASONS = ("2021-22", "2022-23")
SIMULATED_SEASONS = ("2021", "2022")

SEASON = ("2021-10-19", "2022-04-10")
ONE_DATE = ("2022-03-05", "2022-03-05")
TWO_SEASONS = ("2021-10-19", "2023-04-09")
WAREHOUSE_RANGES = {"season": SEASON, "one date": ONE_DATE}

WAREHOUSE_WORK = ("stage", "audit", "merge", "read_back")
PHASES = ("inspect", "render", "stage", "audit", "merge", "read_back")
MEMORY_TARGET_MIB = 1024.0

OLD_TARGETS = {
    "ml_feature_store_v2": 300,
    "player_composite_factors": 180,
    "player_daily_cache": 120,
    "player_shot_zone_analysis": 120,
    "team_defense_zone_analysis": 60,
}
"""The predecessor's target for one day of each table, in seconds."""


class BenchmarkError(Exception):
    """A measured process failed, or did not do the work that its scenario names."""


# --- one process --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """A process that ended with exit code 0.

    Attributes:
        wall: seconds from start to exit.
        cpu: seconds of user and system time, of all threads.
        peak_mib: the largest resident set.
    """

    wall: float
    cpu: float
    peak_mib: float
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)

    @property
    def figures(self) -> dict[str, Any]:
        """Figures that `workload.py` printed."""
        return json.loads(self.stdout)


def measured(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> Process:
    """Run a command in the repository, without the NBA_ and DAGSTER_ variables of the shell.

    Raises:
        BenchmarkError: if its exit code is not 0.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "DAGSTER_"))}
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=REPOSITORY,
            env=kept | (environment or {}),
            stdout=stdout,
            stderr=stderr,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        process = Process(wall, usage.ru_utime + usage.ru_stime, _mib(usage.ru_maxrss), stdout.read(), stderr.read())
    if child.returncode:
        raise BenchmarkError(
            f"exit code {child.returncode} of {' '.join(str(part) for part in command)}\n"
            f"{process.stdout[-2000:]}\n{process.stderr[-4000:]}"
        )
    return process


def _mib(maxrss: int) -> float:
    return maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def workload(work: str, database: Path, *arguments: str) -> Process:
    return measured([sys.executable, WORKLOAD, work, database, *arguments])


# --- a round: everything once -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A folder with its own DAGSTER_HOME and DuckDB file, in which `dagster` runs."""

    folder: Path

    @classmethod
    def fresh(cls, folder: Path, prepared: Path) -> Place:
        """Copy the prepared file and create a new instance with `nba-precompute init`."""
        home = folder / "dagster_home"
        home.mkdir(parents=True)
        shutil.copy(REPOSITORY / "deploy" / "local" / "dagster.yaml", home)
        shutil.copy(prepared, folder / "nba.duckdb")
        place = cls(folder)
        measured([BIN / "nba-precompute", "init"], place.environment)
        return place

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DAGSTER_HOME": str(self.folder / "dagster_home"),
            "NBA_DUCKDB_PATH": str(self.folder / "nba.duckdb"),
            "NO_COLOR": "1",
        }

    def materialize(self, first: str, last: str) -> Process:
        """Run `dagster asset materialize` for the five tables, over a range or one date."""
        dates = ["--partition", first] if first == last else ["--partition-range", f"{first}...{last}"]
        select = ["--select", "group:phase4", *dates, "-m", "nba_precompute.definitions"]
        return measured([BIN / "dagster", "asset", "materialize", *select], self.environment)


def computed_dates(process: Process) -> dict[str, tuple[int, int]]:
    """Read from the log of a run, by table: dates computed and dates of the run."""
    found = re.findall(r"(\w+): (\d+) of (\d+) dates computed", (process.stdout + process.stderr).replace("\n", " "))
    return {table: (int(computed), int(dates)) for table, computed, dates in found}


def expect_computed(process: Process, *, everything: bool) -> None:
    """Check that a run did what its scenario names: a first load computes every date, a repetition none.

    Raises:
        BenchmarkError: if it did not.
    """
    found = computed_dates(process)
    if found.keys() != OLD_TARGETS.keys():
        raise BenchmarkError(f"the log names {sorted(found)}, not the five tables")
    for table, (computed, dates) in found.items():
        if computed != (dates if everything else 0):
            raise BenchmarkError(f"{table}: {computed} of {dates} dates computed")


def expect_the_same_rows(measured_so_far: Round, name: str) -> None:
    """Check that the SELECTs of the floor yield as many rows as the product published.

    Raises:
        BenchmarkError: if they do not.
    """
    floor = measured_so_far[f"floor, {name}"].figures["tables"]
    for table, published in measured_so_far[f"warehouse work, {name}"].figures["tables"].items():
        if published["inserted"] + published["failures"] != floor[table]["rows"] or not published["inserted"]:
            raise BenchmarkError(f"{table}, {name}: published {published}, but the floor has {floor[table]}")


Round = dict[str, Process]
"""The process of each scenario."""


def one_round(folder: Path, prepared: Path, say: Callable[[str], None]) -> Round:
    """Measure every scenario once, each on fresh copies.

    Args:
        say: receives the name of each scenario as it starts.
    """
    result: Round = {}

    def record(scenario: str, run: Callable[[], Process]) -> Process:
        say(scenario)
        result[scenario] = run()
        return result[scenario]

    for name, module in {"dagster": "dagster", "definitions": "nba_precompute.definitions"}.items():
        record(f"import {name}", partial(measured, [sys.executable, "-c", f"import {module}"]))
    databases = {name: Path(shutil.copy(prepared, folder / f"{name}.duckdb")) for name in WAREHOUSE_RANGES}
    for name, dates in WAREHOUSE_RANGES.items():
        record(f"warehouse work, {name}", partial(workload, "publish", databases[name], *dates))
    for name, dates in WAREHOUSE_RANGES.items():
        record(f"floor, {name}", partial(workload, "floor", databases["season"], *dates))
        expect_the_same_rows(result, name)
    for name, dates in {"one date": ONE_DATE, "two seasons": TWO_SEASONS}.items():
        place = Place.fresh(folder / name, prepared)
        expect_computed(record(f"dagster, {name}", partial(place.materialize, *dates)), everything=True)
    place = Place.fresh(folder / "season", prepared)
    run = partial(place.materialize, *SEASON)
    expect_computed(record("dagster, season", run), everything=True)
    expect_computed(record("dagster, season again", run), everything=False)
    return result


# --- figures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """Minimum, median and maximum of several runs."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        return cls(ordered[0], statistics.median(ordered), ordered[-1])

    def text(self, digits: int = 2) -> str:
        return f"{self.min:.{digits}f} / {self.median:.{digits}f} / {self.max:.{digits}f}"


@dataclass(frozen=True)
class Figure:
    """A measured quantity with its target: times are judged by the median, memory by the maximum."""

    name: str
    unit: str
    spread: Spread
    target: float | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        value = self.spread.max if self.unit == "MiB" else self.spread.median
        return "pass" if value < self.target else "FAIL"

    def cells(self) -> list[str]:
        digits = 0 if self.unit == "MiB" else 2
        target = "" if self.target is None else f"< {self.target:g} {self.unit}"
        return [self.name, self.unit, self.spread.text(digits), target, self.verdict]


def seconds_of(process: Process, table: str, phases: Iterable[str]) -> float:
    """Sum the seconds of phases of a table in a `publish` workload."""
    seconds = process.figures["tables"][table]["seconds"]
    return sum(seconds[phase] for phase in phases)


def work_of(process: Process, tables: Iterable[str] = OLD_TARGETS) -> float:
    return sum(seconds_of(process, table, WAREHOUSE_WORK) for table in tables)


def floor_of(process: Process, tables: Iterable[str] = OLD_TARGETS) -> float:
    return sum(process.figures["tables"][table]["seconds"] for table in tables)


def with_targets(rounds: Sequence[Round]) -> list[Figure]:
    """Return the figures of the first table."""

    def of(scenario: str) -> list[Process]:
        return [of_round[scenario] for of_round in rounds]

    def seconds(name: str, values: Iterable[float], target: float | None) -> Figure:
        return Figure(name, "s", Spread.of(values), target)

    def peak(name: str, scenario: str) -> Figure:
        return Figure(name, "MiB", Spread.of(process.peak_mib for process in of(scenario)), MEMORY_TARGET_MIB)

    beyond = [
        definitions.wall - dagster.wall
        for definitions, dagster in zip(of("import definitions"), of("import dagster"), strict=True)
    ]
    return [
        seconds("warehouse work, five tables, season", map(work_of, of("warehouse work, season")), 6),
        seconds("warehouse work, five tables, one date", map(work_of, of("warehouse work, one date")), 1),
        seconds("dagster asset materialize, season", (process.wall for process in of("dagster, season")), 25),
        seconds("dagster asset materialize, one date", (process.wall for process in of("dagster, one date")), 6),
        seconds(
            "dagster asset materialize, season again, all skipped",
            (process.wall for process in of("dagster, season again")),
            None,
        ),
        peak("peak memory, dagster, season", "dagster, season"),
        peak("peak memory, dagster, two seasons in one range", "dagster, two seasons"),
        seconds("import nba_precompute.definitions, beyond import dagster", beyond, 1),
    ]


# --- reports ------------------------------------------------------------------------------------------------


_COLORS = {"pass": "green", "FAIL": "red"}


@dataclass(frozen=True)
class Report:
    """A table to print: the first column is text, the others are figures."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def rich(self) -> RichTable:
        table = RichTable(title=self.title, title_justify="left")
        for number, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*(Text(cell, _COLORS.get(cell, "")) for cell in row))
        return table

    def markdown(self) -> str:
        lines = [list(self.headings), ["---", *["---:"] * (len(self.headings) - 1)], *self.rows]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def targets_report(figures: Sequence[Figure]) -> Report:
    headings = ("figure", "unit", "min / median / max", "target", "")
    return Report("Targets", headings, [figure.cells() for figure in figures])


def processes_report(rounds: Sequence[Round]) -> Report:
    """Report wall time, processor time and peak memory of every scenario."""
    rows = []
    for scenario in rounds[0]:
        processes = [of_round[scenario] for of_round in rounds]
        rows.append(
            [
                scenario,
                Spread.of(process.wall for process in processes).text(),
                Spread.of(process.cpu for process in processes).text(),
                Spread.of(process.peak_mib for process in processes).text(0),
            ]
        )
    headings = ("process", "wall, s", "user + system, s", "peak memory, MiB")
    return Report("Whole processes: min / median / max", headings, rows)


def phases_report(rounds: Sequence[Round], name: str) -> Report:
    """Report the median seconds of each phase of each table."""
    processes = [of_round[f"warehouse work, {name}"] for of_round in rounds]

    def median(tables: Iterable[str], phases: Iterable[str]) -> str:
        values = [sum(seconds_of(process, table, phases) for table in tables) for process in processes]
        return f"{statistics.median(values):.3f}"

    inserted = {table: published["inserted"] for table, published in processes[0].figures["tables"].items()}
    rows = []
    for title, tables in [*((table, [table]) for table in inserted), ("five tables", list(inserted))]:
        columns = [*((phase,) for phase in PHASES), WAREHOUSE_WORK]
        rows.append(
            [
                title,
                f"{sum(inserted[table] for table in tables):,}",
                *(median(tables, phases) for phases in columns),
            ]
        )
    title = f"Warehouse work, {name}: median seconds (work is stage, audit, merge and read back)"
    return Report(title, ("table", "rows", *PHASES, "work"), rows)


def floor_report(rounds: Sequence[Round], name: str) -> Report:
    """Compare the warehouse work of the product with the same SELECTs alone."""
    rows = []
    for title, tables in [*((table, [table]) for table in OLD_TARGETS), ("five tables", list(OLD_TARGETS))]:
        product = statistics.median(work_of(of_round[f"warehouse work, {name}"], tables) for of_round in rounds)
        floor = statistics.median(floor_of(of_round[f"floor, {name}"], tables) for of_round in rounds)
        rows.append([title, f"{product:.3f}", f"{floor:.3f}", f"{product / floor:.1f}"])
    headings = ("table", "product, s", "floor, s", "product / floor")
    return Report(f"Floor, {name}: raw DuckDB running the same SELECTs, medians", headings, rows)


def old_targets_report(rounds: Sequence[Round], game_dates: int) -> Report:
    """Compare the cost of a day of each table with the predecessor's target."""
    rows = []
    for table, target in OLD_TARGETS.items():
        date, season = (
            statistics.median(work_of(of_round[f"warehouse work, {name}"], [table]) for of_round in rounds)
            for name in ("one date", "season")
        )
        rows.append([table, str(target), f"{date:.3f}", f"{season / game_dates:.4f}", f"{target / date:,.0f}"])
    headings = (
        "table",
        "old target, s",
        "one date, s",
        f"season / {game_dates} game dates, s",
        "target / one date",
    )
    return Report("Per table and day: warehouse work and the predecessor's targets", headings, rows)


def as_json(context: dict[str, Any], figures: Sequence[Figure], rounds: Sequence[Round]) -> str:
    """Format every figure of every run."""

    def figures_of(process: Process) -> dict[str, Any]:
        whole = {"wall_s": process.wall, "cpu_s": process.cpu, "peak_mib": process.peak_mib}
        return whole | ({"figures": process.figures} if process.stdout.startswith("{") else {})

    return json.dumps(
        {
            "context": context,
            "figures": [asdict(figure) | {"verdict": figure.verdict} for figure in figures],
            "rounds": [{name: figures_of(process) for name, process in of_round.items()} for of_round in rounds],
        },
        indent=1,
    )


# --- the command --------------------------------------------------------------------------------------------


def phase3() -> tuple[str, list[str]]:
    """Return a description of the data and the seasons for `workload.py prepare`."""
    directories = [SAMPLES / season for season in REAL_SEASONS]
    if all(directory.is_dir() for directory in directories):
        return "Real seasons 2021-22 and 2022-23", [str(directory) for directory in directories]
    return "SIMULATED seasons 2021 and 2022 (NBA_PHASE3_SAMPLES has no real ones)", list(SIMULATED_SEASONS)


def described(data: str, runs: int, load_before: float) -> dict[str, Any]:
    """Describe the data and the machine, for comparison with other figures."""
    return {
        "data": data,
        "runs": runs,
        "processors": os.cpu_count(),
        "load_average_before": round(load_before, 1),
        "python": platform.python_version(),
        **{name: version(name) for name in ("dagster", "duckdb", "sqlglot")},
    }


def headlined(context: dict[str, Any]) -> str:
    rest = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in context.items() if name != "data")
    return f"{context['data']}; season {SEASON[0]} to {SEASON[1]}, one date {ONE_DATE[0]}; {rest}"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Benchmark of time and memory; see benchmarks/README.md.")
    parser.add_argument("--runs", type=int, default=5, help="number of times that everything is measured (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every run")
    parser.add_argument("--markdown", action="store_true", help="print Markdown instead of terminal tables")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs must be at least 1")
    return given


def measure(runs: int, seasons: list[str]) -> tuple[list[Round], int]:
    """Measure all rounds; return them and the number of game dates of the season."""
    rounds = []
    with (
        Console(stderr=True).status("preparing") as status,
        tempfile.TemporaryDirectory(prefix="nba-bench-") as name,
    ):
        folder = Path(name)
        prepared = folder / "prepared.duckdb"
        workload("prepare", prepared, *seasons)
        game_dates = workload("game-dates", prepared, *SEASON).figures["game_dates"]
        measured([sys.executable, "-c", "import nba_precompute.definitions"])  # bytecode, page cache
        for number in range(runs):
            with tempfile.TemporaryDirectory(dir=folder) as own:
                say = partial(_tell, status, f"run {number + 1} of {runs}")
                rounds.append(one_round(Path(own), prepared, say))
    return rounds, game_dates


def _tell(status: Status, run: str, scenario: str) -> None:
    status.update(f"{run}: {scenario}")


def main() -> None:
    given = parsed()
    data, seasons = phase3()
    context = described(data, given.runs, os.getloadavg()[0])
    try:
        rounds, game_dates = measure(given.runs, seasons)
    except BenchmarkError as error:
        sys.exit(f"error: {error}")
    figures = with_targets(rounds)
    reports = [
        targets_report(figures),
        processes_report(rounds),
        *(phases_report(rounds, name) for name in ("season", "one date")),
        *(floor_report(rounds, name) for name in ("season", "one date")),
        old_targets_report(rounds, game_dates),
    ]
    headline = headlined(context)
    if given.markdown:
        print("\n\n".join([headline, *(report.markdown() for report in reports)]))
    else:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = 140
        console.print(headline)
        for report in reports:
            console.print(report.rich())
    if given.json:
        given.json.write_text(as_json(context, figures, rounds), encoding="utf-8")


if __name__ == "__main__":
    main()
