"""The committed pages equal the pages generated from the declarations, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_precompute.operations.data_dictionary import pages
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, WAIVERS
from nba_precompute.tables.features import FEATURES
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.league import REPOSITORY


@pytest.mark.parametrize("name", pages())
def test_the_page_is_up_to_date(name: str) -> None:
    committed = (REPOSITORY / "docs" / name).read_bytes()
    assert committed == pages()[name].encode(), "run `nba-precompute docs --out docs`"


def test_every_table_column_and_feature_is_there() -> None:
    dictionary, features = pages()["data-dictionary.md"], pages()["features.md"]
    for relation in (*TABLES.values(), PRECOMPUTE_FAILURES, WAIVERS, *SOURCES.values()):
        section = dictionary.split(f"\n## {relation.name}\n")[1].split("\n## ")[0]
        for column in relation.published_columns:
            assert f"\n| `{column.name}` | {column.type}" in section
    for index, feature in enumerate(FEATURES):
        assert f"\n| {index} | `{feature.name}` |" in features


def test_no_text_breaks_a_table() -> None:
    for page in pages().values():
        for block in page.split("\n\n"):
            lines = [line.replace("\\|", "") for line in block.splitlines() if line.startswith("|")]
            assert len({line.count("|") for line in lines}) <= 1, lines[0]


def test_the_command_writes_and_a_stale_page_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "docs", "--out", str(tmp_path)) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        name: text.encode() for name, text in pages().items()
    }
    assert call(monkeypatch, "docs", "--out", str(tmp_path), "--check") == 0
    (tmp_path / "features.md").write_text("something else")
    assert call(monkeypatch, "docs", "--out", str(tmp_path), "--check") == 1
    assert "features.md: stale" in capsys.readouterr().out
    assert (tmp_path / "features.md").read_text() == "something else"
