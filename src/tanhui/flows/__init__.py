"""Verbs that cross domains; one verb, one transaction."""
