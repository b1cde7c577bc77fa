"""Books: journal, transfers, balances, lots and batch manifests; figures that can be proved."""
