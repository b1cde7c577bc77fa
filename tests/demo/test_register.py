"""The demo's register: played once and whole, open to everybody, closed to what is real."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.flows.deliveries import a_metro_ride, csv_of
from tests.flows.registry.crediting import a_cast, a_verifier, body_of, registered
from tests.flows.registry.offices import a_caller, an_organisation

from tanhui.books.models import Journal, LogEntry
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict
from tanhui.domain.matters.errors import NotYours
from tanhui.domain.matters.models import Matter, Notice
from tanhui.domain.organisations import queries
from tanhui.domain.partners import services as partners
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.platform import Platform
from tanhui.flows.registry import callers
from tanhui.flows.registry.verifiers import check_verifier
from tanhui.interfaces.demo import cast, log_ins, register
from tanhui.interfaces.demo.cast import METRO, LogIn
from tanhui.interfaces.demo.people import person_ref
from tanhui.interfaces.intake import take_in
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db

UNIT_MG = 1_000_000  # a kilogram, so that a handful of rides is units
RIDES = 100  # 78.4 kg
TODAY = datetime(2026, 6, 10, 2, tzinfo=UTC)  # in a year whose holidays are known


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Platform:
    """Rides of a hundred people, the log-ins, and an event small enough for them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for partner in cast.PARTNERS:
        partners.register(partner.code, name_zh="演示", name_en="Demo", is_demo=True)
    rows = [
        a_metro_ride(external_id=f"{scene}-{number}", person=person_ref(number), scene=scene)
        for scene in ("metro", "bus")
        for number in range(RIDES)
    ]
    path = tmp_path / "rides.csv"
    path.write_bytes(csv_of(rows))
    take_in(path, name=path.name, partner=METRO.code, feed="canonical", config={}, actor="test")
    log_ins.make_log_ins()
    small = register._EVENT_INVENTORY[1] | {"activity": "0.05"}
    monkeypatch.setattr(register, "_EVENT_INVENTORY", [small])
    found = platform()
    rules = dict(found.rulesets.rules)
    key = "100000", "issue.unit_mg"
    rules[key] = tuple(replace(one, value=UNIT_MG) for one in rules[key])
    return replace(found, rulesets=Rulesets(rules), clock=lambda: TODAY)


def counted() -> tuple[int, int, int]:
    return Matter.objects.count(), Journal.objects.count(), LogEntry.objects.count()


def test_the_story_is_played_once_and_the_books_hold(city: Platform) -> None:
    register.play(city)
    states = {(one.kind, one.state) for one in Matter.objects.all()}
    assert states >= {
        *(("project", "registered"), ("project", "noticed"), ("monitoring", "issued")),
        *(("pool", "issued"), ("use", "retired"), ("methodology", "reviewing")),
    }
    uses = Matter.objects.filter(kind="use", state="retired")
    assert {one.data["purpose"] for one in uses} == {"event", "organisation", "voluntary"}
    assert Matter.objects.filter(kind="use", data__takes_gifts=True, state="drafted").exists()
    assert all(Matter.objects.values_list("is_demo", flat=True))
    assert all("演示" in title for title in Matter.objects.values_list("title", flat=True))
    assert Notice.objects.filter(last_day__gt=city.today).exists()
    assert [proof for proof in prove() if not proof.ok] == []
    before = counted()
    log_ins.make_log_ins()
    register.play(city)
    assert counted() == before


