"""Verbs of citizens: identify references in bulk, give a person a log-in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction

from tanhui.books.copying import copy_in, fetch_columns
from tanhui.core.clock import Clock, system_clock
from tanhui.core.ids import PERSON_ID_BITS

from .errors import person_unknown
from .models import CitizenLogin, Person
from .references import DIGEST_BYTES, digest_of, scheme_of

_WANTED = """
DROP TABLE IF EXISTS pg_temp.citizens_wanted;
CREATE TEMP TABLE citizens_wanted (
    scheme varchar NOT NULL, digest bytea NOT NULL, place bigint NOT NULL, fresh bigint NOT NULL
) ON COMMIT DROP;
"""

# Sorted by the key, so two intakes wait for each other instead of deadlocking. The person is
# written by the same statement as the reference that made it.
_MAKE = """
WITH made AS (
    INSERT INTO citizens_identity (scheme, digest, person_id)
    SELECT scheme, digest, fresh FROM citizens_wanted w
    WHERE NOT EXISTS (
        SELECT FROM citizens_identity i WHERE i.scheme = w.scheme AND i.digest = w.digest)
    ORDER BY scheme, digest
    ON CONFLICT DO NOTHING
    RETURNING person_id
)
INSERT INTO citizens_person (id, created_at, is_demo)
SELECT person_id, %s, %s FROM made
"""

_FIND = """
SELECT w.place AS c0, i.person_id AS c1 FROM citizens_wanted w
JOIN citizens_identity i ON i.scheme = w.scheme AND i.digest = w.digest
"""


def identify(
    refs: Sequence[str], *, key: bytes, is_demo: bool = False, clock: Clock = system_clock
) -> dict[str, int]:
    """The person of each reference, made when nobody goes by it yet; one transaction.

    Doubles are fine; safe when many do it at once: one reference is one person. `key` is the
    identity key of this installation. Raises InputRefused on a reference without a scheme.
    """
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return {}
    by_scheme: dict[str, list[int]] = {}
    for place, ref in enumerate(wanted):
        by_scheme.setdefault(scheme_of(ref), []).append(place)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_WANTED)
        for scheme in sorted(by_scheme):
            _send(scheme, by_scheme[scheme], wanted, key=key)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE citizens_wanted")
            cursor.execute(_MAKE, [clock(), is_demo])
        places, people = fetch_columns(connection, _FIND, ("i8", "i8"))
    return {
        wanted[place]: person
        for place, person in zip(places.tolist(), people.tolist(), strict=True)
    }


def give_login(user_id: int, person: int) -> CitizenLogin:
    """Let a user see the account of `person`; raises NotFound for an unknown person."""
    if not Person.objects.filter(id=person).exists():
        raise person_unknown(str(person))
    login, _ = CitizenLogin.objects.get_or_create(user_id=user_id, person_id=person)
    return login


def _send(scheme: str, places: list[int], refs: list[str], *, key: bytes) -> None:
    """Copy one scheme's digests, each with a fresh random person in case it is new."""
    digests = b"".join(digest_of(refs[place], key=key) for place in places)
    random = np.frombuffer(secrets.token_bytes(8 * len(places)), dtype=np.uint64)
    raw = scheme.encode()
    columns = {
        "scheme": np.broadcast_to(np.array(raw, dtype=f"S{len(raw)}"), len(places)),
        "digest": np.frombuffer(digests, dtype=f"S{DIGEST_BYTES}"),
        "place": np.array(places, dtype=np.int64),
        "fresh": (random >> np.uint64(64 - PERSON_ID_BITS)).astype(np.int64),
    }
    copy_in(connection, "citizens_wanted", columns)
