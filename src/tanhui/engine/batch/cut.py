"""How the evidence of a batch is cut, as its manifest says: parts, and row groups in each.

And so, where a new batch finds what earlier ones left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .laws import Laws
from .parts import part_folders
from .past import PastBatch, PastBatches, RowGroup, row_groups, rows_taken_back

Identity = tuple[str, str, str]
"""Code, version, digest of a methodology."""


class Committed(NamedTuple):
    """An earlier batch: its number, its folder, how it is cut, the law it names."""

    seq: int
    folder: Path
    cut: dict[str, Any]
    named: Sequence[Mapping[str, str]]


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


def past_of(
    batches: Iterable[Committed],
    scene_numbers: dict[str, int],
    law_numbers: Mapping[Identity, int] | None,
    laws: Laws,
) -> PastBatches:
    """What earlier batches, in their order, left for a new one.

    Scenes that are new to `scene_numbers` are added to it, so that each past row has a number;
    `law_numbers` gives each named methodology its place in `laws`, None where nobody asks.
    """
    past, corrected = [], []
    for seq, folder, cut, named in batches:
        numbers = [scene_numbers.setdefault(scene, len(scene_numbers)) for scene in cut["scenes"]]
        methods = None
        if law_numbers is not None:
            places = [law_numbers[each["code"], each["version"], each["digest"]] for each in named]
            methods = np.array(places, dtype=np.uint16)
        scenes = np.array(numbers, dtype=np.uint16)
        past.append(PastBatch(seq, groups_of(folder, cut), scenes, methods))
        if cut["reversals"]:
            corrected += folders_of(folder, cut)
    return PastBatches(
        past,
        rows_taken_back(corrected),
        no_law=laws.no_law,
        readings=bool(laws.observes.any()),
    )
