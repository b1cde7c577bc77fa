"""Recompute a package of evidence: every row settled again under the law that came with it.

No database and nothing of the platform that made it, only this code: the files are held to the
manifests, the manifests to each other and to the log's entry, the tree to its root, and the rows
are settled once more after what the earlier batches left. (The entry's place in the public log is
for `verify.py`.)
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tanhui.books.batch_tree import TREE_FILE, BatchTree
from tanhui.core.canonical import read_json
from tanhui.core.errors import InputRefused
from tanhui.engine.batch.cut import Committed, Identity, past_of
from tanhui.engine.batch.events import event_types
from tanhui.engine.batch.files import EVENTS_FILE, ResultFiles, event_names, read_columns
from tanhui.engine.batch.laws import law_of
from tanhui.engine.batch.parts import TOTALS_FILE, part_folders
from tanhui.engine.batch.run import BatchOutcome, History, Rules, run_stretches
from tanhui.engine.batch.spool import Stretch
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import Methodology
from tanhui.engine.problems import Problems
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.sealed_text import read_sealed

from .committed_rows import BatchNames, result_hash
from .platform import points_steps

FORMAT, PACKAGE_FILE, MANIFEST_FILE = "tanhui-evidence-v1", "package.json", "manifest.json"
LAW_FOLDER, RULESETS_FOLDER = "law", "rulesets"


@dataclass(frozen=True)
class Finding:
    """One thing that was compared: what was said and what was found."""

    zh: str
    en: str
    said: str
    found: str

    @property
    def ok(self) -> bool:
        """Whether they are the same."""
        return self.said == self.found


@dataclass(frozen=True)
class Kept:
    """One batch of a package: its manifest and its files."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest, as it is hashed."""
        found: dict[str, Any] = json.loads((self.folder / MANIFEST_FILE).read_bytes())
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest's bytes."""
        return hashlib.sha256((self.folder / MANIFEST_FILE).read_bytes()).hexdigest()

    @property
    def names(self) -> BatchNames:
        """What the numbers in its files stand for."""
        manifest = self.manifest
        return BatchNames(manifest["seq"], manifest["buckets"]["scenes"], manifest["methodologies"])

    def law(self) -> dict[Identity, Methodology]:
        """The methodologies sealed with it; raises LibraryBroken for text with mistakes."""
        problems = Problems()
        codes = {each["code"] for each in self.manifest["methodologies"]}
        read = [
            method
            for code in sorted(codes)
            for method in read_sealed(self.folder / LAW_FOLDER, code, problems)
        ]
        problems.refuse()
        return {method.identity: method for method in read}

    def differing(self) -> list[str]:
        """The files that are there and have another digest than the manifest says."""
        said = {file["name"]: file["sha256"] for file in self.manifest["files"]}
        return [
            name
            for name, digest in said.items()
            if (self.folder / name).is_file() and _sha256(self.folder / name) != digest
        ]


def recompute(package: Path) -> list[Finding]:
    """Everything a package says, found again; raises InputRefused for no package."""
    said = _package(package)
    folders = sorted((package / "batches").iterdir(), key=lambda path: int(path.name))
    kept = [Kept(folder) for folder in folders]
    own = kept[-1]
    differing = [f"{each.folder.name}/{name}" for each in kept for name in each.differing()]
    prevs = [each.manifest["prev_digest"] for each in kept[1:]]
    entry = read_json((package / "log" / "entry.json").read_bytes())
    tree = BatchTree(own.folder / TREE_FILE, own.manifest.get("leaves", 0))
    root = tree.root().hex() if tree.is_sound() else "—"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        outcome = settle_again(kept, said["region"], folder)
        again = result_hash(own.names, folder, own.manifest["buckets"])
    stored = result_hash(own.names, own.folder, own.manifest["buckets"])
    return [
        Finding("与清单摘要不符的文件", "files that differ from the manifest", "",
                ", ".join(differing)),
        Finding("清单逐个相接", "each manifest names the one before",
                " ".join(prevs), " ".join(each.digest for each in kept[:-1])),
        Finding("日志条目中的清单摘要", "the manifest's digest in the log entry",
                str(entry.get("digest")), own.digest),
        Finding("日志条目中的批次树根", "the batch's root in the log entry",
                str(entry.get("root")), root),
        Finding("结果摘要：所存", "result hash: of the stored results",
                said["result_hash"], stored),
        Finding("结果摘要：重算", "result hash: recomputed", said["result_hash"], again),
        *_sums(own.manifest, outcome),
    ]  # fmt: skip


