"""Pools: rows of reductions gathered on one line of milligrams, which is cut into units."""
