"""Proofs: properties that the contract promises, tested on real, simulated and hand-made seasons."""
