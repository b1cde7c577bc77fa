"""Log-ins of people: the name is a reference like any other, kept as its keyed digest only.

A name is often a phone number, and rows of a database live on in dead rows, write-ahead logs and
backups. So the name is never written: the account of Django is called by the digest, and which
person it belongs to is a sealed link that erasure cuts (PIPL article 47).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from django.contrib.auth import get_user_model
from django.db import transaction

from .errors import log_in_taken, person_unknown
from .links import LEFT, owner_marks, seal, unseal
from .models import CitizenLogin, Identity, Person
from .references import DIGEST_BYTES, LOG_IN, log_in_digest


def make_log_in(name: str, password: str, person: int, *, key: bytes) -> CitizenLogin:
    """A new log-in of `person`; raises NotFound, or Conflict when the name is in use."""
    digest = log_in_digest(name, key=key)
    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(username__in=[name, digest.hex()]).exists():
            raise log_in_taken()
        user = users.create_user(username=digest.hex(), password=password)
        return _link(user.pk, person, digest)


def give_log_in(user_id: int, person: int, *, key: bytes) -> CitizenLogin:
    """Let somebody who has a log-in for another reason see the account of `person`.

    Its name is in clear already: a member's of a partner, a made-up one of the demo city. Raises
    NotFound for an unknown person, Conflict when the log-in shows somebody else's account.
    """
    name = get_user_model().objects.get(pk=user_id).get_username()
    return _link(user_id, person, log_in_digest(name, key=key))


def forget_log_ins(digests: Iterable[bytes]) -> None:
    """Delete the log-ins of these digests; of one that has another use, what makes it theirs."""
    mine = CitizenLogin.objects.filter(digest__in=list(digests)).select_related("user")
    for login in mine:
        login.delete()
        if not login.user.is_staff and not hasattr(login.user, "partner_member"):
            get_user_model().objects.filter(pk=login.user_id).delete()


def _link(user_id: int, person: int, digest: bytes) -> CitizenLogin:
    is_demo = Person.objects.filter(id=person).values_list("is_demo", flat=True).first()
    if is_demo is None:
        raise person_unknown(str(person))
    column = np.array([digest], dtype=f"S{DIGEST_BYTES}")
    with transaction.atomic():
        login, is_new = CitizenLogin.objects.get_or_create(
            user_id=user_id, digest=digest, defaults={"is_demo": is_demo}
        )
        link = Identity.objects.filter(scheme=LOG_IN, digest=digest)
        known = link.values_list("sealed", flat=True).first()
        whose = LEFT if known is None else int(unseal(np.array([known]), column)[0])
        if not is_new and whose == person:
            return login
        if whose != LEFT:
            raise log_in_taken()
        link.delete()  # of somebody who has left
        sealed = seal(np.array([person]), column)
        marks = owner_marks(person, make=True)
        owner = next(mark for mark in marks if not Identity.objects.filter(owner=mark).exists())
        Identity.objects.create(scheme=LOG_IN, digest=digest, sealed=int(sealed[0]), owner=owner)
    return login
