"""The example trains on one real season, is evaluated on the next, and beats its baselines."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from nba_precompute import features
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.proof.seasons import Seasons
from nba_precompute_tests.support.league import REPOSITORY, execute

EXAMPLE = REPOSITORY / "examples" / "train_points_model.py"
READ = ("nba_predictions.ml_feature_store_v2", "nba_analytics.player_game_summary", "nba_raw.nbac_schedule")


@pytest.fixture
def both_seasons(seasons: Seasons, tmp_path: Path) -> DuckDBWarehouse:
    """The tables that `features.load` reads, of both real seasons, in one warehouse."""
    first, second = seasons.real(2021), seasons.real(2022)
    warehouse = DuckDBWarehouse(Path(shutil.copy(first.warehouse.path, tmp_path / "both.duckdb")))
    execute(
        warehouse,
        f"ATTACH '{second.warehouse.path}' AS second (READ_ONLY)",
        *(f"INSERT INTO {table} SELECT * FROM second.{table}" for table in READ),
    )
    return warehouse


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_points_model", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_model_beats_its_baselines_on_the_next_season(
    both_seasons: DuckDBWarehouse,
    example: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(both_seasons.path))
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "--train", "2021", "--test", "2022"])
    example.main()  # exits with an error where the model does not beat them
    shown = capsys.readouterr().out
    assert "ridge regression" in shown
    train, test = example.season(2021), example.season(2022)
    result = example.evaluate(train, test)
    *baselines, model = result.values()
    assert len(baselines) == 2
    for absolute, squared in baselines:
        assert model[0] < 0.995 * absolute
        assert model[1] < 0.985 * squared
    _, actual = test.to_numpy()
    assert actual is not None
    error = abs(actual - test.to_pandas()["points_avg_last_10"]).mean()
    assert result["mean of the last 10 games"][0] == pytest.approx(error)


@pytest.mark.slow
def test_a_season_that_is_not_there_is_an_error(
    both_seasons: DuckDBWarehouse, example: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(both_seasons.path))
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "--train", "2019", "--test", "2022"])
    with pytest.raises(SystemExit, match="error: no row from 2019-10-01"):
        example.main()
    with pytest.raises(features.FeatureError):
        example.season(2019)
