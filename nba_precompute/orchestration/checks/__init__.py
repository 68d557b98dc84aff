"""Asset checks: per partition for the tables and their sources, scheduled for their deadlines.

Here: how Dagster runs checks and records their results. Not here: the rules (`quality/rules.py`).
"""
