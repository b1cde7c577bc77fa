"""Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """Pools, their slices and what was issued from them."""

    name = "tanhui.domain.pools"
    label = "pools"
    verbose_name = "汇集 Pools"
    default_auto_field = "django.db.models.BigAutoField"
