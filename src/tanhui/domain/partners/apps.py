"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partner platforms, keys and members."""

    name = "tanhui.domain.partners"
    label = "partners"
    verbose_name = "合作平台 Partners"
    default_auto_field = "django.db.models.BigAutoField"
