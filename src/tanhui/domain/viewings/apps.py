"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ViewingsConfig(AppConfig):
    """Each look at a person's data by somebody else."""

    name = "tanhui.domain.viewings"
    label = "viewings"
    verbose_name = "查阅 Viewings"
    default_auto_field = "django.db.models.BigAutoField"
