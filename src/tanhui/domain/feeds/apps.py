"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """Rows that wait between files."""

    name = "tanhui.domain.feeds"
    label = "feeds"
    verbose_name = "数据接入 Feeds"
    default_auto_field = "django.db.models.BigAutoField"
