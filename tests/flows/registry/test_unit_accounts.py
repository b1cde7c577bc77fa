"""What organisations hold: totals, blocks, statement, and whom they are shown to."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from tests.flows.registry.holders import an_office, owner_of, units_for
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.books.serial_choice import issues_of
from tanhui.books.serials import open_blocks
from tanhui.core.errors import NotFound
from tanhui.core.serials import read_serials
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry import unit_accounts
from tanhui.flows.registry.callers import Caller
from tanhui.flows.retirement import account_of

pytestmark = pytest.mark.django_db
VOLUNTARY = {"purpose": "voluntary", "beneficiary": "测试受益人"}


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def firm(office: Office) -> Organisation:
    """100 units issued; 30 retired, 20 given to another, 10 offered and taken back, 5 offered."""
    own, other = an_organisation(), an_organisation(kind="village")
    units_for(office, own, 100)
    seller = owner_of(own)
    use = office.open(seller, "use", organisation=own.pk, data=VOLUNTARY)
    office.step(seller, use, "retire", data={"units": 30})
    given = _offer(office, own, other, 20)
    office.step(owner_of(other), given, "accept")
    office.step(seller, _offer(office, own, other, 10), "withdraw")
    _offer(office, own, other, 5)
    return own


def _offer(office: Office, own: Organisation, other: Organisation, units: int) -> Any:
    said = {"receiver": other.pk, "reason": "donation", "units": units}
    return office.open(owner_of(own), "transfer", organisation=own.pk, data=said)


def signed_in(caller: Caller) -> Client:
    from django.contrib.auth import get_user_model

    client = Client(headers={"Accept-Language": "zh-CN"})
    client.force_login(get_user_model().objects.get(pk=caller.user))
    return client


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_statement_adds_up_and_splits_are_not_in_it(office: Office, firm: Organisation) -> None:
    lines, count = unit_accounts.movements(office.platform, owner_of(firm), firm.pk, limit=50)
    told = [(line["free"], line["aside"], line["retired"], line["balance"]) for line in lines]
    assert told == [
        (-5, 5, 0, 50),
        (10, -10, 0, 50),
        (-10, 10, 0, 50),
        (0, -20, 0, 50),
        (-20, 20, 0, 70),
        (-30, 0, 30, 70),
        (100, 0, 0, 100),
    ]
    assert count == 7
    assert [line["name_zh"] for line in lines[:2]] == ["单位过户：提出过户", "单位过户：撤回"]
    assert lines[5]["certificate"]
    first, _count = unit_accounts.movements(
        office.platform, owner_of(firm), firm.pk, limit=1, offset=6
    )
    assert first == lines[6:]
    blocks = open_blocks(account_of(office.platform, firm.pk))
    standing = sum(one.serials.units for one in blocks if one.state != "retired")
    assert standing == lines[0]["balance"]


def test_totals_and_blocks_are_those_of_the_books(office: Office, firm: Organisation) -> None:
    (row,) = unit_accounts.rows(office.platform, [firm])
    assert row["states"] == {"held": 45, "listed": 5, "retired": 30}
    found = unit_accounts.blocks(office.platform, firm.pk)
    shown = unit_accounts.block_rows(owner_of(firm), list(found))
    assert sum(one["units"] for one in shown) == 80
    retired = next(one for one in shown if one["state"] == "retired")
    assert retired["matter"].startswith("U-")
    (only,) = unit_accounts.blocks(office.platform, firm.pk, serial=retired["first"])
    assert only.state == "retired"
    listed = list(unit_accounts.blocks(office.platform, firm.pk, state="listed"))
    assert [one.state for one in listed] == ["listed"]
    assert issues_of(read_serials(shown[0]["serials"]))[0][0].batch == shown[0]["batch"]


def test_an_account_without_units_is_empty(office: Office) -> None:
    firm = an_organisation()
    (row,) = unit_accounts.rows(office.platform, [firm])
    assert row["states"] == {}
    assert not unit_accounts.blocks(office.platform, firm.pk)
    assert unit_accounts.movements(office.platform, owner_of(firm), firm.pk, limit=5) == ([], 0)


def test_an_account_is_for_its_people_and_its_region(office: Office, firm: Organisation) -> None:
    below = an_organisation(parent=firm.pk)
    bureau = a_caller("authority", region="420000")
    for caller in (owner_of(firm), bureau):
        assert {firm.pk, below.pk} <= set(
            unit_accounts.seen_by(caller).values_list("pk", flat=True)
        )
        assert unit_accounts.of_organisation(caller, below.pk) == below
    strangers = (
        owner_of(an_organisation()),
        owner_of(below),
        a_caller("authority", region="440000"),
        a_caller("expert"),
        a_caller("case_authority"),
        a_caller("verifier", organisation=an_organisation(kind="verifier")),
    )
    for caller in strangers:
        assert not unit_accounts.seen_by(caller).filter(pk=firm.pk).exists()
        with pytest.raises(NotFound):
            unit_accounts.of_organisation(caller, firm.pk)
        client = signed_in(caller)
        for address in (
            f"/desk/accounts/{firm.pk}",
            f"/desk/accounts/{firm.pk}/movements",
            f"/desk/accounts/{firm.pk}/units.csv",
            f"/desk/accounts/{firm.pk}/movements.csv",
            f"/api/v1/organisations/{firm.pk}/units",
            f"/api/v1/organisations/{firm.pk}/movements",
        ):
            assert client.get(address).status_code == 404, address
    assert Client().get(f"/desk/accounts/{firm.pk}").status_code == 302
    assert Client().get(f"/api/v1/organisations/{firm.pk}/units").status_code == 401


def test_pages_files_and_routes_say_the_same(office: Office, firm: Organisation) -> None:
    client = signed_in(owner_of(firm))
    desk = client.get("/desk").content.decode()
    assert "/desk/accounts" in desk
    listed = client.get("/desk/accounts").content.decode()
    assert firm.name_zh in listed
    assert "可用 45 单位" in listed
    page = client.get(f"/desk/accounts/{firm.pk}").content.decode()
    for words in ("单位可用", "使用并注销", "最近的变动", "利益分配", "全部变动"):
        assert words in page, words
    file = client.get(f"/desk/accounts/{firm.pk}/units.csv")
    blocks = rows_of(b"".join(file.streaming_content))
    answer = client.get(f"/api/v1/organisations/{firm.pk}/units").json()
    assert [row[0] for row in blocks[1:]] == [one["serials"] for one in answer["items"]]
    assert answer["states"] == {"held": 45, "listed": 5, "retired": 30}
    file = client.get(f"/desk/accounts/{firm.pk}/movements.csv")
    lines = rows_of(b"".join(file.streaming_content))
    answer = client.get(f"/api/v1/organisations/{firm.pk}/movements").json()
    assert [row[-1] for row in lines[1:]] == [str(one["balance"]) for one in answer["items"]]
    assert "此后余额 70 单位" in client.get(f"/desk/accounts/{firm.pk}/movements").content.decode()
    listing = client.get("/api/v1/organisations").json()
    assert (listing["total"], listing["items"][0]["organisation"]) == (1, firm.pk)
    accounts = rows_of(b"".join(client.get("/desk/accounts.csv").streaming_content))
    assert accounts[1][0] == str(firm.pk)


def test_filters_say_what_is_wrong_and_lists_when_nothing_fits(
    office: Office, firm: Organisation
) -> None:
    client = signed_in(owner_of(firm))
    for address, words in (
        ("/desk/accounts?region=42", "六位数字"),
        ("/desk/accounts?q=没有这个机构", "没有符合条件的账户"),
        (f"/desk/accounts/{firm.pk}?serial=一", "应为一个整数"),
        (f"/desk/accounts/{firm.pk}?state=pledged", "没有符合条件的单位"),
        (f"/desk/accounts/{firm.pk}?state=nothing", "筛选条件有误"),
        (f"/desk/accounts/{firm.pk}/movements?page=x", "账户变动"),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert words in answer.content.decode(), address
    bureau = signed_in(a_caller("authority", region="420000"))
    page = bureau.get(f"/desk/accounts/{firm.pk}").content.decode()
    assert "使用并注销" not in page
    assert "利益分配" not in page
