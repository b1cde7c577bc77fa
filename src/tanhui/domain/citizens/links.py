"""The link from a reference to its person, sealed: a number of 62 bits under a pad of its own.

The pad is the first word of a random key in `<home>/keys/links`, named by the digest's first 61
bits and used once, so without it the sealed number says nothing. Who destroys the pad cuts the
link, in backups of the database too (PIPL article 47; design: trust).
"""

from __future__ import annotations

from collections.abc import Iterable
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
_SPARE_BITS = np.uint64(64 - PERSON_ID_BITS)


def link_keys() -> KeyStore:
    """The keys of the links of this installation."""
    return KeyStore(Path(settings.TANHUI_HOME) / "keys" / "links")


def seal(people: Column, digests: Column) -> Column:
    """The people's numbers as stored; their pads are on disk before this returns."""
    sealed: Column = people ^ _pads(digests, make=True)
    return sealed


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
