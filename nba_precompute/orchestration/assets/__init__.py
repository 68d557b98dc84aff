"""The assets: the sources, the five Phase 4 tables, and the marker that all five are ready.

Here: thin wrappers of the declarations. Not here: the declarations (`tables/`), SQL (`sql/tables/`), the report's asset
(`operations/report/asset.py`).
"""
