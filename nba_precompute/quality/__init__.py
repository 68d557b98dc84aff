"""The quality of published rows: the three checks of a table, the validation of a date range, and row counts.

Here: rules, their thresholds and their wording, without Dagster. Not here: the statements that count (`sql/read/`), the
audit before publishing (`publishing/`), and the asset checks that report the results (`orchestration/checks/`).
"""
