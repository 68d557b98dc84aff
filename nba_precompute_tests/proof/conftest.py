"""Fixtures of the proofs: the published seasons."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_precompute_tests.proof.seasons import Seasons


@pytest.fixture(scope="session")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> Seasons:
    """Each season is published by the first test that asks for it, in whichever worker process."""
    base: Path = tmp_path_factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "seasons"
    directory.mkdir(exist_ok=True)
    return Seasons(directory)


@pytest.fixture(autouse=True)
def _tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    """A copy of a season is 20 MB, and pytest would keep that of every test of the last three runs."""
    directory = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)
