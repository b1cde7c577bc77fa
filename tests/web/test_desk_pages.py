"""The desk's list and its steps, asked without a browser: filters, the file, what asks once."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.flows.registry.holders import an_office, owner_of, units_for
from tests.flows.registry.offices import Office, a_caller, an_organisation
from tests.flows.registry.test_register import a_project
from tests.flows.registry.test_unit_accounts import signed_in

from tanhui.books.translog.browsing import places_of
from tanhui.domain.matters.models import Matter, Notice, Step
from tanhui.flows.registry import public_matters


@pytest.mark.django_db
def test_what_cannot_be_undone_asks_once() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 10)
    owner = owner_of(firm)
    said = {"purpose": "voluntary", "beneficiary": "测试受益人"}
    use = office.open(owner, "use", organisation=firm.pk, data=said)
    client = signed_in(owner)
    address = f"/desk/matters/{use.number}"
    assert client.get(address).content.decode().count('name="sure"') == 2, "retire and withdraw"
    given = {"units": "3", "key": "0" * 32}
    refused = client.post(f"{address}/steps/retire", given)
    assert refused.status_code == 422
    assert "请勾选确认" in refused.content.decode()
    assert 'value="3"' in refused.content.decode(), "nothing written is lost"
    assert Matter.objects.get(pk=use.pk).state == "drafted"
    assert client.post(f"{address}/steps/retire", given | {"sure": "on"}).status_code == 302
    assert Matter.objects.get(pk=use.pk).state == "retired"


@pytest.mark.django_db
def test_the_list_is_filtered_by_state_and_handed_out_as_a_file() -> None:
    office, firm = an_office(), an_organisation()
    owner = owner_of(firm)
    said = {"purpose": "voluntary", "beneficiary": "测试受益人"}
    numbers = [
        office.open(owner, "use", organisation=firm.pk, data=said).number for _turn in range(3)
    ]
    gone = numbers.pop()
    office.step(owner, Matter.objects.get(number=gone), "withdraw")
    client = signed_in(owner)
    drafted = client.get("/desk?state=use:drafted").content.decode()
    assert [number in drafted for number in (*numbers, gone)] == [True, True, False]
    file = b"".join(client.get("/desk/matters.csv?state=use:withdrawn").streaming_content)
    assert [line.split(",")[0] for line in file.decode().splitlines()[1:]] == [gone]
    whole = b"".join(client.get("/desk/matters.csv").streaming_content).decode()
    assert all(number in whole for number in (*numbers, gone))


@pytest.mark.django_db
def test_a_step_at_the_desk_is_in_the_public_log_at_once() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 10)
    owner = owner_of(firm)
    said = {"purpose": "voluntary", "beneficiary": "测试受益人"}
    use = office.open(owner, "use", organisation=firm.pk, data=said)
    client = signed_in(owner)
    given = {"units": "3", "key": "0" * 32, "sure": "on"}
    client.post(f"/desk/matters/{use.number}/steps/retire", given)
    journal = Step.objects.get(matter=use, verb="retire").journal_id
    place = places_of([journal])[journal]
    page = Client().get(f"/register/matters/{use.number}").content.decode()
    assert f"/log/{place[0]}/entries/{place[1]}" in page
    assert "8-10" in page, "what was retired stands on the page of its use"
    assert Client().get(f"/log/{place[0]}/entries/{place[1]}").status_code == 200


@pytest.mark.django_db
def test_a_notice_ends_with_its_matter() -> None:
    office = Office()
    project = a_project(office, a_caller("owner", organisation=an_organisation(is_demo=True)))
    notice = Notice.objects.get(matter=project)
    assert public_matters.is_open(office.platform, notice)
    Matter.objects.filter(pk=project.pk).update(state="rejected")
    notice = Notice.objects.get(matter=project)
    assert not public_matters.is_open(office.platform, notice)
    assert not public_matters.notices(office.platform, open_now=True)
    assert [one.pk for one in public_matters.notices(office.platform, open_now=False)] == [
        notice.pk
    ]
