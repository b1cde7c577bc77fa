"""Pools: which slices of reductions are gathered, what was issued from them, what was carried."""
