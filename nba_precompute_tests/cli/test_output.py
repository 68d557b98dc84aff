"""Printed tables and messages show text verbatim; styles are passed separately."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from nba_precompute.cli.output import ShownColumn, data_table, say, say_problem, show

MARKUP = "[/x] [red]a[/red] [link=y]"


def test_cells_headings_and_titles_are_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        data_table(
            f"title {MARKUP}", [ShownColumn(f"heading {MARKUP}")], [[f"cell {MARKUP}"], None, [Text(MARKUP, "red")]]
        )
    )
    shown = capsys.readouterr().out
    for text in (f"title {MARKUP}", f"heading {MARKUP}", f"cell {MARKUP}"):
        assert text in shown
    assert shown.count(MARKUP) == 4


def test_messages_are_never_read_as_markup_nor_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    long = f"{MARKUP} {'x' * 300}"
    say(long, "yellow")
    say_problem("error", long)
    shown = capsys.readouterr()
    assert shown.out == f"{long}\n"
    assert shown.err == f"error: {long}\n"


def test_styles_are_given_beside_the_text() -> None:
    table = data_table("", [ShownColumn("state")], [[Text("missing", "yellow")]])
    screen = Console(force_terminal=True, color_system="standard", no_color=False, width=40, _environ={})
    with screen.capture() as captured:
        screen.print(table)
    assert "\x1b[33mmissing" in captured.get()


def test_numbers_are_aligned_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        data_table(
            "", [ShownColumn("table"), ShownColumn("rows", is_number=True)], [("a", "1"), ("b", "1,000")], is_plain=True
        )
    )
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[-3:-1] == [" a          1", " b      1,000"]
