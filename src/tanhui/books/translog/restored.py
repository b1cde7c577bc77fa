"""After a restore nothing is signed until somebody has looked what is published elsewhere.

The backup may be older than the log the world has seen; signing on from it would be a second
history, and no log may have two. So a restore leaves a mark in the database, and only a comparison
with the newest known checkpoint (a mirror's, a witness's), or a person who says that there is
none, takes it away, as an entry of the public log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tanhui.core.errors import Conflict, ProofFailed

from ..acts import Act, record
from ..restore_models import Restored
from .checkpoint import Checkpoint
from .folder import LogFolder
from .tree import root

RESUMED = "books.log.resumed"


def mark(backup: str, log_name: str, *, at: datetime) -> None:
    """Say that this database came from a backup, in the transaction that fills it."""
    Restored.objects.create(backup=backup, log_name=log_name, at=at)


def waiting(log_name: str) -> Restored | None:
    """The restore after which nobody has compared the log of this name yet."""
    held = Restored.objects.filter(resumed__isnull=True, log_name=log_name)
    return held.order_by("-id").first()


def require_resumed(log_name: str) -> None:
    """Raises Conflict `log.restored` while nobody has compared."""
    held = waiting(log_name.removesuffix("/sm"))
    if held is not None:
        raise Conflict(
            "log.restored",
            zh=f"数据库由备份 {held.backup} 恢复；备份之后公布过的内容它不知道，所以暂不签名，"
            "业务照常，条目在等候。请找到别处最新的检查点（镜像、见证人），运行 "
            "tanhui log resume --checkpoint 文件或网址；确实没有别的副本时，运行 "
            "tanhui log resume --nothing-newer --why 理由。见 docs/backup.zh.md。",
            en=f"The database was restored from the backup {held.backup} and does not know what "
            "was published after it, so nothing is signed; acts go on and their entries wait. "
            "Find the newest checkpoint elsewhere (a mirror, a witness) and run 'tanhui log "
            "resume --checkpoint FILE-OR-ADDRESS'; if there is truly no other copy, 'tanhui log "
            "resume --nothing-newer --why REASON'. See docs/backup.md.",
            backup=held.backup,
        )


def require_extends(log: LogFolder, elsewhere: Checkpoint) -> None:
    """Raises ProofFailed unless the log here begins with what was published elsewhere."""
    here = log.published()
    size = here.size if here else 0
    if elsewhere.size > size:
        raise ProofFailed(
            "log.restored_older",
            zh=f"别处的日志 {log.origin} 已有 {elsewhere.size} 条，这里只有 {size} 条："
            "备份比已公布的日志旧，仍不签名。请恢复更新的备份；若没有，按 docs/backup.zh.md"
            "“比日志旧的数据库”一节办理。",
            en=f"Elsewhere the log {log.origin} has {elsewhere.size} entries, here it has {size}: "
            "the backup is older than what was published, and still nothing is signed. Restore a "
            "newer backup; if there is none follow docs/backup.md, 'A database older than the "
            "log'.",
            elsewhere=elsewhere.size,
            here=size,
        )
    if elsewhere.size and root(log.tiles.nodes(size), elsewhere.size) != elsewhere.root:
        raise ProofFailed(
            "log.restored_differs",
            zh=f"别处的日志 {log.origin} 前 {elsewhere.size} 条与这里的不同：两份历史。仍不签名；"
            "请保留两份文件并按事故查明。",
            en=f"The first {elsewhere.size} entries of the log {log.origin} elsewhere are not "
            "those here: two histories. Still nothing is signed; keep both and find out why.",
            size=elsewhere.size,
        )


def resume(held: Restored, compared: Sequence[str], *, why: str, actor: str, at: datetime) -> None:
    """Let the log grow again; what it was compared with is an entry of it."""
    said = {"backup": held.backup, "compared": list(compared), "why": why}
    with transaction.atomic():
        done = record(
            Act(
                verb=RESUMED,
                actor=actor,
                at=at,
                key=f"log/resumed/{held.pk}/{held.backup}",
                request=said,
                detail=said,
                public=said,
            )
        )
        still = Restored.objects.filter(resumed__isnull=True, log_name=held.log_name)
        still.update(resumed_id=done.journal)
