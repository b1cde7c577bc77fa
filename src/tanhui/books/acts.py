"""Business acts: one journal row each, with who, when, what and under which rules.

The same key with the same request gives the first answer; with another request it is refused. An
act that matters to outsiders leaves an entry for the public log in the same transaction, so what
is not in the log did not happen and what is in the log did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from tanhui.core.canonical import canonical_json
from tanhui.core.clock import utc_text

from .models import Journal, LogEntry
from .refusals import key_reused
from .translog.tiles import bundle


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody does, before it is written.

    `verb` is dotted (`books.batch.posted`); `request` is what the key stands for and is kept as a
    hash alone; `rules` names the rule set's version. `public` is what the log may say: amounts as
    text, nothing that concerns a single person.
    """

    verb: str
    actor: str
    at: datetime
    key: str
    request: Mapping[str, Any] | bytes
    detail: Mapping[str, Any] = field(default_factory=dict)
    rules: str = ""
    public: Mapping[str, Any] | None = None

    @property
    def request_hash(self) -> bytes:
        """SHA-256 of the request in its canonical form."""
        request = self.request
        data = request if isinstance(request, bytes) else canonical_json(request)
        return hashlib.sha256(data).digest()


@dataclass(frozen=True)
class Recorded:
    """An act in the journal; `is_new` is False when the key had come before."""

    journal: int
    is_new: bool


_INSERT = """
INSERT INTO books_journal (idempotency_key, verb, actor, at, request_hash, detail, rules)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
"""


def record(act: Act) -> Recorded:
    """Write the act in the caller's transaction; raises Conflict for a key with another request.

    A second act with the same key waits until the first one is committed or gone.
    """
    assert transaction.get_connection().in_atomic_block, "an act belongs inside a transaction"
    values: list[Any] = [act.key, act.verb, act.actor, act.at, act.request_hash]
    values += [Jsonb(dict(act.detail)), act.rules]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        made = cursor.fetchone()
    if made is None:
        return _known(act)
    recorded = Recorded(made[0], is_new=True)
    if act.public is not None:
        disclose(act, recorded, act.public)
    return recorded


def disclose(act: Act, recorded: Recorded, public: Mapping[str, Any]) -> None:
    """Leave the act's log entry, for an act whose public part is known only once it is done.

    In the act's own transaction, once; an act that came with `public` has its entry already.
    """
    assert transaction.get_connection().in_atomic_block, "an entry belongs to its act"
    body = _entry(act, recorded.journal, public)
    LogEntry.objects.create(journal_id=recorded.journal, at=act.at, body=body)


def _known(act: Act) -> Recorded:
    known = Journal.objects.get(idempotency_key=act.key)
    if bytes(known.request_hash) != act.request_hash or known.verb != act.verb:
        raise key_reused(act.key)
    return Recorded(known.pk, is_new=False)


def _entry(act: Act, journal: int, public: Mapping[str, Any]) -> bytes:
    """The log's bytes for an act: canonical JSON with what every entry has in front."""
    common = {"act": str(journal), "at": utc_text(act.at), "kind": act.verb, "rules": act.rules}
    assert not common.keys() & public.keys(), "an act names its own particulars only"
    body = canonical_json({**common, **public})
    bundle([body])  # refuses what is too long for the log
    return body
