"""`tanhui methodology`: the experts' door to law as data."""

from __future__ import annotations

import sys
from collections import Counter

import click
from django.conf import settings

from tanhui.core.errors import LibraryBroken
from tanhui.engine.library import Library

from .output import console, json_option, show_json, table


@click.group("methodology")
def methodology() -> None:
    """Methodologies: what the library holds and whether it holds together."""


@methodology.command("check")
@json_option
def check(*, as_json: bool) -> None:
    """Load the whole library, run every worked case, print the honest status. Exit 1 on errors."""
    try:
        methods = Library.load(settings.TANHUI_LIBRARY).methodologies
        errors: list[str] = []
    except LibraryBroken as broken:
        methods, errors = (), [str(problem) for problem in broken.values.get("problems", [broken])]
    status = Counter(
        method.status.equations if method.enabled else "disabled" for method in methods
    )
    if as_json:
        show_json({"methodologies": len(methods), "errors": errors, "status": dict(status)})
    else:
        table("方法学 methodologies by status", ["公式 equations", "n"], status.items())
        for error in errors:
            console.print(error, style="red", markup=False)
    if errors:
        sys.exit(1)


@methodology.command("list")
@json_option
def list_methodologies(*, as_json: bool) -> None:
    """Every methodology with its scene, regions and evidence."""
    methods = Library.load(settings.TANHUI_LIBRARY).methodologies
    rows = [
        {
            "code": method.code,
            "version": method.version,
            "title_zh": method.title.zh,
            "title_en": method.title.en,
            "scene": method.scene,
            "regions": list(method.regions),
            "equations": method.status.equations,
            "enabled": method.enabled,
        }
        for method in methods
    ]
    if as_json:
        show_json({"methodologies": rows})
    else:
        names = ["code", "version", "title_zh", "scene", "equations", "enabled"]
        table("方法学 methodologies", names, [[row[name] for name in names] for row in rows])


COMMANDS = [methodology]
