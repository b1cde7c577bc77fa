"""Compare the log of a restored platform with what the world has seen, then let it grow again.

Witnesses are asked whenever there are any; a checkpoint of a mirror is read from a file or over
HTTPS and must carry the log's own signature. One of them must be there, or a person says why not.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tanhui.books.log_proofs import require_equal
from tanhui.books.translog import notes, restored
from tanhui.books.translog.checkpoint import Checkpoint, open_checkpoint, parse
from tanhui.core.clock import system_clock
from tanhui.core.errors import Conflict, InputRefused, ProofFailed

from .log import public_log
from .witnesses import TIMEOUT_S, ask_all

CHECKPOINT_BYTES_MAX = 65_536


def resume(
    checkpoints: Sequence[str], *, why: str, actor: str, at: datetime | None = None
) -> tuple[list[str], dict[int, Checkpoint]]:
    """Compare with every checkpoint and witness, then publish; returns what was compared.

    `why` says that there is nothing newer anywhere, where nothing can be compared. Raises Conflict
    without a restore, ProofFailed where the log here or elsewhere is newer or another, InputRefused
    for a checkpoint that is not this log's and for neither comparison nor reason.
    """
    held = restored.waiting(settings.TANHUI_LOG_NAME)
    if held is None:
        raise Conflict(
            "log.not_restored",
            zh="没有等候比对的恢复；日志照常公布。",
            en="No restore waits for a comparison; the log is published as always.",
        )
    require_equal(public_log().folder)
    compared = [_compare(place) for place in checkpoints] + _ask_witnesses()
    if not compared and not why:
        raise InputRefused(
            "log.resume_uncompared",
            zh="没有可比对的检查点，也没有见证人答复。请用 --checkpoint 给出镜像的检查点；"
            "确实没有别的副本时，请用 --nothing-newer --why 写明理由。",
            en="There is no checkpoint to compare with, and no witness answered. Give a mirror's "
            "with --checkpoint; if there is truly no other copy, say so with --nothing-newer "
            "--why REASON.",
        )
    restored.resume(held, compared, why=why, actor=actor, at=at or system_clock())
    return compared, public_log().publish()


def _compare(place: str) -> str:
    """One checkpoint from elsewhere; returns what it is called in the log."""
    note = _read(place)
    said = parse(notes.split(note)[0])
    name, _, year = said.origin.rpartition("/")
    if name != settings.TANHUI_LOG_NAME or not year.isdecimal():
        raise InputRefused(
            "log.checkpoint.foreign",
            zh=f"{place} 是另一个日志（{said.origin[:80]}）的检查点。",
            en=f"{place} is a checkpoint of another log ({said.origin[:80]}).",
        )
    log = public_log().year(int(year))
    restored.require_extends(log, open_checkpoint(note, log.keys, origin=log.origin))
    return f"{said.origin} {said.size}"


def _ask_witnesses() -> list[str]:
    """Every witness of the newest year that cosigned; one that saw more is a refusal."""
    public = public_log()
    log = public.year(max(public.years(), default=0))
    compared = []
    for one in ask_all(log):
        here = log.published()
        if here is not None and one.seen > here.size:
            restored.require_extends(log, Checkpoint(log.origin, one.seen, b""))
        if not one.reason:
            compared.append(one.name)
        elif here is not None and one.seen == here.size:
            raise ProofFailed(
                "log.restored_differs",
                zh=f"见证人 {one.name} 见过另一份同样长的日志：两份历史。仍不签名，请查明。",
                en=f"The witness {one.name} has seen another log of the same length: two "
                "histories. Still nothing is signed; find out why.",
            )
    return compared


def _read(place: str) -> str:
    try:
        if place.startswith("https://"):
            with urllib.request.urlopen(place, timeout=TIMEOUT_S) as answer:
                data = answer.read(CHECKPOINT_BYTES_MAX)
        else:
            with Path(place).open("rb") as file:
                data = file.read(CHECKPOINT_BYTES_MAX)
        return str(data.decode())
    except (OSError, ValueError) as error:
        raise InputRefused(
            "log.checkpoint.unreadable",
            zh=f"读不到检查点 {place}；请给出文件或 https 地址。",
            en=f"The checkpoint {place} cannot be read; name a file or an https address.",
            cause=str(error)[:200],
        ) from error
