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
    return Timeline(order, composite[order], (offset + (end - base))[order])


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
    later = [np.maximum(left, right)[refused]]
    first = [np.minimum(left, right)[refused]]
    for head, tail in zip(heads[~pairs].tolist(), tails[~pairs].tolist(), strict=True):
        run_later, run_first = _settle_run(line, slice(head, tail + 1), stays)
        later.append(run_later)
        first.append(run_first)
    return Overlaps(np.concatenate(later), np.concatenate(first))


def _settle_run(
    line: Timeline, run: slice, stays: npt.NDArray[np.bool_]
) -> tuple[Positions, Positions]:
    """One run of intersecting neighbours, event by event in arrival order."""
    arrivals = sorted(
        zip(
            line.order[run].tolist(),
            line.start[run].tolist(),
            line.end[run].tolist(),
            strict=True,
        )
    )
    held: list[tuple[int, int, int]] = []
    later: list[int] = []
    first: list[int] = []
    for position, start, end in arrivals:
        rival = next((p for p, s, e in held if start < e and s < end), None)
        if rival is None or stays[position]:
            held.append((position, start, end))
        else:
            later.append(position)
            first.append(rival)
    return np.array(later, dtype=np.int64), np.array(first, dtype=np.int64)
