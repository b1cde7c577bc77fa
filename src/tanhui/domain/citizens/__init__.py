"""Citizens: random pseudonyms, and the one table that knows which partner reference is whose."""
