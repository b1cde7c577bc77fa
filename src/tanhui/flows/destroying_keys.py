"""Destroy a key: what it sealed and the commitments it opens mean nothing any more, for good.

Whoever erases a person first commits that the person is unlinked (no reference leads to the number
any more, or the next file would make a new key for old rows), then destroys the key; a crash in
between is made good by doing it again. Roots, paths and everybody else's rows stay valid.
"""

from __future__ import annotations

from tanhui.domain.feeds.services import forget_person

from .platform import Platform
from .records import person_records
from .source_keeping import WHOLE


def destroy_person_key(platform: Platform, person: int) -> list[int]:
    """Destroy the key of a person, and those of files without lines that hold a record of theirs.

    Also deletes what waits of the person. Returns the batches whose whole file is gone with it.
    """
    forget_person(person)
    whole = [
        batch.seq
        for batch, _ in person_records(platform, person, law=lambda *_: None)
        if batch.buckets.get("sealed") == WHOLE
    ]
    for seq in whole:
        destroy_batch_key(platform, seq)
    platform.people_keys.destroy(person)
    return sorted(whole)


def destroy_batch_key(platform: Platform, seq: int) -> bool:
    """Destroy the key of what is nobody's in a batch's file (past its retention); False when it
    was gone already.
    """
    return platform.people_keys.destroy(-seq)
