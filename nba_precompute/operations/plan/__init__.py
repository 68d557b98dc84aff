"""The plan: the work left for each table and date, and why. Making it changes nothing.

Here: states and reasons (`states.py`), reading warehouse and event log (`make.py`), expected rows and seconds
(`rates.py`), the plan itself (`records.py`). Not here: carrying it out (`operations/backfill.py`), progress of the
seasons (`operations/status.py`), the command (`cli/plan.py`).
"""
