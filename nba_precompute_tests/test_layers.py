"""The order of the packages: reads every import, and fails on one that runs back up, on a cycle, on a stray module.

Imports inside functions and under TYPE_CHECKING count as well, and so does `dg._core` of `import dagster as dg`. An
import by name (`importlib.import_module`) cannot be read, so it is a violation itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from nba_precompute_tests.support.league import REPOSITORY

PRODUCT = "nba_precompute"

ORDER = (
    "calendar",
    "tables",
    "sql",
    "warehouse",
    "sources",
    "publishing",
    "quality",
    "features",
    "orchestration",
    "operations",
    "definitions",
    "cli",
)
"""From the ground up: a package imports itself and those before it."""

WITHOUT_DAGSTER = {*ORDER[: ORDER.index("orchestration")], "simulation"}
SIMULATION = {"simulation", "calendar", "tables"}
TYPES = f"{PRODUCT}.warehouse.types"
"""What the simulated league may import: these packages, and the one table of column types."""

FLAT = {"__init__", "calendar", "definitions", "event_log", "features"}
PRIVATE_DAGSTER = f"{PRODUCT}.orchestration.dagster_private"
BY_NAME = "a module by its name"


def modules(root: Path) -> dict[str, Path]:
    """Return the modules of the package in a folder, by their dotted names."""
    found = {}
    for path in sorted((root / PRODUCT).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Yield what a module imports: modules of the package by their names, all else as the statement spells it."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names_of_dagster = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "dagster"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and node.id == "__import__":
            yield BY_NAME
        elif isinstance(node, ast.Attribute):
            if node.attr == "import_module":
                yield BY_NAME
            elif isinstance(node.value, ast.Name) and node.value.id in names_of_dagster and node.attr.startswith("_"):
                yield f"dagster.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                if full == "importlib.import_module":
                    yield BY_NAME
                yield full if full in known or not base.startswith(PRODUCT) else base


def room(module: str) -> str:
    """Return the package below `nba_precompute` that a module belongs to; the module itself if it lies flat."""
    return module.split(".")[1] if "." in module else "__init__"


def violations(root: Path) -> list[str]:
    """Return everything that is wrong with the imports and the layout of the package in a folder."""
    known = modules(root)
    imports = {name: set(imported(name, path, known)) for name, path in known.items()}
    found = [
        f"{path.stem} lies flat in {PRODUCT}" for path in sorted((root / PRODUCT).glob("*.py")) if path.stem not in FLAT
    ]
    found += [
        f"{path.name} is no package of {PRODUCT}"
        for path in sorted((root / PRODUCT).iterdir())
        if path.name not in {*ORDER, "simulation"} and any(path.rglob("*.py"))
    ]
    for name, targets in imports.items():
        found += [f"{name} imports {target}" for target in sorted(targets) if not _is_allowed(name, target)]
    graph = {name: {target for target in targets if target in known} for name, targets in imports.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append(f"cycle: {' -> '.join(reversed(error.args[1]))}")
    return found


def _is_allowed(name: str, target: str) -> bool:
    if target == BY_NAME:
        return False
    top, _, rest = target.partition(".")
    if top == "dagster" or top.startswith("dagster_"):
        if top == "dagster" and rest.startswith("_"):
            return name == PRIVATE_DAGSTER or name.startswith(f"{PRIVATE_DAGSTER}.")
        return room(name) not in WITHOUT_DAGSTER
    if top != PRODUCT or room(name) == room(target):
        return True
    if room(name) == "event_log":
        return room(target) == "orchestration"
    if room(name) == "simulation":
        return room(target) in SIMULATION or target == TYPES
    if room(target) == "simulation":
        return room(name) == "cli"
    if room(target) == "definitions":
        return room(name) == "cli"
    return room(name) in ORDER and room(target) in ORDER[: ORDER.index(room(name))]


def test_the_package_keeps_its_order() -> None:
    assert len(modules(REPOSITORY)) > 100
    assert violations(REPOSITORY) == []


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in (REPOSITORY / PRODUCT).glob("*/__init__.py")}
    assert packages | FLAT == {*ORDER, "simulation", "__init__", "event_log"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tables/a": "import nba_precompute.sql"}, "nba_precompute.tables.a imports nba_precompute.sql"),
        ({"operations/a": "from nba_precompute.definitions import defs"}, "imports nba_precompute.definitions"),
        ({"cli/a": "from nba_precompute.definitions import defs"}, ""),
        ({"operations/a": "from nba_precompute import definitions"}, "imports nba_precompute.definitions"),
        ({"quality/a": "def f():\n    from nba_precompute.features import g"}, "imports nba_precompute.features"),
        (
            {"sources/a": "from typing import *\nif TYPE_CHECKING:\n    import nba_precompute.publishing"},
            "imports nba_precompute.publishing",
        ),
        ({"sources/a": "from ..publishing import b"}, "imports nba_precompute.publishing.b"),
        ({"publishing/a": "from ..sources import b"}, ""),
        ({"simulation/a": "from nba_precompute.sources import b"}, "imports nba_precompute.sources.b"),
        ({"warehouse/types": "", "simulation/a": "import nba_precompute.warehouse.types"}, ""),
        ({"simulation/a": "import nba_precompute.warehouse"}, "imports nba_precompute.warehouse"),
        ({"sources/a": "from nba_precompute.simulation import b"}, "imports nba_precompute.simulation"),
        ({"quality/a": "import dagster as dg"}, "nba_precompute.quality.a imports dagster"),
        ({"features": "from dagster import asset"}, "nba_precompute.features imports dagster.asset"),
        ({"operations/a": "import dagster as dg"}, ""),
        ({"operations/a": "from dagster._core.events import b"}, "imports dagster._core.events.b"),
        ({"orchestration/a": "from dagster import _check"}, "imports dagster._check"),
        ({"orchestration/dagster_private/a": "from dagster._core.events import b"}, ""),
        ({"orchestration/dagster_private_too": "import dagster._core"}, "imports dagster._core"),
        ({"operations/a": "import dagster as dg\nb = dg._core.events"}, "imports dagster._core"),
        ({"warehouse/a": "from dagster_gcp import b"}, "imports dagster_gcp.b"),
        ({"orchestration/a": "from dagster_gcp import b"}, ""),
        ({"tables/a": "import importlib\nb = importlib.import_module('nba_precompute.sql')"}, "a module by its name"),
        ({"tables/a": "from importlib import import_module as b"}, "a module by its name"),
        ({"tables/a": "b = __import__('nba_precompute.sql')"}, "a module by its name"),
        ({"helpers/a": ""}, "helpers is no package of nba_precompute"),
        ({"event_log": "from nba_precompute.operations import b"}, "imports nba_precompute.operations.b"),
        ({"helpers": ""}, "helpers lies flat in nba_precompute"),
        (
            {"sql/a": "from nba_precompute.sql import b", "sql/b": "def f():\n    from nba_precompute.sql.a import g"},
            "cycle: nba_precompute.sql.a -> nba_precompute.sql.b -> nba_precompute.sql.a",
        ),
    ],
)
def test_each_rule_finds_a_planted_violation(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    planted = {f"{name}/b": "" for name in ("operations", "publishing", "sources")} | {"definitions": ""} | files
    for name, text in planted.items():
        path = tmp_path / PRODUCT / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = violations(tmp_path)
    assert [expected in violation for violation in found] == ([True] if expected else [])
