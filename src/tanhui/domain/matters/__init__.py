"""Matters: everything that goes through steps, from a project's application to a damage case."""
