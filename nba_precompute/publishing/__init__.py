"""Publishing: how every row of a Phase 4 table reaches the warehouse.

Here: inspection, staging, audit, merge, read-back, their records and errors, and the bytes that a run would read. Not
here: SQL (`sql/publish/`), the warehouse's statements (`warehouse/`), the checks of published rows (`quality/`) and
Dagster (`orchestration/`).
"""
