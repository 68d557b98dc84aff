"""The names of the checks, for everything that speaks of them."""

from __future__ import annotations

COMPLETE, VALID, PLAUSIBLE = "complete", "valid", "plausible"

BLOCKING_CHECKS = (COMPLETE, VALID)
"""What automation downstream waits for. Inside a run only `valid` stops what comes after it."""

COMPLETE_THROUGH = "complete_through"
