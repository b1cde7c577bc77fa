"""A person leaves: the account closes, the keys are destroyed, nothing leads back to them.

PIPL article 47. What can be opened or linked only with the person's keys is gone with them, here
and in every copy of database and evidence: the link from their reference, the partner's bytes,
the openings of their commitments. What is counted and anonymous stays: reductions, roots, proofs,
the log. The database first, then the keys; what a crash leaves in between, `finish` ends.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction

from tanhui.books.acts import Act
from tanhui.books.closing import close_points
from tanhui.books.locks import intake_lock
from tanhui.core.clock import utc_text
from tanhui.core.period import day_of, local_day
from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.domain.citizens import queries
from tanhui.domain.citizens.services import cut_links, cut_links_of_the_erased, forget

from .destroying_keys import destroy_person_key
from .platform import Platform

ERASED = "citizens.person.erased"


def erase(
    platform: Platform, person: int, *, actor: str, lock_wait_s: int | None = None
) -> dict[str, Any]:
    """Erase the person; returns when it was done and how many points lapsed.

    No file is taken in meanwhile. Raises NotFound, Conflict when done before or while an order
    holds points, Unavailable when an intake takes longer than `lock_wait_s`.
    """
    with intake_lock(connection, wait_s=lock_wait_s):
        at = platform.clock()
        with transaction.atomic():
            digests = forget(person, at=at)
            act = Act(
                verb=ERASED,
                actor=actor,
                at=at,
                key=f"erasure/{person}",
                request={"person": str(person)},
            )
            _, points = close_points(act, person, day=_today(platform))
        destroy_person_key(platform, person)
        cut_links(person, digests)
    return {"erased_at": utc_text(at), "points_lapsed": points}


def finish(platform: Platform) -> dict[str, int]:
    """Destroy what is left of keys of people who have left; returns how many.

    After a crash in the middle of an erasure, and after a copy of the keys was restored.
    """
    keys = platform.people_keys
    present = keys.find(queries.erased())
    for person in present:
        destroy_person_key(platform, person)
    return {"people": len(present), "links": cut_links_of_the_erased()}


def _today(platform: Platform) -> date:
    now_ms = int(platform.clock().timestamp() * 1000)
    return day_of(local_day(now_ms, CHINA_OFFSET_MIN))
