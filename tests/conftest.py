"""Every test runs on a real PostgreSQL: DATABASE_URL, or the embedded one in a test folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

if "TANHUI_HOME" not in os.environ:
    os.environ["TANHUI_HOME"] = tempfile.mkdtemp(prefix="tanhui-test-")
    Path(os.environ["TANHUI_HOME"]).chmod(0o755)  # the embedded server runs as its own user

from tanhui.interfaces.database import ensure_database

ensure_database()
os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"

import django  # noqa: E402

django.setup()
