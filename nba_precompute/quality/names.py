"""The names of the checks.

Here: names alone, importable from anywhere. Not here: the rules of each check (`quality/rules.py`).
"""

from __future__ import annotations

COMPLETE, VALID, PLAUSIBLE = "complete", "valid", "plausible"

BLOCKING_CHECKS = (COMPLETE, VALID)
"""The checks whose broken rules are problems: automation downstream waits for them. Those of any other check are
warnings, which alone change no exit code. Inside a run, only `valid` stops the steps after it."""

COMPLETE_THROUGH = "complete_through"

LEAGUE_COMPLETE = "league_complete"
"""The check of the schedule that tables of all teams wait for; the others wait for its `complete`."""
