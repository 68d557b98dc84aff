"""`estimate`, which `plan` replaces, on the command line; estimates of BigQuery are in `bigquery/test_runs.py`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nba_precompute.cli import app
from nba_precompute.publishing import estimate as module
from nba_precompute.publishing.estimate import Estimate
from nba_precompute.tables import TABLES
from nba_precompute_tests.support.league import new_warehouse

DATES = ("estimate", "--from", "2021-10-19", "--to", "2021-10-25")


def test_duckdb_bills_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(new_warehouse(tmp_path / "nba.duckdb", {}).path))
    done = CliRunner().invoke(app, [*DATES, "--cap-bytes", "1"])
    assert done.exit_code == 0, done.output
    assert "nothing is billed" in done.stdout
    assert done.stdout.count("not billed") == 4 * len(TABLES)
    assert "use `nba-precompute plan`" in done.stderr
    found = json.loads(CliRunner().invoke(app, [*DATES, "--json"]).stdout)
    assert found["total_bytes"] is None
    assert [table["table"] for table in found["tables"]] == list(TABLES)


@pytest.mark.parametrize(("cap", "code"), [("5999", 1), ("6000", 0)])
def test_more_than_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch, cap: str, code: int) -> None:
    monkeypatch.setattr(
        module, "estimate", lambda *_: [Estimate("a", 1000, 1000, 1000), Estimate("b", 1000, 1000, 1000)]
    )
    monkeypatch.setenv("NBA_ESTIMATE_CAP_BYTES", cap)
    done = CliRunner().invoke(app, DATES)
    assert done.exit_code == code
    assert ("exceed the cap of 5,999" in done.output) == bool(code)
