"""References resolve: links and anchors of the pages, the code they name, and the contract sections that code cites."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from nba_precompute.cli import app
from nba_precompute_tests.support.league import REPOSITORY

DOCUMENTS = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")),
    *sorted((REPOSITORY / "docs").glob("**/*.md")),
]
CONTRACT = REPOSITORY / "docs" / "contract.md"

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED = re.compile(r"([\w./-]+\.(?:py|sql))::(\w+)")
_MACRO = re.compile(r"macro (\w+)\(")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^##+ (\d+\w?(?:\.\d+)?)\.? ", re.MULTILINE)
_NUMBER = r"\d+[a-z]?(?:\.\d+)?\b"
_CITED = re.compile(rf"\bsections?\s+({_NUMBER}(?:(?:,|\s+and|\s+to)\s+{_NUMBER})*)", re.IGNORECASE)
_UNNUMBERED = re.compile(r"\(contract(?!, sections? (?:\d|N\))|\.md)[^)]*\)", re.IGNORECASE)


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


def anchors_in(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document: Path, root: Path) -> list[str]:
    """The relative link targets and each `path::name` (the path from the root) that do not exist."""
    text = document.read_text(encoding="utf-8")
    found = []
    for target in _LINK.findall(_FENCED.sub("", text)):
        path, _, anchor = target.partition("#")
        if ":" in path:
            continue
        file = document.parent / path if path else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors_in(file)):
            found.append(target)
    for path, name in _NAMED.findall(text):
        if not (root / path).is_file() or name not in names_in(root / path):
            found.append(f"{path}::{name}")
    return found


def bad_citations(text: str, sections: set[str]) -> list[str]:
    """The citations of the contract that name no section, or one that it does not have."""
    text = re.sub(r"\s+(?:# )?", " ", text)
    cited = (number for numbers in _CITED.findall(text) for number in re.findall(_NUMBER, numbers))
    return _UNNUMBERED.findall(text) + [f"section {number}" for number in cited if number not in sections]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_and_names_exist(document: Path) -> None:
    assert broken(document, REPOSITORY) == []


def test_what_does_not_exist_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "code.py").write_text("X = 1\n\n\nclass A:\n    def method(self): ...\n")
    (tmp_path / "a.sql").write_text("{%- macro clamp(x) -%}{%- endmacro -%}")
    document = tmp_path / "docs" / "page.md"
    document.write_text(
        "## Here: it is\n"
        "[a](../code.py#l1) [b](../gone.py) [c](https://example.org) [d](#here-it-is) [f](page.md#here)\n"
        "`code.py::X` `code.py::method` `code.py::A` `a.sql::clamp`\n"
        "`code.py::gone` `a.sql::gone` `no.py::x`\n"
        "```\n[e](in-a-code-block.md)\n```\n"
    )
    assert broken(document, tmp_path) == ["../gone.py", "page.md#here", "code.py::gone", "a.sql::gone", "no.py::x"]


def test_the_readme_has_one_row_for_each_command() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    table = text.partition("| `nba-precompute` |")[2].partition("\n\n")[0]
    commands = [command.name for command in app.registered_commands if not command.hidden]
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == sorted(filter(None, commands))


def test_every_cited_section_is_in_the_contract() -> None:
    sections = set(_SECTION.findall(CONTRACT.read_text(encoding="utf-8")))
    assert {"1", "2a", "4.5"} < sections
    files = [
        *DOCUMENTS,
        *(path for root in ("nba_precompute", "nba_precompute_tests") for path in (REPOSITORY / root).rglob("*.py")),
        *(REPOSITORY / "nba_precompute").rglob("*.sql"),
    ]
    found = {
        str(path.relative_to(REPOSITORY)): bad
        for path in files
        if path != Path(__file__) and (bad := bad_citations(path.read_text(encoding="utf-8"), sections))
    }
    assert found == {}


def test_a_citation_of_what_the_contract_does_not_have_is_found() -> None:
    text = (
        "(contract, section 4.1) (contract, sections 1\n    # and 9)\n"
        "sections 2, 2a and 2b (contract, 4.4) (contract, `x`)"
    )
    assert bad_citations(text, {"1", "2", "2a", "4.1"}) == [
        "(contract, 4.4)",
        "(contract, `x`)",
        "section 9",
        "section 2b",
    ]
