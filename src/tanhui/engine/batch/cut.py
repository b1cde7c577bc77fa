"""How the evidence of a batch is cut, as its manifest says: parts, and row groups in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .parts import part_folders
from .past import RowGroup, row_groups


def parts_in(cut: dict[str, Any]) -> list[list[list[int]]]:
    """The parts of a batch with their row groups (first bucket, end, rows), from its manifest.

    Manifests of the first version knew no parts: all row groups were one.
    """
    parts: list[list[list[int]]] = cut["parts"] if "parts" in cut else [cut["row_groups"]]
    return parts


def folders_of(batch: Path, cut: dict[str, Any]) -> list[Path]:
    """Where the parts of a batch are."""
    return part_folders(batch, len(parts_in(cut)))


def groups_of(batch: Path, cut: dict[str, Any]) -> list[RowGroup]:
    """Every row group of a batch, in order."""
    return row_groups(batch, parts_in(cut))
