"""Small inputs of known faults, each with its right values (`shared/cases`, beside the samples)."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from nba_precompute.tables import SOURCES
from nba_precompute_tests.support.league import SAMPLES, as_declared, existing

CASES = SAMPLES.parent / "cases"


def case_directory(name: str) -> Path:
    """Return the folder of a case; without it, skip the test, or fail it in CI."""
    return existing(CASES / name)


def case(name: str) -> dict[str, pa.Table]:
    """Read the sources of a case; without it, skip the test, or fail it in CI."""
    directory = case_directory(name)
    return {source: as_declared(source, pq.read_table(directory / f"{source}.parquet")) for source in SOURCES}
