"""The link from a reference to its person, sealed: a number of 62 bits under a pad of its own.

The pad is the first word of a random key in `<home>/keys/links`, named by the digest's first 61
bits and used once, so without it the sealed number says nothing. Who destroys the pad cuts the
link, in backups of the database too (PIPL article 47; design: trust).

The other way round, a person's links are found by marks that follow from one more random key of
the person, under the negative of its number: an index without which an erasure would open every
link there is (12 s at a million, measured), and of which nothing is left when the key is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from tanhui.books.copying import Column
from tanhui.books.keystore import KeyStore
from tanhui.core.ids import PERSON_ID_BITS

from .references import DIGEST_BYTES

ERASED = 0  # as `sealed`: nobody any more
NOBODY = -1
LEFT = -2  # somebody who is not here any more
_MARK_BYTES = 8
_SPARE_BITS = np.uint64(64 - PERSON_ID_BITS)


def link_keys() -> KeyStore:
    """The keys of the links of this installation."""
    return KeyStore(Path(settings.TANHUI_HOME) / "keys" / "links")


def seal(people: Column, digests: Column) -> Column:
    """The people's numbers as stored; their pads are on disk before this returns."""
    sealed: Column = people ^ _pads(digests, make=True)
    return sealed


def seal_owned(people: Column, digests: Column) -> tuple[Column, Column]:
    """As `seal`, and the first owner mark of each person: for people who have no link yet."""
    numbers = np.concatenate([_names(digests), -people])
    words = link_keys().words(numbers, make=True)
    pads = (words[: len(digests)] >> _SPARE_BITS).astype(np.int64)
    return people ^ pads, words[len(digests) :].view(np.int64)


def owner_marks(person: int, *, make: bool = False) -> Iterator[int]:
    """The marks under which this person's links are found, one after another, without an end.

    The first is the first word of a random key of the person; the next are drawn from it, so that
    without the key nothing tells that two links are one person's. None once the key is destroyed.
    """
    store = link_keys()
    held = store.make([-person]) if make else store.find([-person])
    for key in held.values():
        yield int.from_bytes(key[:_MARK_BYTES], signed=True)
        for number in count(1):
            mark = blake2b(b"%d" % number, key=key, digest_size=_MARK_BYTES).digest()
            yield int.from_bytes(mark, signed=True)


def drop_owners(people: Iterable[int]) -> int:
    """Destroy the keys of these people's marks; returns how many there were."""
    store = link_keys()
    return sum(store.destroy(number) for number in store.find(-each for each in people))


def unseal(sealed: Column, digests: Column) -> Column:
    """The person of each link, LEFT where the link was cut."""
    pads = _pads(digests)
    return np.where((sealed == ERASED) | (pads == 0), LEFT, sealed ^ pads)


def pad_of(digest: bytes) -> int:
    """What opens one link: `sealed` xor it is the person; ERASED where the link was cut."""
    return link_keys().word(_name(digest)) >> int(_SPARE_BITS)


def cut(digests: Iterable[bytes]) -> int:
    """Destroy the pads of these references; returns how many there were."""
    together = b"".join(digests)
    if not together:
        return 0
    names = np.unique(_names(np.frombuffer(together, dtype=f"S{DIGEST_BYTES}")))
    store = link_keys()
    present = names[store.words(names) != 0]
    return sum(store.destroy(name) for name in present.tolist())


def _pads(digests: Column, *, make: bool = False) -> npt.NDArray[np.int64]:
    words = link_keys().words(_names(digests), make=make)
    return (words >> _SPARE_BITS).astype(np.int64)


def _name(digest: bytes) -> int:
    """As `_names`, of one."""
    return int.from_bytes(digest[:8]) >> 2 | 1


def _names(digests: Column) -> npt.NDArray[np.int64]:
    """A number above 0 for each digest: its first 61 bits and a one."""
    words = np.frombuffer(np.ascontiguousarray(digests).tobytes(), dtype=">u8")
    first = words.reshape(-1, DIGEST_BYTES // 8)[:, 0].astype(np.uint64)
    return ((first >> np.uint64(2)) | np.uint64(1)).astype(np.int64)
