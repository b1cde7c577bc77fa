"""What a command that looks at results needs: the database and Django."""

from __future__ import annotations

import os

from ..database import ensure_database, ensure_schema


def set_up() -> None:
    """Start the embedded database unless another is named, and Django on it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.interfaces.settings")
    ensure_database()
    import django

    django.setup()


def with_platform() -> None:
    """Everything a command needs that sometimes runs without: the database, Django, its tables."""
    set_up()
    ensure_schema()
