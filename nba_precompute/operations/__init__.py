"""The operator's tasks: plan, backfill, status, report, explanation, comparison, export and diagnosis.

Here: one module or package per operation, on top of the warehouse and Dagster's event log. Not here: arguments, output
and exit codes (`cli/`), automatic runs (`orchestration/`).
"""
