"""Reads of citizens."""

from __future__ import annotations

from .models import CitizenLogin, Identity, Person
from .references import digest_of, scheme_of


def find(ref: str, *, key: bytes) -> int | None:
    """The person who goes by `ref`, or None; raises InputRefused without a scheme."""
    return (
        Identity.objects.filter(scheme=scheme_of(ref), digest=digest_of(ref, key=key))
        .values_list("person_id", flat=True)
        .first()
    )


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
