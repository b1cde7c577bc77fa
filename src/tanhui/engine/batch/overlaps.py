"""One body, one ride: events of the same person and scene that share an instant.

Partners report some of the same rides under numbers of their own. The first to arrive holds its
place in time; a later one that intersects it is overlapping, and names it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .ranks import dense_ranks

Positions = npt.NDArray[np.int64]
I64 = npt.NDArray[np.int64]


BITS_MAX = 63


class Timeline(NamedTuple):
    """Events ordered by group (person and scene) and start; `order` holds arrival positions."""

    order: Positions
    start: I64  # group-major composite instants, so one comparison sees group and time
    end: I64
    group: I64


class Overlaps(NamedTuple):
    """Positions of the overlapping events and, for each, of the event that was there first."""

    later: Positions
    first: Positions


def timeline(group: I64, start: I64, end: I64) -> Timeline:
    """Order events by (group, start); an event without length lasts one millisecond.

    `group` numbers persons and scenes from 0. Where group and milliseconds do not fit 64 bits
    together, ranks of the instants take their place: they compare the same.
    """
    end = np.maximum(end, start + 1)
    base = int(start.min())
    time_bits = (int(end.max()) - base).bit_length()
    if time_bits + int(group.max()).bit_length() > BITS_MAX:
        start, end = np.split(dense_ranks(np.concatenate([start, end])), 2)
        base, time_bits = 0, int(end.max()).bit_length()
    offset = group << time_bits
    composite = offset + (start - base)
    order = np.argsort(composite)
    ranked = composite[order]
    return Timeline(order, ranked, (offset + (end - base))[order], ranked >> time_bits)


def overlaps(line: Timeline, stays: npt.NDArray[np.bool_]) -> Overlaps:
    """Every event that intersects one which arrived before it and holds its place.

    `stays` marks, by position, events that are never refused: those of earlier batches and those
    whose methodology allows overlaps. Runs of intersecting neighbours are rare; pairs are settled
    at once, longer runs one event at a time in arrival order.
    """
    reach = np.maximum.accumulate(line.end)
    joins = line.start[1:] < reach[:-1]
    if not joins.any():
        nothing = np.empty(0, dtype=np.int64)
        return Overlaps(nothing, nothing)
    edges = np.flatnonzero(np.diff(joins.astype(np.int8), prepend=0, append=0))
    heads, tails = edges[0::2], edges[1::2]  # a run is heads[i] .. tails[i], both included
    pairs = tails - heads == 1
    left, right = line.order[heads[pairs]], line.order[tails[pairs]]
    refused = ~stays[np.maximum(left, right)]
    some_later, some_first = _settle_runs(line, heads[~pairs], tails[~pairs], stays)
    return Overlaps(
        np.concatenate([np.maximum(left, right)[refused], some_later]),
        np.concatenate([np.minimum(left, right)[refused], some_first]),
    )


def _settle_runs(
    line: Timeline, heads: Positions, tails: Positions, stays: npt.NDArray[np.bool_]
) -> tuple[Positions, Positions]:
    """Runs of more than two neighbours, event by event in arrival order."""
    later: list[int] = []
    first: list[int] = []
    sizes = tails - heads + 1
    inside = np.repeat(heads - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    run = np.repeat(np.arange(len(heads)), sizes)
    arrival = np.lexsort((line.order[inside], run))
    inside = inside[arrival]
    order = line.order[inside]
    held: list[tuple[int, int, int]] = []
    previous = -1
    for number, position, start, end, fixed in zip(
        run.tolist(), order.tolist(), line.start[inside].tolist(), line.end[inside].tolist(),
        stays[order].tolist(), strict=True,
    ):  # fmt: skip
        if number != previous:
            held, previous = [], number
        rival = next((p for p, s, e in held if start < e and s < end), None)
        if rival is None or fixed:
            held.append((position, start, end))
        else:
            later.append(position)
            first.append(rival)
    return np.array(later, dtype=np.int64), np.array(first, dtype=np.int64)
