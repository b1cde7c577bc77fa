"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    """What people allowed, and what they took back."""

    name = "tanhui.domain.consents"
    label = "consents"
    verbose_name = "授权 Consents"
    default_auto_field = "django.db.models.BigAutoField"
