"""The table of restores: where this database came from, and who compared its log afterwards."""

from __future__ import annotations

from django.db import models


class Restored(models.Model):
    """One restore; `resumed` is the act after which the log may grow again."""

    backup = models.CharField(max_length=40)
    log_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    resumed = models.ForeignKey(
        "books.Journal", models.PROTECT, null=True, related_name="restores_resumed"
    )

    class Meta:
        app_label = "books"
