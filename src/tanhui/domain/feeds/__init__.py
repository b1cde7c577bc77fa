"""Feeds: rows of a partner that wait for their other half in a later file."""
