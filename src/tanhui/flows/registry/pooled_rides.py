"""The rides of a pool as keyed digests: what peers may ask about, and what they claimed first.

A ride's digest needs the person's reference, which only the kept file has. So a pool's rides are
noted by a command that reads those files once more, not at its issue; what is kept is keyed as in
the register of claims and names nobody (docs/claims.md). A ride that another register claimed
before the pool issues is left out of its units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.books.models import Batch
from tanhui.books.posting import head
from tanhui.core.errors import Conflict, Gone, InputRefused
from tanhui.domain.claims import digests
from tanhui.domain.claims import queries as claims
from tanhui.domain.claims.digests import public_digest
from tanhui.domain.pools import queries, services
from tanhui.domain.pools.models import Pool
from tanhui.engine.batch.cut import groups_of
from tanhui.engine.batch.events import Column, concatenate, take
from tanhui.engine.batch.files import EVENTS_FILE, read_columns
from tanhui.engine.pooling.rides import RideDigests
from tanhui.flows.deliveries import OpenFeed, read_again
from tanhui.flows.platform import Platform

from .claim_digests import own_digests
from .pool_evidence import Laws, own_rows, trace_of, without_mandate

POOLS_FOLDER = "pools"
_PLACES = {"batch": "i8", "row": "i8"}


@dataclass(frozen=True)
class Noted:
    """How many rides of a pool have digests, how many could not be read any more, and how many
    another register claims.
    """

    rides: int
    unread: int
    claimed: int


@dataclass(frozen=True)
class Ride:
    """One ride and its texts, none where its person's reference cannot be read any more."""

    batch: int
    row: int
    texts: list[str]


def note_rides(platform: Platform, number: str, open_feed: OpenFeed, *, actor: str) -> Noted:
    """Write the digests of a pool's rides, in place of earlier ones; raises NotFound.

    The same rides noted again change nothing.
    """
    pool = queries.get(number)
    found: list[bytes] = []
    batch: list[int] = []
    row: list[int] = []
    rides = unread = 0
    for ride in _rides(platform, pool, open_feed):
        rides += bool(ride.texts)
        unread += not ride.texts
        found += own_digests(platform, ride.texts)
        batch += [ride.batch] * len(ride.texts)
        row += [ride.row] * len(ride.texts)
    table = RideDigests.of(found, np.array(batch, dtype=np.int64), np.array(row, dtype=np.int64))
    name, digest = table.write(platform.home / POOLS_FOLDER / number)
    said = {"file": f"{POOLS_FOLDER}/{number}/{name}", "sha256": digest}
    act = Act(
        verb="registry.pool.rides_noted",
        actor=actor,
        at=platform.clock(),
        key=f"pool-rides/{number}/{digest}",
        request={"matter": number} | said,
        detail={"matter": number, "rides": rides, "unread": unread} | said,
    )
    with transaction.atomic():
        done = record(act)
        if done.is_new:
            services.note_rides(pool, journal=done.journal, rides=rides, unread=unread, **said)
    elsewhere = claimed_elsewhere(platform, number)
    return Noted(rides, unread, sum(len(rows) for rows in elsewhere.values()))


def questions(
    platform: Platform, number: str, open_feed: OpenFeed, *, salt: bytes
) -> Iterator[bytes]:
    """The public digests of a pool's rides, with the salt of the peer that is to be asked."""
    for ride in _rides(platform, queries.get(number), open_feed):
        yield from (public_digest(text, salt=salt) for text in ride.texts)


def pooled(platform: Platform, stored: list[bytes]) -> dict[bytes, str]:
    """The pool of each of these stored digests whose ride stands in one; others are left out."""
    found: dict[bytes, str] = {}
    for file in queries.ride_files():
        for asked, _ in RideDigests.open(platform.home / file.file).places(stored):
            found.setdefault(stored[asked], file.pool.matter)
    return found


def claimed_elsewhere(platform: Platform, number: str) -> Mapping[int, Column]:
    """Batch -> the rows of a pool whose ride another register claims; none before it is noted."""
    file = queries.ride_file(number)
    others = claims.others_digests() if file is not None else []
    if file is None or not others:
        return {}
    return RideDigests.open(platform.home / file.file).rows_of(others)


def check_noted(number: str) -> None:
    """Raises Conflict where others claim rides and nobody compared the pool's with them."""
    if queries.ride_file(number) is None and claims.others_digests(kind="ride"):
        raise Conflict(
            "pool.rides_not_noted",
            zh=f"有其他登记簿申领了出行，{number} 的出行尚未比对；"
            f"请运营机构先运行 tanhui claims rides {number}。",
            en=f"Other registers claim rides and those of {number} were not compared; have the "
            f"operator run tanhui claims rides {number} first.",
        )


def _rides(platform: Platform, pool: Pool, open_feed: OpenFeed) -> Iterator[Ride]:
    for seq, rows in _rows_of(platform, pool).items():
        yield from _rides_of(platform, pool, Batch.objects.get(seq=seq), rows, open_feed)


def _rows_of(platform: Platform, pool: Pool) -> dict[int, Column]:
    """Batch -> rows: those on the line of its issue, else those that it would take today."""
    issue = next((one for one in queries.issues_of(pool.chain) if one.pool_id == pool.pk), None)
    if issue is not None:
        rows = trace_of(platform, issue).columns()
    else:
        slices, left = queries.slices_of(pool), without_mandate(pool)
        own, _ = own_rows(platform, pool, slices, as_of=head().seq, laws=Laws(), left=left)
        rows = concatenate(own, _PLACES)
    return {seq: rows["row"][rows["batch"] == seq] for seq in np.unique(rows["batch"]).tolist()}


def _rides_of(
    platform: Platform, pool: Pool, batch: Batch, rows: Column, open_feed: OpenFeed
) -> Iterator[Ride]:
    references = _references(platform, batch, open_feed)
    parts = [
        read_columns(group.folder / EVENTS_FILE, ["row", "person", "start"], group.number)
        for group in groups_of(platform.evidence / batch.uri, batch.buckets)
    ]
    events = concatenate(parts, {"row": "i8", "person": "i8", "start": "i8"})
    of_person = {
        person: references[row]
        for row, person in zip(events["row"].tolist(), events["person"].tolist(), strict=True)
        if row in references
    }
    here = take(events, np.isin(events["row"], rows))
    for row, person, start in zip(*(here[name].tolist() for name in here), strict=True):
        reference = references.get(row) or of_person.get(person)
        yield Ride(batch.seq, row, _texts(reference, pool.scene, start))


def _texts(reference: str | None, mode: str, start_ms: int) -> list[str]:
    if reference is None:
        return []
    try:
        return digests.ride(reference, mode, start_ms // 1_000)
    except InputRefused:  # longer than a text of a claim may be
        return []


def _references(platform: Platform, batch: Batch, open_feed: OpenFeed) -> dict[int, str]:
    """Row -> whose it is, as the partner wrote; nothing for a file whose own key is gone."""
    folder, keys = platform.evidence / batch.uri, platform.people_keys
    found: dict[int, str] = {}
    try:
        for frame in read_again(platform.home, folder, open_feed, batch=batch.seq, keys=keys):
            known = frame.filter(frame["person"].is_not_null())
            found |= dict(zip(known["row"], known["person"], strict=True))
    except Gone:
        return {}
    return found
