"""The law of a batch as text: sealed with its evidence, and opened again when the library moved on.

    <batch>/law/methodologies/<region>/<code>/methodology.yaml   as the library had it
    <batch>/law/factors/<id>.yaml                                the factor tables it takes
    <batch>/law/overlays/<region>/<code>.yaml                    what an authority filled in
    <batch>/law/rulesets/<region>.yaml                           how reductions become points

A stored result names its methodology by code, version and digest. Whoever needs that law asks
`find_law`: the library answers while it still has it, else the text sealed with the batch, read by
the same loader, whose digest must be the stored one. So a result is explained from the evidence
alone, whatever became of the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tanhui.books import queries as books
from tanhui.core.errors import Conflict, LibraryBroken, NotFound
from tanhui.engine.methodology import Methodology
from tanhui.engine.problems import Problems
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.sealed_text import read_sealed, sealed_files

from .platform import Platform

LAW_FOLDER = "law"
RULESETS_FOLDER = "rulesets"

Identity = tuple[str, str, str]
"""Code, version, digest: what is stored with every result."""


def seal_law(staged: Path, methods: Iterable[Methodology], rulesets: Rulesets) -> None:
    """Put the texts of these methodologies into the staged evidence, a shared table once, and
    those of the rule sets.
    """
    texts = {name: data for method in methods for name, data in method.texts}
    texts |= {f"{RULESETS_FOLDER}/{Path(name).name}": data for name, data in rulesets.texts}
    for name, data in texts.items():
        path = staged / LAW_FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def find_law(platform: Platform, named: Mapping[str, str], *, batch: int) -> Methodology:
    """The methodology that batch number `batch` names as {code, version, digest}.

    Raises NotFound when neither the library nor any evidence has it, Conflict when the text sealed
    with a batch is not what its results were made with.
    """
    identity = named["code"], named["version"], named["digest"]
    opened = platform.opened_law
    if identity in opened:
        return opened[identity]
    try:
        return platform.library.by_digest(*identity)
    except NotFound:
        for number, folder in _sealed(platform, identity, batch):
            opened[identity] = _open(folder, identity, batch=number)
            return opened[identity]
        raise


def _sealed(platform: Platform, identity: Identity, batch: int) -> Iterator[tuple[int, Path]]:
    """Batches that sealed this law, the asked one first: evidence of older releases has none, but
    the same digest in a later batch is the same law.
    """
    code, version, digest = identity
    named = [{"code": code, "version": version, "digest": digest}]
    others = books.batches().filter(methodologies__contains=named).exclude(seq=batch)
    for each in (books.batch(batch), *others.order_by("seq")):
        folder = platform.evidence / each.uri / LAW_FOLDER
        if sealed_files(folder, code):
            yield each.seq, folder


def _open(folder: Path, identity: Identity, *, batch: int) -> Methodology:
    """The methodology of that identity from sealed text; raises Conflict naming the batch."""
    problems = Problems()
    found = read_sealed(folder, identity[0], problems)
    try:
        problems.refuse()
    except LibraryBroken as broken:
        raise _differs(identity, batch, broken.zh, broken.en) from broken
    for method in found:
        if method.identity == identity:
            return method
    digests = ", ".join(f"{each.version} {each.digest[:16]}" for each in found)
    raise _differs(identity, batch, f"现为 {digests}", f"it is {digests} now")


def _differs(identity: Identity, batch: int, zh: str, en: str) -> Conflict:
    code, version, digest = identity
    return Conflict(
        "methodology.sealed_law_differs",
        zh=f"批次 {batch} 存证中的规则文本不是当时的 {code} {version}（{digest[:16]}）：{zh}。"
        "请运行 tanhui prove，并从备份恢复该批次的存证。",
        en=f"The law sealed with batch {batch} is not {code} {version} ({digest[:16]}) as it was "
        f"used: {en}. Run `tanhui prove` and restore the evidence of the batch from a backup.",
        batch=batch,
    )
