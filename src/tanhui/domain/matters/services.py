"""Verbs of matters: open, take a step, attach, comment, answer, assign.

Each runs in the caller's transaction and under an act of the journal; who may do it is decided by
the flow above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from tanhui.core.region import CHINA_OFFSET_MIN

from . import errors
from .models import Assignment, Comment, Document, Matter, Notice, Step

_NUMBERING = 0x7461_6E68_0005  # advisory lock beside those of the books
COMMENT_CHARS_MAX = 2_000
AUTHOR_CHARS_MAX = 80
CONTACT_CHARS_MAX = 120


@dataclass(frozen=True, kw_only=True)
class Who:
    """The person who acts, in which role and for which organisation."""

    user: int
    role: str
    organisation: int | None = None


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a new matter is: its kind with the letter of its number, and whose it is."""

    kind: str
    letter: str
    region: str
    title: str
    state: str
    organisation: int | None
    parent: Matter | None
    data: Mapping[str, Any]
    is_demo: bool


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One step as it is written: before and after, and what was said."""

    verb: str
    state_after: str
    note: str
    data: Mapping[str, Any]
    is_proposal: bool = False


def begin(given: Beginning, *, at: datetime) -> Matter:
    """A new matter under the next number of its kind, region and year in China."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
    year = (at + timedelta(minutes=CHINA_OFFSET_MIN)).year
    prefix = f"{given.letter}-{given.region}-{year}-"
    rows = Matter.objects.filter(region=given.region, kind=given.kind, number__startswith=prefix)
    newest = rows.order_by("-id").first()  # numbered in order of id, under the lock
    last = int(newest.number.removeprefix(prefix)) if newest is not None else 0
    return Matter.objects.create(
        number=f"{prefix}{last + 1:04d}",
        kind=given.kind,
        region=given.region,
        title=given.title,
        state=given.state,
        organisation=given.organisation,
        parent=given.parent,
        data=dict(given.data),
        is_demo=given.is_demo,
        opened_at=at,
        changed_at=at,
    )


def lock(number: str) -> Matter:
    """The matter, which nobody else changes until this transaction ends; raises NotFound."""
    found = Matter.objects.select_for_update().filter(number=number).first()
    if found is None:
        raise errors.matter_unknown(number)
    return found


def write_step(matter: Matter, taken: Taken, *, who: Who, at: datetime, journal: int) -> Step:
    """Write the step and, unless it only proposes, the matter's new state and data.

    `matter` is locked; an assertion, not a check, that its state is still the one seen.
    """
    step = Step.objects.create(
        matter=matter,
        verb=taken.verb,
        state_before=matter.state,
        state_after=taken.state_after,
        is_proposal=taken.is_proposal,
        user=who.user,
        role=who.role,
        organisation=who.organisation,
        note=taken.note,
        data=dict(taken.data),
        at=at,
        journal_id=journal,
    )
    if not taken.is_proposal:
        before, matter.state = matter.state, taken.state_after
        matter.data = {**matter.data, **taken.data}
        matter.changed_at = at
        changed = Matter.objects.filter(pk=matter.pk, state=before).update(
            state=matter.state, data=matter.data, changed_at=at
        )
        assert changed == 1, "a locked matter keeps its state"
    return step


def note_result(step: Step, result: Mapping[str, Any]) -> None:
    """Keep what the step brought about; `result` is JSON-ready."""
    step.result = dict(result)
    step.save(update_fields=["result"])


def keep(matter: Matter, data: Mapping[str, Any]) -> None:
    """Add to the matter's data what a step worked out."""
    matter.data = {**matter.data, **data}
    Matter.objects.filter(pk=matter.pk).update(data=matter.data)


def give_notice(
    matter: Matter, verb: str, *, opened_on: date, last_day: date, workdays: int, rule: str
) -> Notice:
    """Open a public notice of the matter."""
    return Notice.objects.create(
        matter=matter,
        verb=verb,
        opened_on=opened_on,
        last_day=last_day,
        workdays=workdays,
        rule=rule,
    )


def comment(
    notice: Notice,
    *,
    author: str,
    contact: str,
    text: str,
    is_objection: bool,
    at: datetime,
    today: date,
) -> Comment:
    """What somebody says to a notice while it is open; raises InputRefused or Conflict."""
    fits = (
        0 < len(author.strip()) <= AUTHOR_CHARS_MAX and 0 < len(text.strip()) <= COMMENT_CHARS_MAX
    )
    if not (_is_readable(author + contact + text) and fits and len(contact) <= CONTACT_CHARS_MAX):
        raise errors.comment_malformed(COMMENT_CHARS_MAX)
    if today > notice.last_day:
        raise errors.notice_over()
    return Comment.objects.create(
        notice=notice,
        author=author.strip(),
        contact=contact.strip(),
        text=text.strip(),
        is_objection=is_objection,
        at=at,
    )


def answer(comment: int, reply: str, *, user: int, at: datetime) -> bool:
    """Answer a comment; the same words again change nothing, and then it is False.

    Raises InputRefused for words that cannot be shown, Conflict where it was answered otherwise.
    """
    words = reply.strip()
    if not (0 < len(words) <= COMMENT_CHARS_MAX and _is_readable(words)):
        raise errors.comment_malformed(COMMENT_CHARS_MAX)
    said = Comment.objects.select_for_update().get(pk=comment)
    if said.replied_at is not None:
        if said.reply != words:
            raise errors.comment_answered()
        return False
    said.reply, said.replied_by, said.replied_at = words, user, at
    said.save(update_fields=["reply", "replied_by", "replied_at"])
    return True


def _is_readable(text: str) -> bool:
    return all(one.isprintable() or one in "\r\n\t" for one in text)


def attach(matter: Matter, given: Mapping[str, Any], *, user: int, at: datetime) -> Document:
    """Note a document that is kept: kind, name, sha256, size, media_type, is_public."""
    return Document.objects.get_or_create(
        matter=matter,
        kind=given["kind"],
        sha256=given["sha256"],
        defaults={**given, "user": user, "at": at},
    )[0]


def assign(
    matter: Matter,
    role: str,
    *,
    organisation: int | None = None,
    user: int | None = None,
    why: Mapping[str, Any],
    at: datetime,
) -> Assignment:
    """Let an organisation or one log-in act in a role for this matter alone."""
    return Assignment.objects.get_or_create(
        matter=matter,
        role=role,
        organisation=organisation,
        user=user,
        ended_at=None,
        defaults={"why": dict(why), "at": at},
    )[0]
