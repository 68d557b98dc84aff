"""The Phase 4 precompute layer of an NBA analytics platform, as a Dagster asset graph."""
