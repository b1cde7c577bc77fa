"""Two at once: one slice in two pools, one pool issued twice, a crash between file and commit."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.flows.registry.offices import a_caller
from tests.flows.registry.pooling import PoolOffice, rides
from tests.flows.registry.test_matters import refused

from tanhui.books.models import Issue, Journal
from tanhui.books.using import all_used_mg
from tanhui.core.errors import Conflict, TanhuiError
from tanhui.domain.pools import services
from tanhui.domain.pools.models import Pool, PoolIssue, Slice
from tanhui.flows.prove import prove
from tanhui.flows.registry.matters import StepRequest, take_step

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """How each act ended, all begun together."""
    ends: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            ends.append("done")
        except TanhuiError as error:
            ends.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_a_slice_goes_into_one_of_many_pools(tmp_path: Path) -> None:
    office = PoolOffice(tmp_path)
    office.deliver(rides(1, 3))
    assert at_once([office.gather] * 4) == ["done"] + ["pool.slice_taken"] * 3
    assert Pool.objects.count() == Slice.objects.count() == 1


def test_the_database_itself_refuses_a_slice_twice(tmp_path: Path) -> None:
    office = PoolOffice(tmp_path)
    office.deliver(rides(1, 3))
    office.gather()
    pool = Pool.objects.get()
    scope = services.Scope(
        region=pool.region,
        scene=pool.scene,
        partner_id=pool.partner_id,
        owner=pool.owner,
        first_month="2024-10",
        last_month="2024-10",
    )
    pieces = [services.Piece(1, "2024-10", 3, 1)]

    def again() -> None:
        with transaction.atomic():
            services.gather("L-420100-2025-0099", scope, pieces, journal=99)

    refused(Conflict, "pool.slice_taken", again)
    assert Pool.objects.count() == 1


def test_a_pool_is_issued_once(tmp_path: Path) -> None:
    office = PoolOffice(tmp_path)
    office.deliver(rides(1, 4))
    pool = office.ready()
    office.propose(pool)
    others = [a_caller("authority") for _ in range(4)]
    acts = [lambda by=by: office.approve(pool, by=by) for by in others]
    assert at_once(acts) == ["done"] + ["matter.step.forbidden"] * 3
    assert Issue.objects.count() == PoolIssue.objects.count() == 1
    assert all_used_mg() == 3_000_000
    assert [one.name_en for one in prove(office.office.platform) if not one.ok] == []


def test_a_crash_before_the_commit_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PoolOffice(tmp_path)
    office.deliver(rides(1, 4))
    pool = office.ready()
    office.propose(pool)
    folder = office.office.platform.home / "pools" / pool.number
    shutil.rmtree(folder, ignore_errors=True)  # of another test, whose pool had this number
    before = Journal.objects.count()

    def killed(*_args: object, **_more: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(services, "write_issue", killed)
        with pytest.raises(SystemExit):
            office.approve(pool)
    assert Journal.objects.count() == before
    assert all_used_mg() == 0
    left = [path.name for path in folder.iterdir()]
    assert len(left) == 1, "the trace was on disk before the commit"
    office.approve(pool)
    assert [path.name for path in folder.iterdir()] == left
    assert PoolIssue.objects.get().trace.endswith(left[0])


def test_an_approval_sent_again_issues_nothing_more(tmp_path: Path) -> None:
    office = PoolOffice(tmp_path)
    office.deliver(rides(1, 4))
    pool = office.ready()
    office.propose(pool)
    first = office.approve(pool, key="approval-1")
    again = office.approve(pool, key="approval-1")
    assert again.pk == first.pk
    assert PoolIssue.objects.count() == 1
    asked = StepRequest(verb="issue", key="approval-2")
    second = office.authorities[1]
    refused(
        Conflict,
        "matter.step.forbidden",
        lambda: take_step(office.office.platform, second, pool.number, asked),
    )
