"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """What is claimed, by whom, and how often a peer asked."""

    name = "tanhui.domain.claims"
    label = "claims"
    verbose_name = "申领登记 Claims"
    default_auto_field = "django.db.models.BigAutoField"
