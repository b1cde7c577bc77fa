"""The demo city: a generated month of three partners, marked as demo data everywhere."""
