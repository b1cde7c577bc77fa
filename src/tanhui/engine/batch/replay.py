"""Arrays to sequential events and back, for the persons whose batch holds corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from .events import (
    QUANTITIES,
    RESULT_TYPES,
    REVERSAL_TYPES,
    SHARE_TYPES,
    Columns,
    length,
)
from .laws import Law, Laws
from .sequential import Event, settle_person
from .status import Status

REVERSED_TYPES = REVERSAL_TYPES | SHARE_TYPES
ANSWER_TYPES = RESULT_TYPES | SHARE_TYPES


def settle_corrected(
    fresh: Columns, history: Columns, laws: Laws, batch: int
) -> tuple[Columns, Columns, Columns]:
    """Results (with shares) of the fresh rows in their order, the reversals their corrections
    made, and the quantities once history has filled its fields (none where nobody reads it).
    """
    past: dict[int, list[Event]] = defaultdict(list)
    for person, event in _past_events(history, laws):
        past[person].append(event)
    regions = dict(zip(_places(history), history["region"].tolist(), strict=True))
    regions |= {
        (batch, row): region
        for row, region in zip(fresh["row"].tolist(), fresh["region"].tolist(), strict=True)
    }
    events = list(_fresh_events(fresh, laws, batch))
    present: dict[int, list[Event]] = defaultdict(list)
    for person, event in events:
        present[person].append(event)
    reversals: list[tuple[int, ...]] = []
    for person, own in present.items():
        for correction, target in settle_person(past[person], own):
            region = regions[target.batch, target.row]
            reversals.append(_reversal(person, region, correction, target))
    answers = [_answer(event) for _, event in events]
    filled: Columns = {}
    if laws.observes.any():
        counts = np.array([event.counts for _, event in events], dtype=np.int64)
        counts = counts.reshape(len(events), len(QUANTITIES))
        filled = {name: counts[:, slot].copy() for slot, name in enumerate(QUANTITIES)}
    return _columns(answers, ANSWER_TYPES), _columns(reversals, REVERSED_TYPES), filled


def _places(history: Columns) -> Iterator[tuple[int, int]]:
    return zip(history["batch"].tolist(), history["row"].tolist(), strict=True)


def _past_events(history: Columns, laws: Laws) -> Iterator[tuple[int, Event]]:
    names = ("batch", "row", "key_hi", "key_lo", "payload", "scene", "start", "end", "day")
    answers = ("person", "status", "detail", "mg", "points", "reversed", "person_mg", "platform_mg")
    lists = [history[name].tolist() for name in (*names, *answers)]
    counts = _counts(history)
    known = _laws(history, laws)
    for place, one in enumerate(zip(*lists, strict=True)):
        batch, row, hi, lo, payload, scene, start, end, day, *answer = one
        person, status, detail, mg, points, is_reversed, own_mg, platform_mg = answer
        event = Event(batch, row, (hi, lo), payload, scene, start, end, day, known[place])
        event.status, event.detail, event.mg, event.points = Status(status), detail, mg, points
        event.shares = own_mg, platform_mg, mg - own_mg - platform_mg
        event.is_reversed = is_reversed
        event.counts = counts[place]
        yield person, event


def _fresh_events(fresh: Columns, laws: Laws, batch: int) -> Iterator[tuple[int, Event]]:
    counts = _counts(fresh)
    known = _laws(fresh, laws)
    for index in range(length(fresh)):
        one = {name: column[index].item() for name, column in fresh.items()}
        corrects = (one["corrects_hi"], one["corrects_lo"])
        yield (
            one["person"],
            Event(
                batch=batch,
                row=one["row"],
                key=(one["key_hi"], one["key_lo"]),
                payload=one["payload"],
                scene=one["scene"],
                start=one["start"],
                end=one["end"],
                day=one["day"],
                law=known[index],
                quantified=one["quantified"],
                code=one["code"],
                is_lapsed=one["lapsed"],
                cell=one.get("cell", -1),
                counts=counts[index],
                mg_per_step=one["mg_per_step"],
                points_per_step=one["points_per_step"],
                corrects=corrects if any(corrects) else None,
            ),
        )


def _counts(columns: Columns) -> list[list[int]]:
    """The quantities of each row, where they were asked for."""
    if QUANTITIES[0] not in columns:
        return [[] for _ in range(length(columns))]
    counts: list[list[int]] = np.stack([columns[name] for name in QUANTITIES], axis=1).tolist()
    return counts


def _laws(columns: Columns, laws: Laws) -> list[Law]:
    return [laws[number] for number in columns["law"].tolist()]


def _reversal(person: int, region: int, correction: Event, target: Event) -> tuple[int, ...]:
    return (
        correction.row,
        target.batch,
        target.row,
        person,
        region,
        target.scene,
        target.day,
        target.mg,
        target.points,
        *target.shares[:2],
    )


def _answer(event: Event) -> tuple[int, ...]:
    other = event.other
    return (
        event.row,
        int(event.status),
        int(event.detail),
        event.quantified,
        event.mg,
        event.points,
        other.batch if other else 0,
        other.row if other else 0,
        *event.shares[:2],
    )


def _columns(rows: list[tuple[int, ...]], types: dict[str, str]) -> Columns:
    lists = zip(*rows, strict=True) if rows else ([] for _ in types)
    return {
        name: np.array(values, dtype=kind)
        for (name, kind), values in zip(types.items(), lists, strict=True)
    }
