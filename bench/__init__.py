"""Ratios of two sides measured in one run: ours, and the limit it is held against."""
