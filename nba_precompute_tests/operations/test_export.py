"""`nba-precompute export`: files with a manifest, all of them or none."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from nba_precompute import features
from nba_precompute.features import FEATURE_NAMES
from nba_precompute.tables.features import FEATURE_VERSION
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute


@pytest.fixture(autouse=True)
def environment(first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    monkeypatch.setenv("NO_COLOR", "1")


def test_the_file_is_what_load_gives(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "training"
    assert call(monkeypatch, "export", *first_weeks.span, "--format", "parquet", "--out", str(out)) == 0
    loaded = features.load(first_weeks.dates[0], first_weeks.dates[-1], warehouse=first_weeks.warehouse)
    written = pq.read_table(out / "2021-22.parquet")
    assert written.replace_schema_metadata(None).equals(loaded.to_arrow())
    assert written.schema.metadata[b"feature_version"].decode() == FEATURE_VERSION
    manifest = json.loads((out / "manifest.json").read_text())
    assert [feature["name"] for feature in manifest["features"]] == list(FEATURE_NAMES)
    assert manifest["columns"] == written.column_names
    assert manifest["files"][0]["rows"] == len(loaded)
    shown = capsys.readouterr().out
    assert f"{len(loaded):,}" in shown
    assert "sample data" in shown


def test_wide_has_a_source_beside_each_feature_and_can_be_csv(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "training"
    options = (*first_weeks.span, "--out", str(out), "--wide", "--json")
    assert call(monkeypatch, "export", *options) == 0
    wide = pq.read_table(out / "2021-22.parquet")
    rows = features.load(first_weeks.dates[0], first_weeks.dates[-1], warehouse=first_weeks.warehouse).to_arrow()
    for index, name in enumerate(FEATURE_NAMES):
        assert wide[f"{name}_source"].to_pylist() == [sources[index] for sources in rows["feature_sources"].to_pylist()]
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert (file["name"], file["season"], file["rows"], file["missing_dates"]) == (
        "2021-22.parquet",
        2021,
        rows.num_rows,
        [],
    )
    assert call(monkeypatch, "export", *options, "--format", "csv") == 0
    assert sorted(path.name for path in out.iterdir()) == ["2021-22.csv", "manifest.json"], (
        "the earlier export is replaced"
    )
    again = csv.read_csv(out / "2021-22.csv")
    assert again["points_avg_last_10"].to_pylist() == rows["points_avg_last_10"].to_pylist()
    assert again.column_names == wide.column_names


def test_a_gap_is_written_around_and_named_with_exit_code_3(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse, gap = first_weeks.copy(tmp_path), first_weeks.dates[-2]
    execute(warehouse, f"DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = '{gap}'")
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(warehouse.path))
    assert call(monkeypatch, "export", *first_weeks.span, "--out", str(tmp_path / "out")) == 3
    assert f"2021-22.parquet: 1 dates with games have no rows: {gap}" in capsys.readouterr().out
    assert pq.read_metadata(tmp_path / "out" / "2021-22.parquet").num_rows > 0


def test_what_is_not_an_export_is_never_replaced(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert call(monkeypatch, "export", *first_weeks.span, "--out", str(tmp_path)) == 1
    assert "contains files that are not part of an export" in capsys.readouterr().err
    assert call(monkeypatch, "export", *first_weeks.span, "--out", str(tmp_path / "thesis.txt")) == 1
    assert "is a file; name a folder" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_nothing_is_written_where_nobody_is_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    span = ("--from", "2021-10-19", "--to", "2021-10-20")
    assert call(monkeypatch, "export", *span, "--out", str(tmp_path / "out")) == 1
    assert "no row from 2021-10-19 to 2021-10-20" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_csv_without_wide_is_a_usage_error(
    first_weeks: FirstWeeks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "export", *first_weeks.span, "--out", str(tmp_path / "out"), "--format", "csv") == 2
    assert "add --wide" in capsys.readouterr().err
