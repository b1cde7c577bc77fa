"""Consents: who let which partner report what for which purpose, given and withdrawn."""
