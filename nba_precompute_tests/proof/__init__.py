"""Proofs: what the contract promises, held against real, simulated and hand-made seasons."""
