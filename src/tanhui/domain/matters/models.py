"""Tables of matters: one row for what is under way, one for each step taken, none ever changed.

A matter's state changes in one place (`services.take`), under the lock of its row, along its
lifecycle; the steps are the history and say who did what with which words.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

OPEN, CLOSED = "open", "closed"


class Matter(models.Model):
    """Something that goes through steps: `kind` names its lifecycle, `number` is shown to people.

    `data` is what the fields of its steps said last, `organisation` and `region` whose it is.
    `parent` is the matter it belongs to: a project of a monitoring period.
    """

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=32)
    region = models.CharField(max_length=6)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=32)
    organisation = models.BigIntegerField(null=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    data = models.JSONField(default=dict)
    is_demo = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "state", "-id"], name="matters_kind_state"),
            models.Index(fields=["organisation", "-id"], name="matters_organisation"),
            models.Index(
                fields=["region", "kind", "-id"],
                opclasses=["varchar_pattern_ops", "varchar_ops", "int8_ops"],
                name="matters_region",
            ),
            models.Index(fields=["changed_at"], name="matters_changed"),
        ]

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """One step somebody took. Where two people are needed the first one's is a proposal."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="steps")
    verb = models.CharField(max_length=32)
    state_before = models.CharField(max_length=32)
    state_after = models.CharField(max_length=32)
    is_proposal = models.BooleanField(default=False)
    user = models.BigIntegerField()
    role = models.CharField(max_length=16)
    organisation = models.BigIntegerField(null=True)
    note = models.CharField(max_length=2_000, blank=True)
    data = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()
    journal_id = models.BigIntegerField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["matter", "id"], name="matters_step_order")]


class Document(models.Model):
    """A file that belongs to a matter, kept by its SHA-256; `kind` is what a step asks for."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    is_public = models.BooleanField()
    user = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "kind", "sha256"], name="matters_document_once"
            )
        ]


class Notice(models.Model):
    """Something shown to everybody for a number of working days; objections must be answered."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="notices")
    verb = models.CharField(max_length=32)
    opened_on = models.DateField()
    last_day = models.DateField()
    workdays = models.IntegerField()
    rule = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="matters_notice_days",
                condition=Q(last_day__gte=F("opened_on")) & Q(workdays__gt=0),
            )
        ]


class Comment(models.Model):
    """What somebody said to a notice; an objection holds the matter up until it is answered."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="comments")
    author = models.CharField(max_length=80)
    contact = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=2_000)
    is_objection = models.BooleanField()
    at = models.DateTimeField()
    reply = models.CharField(max_length=2_000, blank=True)
    replied_by = models.BigIntegerField(null=True)
    replied_at = models.DateTimeField(null=True)


class Assignment(models.Model):
    """Who is drawn or engaged for a matter: a verifier's organisation, an expert's log-in."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=16)
    organisation = models.BigIntegerField(null=True)
    user = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    why = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "role"], name="matters_assignment_body"),
            models.Index(fields=["user", "role"], name="matters_assignment_user"),
        ]
        constraints = [
            models.CheckConstraint(
                name="matters_assignment_one",
                condition=Q(organisation__isnull=False) ^ Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["matter", "role", "organisation", "user"],
                condition=Q(ended_at__isnull=True),
                name="matters_assignment_once",
                nulls_distinct=False,
            ),
        ]
