"""Project methodologies: monitoring periods, strata, years, species; exact decimals, no float.

A behaviour gives one number for one event; a project gives numbers per vintage for a monitoring
period, from rich formulas over small data. The file format: docs/project-methodologies.md.
"""
