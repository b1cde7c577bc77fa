"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    """Matters, their steps, documents, notices and comments."""

    name = "tanhui.domain.matters"
    label = "matters"
    verbose_name = "事项 Matters"
    default_auto_field = "django.db.models.BigAutoField"
