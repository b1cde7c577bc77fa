"""WSGI entry, served by granian."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from .database import ensure_database

ensure_database()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.interfaces.settings")
application = get_wsgi_application()
