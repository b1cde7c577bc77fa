"""Copies of the books for the day the machine is gone: tables, files, keys, and their checks.

Nothing here decides what belongs together; `flows/backup.py` and `flows/restore.py` do.
"""
