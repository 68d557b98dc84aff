"""Tests of the simulated league: properties of whole seasons, checked with SQL on the tables."""
