"""Partners: the platforms that report records, their signing keys and their people."""
