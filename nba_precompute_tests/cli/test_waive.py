"""`nba-precompute waive`: waiving, listing and removing, with exit codes and messages."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable

import pytest

from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.quality.test_waivers import GAMES, LOST, warehouse

__all__ = ["warehouse"]

SIDE = (str(LOST), "AAA")


@pytest.fixture
def waive(
    warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run the command; return its exit code and what it printed."""
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    for name, value in {"NBA_DUCKDB_PATH": str(warehouse.path), "NO_COLOR": "1", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        code = call(monkeypatch, "waive", *arguments)
        shown = capsys.readouterr()
        return code, " ".join((shown.out + shown.err).replace("│", " ").split())

    return run


def test_a_gap_is_waived_listed_and_removed(waive: Callable[..., tuple[int, str]]) -> None:
    assert waive("--list") == (0, "nothing is waived")
    code, shown = waive(*SIDE, "--reason", "the feed [/lost] it", "--by", "pat")
    assert (code, shown) == (
        0,
        f"AAA on {LOST} is waived (the feed [/lost] it): checks, plan and automation no longer wait for it",
    )
    code, shown = waive("--list")
    assert (code, f"{LOST} AAA the feed [/lost] it pat " in shown) == (0, True)
    code, shown = waive("--list", "--json")
    (listed,) = json.loads(shown)
    assert listed.keys() == {"date", "team", "reason", "waived_by", "created_at"}
    assert (listed["date"], listed["team"], listed["reason"], listed["waived_by"]) == (
        *SIDE,
        "the feed [/lost] it",
        "pat",
    )
    code, shown = waive("--remove", *SIDE)
    assert (code, "wait for it again" in shown) == (0, True)
    assert json.loads(waive("--list", "--json")[1]) == []


def test_the_current_user_waives(waive: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = waive(*SIDE, "--reason", "lost", "--json")
    assert code == 0
    assert json.loads(shown)["waived_by"] == getpass.getuser()

    def unknown() -> str:
        raise KeyError("uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", unknown)
    code, shown = waive(*SIDE, "--reason", "lost")
    assert (code, "say with --by who waives the gap" in shown) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (SIDE, 2, "say with --reason why the gap will never close"),
        ((*SIDE, "--reason", " "), 2, "say with --reason why the gap will never close"),
        ((), 2, "name the DATE and the TEAM of the side, or use --list"),
        ((str(LOST), "--reason", "lost"), 2, "name the DATE and the TEAM"),
        (("--remove",), 2, "name the DATE and the TEAM"),
        (("--list", *SIDE), 2, "--list takes no other argument"),
        (("--list", "--remove"), 2, "--list takes no other argument"),
        (("--remove", *SIDE, "--reason", "found"), 2, "--remove takes neither --reason nor --by"),
        (("yesterday", "AAA", "--reason", "lost"), 2, "yesterday"),
        ((str(LOST), "BBB", "--reason", "lost"), 1, f"BBB on {LOST} is covered"),
        ((str(GAMES[0]), "XYZ", "--reason", "lost"), 1, "XYZ has no game that counts"),
        (("--remove", *SIDE), 1, f"AAA on {LOST} is not waived"),
    ],
)
def test_what_makes_no_sense_is_an_error(
    waive: Callable[..., tuple[int, str]], arguments: tuple[str, ...], code: int, message: str
) -> None:
    found, shown = waive(*arguments)
    assert found == code
    assert message in shown
    assert "Traceback" not in shown
    assert json.loads(waive("--list", "--json")[1]) == []
