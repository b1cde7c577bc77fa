"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Organisations, accreditations and appointments."""

    name = "tanhui.domain.organisations"
    label = "organisations"
    verbose_name = "机构 Organisations"
    default_auto_field = "django.db.models.BigAutoField"
