"""Where each province is governed from, for locators: `library/directory/seats.yaml`.

Dots on a grid, in decimal degrees of WGS-84; nothing is computed with them. No boundaries are
kept, because a public map of boundaries in China needs a review number of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from .problems import Problems, Where
from .section import Section
from .yamlfile import Mapping as YamlMapping
from .yamlfile import read_yaml

FILE = "directory/seats.yaml"


@dataclass(frozen=True)
class Seat:
    """A province by its code, and where it is governed from: degrees north, degrees east."""

    code: str
    latitude: Fraction
    longitude: Fraction


@lru_cache(maxsize=4)
def seats(library: Path) -> tuple[Seat, ...]:
    """Every seat in the order of the file, none where there is no such file.

    Raises LibraryBroken with every entry that lacks a coordinate.
    """
    if not (library / FILE).is_file():
        return ()
    problems = Problems()
    found: list[Seat] = []
    with problems.part(Where(FILE, 1)):
        root = read_yaml((library / FILE).read_bytes(), file=FILE, problems=problems)
        section = Section(root, problems, what="seats", required=("source", "tag", "seats"))
        named = section.node("seats")
        entries = named.entries if isinstance(named, YamlMapping) else {}
        for code, node in entries.items():
            with problems.part(node.where):
                both = Section(node, problems, what=code, required=("latitude", "longitude"))
                found.append(Seat(code, both.decimal("latitude"), both.decimal("longitude")))
    problems.refuse()
    return tuple(found)
