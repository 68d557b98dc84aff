"""Fixtures of the tests of the checks: the published seasons of the proofs, so that none is computed twice."""

from __future__ import annotations

from nba_precompute_tests.proof.conftest import seasons

__all__ = ["seasons"]
