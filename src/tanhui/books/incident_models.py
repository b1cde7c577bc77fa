"""The table of incidents: a proof that did not hold, who looks after it, who closed it and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Incident(models.Model):
    """A difference that was found. Its row is acknowledged once, closed once, and never changed
    otherwise."""

    proof = models.CharField(max_length=120)
    proof_zh = models.CharField(max_length=120)
    figure_left = models.DecimalField(max_digits=40, decimal_places=0)
    figure_right = models.DecimalField(max_digits=40, decimal_places=0)
    detail = models.TextField()
    opened_at = models.DateTimeField()
    opened_by = models.OneToOneField(
        "books.Journal", models.PROTECT, related_name="incident_opened"
    )
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.OneToOneField(
        "books.Journal", models.PROTECT, null=True, related_name="incident_acknowledged"
    )
    acknowledged_person = models.CharField(max_length=120, default="", db_default="")
    acknowledged_reason = models.TextField(default="", db_default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.OneToOneField(
        "books.Journal", models.PROTECT, null=True, related_name="incident_closed"
    )
    person = models.CharField(max_length=120, default="", db_default="")
    reason = models.TextField(default="", db_default="")

    class Meta:
        app_label = "books"
        constraints = [
            models.UniqueConstraint(
                fields=["proof"],
                condition=Q(closed_by__isnull=True),
                name="books_incident_open_once",
            ),
            models.CheckConstraint(
                name="books_incident_closed",
                condition=Q(closed_by__isnull=True, closed_at__isnull=True, person="", reason="")
                | (
                    Q(closed_by__isnull=False, closed_at__isnull=False)
                    & ~Q(person="")
                    & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="books_incident_acknowledged",
                condition=Q(
                    acknowledged_by__isnull=True,
                    acknowledged_at__isnull=True,
                    acknowledged_person="",
                    acknowledged_reason="",
                )
                | (
                    Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False)
                    & ~Q(acknowledged_person="")
                    & ~Q(acknowledged_reason="")
                ),
            ),
        ]
