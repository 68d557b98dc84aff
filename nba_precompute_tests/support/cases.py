"""Small inputs of known faults, each with its right values (`shared/cases`, beside the samples)."""

from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nba_precompute.tables import SOURCES
from nba_precompute_tests.support.league import SAMPLES, as_declared

CASES = SAMPLES.parent / "cases"


def case(name: str) -> dict[str, pa.Table]:
    """Read the sources of a case; without it, skip the test, or fail it in CI."""
    directory = CASES / name
    if not directory.is_dir():
        message = f"no case {name} at {CASES}; set NBA_PHASE3_SAMPLES to the folder beside it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return {source: as_declared(source, pq.read_table(directory / f"{source}.parquet")) for source in SOURCES}
