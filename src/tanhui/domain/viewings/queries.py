"""Reads of viewings."""

from __future__ import annotations

from .models import Viewing

SHOWN_MAX = 1_000


def of_person(person: int, *, limit: int = SHOWN_MAX) -> list[Viewing]:
    """Who looked at this person's data, newest first."""
    return list(Viewing.objects.filter(person=person).order_by("-id")[:limit])
