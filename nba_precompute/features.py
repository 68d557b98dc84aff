"""The feature store for models: rows for training or prediction, as pandas, Arrow or NumPy.

Here: the guarantees for models: order and version of the features, readiness of rows, and labels. Not here: the
definition of each feature (`tables/features.py`) and files of training data (`operations/export.py`).

    from nba_precompute import features

    season = features.load(dt.date(2021, 10, 19), dt.date(2022, 4, 10))
    x, y = season.to_numpy()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nba_precompute.quality.row_counts import table_row_counts
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import Column
from nba_precompute.tables.features import DEFAULT, FEATURE_VERSION, FEATURES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute.warehouse import Warehouse, warehouse_from_environment
from nba_precompute.warehouse.frames import to_arrow
from nba_precompute.warehouse.schema_sync import refuse_mismatches

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

FEATURE_NAMES = tuple(feature.name for feature in FEATURES)
"""The names of the features, in the order of the array."""

LABEL = Column("actual_points", "INT64", "the points that he scored in the game that the row is about", unit="points")
"""The label of a row."""

KEY_COLUMNS = ("game_date", "player_lookup", "game_id", "team_abbr", "opponent_team_abbr")
"""The columns that say which game and player a row is about."""

READINESS_COLUMNS = (
    "is_quality_ready",
    "is_production_ready",
    "quality_tier",
    "feature_quality_score",
    "completeness_percentage",
    "games_in_sample",
    "early_season_flag",
    "data_source",
)
"""The columns that say how complete and how reliable a row is."""


class FeatureError(Exception):
    """The requested rows are missing, or not fit for a model; the message says what to do."""


@dataclass(frozen=True)
class FeatureRows:
    """Rows of the feature store, ordered by date and player.

    Attributes:
        rows: one row per date and player, with these columns: `KEY_COLUMNS`; one FLOAT64 column per feature, in order,
            with defaults filled in as in the `features` array; `feature_sources`, in the same order;
            `feature_version`; `READINESS_COLUMNS`; and, with labels, `actual_points`.
        has_labels: True if the rows have labels.
        not_ready: number of rows left out because they are not ready.
        not_played: number of ready rows left out because they have no label: the player did not play, played for
            another team, or his points are unknown.
        missing_dates: dates that have games, but no rows.
        unplayed_dates: dates that have rows, but no box score to take labels from.
        is_sample: True if some of the dates have games of a simulated league.
    """

    rows: pa.Table
    has_labels: bool
    not_ready: int
    not_played: int
    missing_dates: tuple[dt.date, ...]
    unplayed_dates: tuple[dt.date, ...]
    is_sample: bool

    feature_names = FEATURE_NAMES
    feature_version = FEATURE_VERSION

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return self.rows

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a DataFrame with one column per feature."""
        return self.rows.to_pandas(date_as_object=False)

    def to_numpy(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the features as a matrix, and the labels.

        Returns:
            A FLOAT64 array of shape (rows, features), never NaN, and a FLOAT64 array of shape (rows,), or None if the
            rows have no labels.
        """
        import numpy as np

        matrix = np.column_stack([self.rows[name].to_numpy() for name in FEATURE_NAMES])
        return matrix, self.rows[LABEL.name].to_numpy().astype(np.float64) if self.has_labels else None

    def describe(self) -> str:
        """Summarize in one line how many rows there are and how many were left out."""
        parts = [f"{len(self):,} rows"]
        if self.not_ready:
            parts.append(f"{self.not_ready:,} left out as not ready")
        if self.not_played:
            parts.append(f"{self.not_played:,} left out without a label (not played)")
        for dates, what in ((self.missing_dates, "without rows"), (self.unplayed_dates, "without box scores")):
            if dates:
                parts.append(f"{len(dates)} dates {what} (first {dates[0]}, last {dates[-1]})")
        return ", ".join(parts) + (" (sample data: a simulated league)" if self.is_sample else "")


def load(
    first: dt.date,
    last: dt.date,
    *,
    labels: bool = True,
    feature_version: str = FEATURE_VERSION,
    include_rows_that_are_not_ready: bool = False,
    allow_gaps: bool = False,
    warehouse: Warehouse | None = None,
) -> FeatureRows:
    """Load the ready rows of the feature store for a range of dates.

    Labels are joined point in time: the features use only what was known before tip-off, and `actual_points` are the
    points scored in that date's game by a player who played in it (contract, section 1, `played`).

    Args:
        first: first game date.
        last: last game date, inclusive.
        labels: True joins the labels, and leaves out and counts the rows without one; False returns every ready row,
            for prediction.
        feature_version: the version of the features that the model was trained with.
        include_rows_that_are_not_ready: also return rows with an incomplete window, too few games or a default for a
            required feature; the column `is_quality_ready` tells them apart.
        allow_gaps: return a result even if dates are missing or no row is left; the result names those dates.
        warehouse: the warehouse to read; by default the one that the environment names.

    Raises:
        FeatureError: if the feature version differs, dates are missing, no row is left, or a row contradicts itself.
        SchemaMismatch: if the table lacks a column of this feature version.
        WarehouseError: if the warehouse cannot be read.
    """
    _refuse_other_version([feature_version], "requested")
    if last < first:
        raise FeatureError(f"the last date {last} is before the first, {first}")
    warehouse = warehouse or warehouse_from_environment()
    run = RunDates.of(first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    with warehouse.reading("loading features") as session:
        refuse_mismatches(session, [ML_FEATURE_STORE_V2])
        counts = table_row_counts(session, ML_FEATURE_STORE_V2, run)
        frame = session.frame(
            render("read/features", ML_FEATURE_STORE_V2, run, session.relation, labels=labels, label=LABEL.name),
            "features",
        )
    stored = to_arrow(frame, (*ML_FEATURE_STORE_V2.columns, LABEL))
    verify(stored)
    ready = stored if include_rows_that_are_not_ready else stored.filter(stored["is_quality_ready"])
    kept = ready.filter(ready[LABEL.name].is_valid()) if labels else ready
    result = FeatureRows(
        rows=_for_models(kept, labels=labels),
        has_labels=labels,
        not_ready=stored.num_rows - ready.num_rows,
        not_played=ready.num_rows - kept.num_rows,
        missing_dates=tuple(date_counts.date for date_counts in counts if date_counts.is_missing),
        unplayed_dates=_unplayed(stored) if labels else (),
        is_sample=any(date_counts.sample_games for date_counts in counts),
    )
    if not allow_gaps:
        _refuse_gaps(result)
        if not len(result):
            has_games = any(date_counts.games for date_counts in counts)
            reason = result.describe() if has_games else "no game is on the schedule"
            raise FeatureError(f"no row from {first} to {last}: {reason}")
    return result


def verify(stored: pa.Table) -> None:
    """Compare rows of the feature store with the declared features.

    Raises:
        FeatureError: if a row has another feature version or other feature names, or if its array, its named columns
            and its sources disagree; names the first such row.
    """
    import numpy as np

    if not stored.num_rows:
        return
    _refuse_other_version(stored["feature_version"].unique().to_pylist(), "stored")
    arrays = {
        name: _matrix(stored, name, kind)
        for name, kind in (("features", np.float64), ("feature_names", object), ("feature_sources", object))
    }
    named = np.column_stack([stored[name].to_numpy() for name in FEATURE_NAMES])
    filled = np.where(np.isnan(named), [feature.default for feature in FEATURES], named)
    problems = {
        "feature_names are not the declared ones": arrays["feature_names"] != np.array(FEATURE_NAMES, object),
        "the features array and the named columns differ": arrays["features"] != filled,
        "a feature is NULL and not a default, or the reverse": np.isnan(named)
        != (arrays["feature_sources"] == DEFAULT),
    }
    for problem, where in problems.items():
        if where.any():
            row, index = (int(values[0]) for values in np.nonzero(where))
            player, date = stored["player_lookup"][row].as_py(), stored["game_date"][row].as_py()
            raise FeatureError(f"{problem}: {FEATURE_NAMES[index]} of {player} on {date}; compute that date again")


def _matrix(stored: pa.Table, name: str, kind: type) -> np.ndarray:
    """Return a list column with one element per feature as a matrix of shape (rows, features)."""
    import pyarrow.compute as pc

    lists: pa.ListArray = stored[name].combine_chunks()
    if pc.any(pc.fill_null(pc.not_equal(pc.list_value_length(lists), len(FEATURES)), True)).as_py():
        raise FeatureError(f"{name} of a row does not have {len(FEATURES)} elements; compute its date again")
    return lists.flatten().to_numpy(zero_copy_only=False).astype(kind).reshape(-1, len(FEATURES))


def _for_models(kept: pa.Table, *, labels: bool) -> pa.Table:
    """Select the columns of `FeatureRows.rows`, with the defaults filled in."""
    import numpy as np
    import pyarrow as pa

    values = _matrix(kept, "features", np.float64) if kept.num_rows else np.empty((0, len(FEATURES)))
    columns = {name: kept[name] for name in KEY_COLUMNS}
    columns |= {name: pa.array(values[:, index]) for index, name in enumerate(FEATURE_NAMES)}
    columns |= {name: kept[name] for name in ("feature_sources", "feature_version", *READINESS_COLUMNS)}
    return pa.table(columns | ({LABEL.name: kept[LABEL.name]} if labels else {}))


def _unplayed(stored: pa.Table) -> tuple[dt.date, ...]:
    """Return the dates on which no row has a label."""
    by_date = stored.group_by("game_date").aggregate([(LABEL.name, "count")])
    return tuple(sorted(row["game_date"] for row in by_date.to_pylist() if not row[f"{LABEL.name}_count"]))


def _refuse_other_version(versions: Sequence[str], which: str) -> None:
    others = sorted({str(version) for version in versions} - {FEATURE_VERSION})
    if others:
        raise FeatureError(
            f"the feature version {which} is {', '.join(others)}, this package has {FEATURE_VERSION}; "
            "train and predict with the same version, and compute dates of another version again"
        )


def _refuse_gaps(found: FeatureRows) -> None:
    for dates, what in (
        (found.missing_dates, "dates with games have no rows; compute them"),
        (found.unplayed_dates, "dates have no box score to take labels from; load them, or pass labels=False"),
    ):
        if dates:
            raise FeatureError(f"{len(dates)} {what} (first {dates[0]}, last {dates[-1]}), or pass allow_gaps=True")
