"""Organisations: firms, villages, authorities, verifiers; and who acts for them in which role."""
