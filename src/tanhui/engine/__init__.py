"""Methodologies as law: data in, exact whole milligrams out, the same on every executor.

Nothing here knows a web framework, a database or a person's name; a partner can use it alone.
"""
