"""What an operator does with the tables: plan, backfill, check progress, report, explain, compare, export, diagnose.

Here: one module or package per operation, on top of the warehouse and Dagster's event log. Not here: arguments, output
and exit codes (`cli/`), what runs by itself (`orchestration/`).
"""
