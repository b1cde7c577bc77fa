"""Doors of the platform: HTTP, command line, pages, partner formats."""
