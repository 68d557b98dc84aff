"""Asset checks: by partition for the tables and their sources, by the clock for their deadlines.

Here: how Dagster runs checks and records their results. Not here: the rules (`quality/rules.py`).
"""
