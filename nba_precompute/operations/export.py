"""Writes training sets as files: one file per season, and a manifest of columns and omissions.

Here: file formats, folders, the manifest. Not here: which rows a training set has (`features.py`).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute import features
from nba_precompute.calendar import season_label
from nba_precompute.sql import RunDates
from nba_precompute.tables.features import FEATURE_VERSION, FEATURES
from nba_precompute.warehouse import Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
_MADE_BY = "nba-precompute export"


class FileFormat(StrEnum):
    """File format of an export. CSV has no lists, so it needs wide columns."""

    PARQUET = "parquet"
    CSV = "csv"


class ExportError(Exception):
    """Nothing to write, or nowhere to write it; the message says what to do."""


@dataclass(frozen=True)
class SeasonFile:
    """File of one season, with the counts of `features.load`."""

    name: str
    season: int
    rows: int
    not_ready: int
    not_played: int
    missing_dates: tuple[dt.date, ...]
    unplayed_dates: tuple[dt.date, ...]
    is_sample: bool

    @property
    def is_whole(self) -> bool:
        """True if it has every date with games."""
        return not self.missing_dates and not self.unplayed_dates


def export(
    warehouse: Warehouse,
    dates: Sequence[dt.date],
    out: Path,
    *,
    format: FileFormat = FileFormat.PARQUET,
    wide: bool = False,
    labels: bool = True,
    include_rows_that_are_not_ready: bool = False,
) -> list[SeasonFile]:
    """Write the rows of the feature store for the dates: all files or none.

    Args:
        out: a folder that is new, empty, or holds an earlier export, which is replaced.
        wide: write a column `<feature>_source` per feature instead of the list `feature_sources`.
        labels: passed to `features.load`, as is `include_rows_that_are_not_ready`.

    Returns:
        The files by season, each with the dates that are missing in it.

    Raises:
        ExportError: if the folder holds something else, the format has no lists, or there is no row to write.
        FeatureError: if a row contradicts itself.
        WarehouseError: if the warehouse cannot be read. Nothing was written in any of these cases.
    """
    if format is FileFormat.CSV and not wide:
        raise ExportError("CSV has no lists; choose wide columns")
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}")
    unfinished.mkdir()
    try:
        written = []
        for season, (first, last) in RunDates.of(dates).seasons.items():
            found = features.load(
                first,
                last,
                labels=labels,
                include_rows_that_are_not_ready=include_rows_that_are_not_ready,
                allow_gaps=True,
                warehouse=warehouse,
            )
            name = f"{season_label(season)}.{format}"
            rows = _wide(found.rows) if wide else found.rows
            _write(rows, unfinished / name, format)
            written.append(
                SeasonFile(
                    name=name,
                    season=season,
                    rows=len(found),
                    not_ready=found.not_ready,
                    not_played=found.not_played,
                    missing_dates=found.missing_dates,
                    unplayed_dates=found.unplayed_dates,
                    is_sample=found.is_sample,
                )
            )
        if not any(file.rows for file in written):
            left_out_rows = sum(file.not_ready + file.not_played for file in written)
            raise ExportError(f"no row from {dates[0]} to {dates[-1]}, {left_out_rows:,} left out; nothing was written")
        manifest = _manifest(warehouse, dates, written, rows.column_names, labels=labels)
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
        _replace(out, unfinished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return written


def _refuse_foreign(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise ExportError(f"{out} is a file; name a folder")
    if not any(out.iterdir()):
        return
    try:
        is_ours = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["made_by"] == _MADE_BY
    except (OSError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise ExportError(f"{out} contains files that are not part of an export; name a new or empty folder")


def _replace(out: Path, unfinished: Path) -> None:
    if out.exists():
        shutil.rmtree(out)
    unfinished.rename(out)


def _wide(rows: pa.Table) -> pa.Table:
    import pyarrow as pa

    sources = rows["feature_sources"].combine_chunks()
    tiers = sources.flatten().to_numpy(zero_copy_only=False).reshape(-1, len(FEATURES))
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in rows.column_names:
        if name == "feature_sources":
            columns |= {
                f"{feature}_source": pa.array(tiers[:, index], pa.string())
                for index, feature in enumerate(features.FEATURE_NAMES)
            }
        else:
            columns[name] = rows[name]
    return pa.table(columns)


def _write(rows: pa.Table, path: Path, format: FileFormat) -> None:
    if format is FileFormat.CSV:
        from pyarrow import csv

        csv.write_csv(rows, path)
    else:
        import pyarrow.parquet as pq

        pq.write_table(rows.replace_schema_metadata({"feature_version": FEATURE_VERSION}), path)


def _manifest(
    warehouse: Warehouse,
    dates: Sequence[dt.date],
    written: Sequence[SeasonFile],
    columns: Sequence[str],
    *,
    labels: bool,
) -> dict[str, Any]:
    return {
        "made_by": _MADE_BY,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "warehouse": warehouse.describe(),
        "from": dates[0].isoformat(),
        "to": dates[-1].isoformat(),
        "feature_version": FEATURE_VERSION,
        "features": [
            {
                "index": index,
                "name": feature.name,
                "description": feature.description,
                "unit": feature.unit,
                "default": feature.default,
                "range": feature.range,
                "required": feature.required,
            }
            for index, feature in enumerate(FEATURES)
        ],
        "label": features.LABEL.name if labels else None,
        "columns": list(columns),
        "files": [asdict(file) for file in written],
    }
