"""Reads of citizens."""

from __future__ import annotations

import numpy as np

from .links import LEFT, unseal
from .models import CitizenLogin, Identity, Person
from .references import digest_of, scheme_of


def find(ref: str, *, key: bytes) -> int | None:
    """The person who goes by `ref`, or None; raises InputRefused without a scheme."""
    digest = digest_of(ref, key=key)
    identity = Identity.objects.filter(scheme=scheme_of(ref), digest=digest)
    sealed = identity.values_list("sealed", flat=True).first()
    if sealed is None:
        return None
    person = int(unseal(np.array([sealed]), np.array([digest], dtype="S32"))[0])
    return None if person == LEFT else person


def exists(person: int) -> bool:
    """Whether this pseudonym is somebody's."""
    return Person.objects.filter(id=person).exists()


def is_demo(person: int) -> bool:
    """Whether the person is made up for the demonstration."""
    return Person.objects.filter(id=person, is_demo=True).exists()


def person_of_user(user_id: int) -> int | None:
    """The person a log-in may see."""
    return CitizenLogin.objects.filter(user_id=user_id).values_list("person_id", flat=True).first()


def count() -> int:
    """How many people there are."""
    return Person.objects.count()


def is_erased(person: int) -> bool:
    """Whether the person has left."""
    return Person.objects.filter(id=person, erased_at__isnull=False).exists()


def erased() -> list[int]:
    """Everybody who has left."""
    return list(Person.objects.filter(erased_at__isnull=False).values_list("id", flat=True))
