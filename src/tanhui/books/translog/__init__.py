"""The transparency log: acts that outsiders may check, in the C2SP tlog-tiles format.

tree -> tiles -> checkpoint (a signed note) -> witnesses. The database is the truth; every file of
a log can be written again from it.
"""
