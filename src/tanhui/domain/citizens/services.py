"""Verbs of citizens: identify references in bulk, let a person leave. Log-ins: `log_ins`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from tanhui.books.copying import Column, constant, copy_in, fetch_columns, pg_instant
from tanhui.core.clock import Clock, system_clock
from tanhui.core.ids import PERSON_ID_BITS

from .errors import person_erased, person_unknown
from .links import (
    ERASED,
    LEFT,
    NOBODY,
    cut,
    drop_owners,
    owner_marks,
    seal_owned,
    unseal,
)
from .log_ins import forget_log_ins
from .models import Identity, Person
from .queries import erased
from .references import DIGEST_BYTES, LOG_IN, digests_of, scheme_of

_MAKING = 0x7461_6E68_0101  # advisory lock: who makes people does it alone

_WANTED = """
DROP TABLE IF EXISTS pg_temp.citizens_wanted;
CREATE TEMP TABLE citizens_wanted (
    scheme varchar NOT NULL, digest bytea NOT NULL, place bigint NOT NULL) ON COMMIT DROP;
"""

_FIND = """
SELECT w.place AS c0, i.sealed AS c1 FROM citizens_wanted w
JOIN citizens_identity i ON i.scheme = w.scheme AND i.digest = w.digest
"""


_LINKS_AT_ONCE = 50_000


def identify(
    refs: Sequence[str],
    *,
    key: bytes,
    is_demo: bool = False,
    anew: bool = False,
    clock: Clock = system_clock,
) -> dict[str, int]:
    """The person of each reference, made when nobody goes by it yet; one transaction.

    Who has left is not in the answer, unless `anew`: then the reference begins a new account.

    Doubles are fine; safe when many do it at once: one reference is one person. `key` is the
    identity key of this installation. Raises InputRefused on a reference without a scheme.
    """
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return {}
    asked = _asked(wanted, key)
    people = np.full(len(wanted), NOBODY, dtype=np.int64)
    with transaction.atomic():
        _find(asked, people)
        if (missing := asked.pick(people == NOBODY)).places.size:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
            _find(missing, people)  # somebody may have been first
            _make(asked.pick(people == NOBODY), people, at=clock(), is_demo=is_demo)
        if anew and (people == LEFT).any():
            _begin_anew(asked.pick(people == LEFT), people, at=clock(), is_demo=is_demo)
    found = zip(wanted, people.tolist(), strict=True)
    return {ref: person for ref, person in found if person != LEFT}


def find_all(refs: Sequence[str], *, key: bytes) -> dict[str, int]:
    """The person of each reference that is somebody's; nobody is made."""
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return {}
    people = np.full(len(wanted), NOBODY, dtype=np.int64)
    with transaction.atomic():
        _find(_asked(wanted, key), people)
    found = zip(wanted, people.tolist(), strict=True)
    return {ref: person for ref, person in found if person not in (NOBODY, LEFT)}


def forget(person: int, *, at: datetime) -> list[bytes]:
    """Erase the person here, in the caller's transaction: links, log-ins; returns the digests.

    When that is committed, give them to `cut_links`. Raises NotFound, Conflict when done before.
    """
    if not Person.objects.filter(id=person).exists():
        raise person_unknown(str(person))
    if not Person.objects.filter(id=person, erased_at=None).update(erased_at=at):
        raise person_erased()
    own = [(scheme, digest) for scheme, digest in _links_of(person)]
    for scheme, digest in own:
        Identity.objects.filter(scheme=scheme, digest=digest).update(sealed=ERASED)
    forget_log_ins(digest for scheme, digest in own if scheme == LOG_IN)
    return [digest for _, digest in own]


def cut_links(person: int, digests: Iterable[bytes]) -> None:
    """Destroy the keys of a person's links, and the one by which they are found."""
    cut(digests)
    drop_owners([person])


def cut_links_of_the_erased() -> int:
    """Destroy what a crash, or a restored copy of the keys, left of links; returns how many."""
    left = Identity.objects.filter(sealed=ERASED).values_list("digest", flat=True)
    links = cut(bytes(digest) for digest in left.iterator(_LINKS_AT_ONCE))
    drop_owners(erased())
    return links


