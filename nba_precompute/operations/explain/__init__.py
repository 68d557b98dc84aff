"""Explanation of one row, or of its absence: values, formulas, source rows, completeness.

Here: reading it (`reading.py`), its data and sentences (`explanation.py`). Not here: how it is printed
(`cli/explain.py`).
"""