def test_a_story_cut_short_leaves_nothing_and_is_played_whole_later(
    city: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counted()
    with monkeypatch.context() as broken:
        broken.setattr(register, "_open_business", killed)
        with pytest.raises(KeyboardInterrupt):
            register.play(city)
    assert counted() == before
    assert not register.is_played()
    register.play(city)
    assert register.is_played()


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_in_a_year_without_holidays_there_is_no_open_notice(
    city: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = frozenset({2024, 2025, 2026}) - {city.today.year}
    workdays = replace(city.workdays, years=years)
    monkeypatch.setattr(Platform, "workdays", workdays, raising=False)
    register.play(city)
    assert register.is_played()
    assert not Notice.objects.filter(matter__region=register.HONGSHAN).exists()
    assert not Matter.objects.filter(region=register.HONGSHAN).exists()


def test_everybody_finds_it_and_officials_come_in_with_one_tap(
    city: Platform, client: Client
) -> None:
    register.play(city)
    assert "演示马拉松" in client.get("/register").content.decode()
    assert "演示产业园" in client.get("/notices").content.decode()
    home = client.get("/").content.decode()
    assert f"/certificates/{register.certificate()}" in home
    certificate = client.get(f"/certificates/{register.certificate()}").content.decode()
    for sign in ("/register/serials/", "/register/matters/U-", "place-map", "issue-bar", "sha256:"):
        assert sign in certificate
    solar = Matter.objects.get(kind="project", state="registered")
    project = client.get(f"/register/matters/{solar.number}").content.decode()
    for sign in ("geo:30.553,114.343", "place-map", "湖北省 › 武汉市", "register-chart"):
        assert sign in project
    log = client.get("/log?kind=registry.project.register").content.decode()
    for sign in ("减排项目：登记", "武汉市武昌区", solar.number):
        assert sign in log
    page = client.get("/sign-in").content.decode()
    for name in ("demo-operator", "demo-authority", "demo-owner", "demo-verifier", "demo-expert"):
        assert f'value="{name}"' in page
    assert client.post("/sign-in/demo", {"username": "demo-verifier"}).status_code == 302
    assert "2025 年监测期（演示）" in client.get("/desk").content.decode()


@pytest.mark.parametrize("real", ["organisation", "partner", "appointment"])
def test_officials_are_not_let_in_beside_anything_real(
    city: Platform, client: Client, real: str
) -> None:
    if real == "organisation":
        an_organisation()
    elif real == "partner":
        real_one = partners.register("metro-co", name_zh="真", name_en="Real")
        assert 'value="demo-authority"' in client.get("/sign-in").content.decode()
        partners.add_key(real_one, key_id="metro-co-1", public_key=bytes(32))
    else:
        a_caller("authority")  # of nobody in particular, and so not of the demo
    page = client.get("/sign-in").content.decode()
    assert ('value="demo-authority"' in page) == (real == "appointment")
    status = client.post("/sign-in/demo", {"username": "demo-authority"}).status_code
    assert status == (302 if real == "appointment" else 404)


def test_officials_of_the_demo_act_in_matters_of_the_demo_alone(city: Platform) -> None:
    (official,) = (one for one in cast.log_ins(b"x") if one.username == "demo-authority")
    caller = caller_of(official)
    theirs = a_cast(is_demo=True, region="420106")
    project = theirs.office.open(
        theirs.owner,
        "project",
        organisation=theirs.body.pk,
        data={"methodology": "wuhan-pv", "summary": "演示", "started_on": "2024-01-01"},
    )
    assert callers.may_see(caller, project)
    assert callers.to_step(caller, "assess", ("authority",), project).user == caller.user
    project.is_demo = False
    assert not callers.may_see(caller, project)
    with pytest.raises(NotYours):
        callers.to_step(caller, "assess", ("authority",), project)
    real = an_organisation()
    with pytest.raises(NotYours):
        callers.to_open(caller, ("authority",), region="420100", organisation=real.pk)


def caller_of(official: LogIn) -> callers.Caller:
    user = log_ins.User.objects.get(username=official.username)
    held = queries.appointments(user.pk, at=platform().clock())
    return callers.Caller(user.pk, tuple(held))


def test_verifiers_of_the_demo_are_not_for_what_is_real() -> None:
    real = registered(a_cast())
    number = body_of(a_verifier(is_demo=True))
    day = TODAY.date()
    with pytest.raises(Conflict) as refused:
        check_verifier(number, real, scopes=(), on=day)
    assert refused.value.values == {"why": "made_up"}
    real.is_demo = True
    check_verifier(number, real, scopes=(), on=day)
