"""The room of changes of rules in operation."""
