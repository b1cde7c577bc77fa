"""What an installation does every night: months ahead, holds and points whose time came, proofs.

Each step is an act of its own and safe to repeat: the same run again does nothing twice, and a
night that was missed is made up by the next. A proof that does not hold opens an incident; nothing
is repaired. Why a command and not a queue: decisions/0014-nightly-command.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from tanhui.books import holds, incidents
from tanhui.books.acts import Act
from tanhui.books.lapsing import lapse
from tanhui.books.partitions import ensure_partitions
from tanhui.books.proofs import Proof
from tanhui.books.system_days import roll_up

from . import erasure
from .platform import Platform
from .prove import prove
from .registry.overdue import tell_overdue
from .retention import destroy_due_keys

ACTOR = "jobs:nightly"
VERB_LAPSED = "books.points.lapsed"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Night:
    """What one run did; `opened` and `open` are incidents."""

    holds_expired: int
    people_lapsed: int
    points_lapsed: int
    proofs: tuple[Proof, ...]
    opened: int
    open: int
    batch_keys: int = 0
    """Keys of batches destroyed, their time being over."""
    overdue: int = 0
    """Damage cases whose order became overdue since the last night."""


def nightly(platform: Platform) -> Night:
    """Run every step for today; call it once a day, after midnight of the region."""
    now = platform.clock()
    today = now.astimezone(SHANGHAI).date()
    with transaction.atomic():
        ensure_partitions(connection, [today, today.replace(day=1) + timedelta(days=32)])
    expired = 0
    while True:
        with transaction.atomic():
            closed = holds.expire(at=now, actor=ACTOR)
        expired += closed
        if not closed:
            break
    run = f"{now:%Y%m%dT%H%M%S.%fZ}"
    people, points = _lapse(platform, run)
    erasure.finish(platform)
    keys = len(destroy_due_keys(platform, actor=ACTOR))
    roll_up()
    overdue = len(tell_overdue(platform, actor=ACTOR))
    proofs = tuple(prove(platform))
    opened = incidents.open_for(proofs, at=now, actor=ACTOR, run=run)
    still = incidents.now_open().count()
    return Night(expired, people, points, proofs, len(opened), still, keys, overdue)


def _lapse(platform: Platform, run: str) -> tuple[int, int]:
    """Points whose day came leave their accounts, under one act; returns people and points."""
    now = platform.clock()
    day = now.astimezone(SHANGHAI).date()
    act = Act(
        verb=VERB_LAPSED,
        actor=ACTOR,
        at=now,
        key=f"lapse/{run}",
        request={"day": day.isoformat()},
        detail={"day": day.isoformat()},
        rules=f"{platform.region}@{day}",
    )
    with transaction.atomic():
        _, people, points = lapse(act, day=day)
    return people, points
