"""The installation as one value, built once per process from the settings."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from tanhui.engine.library import Library
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.platform import Platform

from .home import secret


@lru_cache(maxsize=1)
def platform() -> Platform:
    """Data folder, law and programme; raises LibraryBroken when the law has mistakes."""
    return Platform(
        home=settings.TANHUI_HOME,
        library=Library.load(settings.TANHUI_LIBRARY),
        library_path=settings.TANHUI_LIBRARY,
        rulesets=Rulesets.load(settings.TANHUI_LIBRARY / "rulesets"),
        programme=settings.TANHUI_PROGRAMME,
        region=settings.TANHUI_REGION,
        identity_key=secret("identity"),
    )
