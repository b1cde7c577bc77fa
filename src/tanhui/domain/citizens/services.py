"""Verbs of citizens: identify references in bulk, give a person a log-in, let a person leave."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import numpy as np
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tanhui.books.copying import Column, constant, copy_in, fetch_columns, pg_instant
from tanhui.core.clock import Clock, system_clock
from tanhui.core.ids import PERSON_ID_BITS

from .errors import person_erased, person_unknown
from .links import ERASED, LEFT, NOBODY, cut, seal, unseal
from .models import CitizenLogin, Identity, Person
from .references import DIGEST_BYTES, digests_of, scheme_of

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


def give_login(user_id: int, person: int) -> CitizenLogin:
    """Let a user see the account of `person`; raises NotFound for an unknown person."""
    if not Person.objects.filter(id=person).exists():
        raise person_unknown(str(person))
    login, _ = CitizenLogin.objects.get_or_create(user_id=user_id, person_id=person)
    return login


def forget(person: int, *, at: datetime) -> list[bytes]:
    """Erase the person here, in the caller's transaction: links, log-in; returns the digests.

    When that is committed, give the digests to `links.cut`. Looks through every link, because
    nothing says which reference a person has. Raises NotFound, Conflict when done before.
    """
    if not Person.objects.filter(id=person).exists():
        raise person_unknown(str(person))
    if not Person.objects.filter(id=person, erased_at=None).update(erased_at=at):
        raise person_erased()
    own = [(scheme, digest) for scheme, digest in _links_of(person)]
    for scheme, digest in own:
        Identity.objects.filter(scheme=scheme, digest=digest).update(sealed=ERASED)
    for login in CitizenLogin.objects.filter(person_id=person).select_related("user"):
        if login.user.is_staff or hasattr(login.user, "partner_member"):
            login.delete()  # the log-in has another use
        else:
            get_user_model().objects.filter(pk=login.user_id).delete()
    return [digest for _, digest in own]


def cut_links_of_the_erased() -> int:
    """Destroy what a crash, or a restored copy of the keys, left of links; returns how many."""
    left = Identity.objects.filter(sealed=ERASED).values_list("digest", flat=True)
    return cut(bytes(digest) for digest in left.iterator(_LINKS_AT_ONCE))


def _links_of(person: int) -> Iterator[tuple[str, bytes]]:
    rows = Identity.objects.exclude(sealed=ERASED).values_list("scheme", "digest", "sealed")
    every = rows.iterator(_LINKS_AT_ONCE)
    while part := list(islice(every, _LINKS_AT_ONCE)):
        digests = [bytes(digest) for _, digest, _ in part]
        sealed = np.array([each for *_, each in part], dtype=np.int64)
        people = unseal(sealed, np.array(digests, dtype=f"S{DIGEST_BYTES}"))
        for place in np.flatnonzero(people == person).tolist():
            yield part[place][0], digests[place]


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
        columns = {
            "scheme": constant(scheme, len(mine.places)),
            "digest": mine.digests,
            "sealed": seal(people[mine.places], mine.digests),
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
