"""Pages for people: a carbon account, a partner's batches; Chinese first, English complete."""
