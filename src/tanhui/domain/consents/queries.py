"""Reads of consents. The rule is one: of all answers that cover a record, the last one holds.

An answer covers a record when its scene is the record's or '', and its partner is the record's or
None. Where nobody answered, the partner's own basis decides (partners.consent_basis).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import connection
from django.db.models import Q

from tanhui.books.models import Journal

from .models import ACCOUNT, ConsentReceipt

ANSWERS = {"person": pl.Int64, "scene": pl.String, "given": pl.Boolean, "turn": pl.Int64}

_ANSWERS = """
SELECT DISTINCT ON (person, scene) person, scene, given, id FROM consents_consentreceipt
WHERE person = ANY(%s) AND purpose = %s AND at <= %s
  AND (partner_id IS NULL OR partner_id = %s)
ORDER BY person, scene, id DESC
"""


def answers(
    people: Sequence[int], *, partner_id: int, at: datetime, purpose: str = ACCOUNT
) -> pl.DataFrame:
    """The last answer of each person per scene ('' for every one) that covers this partner.

    ANSWERS: `turn` orders them. Empty when nobody ever answered, which costs one short query.
    """
    if not len(people) or not ConsentReceipt.objects.exists():
        return pl.DataFrame(schema=ANSWERS)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [list(people), purpose, at, partner_id])
        rows = cursor.fetchall()
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


_LAST = """
SELECT person FROM (
    SELECT DISTINCT ON (person) person, given FROM consents_consentreceipt
    WHERE purpose = %s AND scene IN ('', %s) AND (partner_id IS NULL OR partner_id = %s)
    ORDER BY person, id DESC
) last WHERE given = %s
"""


def people_who_said(given: bool, *, scene: str, partner_id: int, purpose: str) -> list[int]:
    """Everybody whose last answer about this scene, partner and purpose was yes (or no)."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [purpose, scene, partner_id, given])
        return [person for (person,) in cursor.fetchall()]


def of_person(person: int) -> list[ConsentReceipt]:
    """Every receipt of the person, newest first."""
    return list(ConsentReceipt.objects.filter(person=person).order_by("-id"))


def stands(
    person: int, *, scene: str, partner_id: int, basis_gives: bool, purpose: str = ACCOUNT
) -> bool:
    """Whether records of this person, scene and partner may be counted now."""
    covering = ConsentReceipt.objects.filter(
        Q(scene="") | Q(scene=scene),
        Q(partner_id__isnull=True) | Q(partner_id=partner_id),
        person=person,
        purpose=purpose,
    )
    last = covering.order_by("-id").values_list("given", flat=True).first()
    return basis_gives if last is None else last


def last_of(
    person: int, scene: str, partner_id: int | None, *, purpose: str = ACCOUNT
) -> ConsentReceipt | None:
    """The last answer about exactly this."""
    same = {"person": person, "scene": scene, "partner_id": partner_id, "purpose": purpose}
    return ConsentReceipt.objects.filter(**same).order_by("-id").first()


def by_key(key: str) -> ConsentReceipt | None:
    """The receipt that came under this key."""
    act = Journal.objects.filter(idempotency_key=f"consent/{key}").values_list("id", flat=True)
    return ConsentReceipt.objects.filter(journal_id__in=act).first()


def has_later(receipt: ConsentReceipt) -> bool:
    """Whether the person said anything since for the same purpose."""
    return ConsentReceipt.objects.filter(
        person=receipt.person, purpose=receipt.purpose, id__gt=receipt.pk
    ).exists()
