"""Asset checks: the rules, and how Dagster runs and records them."""
