"""A version of a methodology that a batch has used is frozen: what people were told stays true.

The digest of the file (with its factor tables and overlay) is stored with every batch. A later
batch with the same code and version but another digest would credit two laws under one name, so it
is refused before anything is settled. The way to change law is a new version.
"""

from __future__ import annotations

from collections.abc import Iterable

from tanhui.books.queries import methodologies_used
from tanhui.core.errors import Conflict
from tanhui.engine.methodology import Methodology


def refuse_changed_law(methods: Iterable[Methodology]) -> None:
    """Raises `Conflict` for a version that an earlier batch used with another digest."""
    wanted = {(each.code, each.version): each for each in methods}
    for used in methodologies_used({code for code, _ in wanted}):
        method = wanted.get((used.code, used.version))
        if method is None or method.digest == used.digest:
            continue
        raise Conflict(
            "methodology.changed",
            zh=f"{method.file} 的 {method.code} {method.version} 已用于批次 {used.batch}"
            f"（当时的摘要 {used.digest[:16]}，现在 {method.digest[:16]}），已用过的版本不能更改；"
            "请还原当时的文件（含因子表与覆盖文件），或改成新的 version 并另放文件夹。",
            en=f"{method.file} changed after batch {used.batch} had used {method.code} "
            f"{method.version} (digest then {used.digest[:16]}, now {method.digest[:16]}), and a "
            "version once used is frozen; put the file of that time back, with its factor tables "
            "and overlay, or give the changed one a new version in a folder of its own.",
            file=method.file,
            batch=used.batch,
            digest_then=used.digest,
            digest_now=method.digest,
        )
