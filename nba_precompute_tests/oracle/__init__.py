"""The test oracle: every business column recomputed from the contract, one date at a time, in plain Python.

It shares no code with the product, on purpose: a formula that is wrong in one of the two shows up as a
difference. Nothing here is clever: facts are dicts, numbers are exact, and a module restates one
part of the contract.
"""

from nba_precompute_tests.oracle.engine import TABLES, Day, Oracle

__all__ = ["TABLES", "Day", "Oracle"]
