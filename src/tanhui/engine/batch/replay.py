"""Arrays to sequential events and back, for the persons whose batch holds corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from .events import RESULT_TYPES, REVERSAL_TYPES, Columns, length
from .sequential import Event, settle_person
from .status import Status


def settle_corrected(fresh: Columns, history: Columns, batch: int) -> tuple[Columns, Columns]:
    """Results of the fresh rows in their order, and the reversals their corrections made."""
    past: dict[int, list[Event]] = defaultdict(list)
    for person, event in _past_events(history):
        past[person].append(event)
    regions = dict(zip(_places(history), history["region"].tolist(), strict=True))
    regions |= {
        (batch, row): region
        for row, region in zip(fresh["row"].tolist(), fresh["region"].tolist(), strict=True)
    }
    events = list(_fresh_events(fresh, batch))
    present: dict[int, list[Event]] = defaultdict(list)
    for person, event in events:
        present[person].append(event)
    reversals: list[tuple[int, ...]] = []
    for person, own in present.items():
        for correction, target in settle_person(past[person], own):
            region = regions[target.batch, target.row]
            reversals.append(_reversal(person, region, correction, target))
    answers = [_answer(event) for _, event in events]
    return _columns(answers, RESULT_TYPES), _columns(reversals, REVERSAL_TYPES)


def _places(history: Columns) -> Iterator[tuple[int, int]]:
    return zip(history["batch"].tolist(), history["row"].tolist(), strict=True)


def _past_events(history: Columns) -> Iterator[tuple[int, Event]]:
    names = ("batch", "row", "key_hi", "key_lo", "payload", "scene", "start", "end", "day")
    answers = ("person", "status", "mg", "points", "reversed")
    lists = [history[name].tolist() for name in (*names, *answers)]
    for batch, row, hi, lo, payload, scene, start, end, day, *answer in zip(*lists, strict=True):
        person, status, mg, points, is_reversed = answer
        event = Event(batch, row, (hi, lo), payload, scene, start, end, day)
        event.status, event.mg, event.points = Status(status), mg, points
        event.is_reversed = is_reversed
        yield person, event


def _fresh_events(fresh: Columns, batch: int) -> Iterator[tuple[int, Event]]:
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
                quantified=one["quantified"],
                code=one["code"],
                cap=one["cap"],
                exclusive=one["exclusive"],
                mg_per_step=one["mg_per_step"],
                points_per_step=one["points_per_step"],
                corrects=corrects if any(corrects) else None,
            ),
        )


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
    )


def _columns(rows: list[tuple[int, ...]], types: dict[str, str]) -> Columns:
    lists = zip(*rows, strict=True) if rows else ([] for _ in types)
    return {
        name: np.array(values, dtype=kind)
        for (name, kind), values in zip(types.items(), lists, strict=True)
    }
