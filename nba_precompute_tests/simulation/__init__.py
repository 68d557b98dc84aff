"""Tests of the simulated league: properties of whole seasons, asserted with SQL over the tables."""
