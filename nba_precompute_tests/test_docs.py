"""What the documents point at exists: files that they link to, and functions and tests that they name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from nba_precompute_tests.support.league import REPOSITORY

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "benchmarks" / "README.md",
    *sorted((REPOSITORY / "docs").glob("**/*.md")),
]

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED = re.compile(r"([\w./-]+\.(?:py|sql))::(\w+)")
_MACRO = re.compile(r"macro (\w+)\(")


def names_in(path: Path) -> set[str]:
    """The functions, classes, methods and assigned names of a Python file; the macros of an SQL template."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return set(_MACRO.findall(text))
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def broken(document: Path, root: Path) -> list[str]:
    """The relative link targets and each `path::name` (the path from the root) that do not exist."""
    text = document.read_text(encoding="utf-8")
    found = []
    for target in _LINK.findall(_FENCED.sub("", text)):
        path = target.partition("#")[0]
        if path and ":" not in path and not (document.parent / path).exists():
            found.append(target)
    for path, name in _NAMED.findall(text):
        if not (root / path).is_file() or name not in names_in(root / path):
            found.append(f"{path}::{name}")
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_and_names_exist(document: Path) -> None:
    assert broken(document, REPOSITORY) == []


def test_what_does_not_exist_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "code.py").write_text("X = 1\n\n\nclass A:\n    def method(self): ...\n")
    (tmp_path / "a.sql").write_text("{%- macro clamp(x) -%}{%- endmacro -%}")
    document = tmp_path / "docs" / "page.md"
    document.write_text(
        "[a](../code.py#l1) [b](../gone.py) [c](https://example.org) [d](#here)\n"
        "`code.py::X` `code.py::method` `code.py::A` `a.sql::clamp`\n"
        "`code.py::gone` `a.sql::gone` `no.py::x`\n"
        "```\n[e](in-a-code-block.md)\n```\n"
    )
    assert broken(document, tmp_path) == ["../gone.py", "code.py::gone", "a.sql::gone", "no.py::x"]
