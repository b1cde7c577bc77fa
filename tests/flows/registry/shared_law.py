"""The metro's law with its rides shared out among person, platform and operator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tanhui.interfaces.platform import installed

WHOLE = "allocation: {person: 100%}"
SHARED = "allocation: {person: 70.5%, platform: 20%, operator: 9.5%}"


@contextmanager
def shared_law(folder: Path) -> Iterator[None]:
    """The library's metro law, but shared out to three; as it was afterwards."""
    before = settings.TANHUI_LIBRARY
    library = folder / "library"
    shutil.copytree(before, library, ignore=_others)
    law = library / "methodologies/420100/wuhan-metro/methodology.yaml"
    text = law.read_text(encoding="utf-8")
    assert text.count(WHOLE) == 1
    law.write_text(text.replace(WHOLE, SHARED), encoding="utf-8")
    settings.TANHUI_LIBRARY = library
    installed.cache_clear()
    try:
        yield
    finally:
        settings.TANHUI_LIBRARY = before
        installed.cache_clear()


def _others(folder: str, names: list[str]) -> list[str]:
    """The places whose methodologies no history needs."""
    keep = {"methodologies": {"100000", "420100"}, "420100": {"wuhan-metro"}}
    return [name for name in names if name not in keep.get(Path(folder).name, names)]
