"""Trains a small model of a player's points on one season and evaluates it on another.

Both seasons must be in the feature store of the warehouse that the environment names (`NBA_DUCKDB_PATH`, ...), and
scikit-learn must be installed:

    python examples/train_points_model.py --train 2021 --test 2022

The model is compared with two baselines: the mean of the player's last 10 games and the player's mean of the season so
far. Ends with exit code 1 if it does not beat both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nba_precompute import features

BASELINES = {"mean of the last 10 games": "points_avg_last_10", "mean of the season so far": "points_avg_season"}


def season(year: int) -> features.FeatureRows:
    """Load the ready rows of a whole season, of players who played."""
    return features.load(dt.date(year, 10, 1), dt.date(year + 1, 6, 30))


def errors(actual: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    """Return the mean absolute and the root mean squared error, in points."""
    return float(mean_absolute_error(actual, predicted)), float(root_mean_squared_error(actual, predicted))


def evaluate(train: features.FeatureRows, test: features.FeatureRows) -> dict[str, tuple[float, float]]:
    """Return the errors on the test season: of each baseline and, last, of a model fitted to the training season."""
    x_train, y_train = train.to_numpy()
    x_test, y_test = test.to_numpy()
    assert y_train is not None, "loaded with labels"
    assert y_test is not None, "loaded with labels"
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-1, 4, 12)))
    model.fit(x_train, y_train)
    result = {title: errors(y_test, x_test[:, features.FEATURE_NAMES.index(name)]) for title, name in BASELINES.items()}
    return result | {"ridge regression": errors(y_test, model.predict(x_test))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, purpose in (("--train", "train on"), ("--test", "evaluate on")):
        parser.add_argument(option, type=int, required=True, help=f"year in which the season to {purpose} starts")
    seasons = parser.parse_args()
    try:
        train, test = season(seasons.train), season(seasons.test)
    except features.FeatureError as error:
        sys.exit(f"error: {error}")
    print(f"train on {seasons.train}: {train.describe()}")
    print(f"test on {seasons.test}: {test.describe()}")
    result = evaluate(train, test)
    table = Table(title=f"points of a game, {train.feature_version}", title_justify="left")
    table.add_column("prediction")
    for heading in ("mean absolute error", "root mean squared error"):
        table.add_column(heading, justify="right")
    for name, both in result.items():
        table.add_row(name, *(f"{error:.3f}" for error in both))
    Console().print(table)
    *baselines, model = result.values()
    if not all(mine < theirs for baseline in baselines for mine, theirs in zip(model, baseline, strict=True)):
        sys.exit("the model does not beat the baselines")


if __name__ == "__main__":
    main()
