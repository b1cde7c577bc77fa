"""Certificates as people hold them: the issuer's key, the printed page, the files beside it."""
