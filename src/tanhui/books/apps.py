"""Django app of the books."""

from __future__ import annotations

from django.apps import AppConfig


class BooksConfig(AppConfig):
    """The ledger and the manifests of evidence."""

    name = "tanhui.books"
    label = "books"
    verbose_name = "账簿 Books"
    default_auto_field = "django.db.models.BigAutoField"
