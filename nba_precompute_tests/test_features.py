"""`nba_precompute.features`: the rows that a model gets, and those that it never gets by accident."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from nba_precompute import features
from nba_precompute.features import FEATURE_NAMES, FeatureError, FeatureRows
from nba_precompute.tables.features import FEATURE_VERSION, FEATURES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.warehouse import SchemaMismatch, Warehouse
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute, new_warehouse, published, run, to_tables


def load(weeks: FirstWeeks, warehouse: Warehouse | None = None, **options: bool) -> FeatureRows:
    return features.load(weeks.dates[0], weeks.dates[-1], warehouse=warehouse or weeks.warehouse, **options)


def stored(weeks: FirstWeeks) -> dict[tuple, dict]:
    return published(weeks.warehouse, ML_FEATURE_STORE_V2)


def played(row: dict) -> bool:
    """Return True if the player played: the definition of (contract, section 1), in Python."""
    has_minutes = row["minutes_played"] is not None and row["minutes_played"] > 0
    has_counts = row["minutes_played"] is None and any(
        (row[name] or 0) > 0 for name in ("fg_attempts", "ft_attempts", "points")
    )
    return row["is_dnp"] is not True and row["is_active"] is not False and (has_minutes or has_counts)


def labels_of(weeks: FirstWeeks) -> dict[tuple, int]:
    return {
        (row["game_date"], row["player_lookup"]): row["points"]
        for row in weeks.phase3["player_game_summary"]
        if played(row)
    }


def test_only_ready_rows_with_a_label_and_the_others_are_counted(first_weeks: FirstWeeks) -> None:
    found = load(first_weeks)
    rows, labels = stored(first_weeks), labels_of(first_weeks)
    ready = {key for key, row in rows.items() if row["is_quality_ready"]}
    frame = found.to_pandas()
    keys = list(zip(frame["game_date"].dt.date, frame["player_lookup"], strict=True))
    assert keys == sorted(ready & set(labels))
    assert [labels[key] for key in keys] == frame["actual_points"].tolist()
    assert (found.not_ready, found.not_played) == (len(rows) - len(ready), len(ready - set(labels)))
    assert min(found.not_ready, found.not_played, len(found)) > 0
    assert f"{found.not_ready:,} left out as not ready" in found.describe()
    assert "sample data" in found.describe()


def test_rows_that_are_not_ready_come_only_by_name(first_weeks: FirstWeeks) -> None:
    found = load(first_weeks, include_rows_that_are_not_ready=True, labels=False)
    assert len(found) == len(stored(first_weeks))
    assert 0 < found.to_pandas()["is_quality_ready"].sum() < len(found)
    assert load(first_weeks, labels=False).to_pandas()["is_quality_ready"].all()


def test_columns_are_the_array_in_the_order_of_the_registry(first_weeks: FirstWeeks) -> None:
    found = load(first_weeks, include_rows_that_are_not_ready=True, labels=False)
    rows, frame = stored(first_weeks), found.to_pandas()
    matrix, nothing = found.to_numpy()
    assert nothing is None
    assert matrix.dtype == np.float64
    assert matrix.shape == (len(rows), len(FEATURES))
    expected = [rows[key] for key in sorted(rows)]
    assert matrix.tolist() == [row["features"] for row in expected]
    assert [name for name in frame.columns if name in FEATURE_NAMES] == list(FEATURE_NAMES)
    assert frame[list(FEATURE_NAMES)].to_numpy().tolist() == matrix.tolist()
    assert frame["feature_sources"].map(list).tolist() == [row["feature_sources"] for row in expected]
    defaults = np.array([feature.default for feature in FEATURES])
    is_default = np.array(frame["feature_sources"].tolist()) == "default"
    assert is_default.any()
    assert (np.broadcast_to(defaults, matrix.shape)[is_default] == matrix[is_default]).all()


def test_numpy_arrow_and_pandas_are_the_same_rows(first_weeks: FirstWeeks) -> None:
    found = load(first_weeks)
    matrix, points = found.to_numpy()
    assert points is not None
    assert (
        points.tolist() == found.to_arrow()["actual_points"].to_pylist() == found.to_pandas()["actual_points"].tolist()
    )
    assert matrix[:, 1].tolist() == found.to_arrow()["points_avg_last_10"].to_pylist()
    assert (found.feature_names, found.feature_version) == (FEATURE_NAMES, FEATURE_VERSION)


def test_the_label_is_of_the_team_that_the_row_is_about(first_weeks: FirstWeeks, tmp_path: Path) -> None:
    warehouse = first_weeks.copy(tmp_path)
    before = load(first_weeks)
    date, player = first_weeks.dates[-1], before.to_pandas().iloc[-1]["player_lookup"]
    execute(
        warehouse,
        "UPDATE nba_analytics.player_game_summary SET team_abbr = 'XXX' "
        f"WHERE game_date = '{date}' AND player_lookup = '{player}'",
    )
    after = load(first_weeks, warehouse)
    assert (len(after), after.not_played) == (len(before) - 1, before.not_played + 1)


def test_another_feature_version_is_refused(first_weeks: FirstWeeks, tmp_path: Path) -> None:
    first, last = first_weeks.dates[0], first_weeks.dates[-1]
    with pytest.raises(FeatureError, match=f"requested is v0, this package has {FEATURE_VERSION}"):
        features.load(first, last, feature_version="v0", warehouse=first_weeks.warehouse)
    warehouse = first_weeks.copy(tmp_path)
    execute(
        warehouse, f"UPDATE nba_predictions.ml_feature_store_v2 SET feature_version = 'v0' WHERE game_date = '{last}'"
    )
    with pytest.raises(FeatureError, match=f"stored is v0, this package has {FEATURE_VERSION}"):
        load(first_weeks, warehouse)
    execute(warehouse, "ALTER TABLE nba_predictions.ml_feature_store_v2 DROP COLUMN team_win_pct")
    with pytest.raises(SchemaMismatch, match="team_win_pct: expected FLOAT64, found no such column"):
        load(first_weeks, warehouse)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("features[2] = 99.5", "the features array and the named columns differ: points_avg_last_10"),
        ("points_avg_last_5 = NULL", "the features array and the named columns differ: points_avg_last_5"),
        ("feature_sources[1] = 'default'", "NULL and not a default, or the reverse: points_avg_last_5"),
        ("feature_names[25] = 'age'", "feature_names are not the declared ones: team_win_pct"),
        ("features = features[:24]", "features of a row does not have 25 elements"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    first_weeks: FirstWeeks, tmp_path: Path, change: str, message: str
) -> None:
    warehouse = first_weeks.copy(tmp_path)
    column, _, value = change.partition(" = ")
    name, _, index = column.partition("[")
    if index:  # DuckDB cannot set an element of a list
        position = int(index.rstrip("]"))
        value = f"{name}[:{position - 1}] || [{value}] || {name}[{position + 1}:]"
    player = load(first_weeks).to_pandas()["player_lookup"].iloc[0]
    execute(
        warehouse,
        f"UPDATE nba_predictions.ml_feature_store_v2 SET {name} = {value} "
        f"WHERE player_lookup = '{player}' AND is_quality_ready",
    )
    with pytest.raises(FeatureError, match=message.replace("'", ".")):
        load(first_weeks, warehouse)


def test_dates_without_rows_are_refused_unless_gaps_are_allowed(first_weeks: FirstWeeks, tmp_path: Path) -> None:
    warehouse = first_weeks.copy(tmp_path)
    gap = first_weeks.dates[-3]
    execute(warehouse, f"DELETE FROM nba_predictions.ml_feature_store_v2 WHERE game_date = '{gap}'")
    with pytest.raises(
        FeatureError, match=rf"1 dates with games have no rows; compute them \(first {gap}, last {gap}\)"
    ):
        load(first_weeks, warehouse)
    found = load(first_weeks, warehouse, allow_gaps=True)
    assert found.missing_dates == (gap,)
    assert f"1 dates without rows (first {gap}" in found.describe()


def test_a_slate_that_was_not_played_yet_has_features_and_no_labels(first_weeks: FirstWeeks, tmp_path: Path) -> None:
    warehouse = first_weeks.copy(tmp_path)
    tonight = first_weeks.dates[-1]
    execute(warehouse, f"DELETE FROM nba_analytics.player_game_summary WHERE game_date = '{tonight}'")
    assert len(features.load(tonight, tonight, labels=False, warehouse=warehouse)) > 0
    with pytest.raises(FeatureError, match="1 dates have no box score to take labels from"):
        features.load(tonight, tonight, warehouse=warehouse)
    assert load(first_weeks, warehouse, allow_gaps=True).unplayed_dates == (tonight,)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (
            dt.date(2021, 10, 19),
            dt.date(2021, 10, 20),
            r"no row from 2021-10-19 to 2021-10-20: 0 rows, \d+ left out as not",
        ),
        (dt.date(2021, 8, 1), dt.date(2021, 8, 2), "no game is on the schedule"),
        (dt.date(2021, 11, 2), dt.date(2021, 11, 1), "the last date 2021-11-01 is before the first"),
        (dt.date(2022, 1, 1), dt.date(2022, 1, 9), "dates with games have no rows"),
    ],
    ids=["nobody ready", "no games", "reversed", "not computed"],
)
def test_nothing_is_never_returned_in_silence(
    first_weeks: FirstWeeks, first: dt.date, last: dt.date, message: str
) -> None:
    with pytest.raises(FeatureError, match=message):
        features.load(first, last, warehouse=first_weeks.warehouse)


def test_features_know_nothing_of_the_labels_game(first_weeks: FirstWeeks, tmp_path: Path) -> None:
    """The last date, recomputed without its box scores, has the same features, bit for bit."""
    tonight = first_weeks.dates[-1]
    sources = {
        name: [
            row
            for row in rows
            if name in ("nbac_schedule", "upcoming_player_game_context") or row["game_date"] < tonight
        ]
        for name, rows in first_weeks.phase3.items()
    }
    warehouse = new_warehouse(tmp_path / "before_tip_off.duckdb", to_tables(sources))
    run(warehouse, [tonight])
    matrix, _ = features.load(tonight, tonight, labels=False, warehouse=warehouse).to_numpy()
    expected, _ = features.load(tonight, tonight, labels=False, warehouse=first_weeks.warehouse).to_numpy()
    assert matrix.tobytes() == expected.tobytes()
