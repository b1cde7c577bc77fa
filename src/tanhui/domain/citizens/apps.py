"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    """People, their references and log-ins."""

    name = "tanhui.domain.citizens"
    label = "citizens"
    verbose_name = "公众 Citizens"
    default_auto_field = "django.db.models.BigAutoField"
