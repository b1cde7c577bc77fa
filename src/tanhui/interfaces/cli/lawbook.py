"""The library a `tanhui methodology` command works on: `--library`, any folder of law as data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import click

from tanhui.core.errors import InputRefused, NotFound
from tanhui.engine.library import Library
from tanhui.engine.listing import Law
from tanhui.engine.methodology import Methodology
from tanhui.engine.project.nouns import ProjectMethodology

from ..home import library_path
from .output import Command

AnyLaw = TypeVar("AnyLaw", Methodology, ProjectMethodology, Law)


def library_option(command: Command) -> Command:
    """The --library switch."""
    return click.option(
        "--library",
        type=click.Path(path_type=Path, file_okay=False),
        default=library_path,
        help="Folder of the library (default: TANHUI_LIBRARY).",
    )(command)


def open_library(folder: Path) -> Library:
    """The library in the folder; raises InputRefused without one, LibraryBroken with mistakes."""
    return Library.load(existing(folder), directory=library_path())


def existing(folder: Path) -> Path:
    """The folder; raises InputRefused when there is none."""
    if not folder.is_dir():
        raise InputRefused(
            "library.absent",
            zh=f"没有文件夹 {folder}；请核对 --library。",
            en=f"There is no folder {folder}; check --library.",
        )
    return folder


def one_of(library: Library, name: str) -> Methodology:
    """The behaviour methodology `code` (its newest version) or `code@version`; raises NotFound."""
    return _newest(library.methodologies, name)


def law_of(library: Library, name: str) -> Law:
    """As `one_of`, of either kind."""
    laws: tuple[Law, ...] = (*library.methodologies, *library.projects)
    return _newest(laws, name)


def _newest(laws: Sequence[AnyLaw], name: str) -> AnyLaw:
    code, _, version = name.partition("@")
    found = [
        each for each in laws if each.code == code and (not version or each.version == version)
    ]
    if not found:
        known = sorted({each.code for each in laws})
        raise NotFound(
            "methodology.unknown",
            zh=f"库中没有方法学“{name[:80]}”；tanhui methodology list 列出全部 {len(known)} 个。",
            en=f"The library has no methodology '{name[:80]}'; `tanhui methodology list` shows "
            f"all {len(known)}.",
        )
    return max(found, key=lambda each: (each.first_day, each.version))
