"""What earlier batches hold of the persons of a stretch, read from their evidence files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tanhui.books.models import Batch
from tanhui.engine.batch.events import Column, Columns, concatenate, take
from tanhui.engine.batch.files import (
    EVENTS_FILE,
    RESULTS_FILE,
    REVERSALS_FILE,
    read_columns,
)
from tanhui.engine.batch.history import HISTORY_TYPES
from tanhui.engine.batch.spool import Stretch

FROM_EVENTS = ["row", "key_hi", "key_lo", "payload", "person", "scene", "start", "end", "day"]
FROM_RESULTS = ["status", "mg", "points"]


@dataclass(frozen=True)
class PastBatch:
    """Where one committed batch keeps its rows, and its own numbering of scenes."""

    seq: int
    folder: Path
    scenes: list[str]
    groups: list[Stretch]  # row groups in file order
    reversals: int


class PastBatches:
    """Every batch committed so far; `read` gives what they left for some persons."""

    def __init__(self, evidence: Path, scene_numbers: dict[str, int]) -> None:
        self._scene_numbers = scene_numbers
        self._past = [
            _past_batch(evidence, seq, uri, cut)
            for seq, uri, cut in Batch.objects.order_by("seq").values_list("seq", "uri", "buckets")
        ]
        self._reversed = self._read_reversed()

    def read(self, stretch: Stretch, persons: Column) -> Columns:
        """HISTORY_TYPES of these persons in arrival order."""
        wanted = np.unique(persons)
        parts = []
        for past in self._past:
            groups = [
                number
                for number, group in enumerate(past.groups)
                if group.first < stretch.end and stretch.first < group.end
            ]
            if groups:
                part = concatenate(
                    [self._part(past, group, wanted) for group in groups], HISTORY_TYPES
                )
                parts.append(take(part, np.argsort(part["row"], kind="stable")))
        return concatenate(parts, HISTORY_TYPES)

    def _part(self, past: PastBatch, group: int, wanted: Column) -> Columns:
        person = read_columns(past.folder / EVENTS_FILE, ["person"], group)["person"]
        kept = np.flatnonzero(np.isin(person, wanted))
        if not len(kept):
            return concatenate([], HISTORY_TYPES)
        names = [*FROM_EVENTS, "region"]
        columns = take(read_columns(past.folder / EVENTS_FILE, names, group), kept)
        columns |= take(read_columns(past.folder / RESULTS_FILE, FROM_RESULTS, group), kept)
        columns["batch"] = np.full(len(kept), past.seq, dtype=np.int64)
        columns["scene"] = self._renumber(past.scenes)[columns["scene"]]
        gone = self._reversed.get(past.seq)
        columns["reversed"] = (
            np.zeros(len(kept), dtype=bool) if gone is None else np.isin(columns["row"], gone)
        )
        return columns

    def _renumber(self, scenes: list[str]) -> Column:
        """Numbers of the batch being settled for a past batch's own scene numbers."""
        numbers = [
            self._scene_numbers.setdefault(scene, len(self._scene_numbers)) for scene in scenes
        ]
        return np.array(numbers, dtype=np.uint16)

    def _read_reversed(self) -> dict[int, Column]:
        """Rows of each batch that later corrections took back."""
        names = ["origin_batch", "origin_row"]
        parts = [
            read_columns(past.folder / REVERSALS_FILE, names)
            for past in self._past
            if past.reversals
        ]
        if not parts:
            return {}
        batch = np.concatenate([part["origin_batch"] for part in parts])
        row = np.concatenate([part["origin_row"] for part in parts])
        return {int(seq): row[batch == seq] for seq in np.unique(batch)}


def _past_batch(evidence: Path, seq: int, uri: str, cut: dict[str, Any]) -> PastBatch:
    return PastBatch(
        seq=seq,
        folder=evidence / uri,
        scenes=cut["scenes"],
        groups=[Stretch(*group) for group in cut["row_groups"]],
        reversals=cut["reversals"],
    )
