"""Canonical rows to landed integers: people to pseudonyms, methodologies and scenes to numbers.

After this, nothing of the partner's text is left but the row number that leads back to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import polars as pl

from tanhui.domain.citizens.services import identify
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.events import NO_METHOD, QUANTITIES, Column, Columns, event_types
from tanhui.engine.batch.keys import event_keys, fingerprints, text_hash
from tanhui.engine.batch.validate import Validated, Validator
from tanhui.engine.methodology import Methodology

from .platform import Platform


class Landing:
    """Numbers methodologies and scenes across the blocks of one batch, and lands each block."""

    def __init__(self, platform: Platform, partner: Partner, received_at: datetime) -> None:
        self.methods: list[Methodology] = []
        self.scenes: dict[str, int] = {}
        self._platform = platform
        self._partner = partner
        self._method_numbers: dict[Methodology, int] = {}
        self._people: dict[str, int] = {}
        self._validator = Validator(platform.library, int(received_at.timestamp() * 1000))

    @property
    def people(self) -> int:
        """Different people met so far."""
        return len(set(self._people.values()))

    def land(self, events: pl.DataFrame) -> tuple[Columns, pl.DataFrame]:
        """Landed columns (`event_types`) of the valid rows, and the rejects (row, reason)."""
        validated = self._validator.validate(events)
        frame = validated.landed
        types = event_types(frame.columns)
        self._identify(frame["person_ref"])
        columns = {
            name: frame[name].to_numpy().astype(kind, copy=False)
            for name, kind in types.items()
            if name in ("row", "region", "start", "end", "day", "cell", *QUANTITIES)
        }
        columns["person"] = _codes(frame["person_ref"], self._people, np.int64)
        columns["method"] = self._method_column(validated)
        for scene in frame["scene"].unique():
            self.scenes.setdefault(scene, len(self.scenes))
        columns["scene"] = _codes(frame["scene"], self.scenes, np.uint16)
        hashes = np.array([text_hash(scene) for scene in self.scenes], dtype=np.uint64)
        columns["payload"] = fingerprints(columns, hashes)
        columns |= self._keys(frame)
        return {name: columns[name] for name in types}, validated.rejects

    def _identify(self, refs: pl.Series) -> None:
        fresh = [ref for ref in refs.unique().to_list() if ref not in self._people]
        if fresh:
            key = self._platform.identity_key
            self._people |= identify(fresh, key=key, is_demo=self._partner.is_demo)

    def _method_column(self, validated: Validated) -> Column:
        """The library's places as the batch's own numbers; only methodologies in use get one."""
        places = validated.landed["method"].to_numpy()
        numbers = np.full(NO_METHOD + 1, NO_METHOD, dtype=np.uint16)
        for place in np.unique(places[places != NO_METHOD]).tolist():
            method = validated.methods[place]
            numbers[place] = self._method_numbers.setdefault(method, len(self.methods))
            if numbers[place] == len(self.methods):
                self.methods.append(method)
        column: Column = numbers[places]
        return column

    def _keys(self, frame: pl.DataFrame) -> Columns:
        refs = frame["person_ref"].to_list()
        code, key = self._partner.code, self._platform.identity_key
        hi, lo = event_keys(code, refs, frame["external_id"].to_list(), key=key)
        corrects_hi, corrects_lo = np.zeros_like(hi), np.zeros_like(lo)
        corrected = frame["corrects"].to_list()
        rows = [index for index, target in enumerate(corrected) if target]
        if rows:
            targets = [corrected[index] for index in rows]
            owners = [refs[index] for index in rows]
            corrects_hi[rows], corrects_lo[rows] = event_keys(code, owners, targets, key=key)
        return {
            "key_hi": hi,
            "key_lo": lo,
            "corrects_hi": corrects_hi,
            "corrects_lo": corrects_lo,
        }


def _codes(texts: pl.Series, numbers: Mapping[str, int], kind: type[np.generic]) -> Column:
    """The number of each text, looked up once per different text."""
    different = texts.unique()
    table = pl.DataFrame(
        {
            "text": different,
            "number": pl.Series([numbers[text] for text in different.to_list()], dtype=pl.Int64),
        }
    )
    frame = texts.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return frame["number"].to_numpy().astype(kind)