def _links_of(person: int) -> Iterator[tuple[str, bytes]]:
    for mark in owner_marks(person):
        marked = Identity.objects.filter(owner=mark).exclude(sealed=ERASED)
        rows = list(marked.values_list("scheme", "digest", "sealed"))
        if not rows:
            return
        for scheme, digest, sealed in rows:
            column = np.array([bytes(digest)], dtype=f"S{DIGEST_BYTES}")
            if unseal(np.array([sealed]), column)[0] == person:
                yield scheme, bytes(digest)


@dataclass(frozen=True)
class _Asked:
    """References as columns: place in the question, scheme, digest."""

    places: Column
    schemes: Column
    digests: Column

    def pick(self, which: Column) -> _Asked:
        """Those of a mask, or in the order of an index."""
        return _Asked(self.places[which], self.schemes[which], self.digests[which])

    def at(self, places: Column) -> Column:
        """The digests asked for at these places of the question."""
        order = np.argsort(self.places)
        found: Column = self.digests[order[np.searchsorted(self.places, places, sorter=order)]]
        return found

    def by_scheme(self) -> Iterator[tuple[str, _Asked]]:
        """One part per scheme: in a COPY every column has one width."""
        for scheme in np.unique(self.schemes):
            yield scheme.decode(), self.pick(self.schemes == scheme)


def _asked(wanted: Sequence[str], key: bytes) -> _Asked:
    return _Asked(
        places=np.arange(len(wanted)),
        schemes=np.array([scheme_of(ref).encode() for ref in wanted]),
        digests=np.frombuffer(digests_of(wanted, key=key), dtype=f"S{DIGEST_BYTES}"),
    )


def _find(asked: _Asked, people: Column) -> None:
    """Write the known person of each reference at its place in `people`, LEFT for who has left."""
    with connection.cursor() as cursor:
        cursor.execute(_WANTED)
    for scheme, mine in asked.by_scheme():
        columns = {
            "scheme": constant(scheme, len(mine.places)),
            "digest": mine.digests,
            "place": mine.places,
        }
        copy_in(connection, "citizens_wanted", columns)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE citizens_wanted")
    places, sealed = fetch_columns(connection, _FIND, ("i8", "i8"))
    whole = asked.at(places)
    people[places] = unseal(sealed, whole)


def _make(asked: _Asked, people: Column, *, at: datetime, is_demo: bool) -> None:
    """Make a person for each reference; both tables are written in order of their keys."""
    made = _random_people(len(asked.places))
    people[asked.places] = made
    columns = {
        "id": np.sort(made),
        "created_at": constant(pg_instant(at), len(made)),
        "is_demo": np.full(len(made), is_demo),
    }
    copy_in(connection, "citizens_person", columns)
    for scheme, mine in asked.pick(np.argsort(asked.digests)).by_scheme():
        sealed, owners = seal_owned(people[mine.places], mine.digests)
        columns = {
            "scheme": constant(scheme, len(mine.places)),
            "digest": mine.digests,
            "sealed": sealed,
            "owner": owners,
        }
        copy_in(connection, "citizens_identity", columns)


def _begin_anew(asked: _Asked, people: Column, *, at: datetime, is_demo: bool) -> None:
    """A new person for references whose person has left."""
    for scheme, mine in asked.by_scheme():
        digests = [bytes(digest).ljust(DIGEST_BYTES, b"\0") for digest in mine.digests.tolist()]
        Identity.objects.filter(scheme=scheme, digest__in=digests).delete()
    _make(asked, people, at=at, is_demo=is_demo)


def _random_people(how_many: int) -> Column:
    """Random pseudonyms of 62 bits, in no order that says anything."""
    random = np.frombuffer(secrets.token_bytes(8 * how_many), dtype=np.uint64)
    return (random >> np.uint64(64 - PERSON_ID_BITS)).astype(np.int64)
