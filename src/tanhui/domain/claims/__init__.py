"""Claims: keyed digests of what may be counted once, whichever scheme counts it."""
