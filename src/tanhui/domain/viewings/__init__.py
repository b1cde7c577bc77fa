"""Viewings: who of the operator or a partner looked at a person's data, when and why."""
