"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Each approved change of a rule in operation."""

    name = "tanhui.domain.rules"
    label = "rules"
    verbose_name = "规则变更 Rules"
    default_auto_field = "django.db.models.BigAutoField"
