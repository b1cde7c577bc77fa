"""Verbs of consents: write one receipt, as a journalled act that the public log does not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from tanhui.books.acts import Act, record

from . import errors, queries
from .models import ACCOUNT, ConsentReceipt

_SAYING = 0x7461_6E68  # advisory lock: one answer of a person after another


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an answer is about: one scene or all (''), one partner or all (None)."""

    scene: str = ""
    partner_id: int | None = None
    purpose: str = ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Words:
    """The text that was shown: its version and the SHA-256 of its words."""

    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """Through whom an answer came, when, and the key under which it is repeated."""

    via: str
    at: datetime
    key: str = ""


def say(person: int, scope: Scope, *, given: bool, words: Words, said: Said) -> ConsentReceipt:
    """Write that the person gave (or withdrew) consent, from `said.at` on.

    Nothing of it goes to the public log: no entry concerns one person's single act. The same key
    with the same answer gives the first receipt. Raises Conflict for a key with another answer, or
    when exactly this was said before and nothing came since.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SAYING, person % 2**31])
        known = queries.by_key(said.key) if said.key else None
        last = queries.last_of(person, scope.scene, scope.partner_id, purpose=scope.purpose)
        is_same = last is not None and last.given == given and not queries.has_later(last)
        if known is None and is_same:
            raise errors.nothing_changes(given)
        what = {"scene": scope.scene, "partner": str(scope.partner_id or ""), "given": given}
        act = Act(
            verb="consents.consent.given" if given else "consents.consent.withdrawn",
            actor=said.via,
            at=said.at,
            key=f"consent/{said.key or uuid4().hex}",
            request={**what, "person": str(person), "text": words.sha256},
            detail={**what, "purpose": scope.purpose, "text_version": words.version},
        )
        recorded = record(act)
        if not recorded.is_new:
            return ConsentReceipt.objects.get(journal_id=recorded.journal)
        return ConsentReceipt.objects.create(
            person=person,
            scene=scope.scene,
            partner_id=scope.partner_id,
            purpose=scope.purpose,
            given=given,
            text_version=words.version,
            text_sha256=words.sha256,
            via=said.via,
            at=said.at,
            journal_id=recorded.journal,
        )
