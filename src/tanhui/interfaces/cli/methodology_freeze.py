"""`tanhui methodology freeze`: the authors' promise that a version does not change any more."""

from __future__ import annotations

from pathlib import Path

import click

from tanhui.engine.freeze_list import freeze as freeze_version

from .lawbook import library_option, one_of, open_library
from .output import console, json_option, show_json


@click.command("freeze")
@click.argument("code")
@library_option
@json_option
def freeze(*, code: str, library: Path, as_json: bool) -> None:
    """Freeze a version: its file, tables and overlay may not change any more.

    CODE is a code (its newest version) or code@version.
    """
    methodology = one_of(open_library(library), code)
    file = freeze_version(library, methodology)
    if as_json:
        show_json(
            {
                "code": methodology.code,
                "version": methodology.version,
                "digest": methodology.digest,
                "file": str(file),
            }
        )
        return
    console.print(
        f"已冻结 frozen: {methodology.code} {methodology.version} {methodology.digest}\n{file}",
        markup=False,
        soft_wrap=True,
    )
