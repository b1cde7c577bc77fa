"""Which earlier batches a new one must look at, and where their evidence is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tanhui.books.models import Batch
from tanhui.engine.batch.parts import part_folders
from tanhui.engine.batch.past import PastBatch, PastBatches, RowGroup, row_groups, rows_taken_back


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


def past_batches(evidence: Path, scene_numbers: dict[str, int]) -> PastBatches:
    """Every batch committed so far.

    Scenes that are new to `scene_numbers` are added to it, so that each past row has a number.
    """
    past, corrected = [], []
    rows = Batch.objects.order_by("seq").values_list("seq", "uri", "buckets")
    for seq, uri, cut in rows:
        numbers = [scene_numbers.setdefault(scene, len(scene_numbers)) for scene in cut["scenes"]]
        groups = groups_of(evidence / uri, cut)
        past.append(PastBatch(seq, groups, np.array(numbers, dtype=np.uint16)))
        if cut["reversals"]:
            corrected += folders_of(evidence / uri, cut)
    return PastBatches(past, rows_taken_back(corrected))
