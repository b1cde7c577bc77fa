"""The trace: from a serial to its rows and back, nothing of it missing, everything provable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.flows.registry.offices import an_organisation
from tests.flows.registry.pooling import RIDE_MG, UNIT_MG, PoolOffice, rides
from tests.flows.registry.test_matters import refused

from tanhui.core.errors import Conflict, NotFound
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.pools import queries
from tanhui.domain.pools.models import PoolIssue
from tanhui.flows.backup import back_up
from tanhui.flows.prove import prove
from tanhui.flows.registry.pool_proofs import explain
from tanhui.flows.registry.pool_trace import rows_of_serial, serials_of_row
from tanhui.flows.units import IssueRequest, issue_units
from tanhui.interfaces.api.people import own_serials

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(tmp_path: Path) -> PoolOffice:
    return PoolOffice(tmp_path)


def three_pools(office: PoolOffice) -> None:
    """Three pools in a chain, with a discount, a remainder and a debt."""
    office.deliver(rides(1, 5))
    office.issued(discount="3")
    correction = rides(9, 1)[0] | {"person": "card:2", "corrects": "r2", "distance_km": "1"}
    office.deliver([correction], name="correction.csv")
    office.deliver(rides(20, 4), name="more.csv")
    office.issued(discount="0.1")
    office.deliver(rides(30, 3), name="last.csv")
    office.issued()


def test_every_unit_is_filled_and_every_row_leads_back(office: PoolOffice) -> None:
    three_pools(office)
    platform = office.office.platform
    units = sum(issue.units for issue in PoolIssue.objects.all())
    filled: Counter[str] = Counter()
    for serial in range(1, units + 1):
        found = rows_of_serial(platform, serial)
        assert sum(int(row["mg"]) for row in found["rows"]) == UNIT_MG
        for row in found["rows"]:
            filled[row["result"]] += int(row["mg"])
            assert row["methodology"].startswith("wuhan-metro ")
    back: Counter[str] = Counter()
    for result in filled:
        told = serials_of_row(platform, ResultId.parse(result))
        back[result] += sum(int(one["mg"]) for one in told["units"])
        assert told["taken_back"] is (result == "1-2")
    assert back == filled
    assert {ResultId.parse(result).batch for result in filled} == {1, 2, 3, 4}
    for issue in PoolIssue.objects.all():
        checks = explain(platform, issue.pool)
        assert [one.name_en for one in checks if not one.ok] == []
    assert [one.name_en for one in prove(platform) if not one.ok] == []


def test_what_waits_for_the_next_pool_is_told(office: PoolOffice) -> None:
    office.deliver(rides(1, 2))
    office.issued()
    told = serials_of_row(office.office.platform, ResultId(1, 2))
    assert (told["used_mg"], told["carried_mg"]) == ("216000", "568000")
    assert told["units"] == [{"serials": "1-1", "mg": "216000", "pool": told["units"][0]["pool"]}]
    assert serials_of_row(office.office.platform, ResultId(7, 1))["units"] == []


def test_what_waits_is_told_whoever_else_pools_of_the_batch(office: PoolOffice) -> None:
    """October of a batch for one owner, November of it for another: two lines, two remainders."""
    november = [
        row | {name: row[name].replace("2024-10", "2024-11") for name in ("started_at", "ended_at")}
        for row in rides(3, 2)
    ]
    office.deliver([*rides(1, 2), *november])
    office.issued()
    other = an_organisation("platform").pk
    months = {"first_month": "2024-11", "last_month": "2024-11"}
    office.issued(organisation=other, **months)
    told = [serials_of_row(office.office.platform, ResultId(1, row)) for row in (2, 4)]
    assert [one["carried_mg"] for one in told] == ["568000", "568000"]


def test_a_serial_of_no_pool_is_not_traced(office: PoolOffice) -> None:
    with pytest.raises(NotFound, match="from a pool"):
        rows_of_serial(office.office.platform, 1)


def test_a_changed_trace_is_found(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    pool = office.issued()
    issue = queries.issues_of(queries.get(pool.number).chain)[0]
    path = office.office.platform.home / issue.trace
    data = bytearray(path.read_bytes())
    data[8] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    wrong = [one.name_en for one in prove(office.office.platform) if not one.ok]
    assert wrong == ["traces of pools are as they were sealed"]


def test_a_batch_is_issued_from_whole_or_pooled_never_both(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    office.gather()
    asked = IssueRequest(
        batch="B1", units=1, from_batches=[1], owner=office.owner.pk, actor="test", key="b1"
    )
    refused(Conflict, "units.batch_used", lambda: issue_units(office.office.platform, asked))
    office.deliver(rides(5, 3), name="more.csv")
    issue_units(
        office.office.platform,
        IssueRequest(
            batch="B2", units=1, from_batches=[2], owner=office.owner.pk, actor="test", key="b2"
        ),
    )
    refused(Conflict, "pool.slice_taken", office.gather)
    assert RIDE_MG * 3 > UNIT_MG


def test_a_person_sees_their_own_serials_alone(office: PoolOffice) -> None:
    office.deliver(rides(1, 3))
    office.issued()
    key = office.office.platform.identity_key
    mine, other = (citizens.find(f"card:{card}", key=key) for card in (1, 2))
    assert mine is not None
    assert other is not None
    assert own_serials(mine, "1-1")["used_mg"] == str(RIDE_MG)
    with pytest.raises(NotFound, match="not yours"):
        own_serials(other, "1-1")


def test_a_backup_holds_the_traces(office: PoolOffice, tmp_path: Path) -> None:
    office.deliver(rides(1, 3))
    office.issued()
    said = back_up(office.office.platform, tmp_path / "backup", about={})
    trace = PoolIssue.objects.get().trace
    assert trace in {file["name"] for file in said["files"]}
    assert (tmp_path / "backup" / trace).is_file()
