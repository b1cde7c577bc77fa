"""Canonical rows to landed integers: people to pseudonyms, methodologies and scenes to numbers.

After this, nothing of the partner's text is left but the row number that leads back to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from tanhui.domain.citizens.links import NOBODY
from tanhui.domain.citizens.references import is_reference
from tanhui.domain.citizens.services import find_all, identify
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.events import NO_METHOD, QUANTITIES, Column, Columns, event_types
from tanhui.engine.batch.keys import event_keys, fingerprints, text_hash
from tanhui.engine.batch.landing import FeedChunk
from tanhui.engine.batch.validate import Validated, Validator
from tanhui.engine.methodology import Methodology

from .consent_gate import ConsentGate
from .consent_gate import as_outcomes as unconsented
from .platform import Platform
from .quarantine import REJECTED, as_outcomes


class Landing:
    """Numbers methodologies and scenes across the blocks of one batch, and lands each block."""

    def __init__(
        self, platform: Platform, partner: Partner, gate: ConsentGate, *, received_ms: int
    ) -> None:
        self.methods: list[Methodology] = []
        self.scenes: dict[str, int] = {}
        self._platform = platform
        self._partner = partner
        self._method_numbers: dict[Methodology, int] = {}
        self._gate = gate
        self._people: dict[str, int] = {}
        self._landed_people: list[Column] = []
        self._validator = Validator(platform.library, received_ms)

    @property
    def people(self) -> int:
        """Different people with landed rows so far."""
        return len(np.unique(np.concatenate(self._landed_people))) if self._landed_people else 0

    def land(self, events: pl.DataFrame) -> tuple[Columns, pl.DataFrame]:
        """Landed columns (`event_types`) of the valid rows with consent, outcomes of the others."""
        validated = self._validator.validate(events)
        frame = validated.landed
        self._identify(frame["person_ref"])
        person = _codes(frame["person_ref"], self._people, np.int64)
        without = self._gate.refused(
            frame.select("row", "scene", person=pl.Series(person, dtype=pl.Int64))
        )
        outcomes = as_outcomes(validated.rejects)
        if len(without):
            kept = ~frame["row"].is_in(without["row"].implode())
            frame, person = frame.filter(kept), person[kept.to_numpy()]
            outcomes = pl.concat([outcomes, unconsented(without)]).sort("row")
        return self._columns(frame, person, validated), outcomes

    def _columns(self, frame: pl.DataFrame, person: Column, validated: Validated) -> Columns:
        types = event_types(frame.columns)
        columns = {
            name: frame[name].to_numpy().astype(kind, copy=False)
            for name, kind in types.items()
            if name in ("row", "region", "start", "end", "day", "cell", *QUANTITIES)
        }
        columns["person"] = person
        self._landed_people.append(np.unique(person))
        columns["method"] = self._method_column(frame["method"].to_numpy(), validated.methods)
        for scene in frame["scene"].unique():
            self.scenes.setdefault(scene, len(self.scenes))
        columns["scene"] = _codes(frame["scene"], self.scenes, np.uint16)
        hashes = np.array([text_hash(scene) for scene in self.scenes], dtype=np.uint64)
        columns["payload"] = fingerprints(columns, hashes)
        columns |= self._keys(frame)
        return {name: columns[name] for name in types}

    def owners(
        self, chunk: FeedChunk, first_row: int, columns: Columns, *, nobody: int
    ) -> npt.NDArray[np.int64]:
        """Whose each row of a landed chunk is, `nobody` where nobody can tell.

        Rejected rows make nobody a person: they are theirs who are known.
        """
        whose = np.full(chunk.rows, nobody, dtype=np.int64)
        whose[columns["row"] - first_row] = columns["person"]
        told = [
            each.select("row", "person")
            for each in (chunk.events, chunk.owners)
            if each is not None
        ]
        others = pl.concat(told).drop_nulls().unique("row")
        others = others.filter(pl.Series(whose[others["row"].to_numpy() - first_row] == nobody))
        refused = pl.concat(
            [chunk.events["row"], chunk.outcomes.filter(pl.col("status") == REJECTED)["row"]]
        )
        is_refused = others["row"].is_in(refused.implode())
        people = self.whose(others.filter(~is_refused)["person"])
        people = people | self._known(others.filter(is_refused)["person"])
        for row, ref in others.iter_rows():
            whose[row - first_row] = people.get(ref, nobody)
        return whose

    def whose(self, refs: pl.Series) -> dict[str, int]:
        """The person of each reference that somebody goes by, made where the partner may."""
        refs = _references(refs)
        self._identify(refs)
        people = ((ref, self._people[ref]) for ref in refs)
        return {ref: person for ref, person in people if person != NOBODY}

    def _known(self, refs: pl.Series) -> dict[str, int]:
        """Those of the references that somebody goes by."""
        return find_all(_references(refs).to_list(), key=self._platform.identity_key)

    def _identify(self, refs: pl.Series) -> None:
        fresh = [ref for ref in refs.unique().to_list() if ref not in self._people]
        if not fresh:
            return
        key = self._platform.identity_key
        if self._gate.asks_receipts:  # who never agreed is not even given a number
            found = find_all(fresh, key=key)
        else:
            found = identify(fresh, key=key, is_demo=self._partner.is_demo)
        self._people |= dict.fromkeys(fresh, NOBODY) | found
        self._gate.learn(found.values())

    def _method_column(self, places: Column, methods: Sequence[Methodology]) -> Column:
        """The library's places as the batch's own numbers; only methodologies in use get one."""
        numbers = np.full(NO_METHOD + 1, NO_METHOD, dtype=np.uint16)
        for place in np.unique(places[places != NO_METHOD]).tolist():
            method = methods[place]
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


def _references(texts: pl.Series) -> pl.Series:
    """The different ones that somebody can go by."""
    good = [text for text in texts.unique().to_list() if is_reference(text)]
    return pl.Series(good, dtype=pl.String)


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