def settle_again(kept: list[Kept], region: str, out: Path) -> BatchOutcome:
    """Settle the last batch's rows after what the others left; its files go to `out`."""
    own, earlier = kept[-1], kept[:-1]
    law: dict[Identity, Methodology] = {}
    for each in kept:
        law |= each.law()
    methods = [law[_identity(named)] for named in own.manifest["methodologies"]]
    numbers = {method.identity: number for number, method in enumerate(methods)}
    past = []
    for named in (named for each in earlier for named in each.manifest["methodologies"]):
        if _identity(named) not in numbers:
            numbers[_identity(named)] = len(numbers)
            past.append(law[_identity(named)])
    cut = own.manifest["buckets"]
    scenes = {name: number for number, name in enumerate(cut["scenes"])}
    rulesets = Rulesets.load(own.folder / LAW_FOLDER / RULESETS_FOLDER)
    received = datetime.fromisoformat(own.manifest["received_at"])
    rules = Rules(
        methods,
        [compile_form(method) for method in methods],
        points_steps(rulesets, region),
        scenes=scenes,
        past=[law_of(method, None, scenes) for method in past],
        received_ms=int(received.timestamp() * 1000),
    )
    committed = [
        Committed(
            each.manifest["seq"], each.folder, each.manifest["buckets"],
            each.manifest["methodologies"],
        )
        for each in earlier
    ]  # fmt: skip
    history = past_of(committed, scenes, numbers, rules.laws)
    return _settle_parts(own, rules, history.read, out)


def _settle_parts(own: Kept, rules: Rules, history: History, out: Path) -> BatchOutcome:
    """Every part of the batch as it was cut, into the same folders below `out`."""
    parts = own.manifest["buckets"]["parts"]
    whole = BatchOutcome()
    pairs = zip(part_folders(own.folder, len(parts)), part_folders(out, len(parts)), strict=True)
    for stretches, (source, folder) in zip(parts, pairs, strict=True):
        folder.mkdir(exist_ok=True)
        events = source / EVENTS_FILE
        names = event_names(events)
        rows = (
            (Stretch(*stretch), read_columns(events, names, place))
            for place, stretch in enumerate(stretches)
        )
        shares = bool(rules.laws.splits.any())
        with ResultFiles(folder, event_types(names), shares=shares) as files:
            outcome = run_stretches(
                rows,
                rules,
                history,
                files,
                totals=folder / TOTALS_FILE,
                batch=own.manifest["seq"],
                progress=lambda done: None,
            )
        whole.add(outcome)
    return whole


def _package(package: Path) -> dict[str, Any]:
    """What package.json says; raises InputRefused when it is none of ours."""
    try:
        said = read_json((package / PACKAGE_FILE).read_bytes())
        if said["format"] == FORMAT:
            return dict(said)
    except (OSError, KeyError, TypeError):
        pass
    raise InputRefused(
        "evidence.no_package",
        zh=f"{package} 不是存证包；请给出 tanhui evidence export 写出的文件夹。",
        en=f"{package} is no package of evidence; name a folder that `tanhui evidence export` "
        "wrote.",
    )


def _sums(manifest: Mapping[str, Any], outcome: BatchOutcome) -> list[Finding]:
    """Grand totals of the manifest and of the settling anew."""
    names = (
        ("mg_credited", "计入减排量（mg）", "reductions credited (mg)"),
        ("mg_reversed", "冲回减排量（mg）", "reductions reversed (mg)"),
        ("points_credited", "计入积分", "points credited"),
        ("points_reversed", "冲回积分", "points reversed"),
    )
    return [
        Finding(zh, en, str(manifest[name]), str(getattr(outcome.sums, name)))
        for name, zh, en in names
    ]


def _identity(named: Mapping[str, str]) -> Identity:
    return named["code"], named["version"], named["digest"]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
